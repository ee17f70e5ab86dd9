//! The standard procedures as shipped, what becomes of a municipality's words, and the search against reading every row.

use super::blocks::{self, Block};
use super::*;
use crate::catalog::fold::terms;
use crate::catalog::municipalities::MunicipalityCode;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;

fn shipped() -> Standards {
    Standards::load(Path::new("policies/services")).unwrap()
}

fn listing(municipality: &str, psid: &str, name: &str) -> Listing {
    Listing {
        psid: Psid::parse(psid).unwrap(),
        municipality: MunicipalityCode::parse(municipality).unwrap(),
        name: name.into(),
        alias: None,
        summary: "申請の案内です。".into(),
        category: Category::ChildRearing,
        is_e_applicable: psid.len().is_multiple_of(2),
        period: Period::default(),
        department: None,
        version: "1".into(),
        updated_at: None,
    }
}

#[test]
fn every_list_is_there_whole() {
    let standards = shipped();
    let of = |file: &str| standards.iter().filter(|one| one.file == file).count();
    assert_eq!((of("child_rearing"), of("care"), of("disaster")), (15, 11, 7));
    assert_eq!((of("high_volume"), of("sanjo"), of("moving_bereavement")), (22, 19, 4));
    let sanjo_signed = standards.iter().filter(|one| one.file == "sanjo" && one.is_signed).count();
    assert_eq!(sanjo_signed, 9);
    assert!(standards.iter().filter(|one| one.file == "child_rearing").all(|one| one.is_signed));
}

#[test]
fn what_linkage_makes_unnecessary_is_marked() {
    let standards = shipped();
    let text = "・本人確認書類\n・課税(非課税)証明書\n・世帯全員の住民票\n・印鑑".to_owned();
    let particulars = Particulars { texts: vec![(SectionKind::Requirements, text)], ..Particulars::default() };
    let claim = listing("152048", "1", "児童手当等の受給資格及び児童手当の額についての認定請求");
    let found = standards.describe(claim, &particulars);
    assert_eq!(found.standard.as_deref(), Some("child-allowance-claim"));
    let told: Vec<_> = found.documents.iter().map(|one| (one.code.as_deref(), one.is_unnecessary)).collect();
    let wanted =
        [(Some("identity"), false), (Some("tax_certificate"), true), (Some("resident_record"), true), (None, false)];
    assert_eq!(told, wanted);
    assert!(!found.has_usual_documents);

    let silent = listing("152048", "2", "罹災証明書の発行申請");
    let silent = standards.describe(silent, &Particulars::default());
    assert!(silent.has_usual_documents);
    assert_eq!(silent.documents.len(), 2);

    let own = standards.describe(listing("152048", "3", "見本だけの手続"), &particulars);
    assert_eq!(own.standard, None);
    assert!(own.documents.iter().all(|one| !one.is_unnecessary), "nothing is known of it");
}

#[test]
fn markup_becomes_blocks() {
    let text = "概要です。<br>二行目。\n|区分|所得|額|\n|第1子|^|1万円<br>（月）|\n|^|<|2万円|\n\n・一つ\n・二つ\n案内;https://city.example/a\n別;http://city.example/\n|";
    let url = blocks::https("https://city.example/a").unwrap();
    assert_eq!(
        blocks::read(text),
        [
            Block::Paragraph { text: "概要です。\n二行目。".into() },
            Block::Table {
                columns: vec!["区分".into(), "所得".into(), "額".into()],
                rows: vec![
                    vec!["第1子".into(), "所得".into(), "1万円\n（月）".into()],
                    vec!["第1子".into(), "第1子".into(), "2万円".into()],
                ],
            },
            Block::List { items: vec!["一つ".into(), "二つ".into()] },
            Block::Link { text: "案内".into(), url },
            Block::Paragraph { text: "別;http://city.example/\n|".into() },
        ]
    );
    for wrong in ["http://a.example", "https://1.2.3.4/", "https://u@a.example/", "javascript:alert(1)", "//a.example"]
    {
        assert!(blocks::https(wrong).is_none(), "{wrong}");
    }
}

fn text() -> impl Strategy<Value = String> {
    // Few characters, so that much is found.
    "[児童手当申請アあｱA1 ]{0,12}"
}

fn block() -> impl Strategy<Value = Block> {
    let words = || "[a-z児童]{1,5}";
    prop_oneof![
        words().prop_map(|text| Block::Paragraph { text }),
        proptest::collection::vec(words(), 1..4).prop_map(|items| Block::List { items }),
        (1_usize..4, 1_usize..4).prop_flat_map(move |(width, height)| {
            let row = || proptest::collection::vec("[a-z児童]{1,5}", width);
            (row(), proptest::collection::vec(row(), height)).prop_map(|(columns, rows)| Block::Table { columns, rows })
        }),
    ]
}

proptest! {
    /// What the sandbox writes is what the adapter reads.
    #[test]
    fn blocks_come_back_as_they_were(written in proptest::collection::vec(block(), 0..6)) {
        prop_assert_eq!(blocks::read(&blocks::write(&written)), written);
    }

    /// Nothing that a municipality could send breaks the reader, or makes more of it.
    #[test]
    fn any_text_is_read(text in "(\\PC|[|^<;\n・]|<br>|https://a.example){0,80}") {
        let told = serde_json::to_string(&blocks::read(&text)).unwrap();
        prop_assert!(told.len() <= 4096 + text.len() * 80);
    }

    /// The index finds what reading every row finds, in the same order, page by page.
    #[test]
    fn the_index_finds_what_reading_finds(
        rows in proptest::collection::vec((0_usize..4, text(), text(), any::<bool>(), 0_u16..4), 0..40),
        query in text(),
        municipalities in proptest::collection::btree_set(0_usize..4, 0..3),
        e_applicable in proptest::option::of(any::<bool>()),
        age in proptest::option::of(0_u16..5),
        page in 1_usize..7,
    ) {
        const CODES: [&str; 4] = ["011002", "131121", "152048", "271004"];
        let codes: Vec<_> = CODES.iter().map(|code| MunicipalityCode::parse(code).unwrap()).collect();
        let standards = Standards::default();
        let rows: Vec<ServiceProcedure> = rows.into_iter().enumerate().map(|(n, (code, name, summary, e, age))| {
            let mut row = listing(CODES[code], &format!("p{n}"), &name);
            (row.summary, row.is_e_applicable) = (summary, e);
            let ages = Ages { from_months: Some(age), to_months: (age % 2 == 0).then_some(age + 2) };
            standards.describe(row, &Particulars { ages, ..Particulars::default() })
        }).collect();
        let catalogue = ServiceCatalogue::new(rows);
        let all: Vec<ServiceProcedure> = catalogue.iter().cloned().collect();
        let search = Search {
            municipalities: municipalities.into_iter().map(|n| codes[n]).collect::<BTreeSet<_>>(),
            terms: terms(&query),
            is_e_applicable: e_applicable,
            age_months: age,
            ..Search::default()
        };
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let next = catalogue.search(&search, after.as_ref(), page);
            let Some(last) = next.last() else { break };
            after = Some((last.municipality, last.psid.clone()));
            found.extend(next);
        }
        prop_assert_eq!(found, search.by_reading(&all));
    }
}

#[test]
fn a_catalogue_says_when_it_is_another() {
    let standards = shipped();
    let row = |name: &str| standards.describe(listing("152048", "1", name), &Particulars::default());
    let (one, same, other) = (
        ServiceCatalogue::new(vec![row("a")]),
        ServiceCatalogue::new(vec![row("a")]),
        ServiceCatalogue::new(vec![row("b")]),
    );
    assert_eq!(one.tag(), same.tag());
    assert_ne!(one.tag(), other.tag());
    assert_eq!(ServiceCatalogue::new(vec![row("a"), row("b")]).len(), 1, "one psid, one row");
    assert!(Psid::parse("a/b").is_none() && Psid::parse("").is_none() && Psid::parse(&"a".repeat(65)).is_none());
}

#[test]
fn a_standard_procedure_is_found_by_how_it_is_read() {
    let standards = shipped();
    let row = |psid: &str, name: &str| standards.describe(listing("152048", psid, name), &Particulars::default());
    let catalogue =
        ServiceCatalogue::new(vec![row("1", "児童手当の認定請求"), row("2", "罹災証明書の発行申請"), row("3", "手当")]);
    let found = |query: &str| {
        let search = Search { terms: terms(query), ..Search::default() };
        catalogue.search(&search, None, 10).iter().map(|row| row.psid.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(found("じどうてあて"), ["1"]);
    assert_eq!(found("ジドウ　こそだて"), ["1"], "and by how its category is read");
    assert_eq!(found("りさい"), ["2"]);
    assert_eq!(found("手当"), ["1", "3"], "what is no standard one is found as it is written");
}
