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

/// One line a data set, one line an item: what everybody else stands on.
#[test]
fn the_whole_catalogue_is_as_it_was_agreed() {
    let mut lines = Vec::new();
    for set in catalog().data_sets() {
        let words = |list: Vec<&str>| list.join(",");
        lines.push(format!(
            "{} v{} {} [{}] {} classes={} acr={} conditions={}{}{} | {} | {}",
            set.code,
            set.version,
            set.backend,
            set.group,
            set.shape.as_str(),
            words(set.classes.iter().map(|class| class.as_str()).collect()),
            set.min_acr.as_str(),
            words(set.conditions.iter().map(|kind| kind.as_str()).collect()),
            set.retention.as_ref().map_or_else(String::new, |r| format!(" kept={}y", r.years)),
            if set.is_sensitive { " sensitive" } else { "" },
            set.name.ja,
            set.name.en,
        ));
        for item in &set.items {
            let indent = "  ".repeat(item.hierarchy.into());
            let repeated = if item.is_repeated { "*" } else { "" };
            let unit = item.kind.unit().map_or_else(String::new, |unit| format!("({unit})"));
            let field = item.field.as_deref().map_or_else(String::new, |field| format!(" -> {field}"));
            lines.push(format!(
                "{indent}{} {}{unit}{repeated}{field} | {}",
                item.code,
                item.kind.as_str(),
                item.name.ja
            ));
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_list_is_whole_and_honest() {
    let catalog = catalog();
    let count = |family: &str| catalog.data_sets().filter(|set| set.code.as_str().starts_with(family)).count();
    assert_eq!((count("TM"), count("HI"), catalog.groups().count()), (71, 4, 30));
    assert_eq!(catalog.backends().into_iter().collect::<Vec<_>>(), ["health-insurance", "myna-portal"]);
    for set in catalog.data_sets() {
        assert!(catalog.group(&set.group).is_some());
        assert_eq!(set.is_name_known, !set.items.is_empty(), "{}", set.code);
        assert_eq!(set.is_name_known, !set.classes.is_empty(), "{}: nobody may ask for what has no name", set.code);
        assert!(set.items.is_empty() || set.askable_items().count() >= 5, "{}", set.code);
        assert_eq!(set.shape.is_typed(), set.items.iter().any(|item| item.field.is_some()), "{}", set.code);
        for item in &set.items {
            assert_eq!(set.item(item.code), Some(item));
            for words in [&item.name, &item.plain] {
                assert!(words.en.is_ascii() || words.en.chars().all(|c| c != '、'), "{}: {}", item.code, words.en);
                assert!(!words.ja.contains("個人番号") && !words.ja.contains("マイナンバー"), "{}", item.code);
            }
        }
    }
}

/// Every field of every shape can be filled by some data set's item, and every item's field is one of the shape's.
#[test]
fn the_shapes_and_the_files_say_the_same() {
    use std::collections::BTreeSet;
    use utoipa::OpenApi as _;
    #[derive(utoipa::OpenApi)]
    #[openapi(components(schemas(DataSetRecord, CodedItem, ItemFault)))]
    struct Described;
    let described = serde_json::to_value(Described::openapi()).unwrap();
    let schemas = &described["components"]["schemas"];
    let mapping = schemas["DataSetRecord"]["discriminator"]["mapping"].as_object().unwrap();
    assert_eq!(mapping.keys().map(String::as_str).collect::<BTreeSet<_>>(), ShapeKind::names().into_iter().collect());
    for (kind, target) in mapping.iter().filter(|(kind, _)| *kind != "coded") {
        let (mut names, mut open) = (BTreeSet::new(), vec![target.as_str().unwrap().to_owned()]);
        while let Some(schema) = open.pop().and_then(|target| schemas.get(target.rsplit('/').next().unwrap())) {
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                names.insert(name.clone());
                let found = property.get("$ref").or_else(|| property.pointer("/items/$ref"));
                open.extend(found.and_then(|target| target.as_str()).map(str::to_owned));
            }
        }
        names.insert("kind".to_owned());
        assert_eq!(schemas[target.as_str().unwrap().rsplit('/').next().unwrap()]["properties"]["kind"]["const"], *kind);
        let catalog = catalog();
        let used: BTreeSet<String> = catalog
            .data_sets()
            .filter(|set| set.shape.as_str() == kind)
            .flat_map(|set| set.items.iter().filter_map(|item| item.field.clone()))
            .chain(["kind".to_owned()])
            .collect();
        assert_eq!(names, used, "{kind}");
    }
}
