//! The characters that agencies can store: JIS X 0201 in one byte, JIS X 0208 (levels 1 and 2) in two bytes of Shift_JIS.
//!
//! What everybody calls Shift_JIS is CP932 of Windows: it knows NEC's special characters (①, ㈱), NEC's selection of IBM's
//! extensions and IBM's extensions (髙, 﨑), and a place for characters of one's own. None of them is in JIS X 0208.

use encoding_rs::{EncoderResult, SHIFT_JIS};

/// To which set a character belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// JIS X 0201, the Latin half: one byte.
    Latin,
    /// JIS X 0201, half-width katakana: one byte.
    HalfKana,
    /// JIS X 0208: two bytes.
    Wide,
    /// None: it cannot be written.
    Outside,
}

impl Class {
    /// Its bytes in Shift_JIS; of what cannot be written, as many as what would stand for it.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Latin | Self::HalfKana => 1,
            Self::Wide | Self::Outside => 2,
        }
    }
}

const WORDS: usize = 0x1_0000 / 64;

/// Which characters of the Basic Multilingual Plane are in JIS X 0208: a bit each, so that a check allocates nothing.
#[derive(Clone)]
pub struct Charset {
    wide: Box<[u64; WORDS]>,
}

impl std::fmt::Debug for Charset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Charset")
    }
}

impl Default for Charset {
    fn default() -> Self {
        Self::new()
    }
}

impl Charset {
    /// The table.
    #[must_use]
    pub fn new() -> Self {
        let mut wide = Box::new([0_u64; WORDS]);
        let pairs = (0x81..=0xEA_u8).flat_map(|first| (0x40..=0xFC_u8).map(move |second| [first, second]));
        let decoded = pairs.filter(|pair| is_in_jis_x_0208(*pair)).filter_map(|pair| {
            let text = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(&pair)?;
            let mut characters = text.chars();
            characters.next().filter(|_| characters.next().is_none())
        });
        for c in decoded.chain(OTHER_NAMES.map(|(c, _)| c)) {
            if let Some(word) = wide.get_mut(c as usize / 64) {
                *word |= 1 << (c as usize % 64);
            }
        }
        Self { wide }
    }

    /// To which set a character belongs.
    #[must_use]
    pub fn class(&self, c: char) -> Class {
        let code = c as usize;
        match c {
            ' '..='~' => Class::Latin,
            '\u{FF61}'..='\u{FF9F}' => Class::HalfKana,
            _ if self.wide.get(code / 64).is_some_and(|word| word >> (code % 64) & 1 == 1) => Class::Wide,
            _ => Class::Outside,
        }
    }

    /// The bytes of a text in Shift_JIS; none when a character of it cannot be written.
    #[must_use]
    pub fn encode(&self, text: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(text.len());
        for c in text.chars() {
            match self.class(c) {
                Class::Latin => bytes.push(u8::try_from(u32::from(c)).ok()?),
                Class::HalfKana => bytes.push(u8::try_from(u32::from(c) - 0xFF61 + 0xA1).ok()?),
                Class::Wide => bytes.extend_from_slice(&pair(c)?),
                Class::Outside => return None,
            }
        }
        Some(bytes)
    }

    /// The text of a file whose lines end with CRLF; none when a line is not what [`Charset::encode`] would write, or a line
    /// does not end.
    #[must_use]
    pub fn decode_lines(&self, bytes: &[u8]) -> Option<String> {
        let (mut text, mut rest) = (String::with_capacity(bytes.len()), bytes);
        while !rest.is_empty() {
            // No second byte of a character is either of the two.
            let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
            text.push_str(&self.decode(rest.get(..end)?)?);
            text.push_str("\r\n");
            rest = rest.get(end + 2..)?;
        }
        Some(text)
    }

    /// The text of bytes in Shift_JIS; none when they are none, or hold what [`Charset::encode`] would not write.
    #[must_use]
    pub fn decode(&self, bytes: &[u8]) -> Option<String> {
        let text = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes)?;
        let is_whole = self.encode(&text).is_some_and(|written| written == bytes);
        is_whole.then(|| text.into_owned())
    }
}

/// Unicode and CP932 name some characters of JIS X 0208 differently (〜, ‖, −, —, ¢, £, ¬): both names are the same one.
const OTHER_NAMES: [(char, char); 7] = [
    ('\u{301C}', '\u{FF5E}'),
    ('\u{2016}', '\u{2225}'),
    ('\u{2212}', '\u{FF0D}'),
    ('\u{2014}', '\u{2015}'),
    ('\u{A2}', '\u{FFE0}'),
    ('\u{A3}', '\u{FFE1}'),
    ('\u{AC}', '\u{FFE2}'),
];

fn by_its_name_in_cp932(c: char) -> char {
    OTHER_NAMES.iter().find(|(other, _)| *other == c).map_or(c, |(_, name)| *name)
}

/// Its two bytes in CP932, if it has two.
fn pair(c: char) -> Option<[u8; 2]> {
    let (mut text, mut out) = ([0_u8; 4], [0_u8; 8]);
    let text = by_its_name_in_cp932(c).encode_utf8(&mut text);
    let (result, _, written) = SHIFT_JIS.new_encoder().encode_from_utf8_without_replacement(text, &mut out, true);
    match (result, out) {
        (EncoderResult::InputEmpty, [first, second, ..]) if written == 2 => Some([first, second]),
        _ => None,
    }
}

/// Rows 1 to 8 and 16 to 84 are JIS X 0208; CP932 puts NEC's characters in row 13, and others behind row 84.
fn is_in_jis_x_0208([first, second]: [u8; 2]) -> bool {
    let lead = if first >= 0xE0 { first - 0xC1 } else { first - 0x81 };
    let row = 2 * u32::from(lead) + if second >= 0x9F { 2 } else { 1 };
    matches!(row, 1..=8 | 16..=84)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn of_all_the_plane_it_is_the_6879_characters_of_jis_x_0208_and_no_other() {
        let (set, mut pairs) = (Charset::new(), std::collections::BTreeSet::new());
        for c in (0x80..=0xFFFF).filter_map(char::from_u32).filter(|c| set.class(*c) == Class::Wide) {
            let bytes = set.encode(&c.to_string()).unwrap();
            let [first, second] = bytes[..] else { panic!("{c} is {bytes:?}") };
            let (first, second) = (u16::from(first), u16::from(second));
            let code = first << 8 | second;
            // As the agency's table of characters says: special characters to row 8, level 1, level 2.
            let is_known = matches!(code, 0x8140..=0x84BE | 0x889F..=0x9FFC | 0xE040..=0xEAA4);
            assert!(is_known, "{c} U+{:04X} is {code:04X}", u32::from(c));
            pairs.insert(code);
        }
        assert_eq!(pairs.len(), 6879);
    }

    #[test]
    fn what_windows_knows_and_jis_x_0208_does_not_is_outside() {
        let set = Charset::new();
        for c in "髙﨑①㈱Ⅲ№℡㎡栁濵德彅𠮷😀\u{E000}¥‾\u{7}\u{3099}é".chars() {
            assert_eq!(set.class(c), Class::Outside, "{c}");
            assert_eq!(set.encode(&c.to_string()), None);
        }
        for c in "高崎熙纊々〆ヶ￥～〜－−　弌熙堯槇遙瑤".chars().filter(|c| *c != '纊') {
            assert_eq!(set.class(c), Class::Wide, "{c}");
        }
        assert_eq!(set.encode("ｹｲﾄ-1").unwrap(), [0xB9, 0xB2, 0xC4, b'-', b'1']);
        assert_eq!(set.decode(b"\xFA\xA1"), None, "IBM's extension");
        assert_eq!(set.decode(b"\x87\x40"), None, "NEC's special character");
        assert_eq!(set.decode(b"\x8C"), None, "half a character");
    }

    static SET: std::sync::LazyLock<Charset> = std::sync::LazyLock::new(Charset::new);

    proptest! {
        #[test]
        fn what_can_be_written_is_read_back(text in "\\PC{0,40}") {
            let set = &*SET;
            let is_good = text.chars().all(|c| set.class(c) != Class::Outside);
            let written = set.encode(&text);
            prop_assert_eq!(written.is_some(), is_good);
            if let Some(written) = written {
                prop_assert_eq!(written.len(), text.chars().map(|c| set.class(c).bytes()).sum::<usize>());
                let read: String = text.chars().map(by_its_name_in_cp932).collect();
                prop_assert_eq!(set.decode(&written), Some(read));
            }
        }
    }
}
