//! The whole catalogue as it is delivered.

use super::*;
use std::path::PathBuf;

pub(super) fn catalog() -> Catalog {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("policies/data-sets");
    Catalog::load(&directory)
        .unwrap_or_else(|faults| panic!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

pub(super) fn set(catalog: &Catalog, code: &str) -> DataSet {
    catalog.data_set(DataSetCode::parse(code).unwrap()).unwrap().clone()
}

#[test]
fn the_oldest_day_left_follows_from_the_law() {
    let catalog = catalog();
    let vaccination = set(&catalog, "TM00000000000084");
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    assert_eq!(available_from(&vaccination, day("2026-11-21")), Some(day("2021-11-21")));
    assert_eq!(available_from(&vaccination, day("2028-02-29")), Some(day("2023-02-28")));
    assert_eq!(available_from(&set(&catalog, "TM00000000000002"), day("2026-11-21")), None);
}
