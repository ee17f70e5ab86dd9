//! What a search costs over 200,000 procedures of 1,741 municipalities, each with a summary of its own: in this process,
//! on one thread, a page of fifty each. Besides criterion's means the 50th and 99th percentile over a mix of queries are
//! printed.
//!
//! ```text
//! cargo bench --bench service_search
//! ```
#![expect(clippy::unwrap_used, reason = "a measurement may panic")]

use criterion::{Criterion, criterion_group, criterion_main};
use madoguchi::catalog::fold::terms;
use madoguchi::catalog::municipalities::{Municipalities, MunicipalityCode};
use madoguchi::catalog::services::{
    Category, LifeEvent, Listing, Particulars, Period, Psid, Search, ServiceCatalogue, Standards,
};
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

const ROWS: usize = 200_000;
/// A page of fifty, and one more, to know whether there is another.
const PAGE: usize = 51;

/// Standard procedures in turn, at municipalities in turn.
fn catalogue(standards: &Standards, codes: &[MunicipalityCode]) -> ServiceCatalogue {
    let all: Vec<_> = standards.iter().collect();
    let row = |n: usize| {
        let (one, code) = (all.get(n / codes.len() % all.len()).unwrap(), codes.get(n % codes.len()).unwrap());
        let listing = Listing {
            psid: Psid::parse(&format!("{code}{n:07}")).unwrap(),
            municipality: *code,
            name: one.name.ja.clone(),
            alias: one.alias.clone(),
            summary: format!("{}受付番号{n}の窓口は{}番です。", one.summary.ja, n % 97),
            category: one.category,
            is_e_applicable: n.is_multiple_of(3),
            period: Period::default(),
            department: None,
            version: "1.1".to_owned(),
            updated_at: None,
        };
        standards.describe(listing, &Particulars { ages: one.ages(), ..Particulars::default() })
    };
    ServiceCatalogue::new((0..ROWS).map(row).collect())
}

/// What people ask, and what costs most.
fn queries(codes: &[MunicipalityCode]) -> Vec<(&'static str, Search)> {
    let here = |n: usize| codes.get(n).copied().into_iter().collect();
    let keyword = |text: &str| Search { terms: terms(text), ..Search::default() };
    vec![
        ("one municipality, a word", Search { municipalities: here(700), ..keyword("児童手当") }),
        (
            "one municipality, a life event",
            Search {
                municipalities: here(1_200),
                life_event: Some(LifeEvent::Birth),
                is_e_applicable: Some(true),
                ..Search::default()
            },
        ),
        ("everywhere, a word of many rows", keyword("申請")),
        ("everywhere, a word of few rows", keyword("受付番号199999")),
        ("everywhere, two words", keyword("ｹｱﾌﾟﾗﾝ　届出")),
        (
            "everywhere, a category and an age",
            Search { category: Some(Category::Care), age_months: Some(900), ..keyword("認定") },
        ),
        ("everywhere, words that are never together", keyword("児童手当 罹災証明書")),
        ("everywhere, what is nowhere", keyword("受付番号の窓口")),
    ]
}

#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a measurement reads the machine's clock and tells"
)]
fn percentiles(catalogue: &ServiceCatalogue, queries: &[(&'static str, Search)]) {
    let mut taken: Vec<Duration> = Vec::new();
    for _ in 0..500 {
        for (_, search) in queries {
            let start = std::time::Instant::now();
            black_box(catalogue.search(black_box(search), None, PAGE));
            taken.push(start.elapsed());
        }
    }
    taken.sort();
    let at = |part: usize| taken.get(taken.len() * part / 1000).copied().unwrap_or_default();
    eprintln!(
        "{} searches over {} rows: p50 {:?}, p99 {:?}, p99.9 {:?}",
        taken.len(),
        catalogue.len(),
        at(500),
        at(990),
        at(999)
    );
}

fn measure(criterion: &mut Criterion) {
    let directory = Path::new("policies/services");
    let (municipalities, standards) = (Municipalities::load(directory).unwrap(), Standards::load(directory).unwrap());
    let codes: Vec<MunicipalityCode> = municipalities.iter().map(|one| one.code).collect();
    let catalogue = catalogue(&standards, &codes);
    let queries = queries(&codes);
    percentiles(&catalogue, &queries);
    for (name, search) in &queries {
        criterion.bench_function(name, |bench| bench.iter(|| catalogue.search(black_box(search), None, PAGE)));
    }
}

criterion_group!(searches, measure);
criterion_main!(searches);
