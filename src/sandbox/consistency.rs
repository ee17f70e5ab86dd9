//! Whether the built-in persons hold together: codes, contents, households, ages, municipalities, taxes.

use super::people::People;
use super::person::{PersonFile, RecordFile, Sex};
use super::terms::Terms;
use crate::catalog::{Catalog, DataSet, ItemKind, RawItem, normalise};
use chrono::{Datelike as _, NaiveDate};
use std::collections::HashMap;
use std::path::Path;

const TAX: &str = "TM00000000000002";
const RESIDENCE: &str = "TM00000000000001";
const VACCINATION: &str = "TM00000000000084";
/// Designated cities, where the municipality takes 8 of the 10 percent (地方税法 第三十五条, 第三百十四条の三).
const DESIGNATED: [&str; 7] = ["011002", "041009", "221309", "231002", "271004", "341002", "401307"];

fn catalog() -> Catalog {
    Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/data-sets")).unwrap()
}

fn people(catalog: &Catalog) -> People {
    People::load(None, &Terms::of(catalog)).unwrap()
}

/// Each record of a data set, as values by the item's code.
fn records<'a>(file: &'a PersonFile, code: &str) -> Vec<(&'a RecordFile, HashMap<&'a str, &'a str>)> {
    let held = file.data_sets.iter().filter(|held| held.code.as_str() == code);
    held.flat_map(|held| &held.records).map(|record| (record, values(record))).collect()
}

fn values(record: &RecordFile) -> HashMap<&str, &str> {
    record.items.iter().filter_map(|item| item.content().map(|content| (item.code_str(), content))).collect()
}

fn yen(values: &HashMap<&str, &str>, code: &str) -> i64 {
    values.get(code).map_or(0, |text| text.parse().unwrap())
}

fn fits(set: &DataSet, record: &RecordFile) {
    for item in &record.items {
        let known = set.item(item.code()).unwrap();
        let Some(content) = item.content() else { continue };
        let at = format!("{} {}", item.code(), content);
        match &known.kind {
            ItemKind::Date => assert!(NaiveDate::parse_from_str(content, "%Y%m%d").is_ok(), "{at}"),
            ItemKind::YearMonth => {
                assert!(NaiveDate::parse_from_str(&format!("{content}01"), "%Y%m%d").is_ok(), "{at}");
            }
            ItemKind::FiscalYear => assert!((1990..2100).contains(&content.parse::<i32>().unwrap()), "{at}"),
            ItemKind::Yen | ItemKind::Integer { .. } => assert!(content.parse::<i64>().is_ok(), "{at}"),
            ItemKind::Decimal { .. } => assert!(content.parse::<f64>().is_ok(), "{at}"),
            ItemKind::Enum { codes } => assert!(codes.iter().any(|c| c.code == content), "{at}"),
            _ => assert!(!content.is_empty(), "{at}"),
        }
    }
}

#[test]
fn there_are_twelve_and_every_code_and_content_fits_the_catalogue() {
    let catalog = catalog();
    let people = people(&catalog);
    assert_eq!(people.iter().count(), 12);
    for person in people.iter() {
        for held in &person.file.data_sets {
            let set = catalog.data_set(held.code).unwrap();
            for record in &held.records {
                fits(set, record);
            }
        }
    }
}

#[test]
fn members_follow_their_group() {
    let catalog = catalog();
    for person in people(&catalog).iter() {
        for held in &person.file.data_sets {
            let set = catalog.data_set(held.code).unwrap();
            for record in &held.records {
                let mut open = Vec::new();
                for item in &record.items {
                    let known = set.item(item.code()).unwrap();
                    let parent_is_open = known.parent.is_none_or(|parent| open.contains(&parent));
                    assert!(parent_is_open, "{}: {} stands outside its group", person.file.id, item.code());
                    if item.content().is_none() {
                        open.push(item.code());
                    }
                }
            }
        }
    }
}

#[test]
fn the_story_people_are_there() {
    let catalog = catalog();
    let people = people(&catalog);
    assert_eq!(people.iter().filter(|p| p.file.is_protected).count(), 1);
    assert_eq!(people.iter().filter(|p| p.is_suspended()).count(), 1);
    let unconnected = |p: &&super::people::Person| {
        p.file.data_sets.iter().any(|held| p.holding(held.code).is_some_and(|h| h.is_unsupported))
    };
    assert_eq!(people.iter().filter(unconnected).count(), 1);
    let moved = people.iter().map(|p| records(&p.file, RESIDENCE).len()).max();
    assert_eq!(moved, Some(3), "somebody has lived in three municipalities");
    let (_, first) = people.by_card("1000 0000 0000 0001").unwrap();
    assert_eq!((first.file.id.as_str(), first.file.card.pin.as_str()), ("mihon-taro", "1234"));
}

#[test]
fn the_resident_record_says_what_the_file_says() {
    let catalog = catalog();
    for person in people(&catalog).iter() {
        let file = &person.file;
        let all = records(file, RESIDENCE);
        let (record, values) = all.last().unwrap();
        assert_eq!(values["0100000010"], file.name.full);
        assert_eq!(values["0100000030"], file.birth_date.format("%Y%m%d").to_string());
        assert_eq!(values["0100000040"], if file.sex == Sex::Male { "1" } else { "2" });
        assert_eq!(values["0100000050"], file.address.text);
        assert_eq!(values["0100000060"], file.address.municipality);
        assert_eq!(record.to, None, "{}: the last residence holds", file.id);
        let size: usize = values["0100000180"].parse().unwrap();
        let groups = record.items.iter().filter(|i| i.code_str() == "0100000300").count();
        assert_eq!((size, groups), (file.household.len(), file.household.len()), "{}", file.id);
        for pair in all.windows(2) {
            assert_eq!(pair[0].0.to.unwrap().succ_opt(), pair[1].0.from, "{}: a gap between residences", file.id);
        }
    }
}

#[test]
fn a_household_knows_the_names_and_birthdays_of_its_members() {
    let catalog = catalog();
    let people = people(&catalog);
    for person in people.iter() {
        let all = records(&person.file, RESIDENCE);
        let items = &all.last().unwrap().0.items;
        for member in &person.file.household {
            let (name, born) = match (member.strip_prefix("other:"), people.by_id(member)) {
                (Some(name), _) => (name.to_owned(), None),
                (None, Some((_, other))) => (other.file.name.full.clone(), Some(other.file.birth_date)),
                (None, None) => panic!("{member} is nobody"),
            };
            let at = items.iter().position(|i| i.code_str() == "0100000310" && i.content() == Some(name.as_str()));
            let at = at.unwrap_or_else(|| panic!("{}: {name} is not on the record", person.file.id));
            let on_record = items[at..].iter().find(|i| i.code_str() == "0100000330").and_then(|i| i.content());
            if let Some(born) = born {
                assert_eq!(on_record, Some(born.format("%Y%m%d").to_string().as_str()), "{name}");
            }
        }
    }
}

#[test]
fn nothing_happens_before_birth_and_children_are_vaccinated_at_a_child_s_age() {
    let catalog = catalog();
    for person in people(&catalog).iter() {
        let born = person.file.birth_date;
        for record in person.file.data_sets.iter().flat_map(|held| &held.records) {
            for day in [record.on, record.from].into_iter().flatten() {
                assert!(day >= born, "{}: {day} is before birth", person.file.id);
            }
            assert!(record.updated.date() >= record.on.unwrap_or(born), "{}", person.file.id);
        }
        for (record, values) in records(&person.file, VACCINATION) {
            let on = record.on.unwrap();
            assert_eq!(values["8400000020"], on.format("%Y%m%d").to_string());
            assert_eq!(Some(values["8400000120"]), record.municipality.as_deref());
            let years = on.years_since(born).unwrap();
            match values["8400000010"] {
                "01" | "09" => assert!(years == 0, "{}", person.file.id),
                "21" | "22" | "24" => assert!(years >= 60, "{}", person.file.id),
                _ => {}
            }
        }
    }
}

/// Salary income after the deduction of 所得税法 第二十八条; its floor rose with tax year 2026 (令和7年度改正).
fn salary_income(earned: i64, tax_year: i32) -> i64 {
    let floor = if tax_year >= 2026 { 650_000 } else { 550_000 };
    let step = earned / 4000 * 4000;
    let by_table = if earned < 1_800_000 {
        earned * 6 / 10 + 100_000
    } else if earned < 3_600_000 {
        step * 7 / 10 - 80_000
    } else if earned < 6_600_000 {
        step * 8 / 10 - 440_000
    } else {
        earned * 9 / 10 - 1_100_000
    };
    by_table.min(earned - floor).max(0)
}

#[test]
fn taxes_fit_incomes() {
    let catalog = catalog();
    let mut seen = 0;
    for person in people(&catalog).iter() {
        for (record, values) in records(&person.file, TAX) {
            seen += 1;
            let of = |code: &str| yen(&values, &format!("02000{code}"));
            let at = format!("{} {:?}", person.file.id, record.year);
            let year = record.year.unwrap();
            assert_eq!(values["0200000010"].parse(), Ok(year), "{at}");
            assert_eq!(record.municipality.as_deref(), Some(values["0200000610"]), "{at}");
            assert!(year - 1 > person.file.birth_date.year() + 14, "{at}: a child earns nothing");
            assert_eq!(of("00030"), salary_income(of("00020"), year), "{at}: salary income");
            assert_eq!(of("00050"), of("00030") + of("00080") + of("00090"), "{at}: total income");
            let deductions = (220..340).step_by(10).map(|n| of(&format!("{n:05}"))).sum::<i64>() + of("00210");
            assert_eq!(of("00340"), deductions, "{at}: deductions");
            assert_eq!(of("00070"), ((of("00050") - deductions).max(0)) / 1000 * 1000, "{at}: taxable base");
            let (municipal, prefectural) = if DESIGNATED.contains(&values["0200000610"]) { (8, 2) } else { (6, 4) };
            let credit = of("00570");
            let part = |share: i64| ((of("00070") * share / 100 - credit * share / 10) / 100 * 100).max(0);
            let is_taxed = of("00070") > 0 && of("00050") > 450_000;
            assert_eq!(of("00520"), if is_taxed { part(municipal) } else { 0 }, "{at}: municipal tax");
            assert_eq!(of("00540"), if is_taxed { part(prefectural) } else { 0 }, "{at}: prefectural tax");
            let total: i64 = ["00520", "00530", "00540", "00550", "00560"].iter().map(|code| of(code)).sum();
            assert_eq!(of("00600"), total, "{at}: the year's tax");
        }
    }
    assert!(seen >= 25, "{seen}");
}

#[test]
fn municipality_codes_carry_their_check_digit() {
    let list: serde_json::Value = serde_json::from_str(include_str!("municipalities.json")).unwrap();
    for entry in list.as_array().unwrap() {
        // 全国地方公共団体コード: weights 6 to 2, the last digit of 11 less the remainder.
        let code = entry["code"].as_str().unwrap();
        let digits: Vec<u32> = code.chars().map(|c| c.to_digit(10).unwrap()).collect();
        let sum: u32 = digits.iter().take(5).zip([6, 5, 4, 3, 2]).map(|(d, w)| d * w).sum();
        assert_eq!(digits[5], (11 - sum % 11) % 10, "{code}");
        assert!(!entry["name"].as_str().unwrap().is_empty());
    }
}

#[test]
fn the_catalogue_reads_every_record_whole() {
    let catalog = catalog();
    for person in people(&catalog).iter() {
        for held in &person.file.data_sets {
            let set = catalog.data_set(held.code).unwrap();
            for record in &held.records {
                let sent: Vec<RawItem> = record.items.iter().map(|item| raw(set, item)).collect();
                let read = normalise(set, &sent, &|_| true);
                let at = format!("{} {}", person.file.id, held.code);
                assert!(read.faults.is_empty(), "{at}: {:?}", read.faults);
                let contents = sent.iter().filter(|item| item.content.is_some()).count();
                assert_eq!(read.values, contents, "{at}: a value was lost");
            }
        }
    }
}

fn raw(set: &DataSet, item: &super::person::ItemFile) -> RawItem {
    let known = set.item(item.code()).unwrap();
    RawItem {
        hierarchy: known.hierarchy.to_string(),
        code: item.code().to_string(),
        name: known.name.ja.clone(),
        content: item.content().map(str::to_owned),
    }
}
