//! What to write instead of a character that cannot be written there.

/// Characters of Windows and of Unicode that people type, with what agencies take for them.
const COMMON: &[(char, &str)] = &[
    ('髙', "高"),
    ('\u{FA11}', "崎"),
    ('栁', "柳"),
    ('濵', "浜"),
    ('德', "徳"),
    ('𠮷', "吉"),
    ('彅', "薙"),
    ('瀨', "瀬"),
    ('\u{FA1F}', "臈"),
    ('\u{FA14}', "欅"),
    ('寬', "寛"),
    ('賴', "頼"),
    ('淸', "清"),
    ('橫', "横"),
    ('增', "増"),
    ('黑', "黒"),
    ('曻', "昇"),
    ('桒', "桑"),
    ('槗', "橋"),
    ('\u{FA23}', "起"),
    ('昻', "昂"),
    ('瑨', "晋"),
    ('皞', "皓"),
    ('㈱', "（株）"),
    ('㈲', "（有）"),
    ('㈹', "（代）"),
    ('№', "No."),
    ('℡', "電話"),
    ('㏍', "（株）"),
    ('㎡', "平方メートル"),
    ('㎏', "kg"),
    ('㎝', "cm"),
    ('㎞', "km"),
    ('㍿', "株式会社"),
    ('㍻', "平成"),
    ('㍼', "昭和"),
    ('㍽', "大正"),
    ('㍾', "明治"),
    ('㋿', "令和"),
    ('¥', "￥"),
    ('‾', "￣"),
    ('〝', "“"),
    ('〟', "”"),
    ('\u{F929}', "朗"),
    ('\u{F9DC}', "隆"),
    ('\u{FA10}', "塚"),
    ('\u{FA12}', "晴"),
    ('\u{FA16}', "猪"),
    ('\u{FA17}', "益"),
    ('\u{FA18}', "礼"),
    ('\u{FA19}', "神"),
    ('\u{FA1A}', "祥"),
    ('\u{FA1B}', "福"),
    ('\u{FA1C}', "靖"),
    ('\u{FA1D}', "精"),
    ('\u{FA1E}', "羽"),
    ('\u{FA22}', "諸"),
    ('\u{FA25}', "逸"),
    ('\u{FA26}', "都"),
    ('\u{FA2A}', "飯"),
    ('\u{FA2B}', "飼"),
    ('\u{FA2C}', "館"),
    ('\u{FA2D}', "鶴"),
];

/// Half-width katakana in the order of JIS X 0201 from `｡` on, as full-width.
const KANA: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜";
/// Katakana with a mark, each behind the one without it.
const MARKED: [(&str, char); 2] = [
    ("カガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドハバヒビフブヘベホボウヴ", 'ﾞ'),
    ("ハパヒピフプヘペホポ", 'ﾟ'),
];

/// What to write for a character that is outside every set.
pub(super) fn instead(c: char) -> Option<String> {
    let common = COMMON.iter().find(|(one, _)| *one == c).map(|(_, text)| (*text).to_owned());
    common.or_else(|| numbered(c))
}

/// ① to ⑳, Ⅰ to Ⅻ, ⅰ to ⅻ.
fn numbered(c: char) -> Option<String> {
    let at = |first: char| u32::from(c) - u32::from(first);
    let roman = ["Ｉ", "ＩＩ", "ＩＩＩ", "ＩＶ", "Ｖ", "ＶＩ", "ＶＩＩ", "ＶＩＩＩ", "ＩＸ", "Ｘ", "ＸＩ", "ＸＩＩ"];
    match c {
        '①'..='⑳' => Some(format!("（{}）", at('①') + 1)),
        'Ⅰ'..='Ⅻ' => roman.get(at('Ⅰ') as usize).map(|text| (*text).to_owned()),
        'ⅰ'..='ⅻ' => roman.get(at('ⅰ') as usize).map(|text| (*text).to_owned()),
        _ => None,
    }
}

/// The full-width form of a half-width character.
pub(super) fn wide(c: char) -> Option<String> {
    let found = match c {
        ' ' => Some('\u{3000}'),
        '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0),
        '\u{FF61}'..='\u{FF9F}' => KANA.chars().nth((u32::from(c) - 0xFF61) as usize),
        _ => None,
    };
    found.map(String::from)
}

/// A text in full-width characters, marks put together with what they mark; what has no such form stays.
#[must_use]
pub fn wide_text(text: &str) -> String {
    let mut written = String::with_capacity(text.len() * 3);
    for c in text.chars() {
        let marked = matches!(c, 'ﾞ' | 'ﾟ').then(|| marked(written.chars().last()?, c)).flatten();
        match marked {
            Some(letter) => {
                written.pop();
                written.push(letter);
            }
            None => written.push_str(&wide(c).unwrap_or_else(|| c.to_string())),
        }
    }
    written
}

/// The letter with a mark.
fn marked(letter: char, mark: char) -> Option<char> {
    let row = MARKED.iter().find(|(_, known)| *known == mark)?.0;
    let letters: Vec<char> = row.chars().collect();
    letters.chunks_exact(2).find(|pair| pair.first() == Some(&letter))?.last().copied()
}

/// The half-width form of a full-width one, of hiragana too.
pub(super) fn half(c: char) -> Option<String> {
    let kana = match c {
        'ぁ'..='ゔ' => char::from_u32(u32::from(c) + 0x60)?,
        _ => c,
    };
    match kana {
        '\u{3000}' => return Some(" ".to_owned()),
        '！'..='～' => return char::from_u32(u32::from(kana) - 0xFEE0).map(|c| c.to_ascii_uppercase().to_string()),
        'a'..='z' => return Some(kana.to_ascii_uppercase().to_string()),
        _ => {}
    }
    if let Some(plain) = plain(kana) {
        return Some(plain.to_string());
    }
    MARKED.iter().find_map(|(row, mark)| {
        let letters: Vec<char> = row.chars().collect();
        let pair = letters.chunks_exact(2).find(|pair| pair.last() == Some(&kana))?;
        Some(format!("{}{mark}", plain(*pair.first()?)?))
    })
}

fn plain(c: char) -> Option<char> {
    let at = KANA.chars().position(|one| one == c)?;
    char::from_u32(0xFF61 + u32::try_from(at).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::procedures::charset::{Charset, Class};

    #[test]
    fn what_is_suggested_can_be_written() {
        let set = Charset::new();
        for (c, text) in COMMON {
            assert!(text.chars().all(|c| set.class(c) != Class::Outside), "{c} → {text}");
        }
        for c in '①'..='⑳' {
            assert!(set.encode(&instead(c).unwrap()).is_some());
        }
        for (c, wanted) in [('髙', "高"), ('㈱', "（株）"), ('Ⅳ', "ＩＶ"), ('③', "（3）")] {
            assert_eq!(instead(c).as_deref(), Some(wanted));
        }
    }

    #[test]
    fn forms_change_both_ways() {
        for (c, wanted) in [('ガ', "ｶﾞ"), ('ぱ', "ﾊﾟ"), ('ー', "ｰ"), ('　', " "), ('Ａ', "A"), ('ヴ', "ｳﾞ"), ('ん', "ﾝ")]
        {
            assert_eq!(half(c).as_deref(), Some(wanted), "{c}");
        }
        for (c, wanted) in [('ｱ', "ア"), ('ﾟ', "゜"), (' ', "　"), ('1', "１"), ('ｰ', "ー")] {
            assert_eq!(wide(c).as_deref(), Some(wanted), "{c}");
        }
        assert_eq!(half('漢'), None);
        assert_eq!(wide_text("ﾐﾎﾝ ﾀﾞｲｽﾞﾊﾟｳﾞｱﾞ A1-"), "ミホン　ダイズパヴア゛　Ａ１－");
    }
}
