//! What answers say, in words for whoever hands them in.

use super::{Answers, ApplicationForm};
use crate::catalog::procedures::{Field, Kind};
use crate::domain::{Lang, Words};
use serde_json::{Map, Value};

impl ApplicationForm {
    /// Each item by its title, with what the answers say of it; those of each entry under a title of its own.
    #[must_use]
    pub fn in_words(&self, answers: &Answers, lang: Lang) -> Vec<(String, String)> {
        let mut told = Vec::new();
        let mut of = |prefix: &str, fields: &[Field], said: Option<&Map<String, Value>>| {
            for field in fields {
                let value = said.and_then(|said| said.get(&field.name)).filter(|value| !value.is_null());
                told.extend(
                    value.map(|value| (format!("{prefix}{}", field.title.get(lang)), worded(field, value, lang))),
                );
            }
        };
        of("", &self.items.office, answers.applicant.as_object());
        for (n, entry) in (1_u32..).zip(answers.entries.as_array().into_iter().flatten()) {
            let prefix = match lang {
                Lang::Ja => format!("{} {n}：", self.entries.ja),
                Lang::En => format!("{} {n}: ", self.entries.en),
            };
            of(&prefix, &self.items.fields, entry.as_object());
        }
        told
    }
}

/// What one item says.
fn worded(field: &Field, value: &Value, lang: Lang) -> String {
    let plain = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let yes_no = |yes: bool| {
        let words: Words = if yes { words("はい", "Yes") } else { words("いいえ", "No") };
        words.get(lang).to_owned()
    };
    match &field.kind {
        Kind::Code(choices) => {
            let chosen = choices.iter().find(|choice| Some(&*choice.code) == value.as_str());
            chosen.map_or_else(plain, |choice| choice.words.get(lang).to_owned())
        }
        Kind::Flag => value.as_bool().map_or_else(plain, yes_no),
        _ => plain(),
    }
}

fn words(ja: &str, en: &str) -> Words {
    Words { ja: ja.to_owned(), en: en.to_owned() }
}
