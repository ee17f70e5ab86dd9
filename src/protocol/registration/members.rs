//! Single members of a metadata object, each read strictly; every fault is noted under its member's name.

use crate::domain::{Refusal, Words};
use crate::protocol::code::{INVALID_CLIENT_METADATA, INVALID_REDIRECT_URI};
use serde_json::{Map, Value};
use url::Url;

/// Longest text of one value.
const LONGEST: usize = 2048;
/// Most values in one list.
const MOST: usize = 64;

/// A metadata object while it is read.
pub(super) struct Members<'m> {
    of: &'m Map<String, Value>,
    faults: Vec<Refusal>,
}

impl<'m> Members<'m> {
    pub fn new(of: &'m Map<String, Value>) -> Self {
        Self { of, faults: Vec::new() }
    }

    /// Notes what is wrong with `name` and how to mend it.
    pub fn fault(&mut self, name: &str, words: &str) {
        let code = if name == "redirect_uris" { INVALID_REDIRECT_URI } else { INVALID_CLIENT_METADATA };
        self.faults.push(Refusal::new(code, format!("{name}: {words}")).at(name));
    }

    /// Every fault noted.
    pub fn into_faults(self) -> Vec<Refusal> {
        self.faults
    }

    /// The value as it stands; `null` counts as left out.
    pub fn value(&self, name: &str) -> Option<&'m Value> {
        self.of.get(name).filter(|value| !value.is_null())
    }

    /// A text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.value(name)?.as_str() {
            Some(text) if is_plain(text) => Some(text.to_owned()),
            _ => {
                self.fault(name, "must be a text of 1 to 2048 characters without control characters");
                None
            }
        }
    }

    /// `true` or `false`; `false` when left out.
    pub fn flag(&mut self, name: &str) -> bool {
        match self.value(name).map(Value::as_bool) {
            None => false,
            Some(Some(flag)) => flag,
            Some(None) => {
                self.fault(name, "must be true or false");
                false
            }
        }
    }

    /// A list of texts; empty when left out.
    pub fn texts(&mut self, name: &str) -> Vec<String> {
        let Some(value) = self.value(name) else { return Vec::new() };
        let texts: Option<Vec<String>> = value.as_array().filter(|values| values.len() <= MOST).and_then(|values| {
            values.iter().map(|value| value.as_str().filter(|text| is_plain(text)).map(str::to_owned)).collect()
        });
        texts.unwrap_or_else(|| {
            self.fault(name, "must be a list of at most 64 texts");
            Vec::new()
        })
    }

    /// A text that `parse` reads; `form` says what it must be.
    pub fn parsed<T>(&mut self, name: &str, form: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name)?;
        let value = parse(&text);
        if value.is_none() {
            self.fault(name, &format!("must be {form}"));
        }
        value
    }

    /// A list whose texts `parse` reads.
    pub fn all_parsed<T>(&mut self, name: &str, form: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let texts = self.texts(name);
        let values: Option<Vec<T>> = texts.iter().map(|text| parse(text)).collect();
        values.unwrap_or_else(|| {
            self.fault(name, &format!("each must be {form}"));
            Vec::new()
        })
    }

    /// An address that we call: https, on a named host, without user and fragment.
    pub fn https(&mut self, name: &str) -> Option<String> {
        let is_callable = |text: &str| {
            Url::parse(text).is_ok_and(|url| {
                let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
                url.scheme() == "https" && url.host().is_some() && is_bare
            })
        };
        self.parsed(name, "an https URL without user and fragment", |text| is_callable(text).then(|| text.to_owned()))
    }

    /// Words for people: `name#ja` and `name#en` (RFC 7591 §2.2); the bare name, or the other one, stands in.
    pub fn words(&mut self, name: &str) -> Option<Words> {
        let bare = self.text(name);
        let ja = self.text(&format!("{name}#ja"));
        let en = self.text(&format!("{name}#en"));
        let (first, second) = (bare.clone().or_else(|| en.clone()), bare.or_else(|| ja.clone()));
        Some(Words { ja: ja.or(first)?, en: en.or(second)? })
    }
}

fn is_plain(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && !text.chars().any(char::is_control)
}
