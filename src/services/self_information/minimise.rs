//! The one place where what a backend sent is cut to what a citizen agreed to: for every reply, and for the preview that
//! the consent page shows.
//!
//! What is left behind is not kept: only how many items it was, and a digest under our own key and for this job alone,
//! so that a later question (did the provider send more than was agreed to? the same as it says now?) has an answer
//! without the data being here.

use super::outcome::ProviderRecord;
use crate::adapters::selfinfo::Record;
use crate::catalog::{DataSet, Item, ItemKind, RawItem, normalise};
use crate::domain::access::CutItems;
use crate::domain::data_set::ItemCode;
use crate::domain::{Digest, Fault, MasterKey};
use aws_lc_rs::hmac;

/// Longest name of a provider that is handed on, in characters.
const LONGEST_PROVIDER: usize = 80;
/// Most digits in one: a municipality's code has six. More would be data.
const MOST_DIGITS: usize = 6;
/// Longest version of a data set.
const LONGEST_VERSION: usize = 16;

/// What may leave, and what was left behind.
pub(super) struct Minimised<'a> {
    /// What may leave.
    pub records: Vec<ProviderRecord>,
    /// How many values are in them.
    pub values: u32,
    /// What was sent and may not leave.
    pub cut: Vec<&'a RawItem>,
}

/// Cuts `records` to the items for which `allowed` says yes. Data of which nothing agreed is left is no record.
pub(super) fn minimise<'a>(set: &DataSet, records: &'a [Record], allowed: &dyn Fn(ItemCode) -> bool) -> Minimised<'a> {
    let mut out = Minimised { records: Vec::with_capacity(records.len()), values: 0, cut: Vec::new() };
    for record in records {
        let read = normalise(set, &record.items, allowed);
        out.values = out.values.saturating_add(u32::try_from(read.values).unwrap_or(u32::MAX));
        out.cut.extend(read.cut.iter().filter_map(|place| record.items.get(*place)));
        if read.is_empty() && read.faults.is_empty() {
            continue;
        }
        out.records.push(ProviderRecord {
            provider: provider(&record.provider),
            version: version(&record.version),
            updated_at: moment(&record.updated_at),
            data: read.shape,
            items: read.items,
            faults: read.faults,
        });
    }
    out
}

/// The provider's name as told, unless it is more than a name.
fn provider(told: &str) -> String {
    let name: String = told.chars().filter(|c| !c.is_control()).take(LONGEST_PROVIDER).collect();
    let digits = name.chars().filter(|c| c.is_numeric()).count();
    if digits > MOST_DIGITS { String::new() } else { name }
}

fn version(told: &str) -> String {
    let is_version = told.len() <= LONGEST_VERSION
        && told.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        && told.bytes().filter(u8::is_ascii_digit).count() <= MOST_DIGITS;
    if is_version { told.to_owned() } else { String::new() }
}

/// Fourteen digits that are a moment.
fn moment(told: &str) -> String {
    let is_moment = told.len() == 14 && chrono::NaiveDateTime::parse_from_str(told, "%Y%m%d%H%M%S").is_ok();
    if is_moment { told.to_owned() } else { String::new() }
}

/// What the log is told of `cut`, for the job `owner`; nothing when nothing was cut.
///
/// # Errors
/// [`Fault`] when no key can be derived.
pub(super) fn told(cut: &[&RawItem], owner: &str, master: &MasterKey) -> Result<Option<CutItems>, Fault> {
    if cut.is_empty() {
        return Ok(None);
    }
    let key = master.derive("items cut")?;
    let mut tag = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.expose()));
    for text in [owner]
        .into_iter()
        .chain(cut.iter().flat_map(|item| [&*item.code, item.content.as_deref().unwrap_or_default()]))
    {
        // With its length before it, so that no two lists run together into one.
        tag.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        tag.update(text.as_bytes());
    }
    let count = u32::try_from(cut.len()).unwrap_or(u32::MAX);
    Ok(Some(CutItems { count, digest: Digest::of_bytes(tag.sign().as_ref()) }))
}

/// What a third party would be sent of `set` with consent to `items` and nothing else, with made-up content: a whole
/// record goes through the same cut as a real one. None where nothing would be sent.
#[must_use]
pub fn preview(set: &DataSet, items: &[ItemCode]) -> Option<String> {
    let made_up = Record {
        provider: set.provider.ja.clone(),
        version: set.version.clone(),
        updated_at: String::new(),
        items: set.items.iter().map(made_up).collect(),
    };
    let record = minimise(set, &[made_up], &|item| items.contains(&item)).records.pop()?;
    serde_json::to_string_pretty(&record).ok()
}

fn made_up(item: &Item) -> RawItem {
    let content = match &item.kind {
        ItemKind::Text => "見本".to_owned(),
        ItemKind::Date => "20250401".to_owned(),
        ItemKind::YearMonth => "202504".to_owned(),
        ItemKind::FiscalYear => "2025".to_owned(),
        ItemKind::Yen => "1234567".to_owned(),
        ItemKind::Integer { .. } => "12".to_owned(),
        ItemKind::Decimal { .. } => "1.5".to_owned(),
        ItemKind::Enum { codes } => codes.first().map_or_else(String::new, |code| code.code.clone()),
        ItemKind::Group => String::new(),
    };
    let (code, name) = (item.code.to_string(), item.name.ja.clone());
    RawItem { hierarchy: item.hierarchy.to_string(), code, name, content: (!item.is_group()).then_some(content) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use std::path::Path;

    #[test]
    fn the_preview_of_every_data_set_shows_each_agreed_item_and_no_other() {
        let catalog = Catalog::load(Path::new("policies/data-sets")).unwrap();
        for set in catalog.data_sets() {
            assert_eq!(preview(set, &[]), None, "{}", set.code);
            let leaves: Vec<&Item> = set.items.iter().filter(|item| !item.is_group()).collect();
            for item in &leaves {
                let shown = preview(set, &[item.code]).unwrap_or_else(|| panic!("{} {}", set.code, item.code));
                assert!(
                    shown.contains("\"faults\": []"),
                    "{} {}: what is made up must read: {shown}",
                    set.code,
                    item.code
                );
                let others = leaves.iter().filter(|other| other.code != item.code && other.field.is_none());
                assert!(others.clone().all(|other| !shown.contains(other.code.as_str())), "{}: {shown}", item.code);
            }
        }
    }

    #[test]
    fn the_digest_of_what_was_cut_is_for_one_job_and_under_one_key() {
        let item = |code: &str, content: &str| RawItem {
            code: code.into(),
            content: Some(content.into()),
            ..RawItem::default()
        };
        let (one, other) = (item("0200000010", "1"), item("0200000020", "2"));
        let (key, another) = (MasterKey::new([1; 32]), MasterKey::new([2; 32]));
        assert_eq!(told(&[], "job", &key).unwrap(), None);
        let of = |cut: &[&RawItem], job: &str, key: &MasterKey| told(cut, job, key).unwrap().unwrap();
        let first = of(&[&one, &other], "job", &key);
        assert_eq!((first.count, first), (2, of(&[&one, &other], "job", &key)));
        let shifted = (item("0200000010", "10200000020"), item("", "2"));
        for differs in [
            of(&[&one], "job", &key),
            of(&[&other, &one], "job", &key),
            of(&[&one, &other], "other job", &key),
            of(&[&one, &other], "job", &another),
            of(&[&shifted.0, &shifted.1], "job", &key),
        ] {
            assert_ne!(differs.digest, first.digest);
        }
    }

    #[test]
    fn what_a_backend_says_of_itself_carries_nothing_out() {
        for (told, kept) in
            [("見本市", "見本市"), ("見本市 132012", "見本市 132012"), ("年収7310000円", ""), ("a\u{0}b", "ab")]
        {
            assert_eq!(provider(told), kept);
        }
        assert_eq!(provider(&"市".repeat(500)).chars().count(), LONGEST_PROVIDER);
        assert_eq!(
            (version("01"), version("R4-6"), version("7310000"), version("年収")),
            ("01".into(), "R4-6".into(), String::new(), String::new())
        );
        assert_eq!(
            (moment("20260401120000"), moment("20261341120000"), moment("7310000")),
            ("20260401120000".into(), String::new(), String::new())
        );
    }
}
