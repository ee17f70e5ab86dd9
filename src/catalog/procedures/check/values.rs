//! Values of each kind.

use super::super::check_digits::CheckDigit;
use super::super::dates::{self, NoDate};
use super::super::definition::{Choice, Field, Kind};
use super::text::Made;
use super::{Check, is_text, rule};
use crate::domain::submission::{Finding, Severity};
use serde_json::Value;

impl Check<'_> {
    pub(super) fn value(&mut self, field: &Field, value: &Value) {
        match (&field.kind, value) {
            (Kind::Flag, Value::Bool(_)) => {}
            (Kind::Yen { most, is_capped }, Value::Number(number)) => {
                self.yen(field, number.as_u64(), (*most, *is_capped));
            }
            (Kind::Number { least, most }, Value::Number(number)) => {
                self.number(field, number.as_u64(), (*least, *most));
            }
            (kind, Value::String(text)) if is_text(kind) => self.one_text(field, text),
            _ => self.wrong_type(field),
        }
    }

    fn one_text(&mut self, field: &Field, text: &str) {
        if text.is_empty() {
            let (ja, en) = (
                format!("{}が空です。ない項目は省いてください。", field.title.ja),
                format!("{} is empty: leave out what there is not.", field.title.en),
            );
            return self.note(rule::MISSING, self.pointer(&field.name), &ja, &en);
        }
        match &field.kind {
            Kind::Wide { bytes } => self.text(field, text, (Made::Wide, *bytes)),
            Kind::Kana { bytes } => self.text(field, text, (Made::Kana, *bytes)),
            Kind::Text { bytes } => self.text(field, text, (Made::Any, *bytes)),
            Kind::Digits { least, most, check } => self.digits(field, text, (*least, *most, *check)),
            Kind::Code(choices) => self.code(field, text, choices),
            Kind::Date => self.date(field, dates::day(text).err(), "2026-11-01"),
            Kind::Month => self.date(field, dates::month(text).err(), "2026-11"),
            Kind::Time => self.time(field, text),
            Kind::Line { characters } => self.line(field, text, *characters),
            Kind::Yen { .. } | Kind::Number { .. } | Kind::Flag => {}
        }
    }

    fn wrong_type(&mut self, field: &Field) {
        let (ja, en) = match field.kind {
            Kind::Flag => ("true または false", "true or false"),
            Kind::Yen { .. } | Kind::Number { .. } => ("0以上の整数", "a whole number of 0 or more"),
            _ => ("文字列", "a text"),
        };
        let (ja, en) =
            (format!("{}は{ja}としてください。", field.title.ja), format!("{} must be {en}.", field.title.en));
        self.note(rule::TYPE, self.pointer(&field.name), &ja, &en);
    }

    fn time(&mut self, field: &Field, text: &str) {
        if text.len() != 5 || chrono::NaiveTime::parse_from_str(text, "%H:%M").is_err() {
            let (ja, en) = (
                format!("{}は00:00から23:59までの時刻（HH:MM）としてください。", field.title.ja),
                format!("{} must be a time of day from 00:00 to 23:59, HH:MM.", field.title.en),
            );
            self.note(rule::TIME, self.pointer(&field.name), &ja, &en);
        }
    }

    /// Any characters that can be shown; none that ends a line or turns what stands around it.
    fn line(&mut self, field: &Field, text: &str, most: usize) {
        if let Some(at) = text.chars().position(is_hidden) {
            let (ja, en) = (
                format!("{}に表示できない文字（制御文字など）があります。取り除いてください。", field.title.ja),
                format!("{} holds a character that cannot be shown: take it out.", field.title.en),
            );
            let finding = Finding::reject(rule::HIDDEN, self.pointer(&field.name), &ja, &en).at_character(at);
            self.push(finding);
        }
        let length = text.chars().count();
        if length > most {
            let (ja, en) = (
                format!("{}が{length}文字あり、上限の{most}文字を超えています。", field.title.ja),
                format!("{} is {length} characters; the limit is {most}.", field.title.en),
            );
            let finding = Finding::reject(rule::BYTES, self.pointer(&field.name), &ja, &en).over(length, most);
            self.push(finding);
        }
    }

    fn digits(&mut self, field: &Field, text: &str, (least, most, check): (usize, usize, Option<CheckDigit>)) {
        let wrong = text.chars().position(|c| !c.is_ascii_digit());
        if wrong.is_some() || !(least..=most).contains(&text.len()) {
            let count = if least == most { format!("{most}") } else { format!("{least}～{most}") };
            let (ja, en) = (
                format!("{}は半角数字{count}桁としてください。", field.title.ja),
                format!("{} must be {} half-width digits.", field.title.en, count.replace('～', " to ")),
            );
            let finding = Finding::reject(rule::DIGITS, self.pointer(&field.name), &ja, &en);
            return self.push(match wrong {
                Some(at) => finding.at_character(at),
                None => finding.over(text.len(), most),
            });
        }
        if let Some(check) = check.filter(|check| !check.holds(text)) {
            let (ja, en) = (
                format!("{}の検査用数字が一致しません。番号を確認してください。", field.title.ja),
                format!("The check digit of {} does not hold: look at the number again.", field.title.en),
            );
            // 法人番号 has its check digit in front.
            let at = if check == CheckDigit::CorporateNumber { 0 } else { check.digits() - 1 };
            let finding = Finding::reject(rule::CHECK_DIGIT, self.pointer(&field.name), &ja, &en).at_character(at);
            self.push(finding);
        }
    }

    fn code(&mut self, field: &Field, text: &str, choices: &[Choice]) {
        if choices.iter().any(|choice| choice.code == text) {
            return;
        }
        let list = |of: &dyn Fn(&Choice) -> &str| {
            let shown = choices.iter().take(12).map(|choice| format!("{}={}", choice.code, of(choice)));
            let more = if choices.len() > 12 { ", …" } else { "" };
            shown.collect::<Vec<_>>().join(", ") + more
        };
        let (ja, en) = (
            format!("{}は次のいずれかとしてください: {}", field.title.ja, list(&|choice| &choice.words.ja)),
            format!("{} must be one of: {}", field.title.en, list(&|choice| &choice.words.en)),
        );
        self.note(rule::CODE, self.pointer(&field.name), &ja, &en);
    }

    fn date(&mut self, field: &Field, fault: Option<NoDate>, example: &str) {
        let Some(fault) = fault else { return };
        let title = &field.title;
        let (number, ja, en) = match fault {
            NoDate::Form => (
                rule::DATE,
                format!("{}は {example} または元号（令和8年11月1日、R08-11-01）の形式としてください。", title.ja),
                format!("{} must be written as {example}, or by era as R08-11-01 or 令和8年11月1日.", title.en),
            ),
            NoDate::NoSuchDay => (
                rule::DATE,
                format!("{}は存在しない日付です。", title.ja),
                format!("{}: there is no such day.", title.en),
            ),
            NoDate::OutsideEra(era) => (
                rule::ERA,
                format!("{}は{era}の期間外の日付です。その日の元号で書いてください。", title.ja),
                format!("{}: {era} was not the era of that day; write the one that was.", title.en),
            ),
            NoDate::TooEarly => (
                rule::ERA,
                format!("{}は昭和（1926年12月25日）以後の日付としてください。", title.ja),
                format!("{} must be on or after 1926-12-25 (昭和).", title.en),
            ),
        };
        self.note(number, self.pointer(&field.name), &ja, &en);
    }

    fn yen(&mut self, field: &Field, value: Option<u64>, (most, is_capped): (u64, bool)) {
        match value {
            None => self.wrong_type(field),
            Some(value) if value > most && is_capped => {
                let (ja, en) = (
                    format!("{}は{most}円として届け出ます（1千万円以上の取扱い）。", field.title.ja),
                    format!("{} is filed as {most} yen, as amounts of ten million or more are.", field.title.en),
                );
                let finding = Finding::reject(rule::CAPPED, self.pointer(&field.name), &ja, &en);
                self.push(Finding { severity: Severity::Warn, ..finding });
            }
            Some(value) if value > most => self.too_much(field, (0, most)),
            Some(_) => {}
        }
    }

    fn number(&mut self, field: &Field, value: Option<u64>, (least, most): (u64, u64)) {
        match value {
            None => self.wrong_type(field),
            Some(value) if !(least..=most).contains(&value) => self.too_much(field, (least, most)),
            Some(_) => {}
        }
    }

    fn too_much(&mut self, field: &Field, (least, most): (u64, u64)) {
        let (ja, en) = (
            format!("{}は{least}～{most}の範囲としてください。", field.title.ja),
            format!("{} must be {least} to {most}.", field.title.en),
        );
        self.note(rule::AMOUNT, self.pointer(&field.name), &ja, &en);
    }
}

/// What no reader sees: controls, ends of lines, marks that turn the direction of writing, characters of no width.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}
