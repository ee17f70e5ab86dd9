//! Texts: their characters, their bytes.

use super::super::charset::Class;
use super::super::definition::Field;
use super::super::suggest;
use super::{Check, rule};
use crate::domain::submission::Finding;
use std::fmt::Write as _;

/// What a text may be made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    Wide,
    Kana,
    Any,
}

impl Check<'_> {
    /// One look at each character; the first that is wrong is told, and the length when it is over.
    pub(super) fn text(&mut self, field: &Field, text: &str, (made, limit): (Made, usize)) {
        let (mut length, mut wrong) = (0, None);
        for (at, c) in text.chars().enumerate() {
            let class = self.charset.class(c);
            length += class.bytes();
            let is_good = match (class, made) {
                (Class::Outside, _) | (Class::Wide, Made::Kana) | (Class::Latin | Class::HalfKana, Made::Wide) => false,
                (Class::Latin, Made::Kana) => !c.is_ascii_lowercase(),
                _ => true,
            };
            if wrong.is_none() && (!is_good || (c == ',' && self.is_csv())) {
                wrong = Some((at, c, class));
            }
        }
        if let Some((at, c, class)) = wrong {
            let finding = self.character(field, c, (class, made)).at_character(at);
            self.push(finding);
        }
        if length > limit {
            let (ja, en) = (
                format!("{}がシフトJISで{length}バイトあり、上限の{limit}バイトを超えています。", field.title.ja),
                format!("{} is {length} bytes in Shift_JIS; the limit is {limit}.", field.title.en),
            );
            let finding = Finding::reject(rule::BYTES, self.pointer(&field.name), &ja, &en).over(length, limit);
            self.push(finding);
        }
        let space = if made == Made::Kana { ' ' } else { '\u{3000}' };
        let is_name = || text.split_once(space).is_some_and(|(family, given)| !family.is_empty() && !given.is_empty());
        if field.is_name && wrong.is_none() && !is_name() {
            let (ja, en) = match made {
                Made::Kana => (
                    "氏と名の間に半角スペースを1つ入れてください。",
                    "Put one half-width space between family and given name.",
                ),
                _ => (
                    "氏と名の間に全角スペースを1つ入れてください。",
                    "Put one full-width space (U+3000) between family and given name.",
                ),
            };
            self.note(rule::NAME, self.pointer(&field.name), ja, en);
        }
    }

    fn character(&self, field: &Field, c: char, (class, made): (Class, Made)) -> Finding {
        let (title, code) = (&field.title, u32::from(c));
        let shown = if c.is_control() { String::new() } else { format!("「{c}」") };
        let (number, suggestion) = match (class, made) {
            (Class::Outside, Made::Kana) => (rule::OUTSIDE, suggest::instead(c).or_else(|| suggest::half(c))),
            (Class::Outside, _) => (rule::OUTSIDE, suggest::instead(c)),
            (_, Made::Wide) => (rule::WIDE, suggest::wide(c)),
            (_, Made::Kana) if c != ',' => (rule::KANA, suggest::half(c)),
            _ => (rule::SEPARATOR, suggest::wide(c)),
        };
        let (mut ja, mut en) = match number {
            rule::OUTSIDE => (
                format!("{}の{shown}（U+{code:04X}）はJIS X 0208にない文字のため届け出られません。", title.ja),
                format!("{}: U+{code:04X} is not in JIS X 0208 and cannot be filed.", title.en),
            ),
            rule::WIDE => (
                format!("{}の{shown}（U+{code:04X}）は全角ではありません。", title.ja),
                format!("{}: U+{code:04X} is not full-width.", title.en),
            ),
            rule::KANA => (
                format!("{}の{shown}（U+{code:04X}）は半角カナではありません。", title.ja),
                format!("{}: U+{code:04X} is not half-width katakana.", title.en),
            ),
            _ => (
                format!("{}に区切り文字（カンマ）は使えません。", title.ja),
                format!("{}: a comma would end the item.", title.en),
            ),
        };
        if let '\u{3099}' | '\u{309A}' = c {
            ja.push_str("濁点・半濁点は前の文字と合成した1文字（NFC）としてください。");
            en.push_str(" Send composed characters (NFC).");
        } else if let Some(suggestion) = &suggestion {
            let _ = write!(ja, "「{suggestion}」としてください。");
            let _ = write!(en, " Write \"{suggestion}\".");
        }
        Finding { suggestion, ..Finding::reject(number, self.pointer(&field.name), &ja, &en) }
    }
}
