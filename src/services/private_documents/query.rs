//! What a list is asked for.

use super::view::PrivateDocumentSummaryView;
use crate::domain::Refusal;
use crate::domain::private_document::DocumentKind;
use crate::services::body::{self, LISTED};
use std::cmp::Reverse;
use url::form_urlencoded;

/// Where a document stands in the list: newest first, then by id.
pub(super) type Place = (Reverse<String>, String);

/// What a list is asked for.
pub(super) struct Wanted {
    /// Only of this kind.
    pub kind: Option<DocumentKind>,
    /// Only of this year.
    pub tax_year: Option<u16>,
    /// After the last one of the page before.
    pub after: Option<Place>,
    /// How many.
    pub limit: usize,
}

impl Wanted {
    /// Reads a query.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub fn read(query: &str) -> Result<Self, Refusal> {
        let mut wanted = Self { kind: None, tax_year: None, after: None, limit: LISTED as usize };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "kind" => wanted.kind = Some(kind(&value)?),
                "tax_year" => wanted.tax_year = Some(tax_year(&value)?),
                "after" => wanted.after = Some(after(&value)?),
                "limit" => wanted.limit = body::limit(&value)? as usize,
                _ => return Err(body::unknown(&name, "kind, tax_year, after, limit")),
            }
        }
        Ok(wanted)
    }

    /// Whether a document is asked for.
    pub fn takes(&self, one: &PrivateDocumentSummaryView) -> bool {
        self.kind.is_none_or(|kind| kind == one.kind) && self.tax_year.is_none_or(|year| year == one.tax_year)
    }
}

fn kind(text: &str) -> Result<DocumentKind, Refusal> {
    let known = || DocumentKind::ALL.map(DocumentKind::as_str).join(", ");
    DocumentKind::parse(text)
        .ok_or_else(|| Refusal::new("invalid_value", format!("It must be one of {}.", known())).at("kind"))
}

/// The year (対象年) that documents are about.
pub(super) fn tax_year(text: &str) -> Result<u16, Refusal> {
    let is_digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let year = text.parse().ok().filter(|year| is_digits && (2000..=2100).contains(year));
    year.ok_or_else(|| Refusal::new("invalid_value", "It must be a year from 2000 to 2100.").at("tax_year"))
}

fn after(text: &str) -> Result<Place, Refusal> {
    let wrong = || Refusal::new("invalid_value", "It must be the `next` of an earlier page.").at("after");
    let (day, id) = text.split_once('.').ok_or_else(wrong)?;
    let is_day = chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok();
    let is_id = id.len() <= 128 && id.is_ascii();
    if is_day && is_id { Ok((Reverse(day.to_owned()), id.to_owned())) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_asked_for_strictly() {
        for (query, place) in [
            ("kind=x", "kind"),
            ("tax_year=26", "tax_year"),
            ("tax_year=1999", "tax_year"),
            ("tax_year=%2B202", "tax_year"),
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("after=1", "after"),
            ("after=2026-13-01.a", "after"),
            ("order=1", "order"),
        ] {
            let refusal = Wanted::read(query).err().unwrap();
            assert_eq!((refusal.code, refusal.pointer.as_deref()), ("invalid_value", Some(place)), "{query}");
        }
        let wanted = Wanted::read("kind=life_insurance&tax_year=2026&limit=7&after=2026-10-01.post.a").unwrap();
        assert_eq!((wanted.kind, wanted.tax_year, wanted.limit), (Some(DocumentKind::LifeInsurance), Some(2026), 7));
        assert_eq!(wanted.after, Some((Reverse("2026-10-01".to_owned()), "post.a".to_owned())));
    }
}
