//! Japanese text as it is searched: what differs by width, case or kind of kana alone is the same.

use unicode_normalization::UnicodeNormalization as _;

/// Between katakana and hiragana of one sound.
const KANA: u32 = 0x60;

/// The text by which another is found: NFKC (full and half width, ㈱, ①), small letters, hiragana in place of katakana, and
/// neither spaces nor control characters.
#[must_use]
pub fn fold(text: &str) -> String {
    let plain = text.nfkc().filter(|c| !c.is_whitespace() && !c.is_control());
    // Once more: what stood apart by a space, or was written large, may now be one character.
    plain.flat_map(char::to_lowercase).map(hiragana).nfkc().collect()
}

/// The words of a query, each folded; a query of spaces alone has none.
#[must_use]
pub fn terms(query: &str) -> Vec<String> {
    // Full-width spaces are white space, too.
    query.split_whitespace().map(fold).filter(|term| !term.is_empty()).collect()
}

fn hiragana(c: char) -> char {
    match c {
        'ァ'..='ヶ' | 'ヽ' | 'ヾ' => char::from_u32(u32::from(c) - KANA).unwrap_or(c),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn widths_cases_and_kana_are_the_same() {
        for (one, other) in [
            ("ﾎｲｸｼﾞｮ", "保育所ほいくじょ".trim_start_matches("保育所")),
            ("ヴァイオリン", "ゔぁいおりん"),
            ("ｅ－Ｔａｘ", "E-TAX"),
            ("児童 手当　", "児童手当"),
            ("㈱見本", "(株)見本"),
            ("ﾊﾟﾊﾟ", "ぱぱ"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
        assert_eq!(terms(" 児童　手当 \t"), ["児童", "手当"]);
        assert!(terms("　 \u{0}").is_empty());
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in ".{0,40}|[ｦ-ﾟァ-ヾa-zＡ-ｚ０-９　 ]{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
