//! What comes out of what a backend sent: the shapes, the faults, and that nothing else ever leaves.

use super::super::Catalog;
use super::super::tests::{catalog, set};
use super::*;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static CATALOG: LazyLock<Catalog> = LazyLock::new(catalog);

fn raw(code: &str, content: &str) -> RawItem {
    let content = if content.is_empty() { None } else { Some(content.to_owned()) };
    RawItem { hierarchy: "1".into(), code: code.into(), name: "backend's own name".into(), content }
}

fn raws(items: &[(&str, &str)]) -> Vec<RawItem> {
    items.iter().map(|(code, content)| raw(code, content)).collect()
}

fn all(_: ItemCode) -> bool {
    true
}

fn shape_of(normalised: &Normalised) -> serde_json::Value {
    serde_json::to_value(&normalised.shape).unwrap()
}

const INCOME: [(&str, &str); 12] = [
    ("0200000001", ""),
    ("0200000010", "令和7年度"),
    ("0200000020", "5,200,000"),
    ("0200000030", "３６４００００"),
    ("0200000200", ""),
    ("0200000330", "430000"),
    ("0200000500", ""),
    ("0200000510", "1"),
    ("0200000600", "180000円"),
    ("0200000001", ""),
    ("0200000010", "2024"),
    ("0200000050", "-"),
];

#[test]
fn income_becomes_a_typed_record_by_year() {
    let found = normalise(&set(&CATALOG, "TM00000000000002"), &raws(&INCOME), &all);
    assert_eq!(
        shape_of(&found),
        json!({
            "kind": "income_and_local_tax",
            "years": [
                {
                    "tax_year": 2025,
                    "employment_earnings_yen": 5_200_000,
                    "employment_income_yen": 3_640_000,
                    "deductions": { "basic_yen": 430_000 },
                    "resident_tax": { "status": "taxed", "annual_total_yen": 180_000 },
                },
                { "tax_year": 2024 },
            ],
        })
    );
    let fault = ItemFault { item: ItemCode::parse("0200000050").unwrap(), reason: ItemFaultReason::NotANumber };
    assert_eq!(found.faults, [fault], "one bad amount costs that amount and no more");
    assert_eq!((found.values, found.items.len()), (7, 0));
}

#[test]
fn only_what_was_agreed_to_leaves() {
    let tax_year = ItemCode::parse("0200000010").unwrap();
    let found = normalise(&set(&CATALOG, "TM00000000000002"), &raws(&INCOME), &|code| code == tax_year);
    let want = json!({ "kind": "income_and_local_tax", "years": [{ "tax_year": 2025 }, { "tax_year": 2024 }] });
    assert_eq!(shape_of(&found), want);
    assert!(found.faults.is_empty(), "a fault in what was not agreed to is not told");
    assert_eq!(found.dropped.not_allowed, 6);

    let nothing = normalise(&set(&CATALOG, "TM00000000000002"), &raws(&INCOME), &|_| false);
    assert_eq!(shape_of(&nothing), json!({ "kind": "income_and_local_tax" }), "not even how many years there are");
    assert!(nothing.is_empty());
}

#[test]
fn a_member_without_its_group_opens_one_and_a_second_value_is_a_fault() {
    let sent = raws(&[("8400000010", "10"), ("8400000010", "23"), ("8400000001", ""), ("8400000010", "24")]);
    let found = normalise(&set(&CATALOG, "TM00000000000084"), &sent, &all);
    let want =
        json!({ "kind": "vaccination", "vaccinations": [{ "vaccine": "measles_rubella" }, { "vaccine": "shingles" }] });
    assert_eq!(shape_of(&found), want);
    assert_eq!(found.faults.iter().map(|f| f.reason).collect::<Vec<_>>(), [ItemFaultReason::Repeated]);
}

#[test]
fn groups_within_groups_keep_together() {
    let sent = raws(&[
        ("9010000001", ""),
        ("9010000010", "20250601"),
        ("9010000100", ""),
        ("9010000110", "見本錠5mg"),
        ("9010000150", "２．５"),
        ("9010000100", ""),
        ("9010000110", "例示散"),
        ("9010000020", "見本薬局"),
    ]);
    let found = normalise(&set(&CATALOG, "HI00000000000001"), &sent, &all);
    let want = json!({ "kind": "medicines", "dispensings": [{
        "dispensed_on": "2025-06-01",
        "pharmacy": "見本薬局",
        "drugs": [{ "name": "見本錠5mg", "amount": 2.5 }, { "name": "例示散" }],
    }] });
    assert_eq!(shape_of(&found), want);
}

#[test]
fn what_has_no_shape_becomes_coded_items_in_the_catalogues_words() {
    let sent = raws(&[("8200000010", ""), ("8200000020", "202504"), ("8200000050", "10000"), ("8200000070", "R7.4.1")]);
    let found = normalise(&set(&CATALOG, "TM00000000000082"), &sent, &all);
    let value = shape_of(&found);
    assert_eq!(value["kind"], "coded");
    assert_eq!(value["items"][0]["name"]["ja"], "支給開始年月");
    assert_eq!(value["items"][0]["within"], json!([{ "group": "8200000010", "occurrence": 1 }]));
    assert_eq!(value["items"][0]["value"], json!({ "kind": "year_month", "year_month": "2025-04" }));
    assert_eq!(value["items"][1]["value"], json!({ "kind": "yen", "yen": 10_000 }));
    assert_eq!(value["items"][2]["value"], json!({ "kind": "date", "date": "2025-04-01" }));
    assert!(!value.to_string().contains("backend's own name"));
}

#[test]
fn unknown_and_excessive_items_are_dropped_and_counted() {
    let mut sent = raws(&[("9999999999", "x"), ("020000001", "x"), ("<script>", "x"), ("0200000010", "2025")]);
    sent.resize(MAX_RAW_ITEMS + 5, raw("0200000001", ""));
    let found = normalise(&set(&CATALOG, "TM00000000000002"), &sent, &all);
    assert_eq!(found.dropped, Dropped { unknown: 3, not_allowed: 0, over_limit: 5 });
    assert_eq!(shape_of(&found)["years"], json!([{ "tax_year": 2025 }]), "empty repetitions are forgotten");

    let bad = vec![raw("0200000010", "no year"); 1_000];
    assert_eq!(normalise(&set(&CATALOG, "TM00000000000002"), &bad, &all).faults.len(), MAX_FAULTS);
}

#[test]
fn a_record_reads_back_and_never_shows_itself_to_a_log() {
    let found = normalise(&set(&CATALOG, "TM00000000000002"), &raws(&INCOME), &all);
    let text = serde_json::to_string(&found.shape).unwrap();
    assert!(serde_json::from_str::<DataSetRecord>(&text).unwrap() == found.shape);
    assert!(!format!("{found:?} {:?}", raws(&INCOME)).contains("200,000"));
    assert!(!format!("{found:?}").contains("5200000"));
}

/// A text that no catalogue holds and that marks one item, so that it can be found again wherever it went.
fn marked(item: &Item) -> String {
    match item.kind {
        super::super::ItemKind::Text => format!("mark-{}-end", item.code),
        _ => String::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever the order, repetition, level or content: an item that was not agreed to leaves no trace.
    #[test]
    fn no_item_leaks_that_was_not_agreed_to(
        which in 0_usize..75,
        picks in proptest::collection::vec((any::<prop::sample::Index>(), any::<bool>(), ".{0,12}|[0-9]{1,8}"), 0..60),
        agreed in proptest::collection::vec(any::<bool>(), 80),
    ) {
        let Some(set) = CATALOG.data_sets().nth(which).filter(|set| !set.items.is_empty()) else { return Ok(()) };
        let allowed: BTreeSet<ItemCode> =
            set.items.iter().zip(&agreed).filter(|(_, yes)| **yes).map(|(item, _)| item.code).collect();
        let sent: Vec<RawItem> = picks.iter().map(|(index, is_marked, content)| {
            let item = index.get(&set.items);
            let content = if *is_marked { marked(item) } else { content.clone() };
            RawItem { content: Some(content), ..raw(item.code.as_str(), "") }
        }).collect();
        let found = normalise(set, &sent, &|code| allowed.contains(&code));
        let out = format!("{}{}", shape_of(&found), serde_json::to_string(&found.items).unwrap());
        for item in set.items.iter().filter(|item| !item.is_group() && !allowed.contains(&item.code)) {
            let mark = format!("mark-{}-end", item.code);
            prop_assert!(!out.contains(&mark), "{} left", item.code);
            prop_assert!(!found.faults.iter().any(|fault| fault.item == item.code));
            let field = format!("\"code\":\"{}\"", item.code);
            prop_assert!(!out.contains(&field), "{} left coded", item.code);
        }
        // The same answer with the items that were not agreed to taken out beforehand gives the very same result.
        let kept: Vec<RawItem> = sent.into_iter().filter(|raw| {
            let item = ItemCode::parse(&raw.code).ok().and_then(|code| set.item(code));
            item.is_some_and(|item| item.is_group() || allowed.contains(&item.code))
        }).collect();
        let again = normalise(set, &kept, &all);
        prop_assert!(again.shape == found.shape && again.items == found.items && again.faults == found.faults);
    }

    /// No bytes make it panic or grow beyond its limits.
    #[test]
    fn hostile_items_never_break_it(
        which in 0_usize..75,
        sent in proptest::collection::vec((".{0,12}", ".{0,30}"), 0..30),
    ) {
        if let Some(set) = CATALOG.data_sets().nth(which) {
            let sent: Vec<RawItem> = sent.iter().map(|(code, content)| raw(code, content)).collect();
            let found = normalise(set, &sent, &all);
            prop_assert!(found.values <= sent.len() && found.faults.len() <= MAX_FAULTS);
        }
    }
}
