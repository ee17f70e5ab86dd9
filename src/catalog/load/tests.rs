//! Files with mistakes: every fault is told at once, with file and key.

use super::super::{Catalog, CatalogFault};
use std::fs;
use tempfile::TempDir;

const GROUPS: &str = r#"
[[group]]
code = "tax"
name = { ja = "税", en = "Tax" }
area = { code = "money", ja = "お金", en = "Money" }
"#;

const GOOD: &str = r#"
code = "TM00000000000002"
group = "tax"
version = "1"
backend = "myna-portal"
shape = "income_and_local_tax"
classes = ["bank"]
min_acr = "aal3"
conditions = ["latest", "tax_year"]
[name]
ja = "税"
en = "Tax"
[summary]
ja = "税"
en = "Tax"
[provider]
ja = "市"
en = "City"
[[item]]
code = "0200000001"
kind = "group"
repeated = true
field = "years"
name = { ja = "年", en = "Year" }
plain = { ja = "年", en = "Year" }
[[item]]
code = "0200000010"
kind = "fiscal_year"
parent = "0200000001"
field = "tax_year"
name = { ja = "年度", en = "Tax year" }
plain = { ja = "年度", en = "Tax year" }
"#;

fn load(files: &[(&str, &str)]) -> Result<Catalog, Vec<CatalogFault>> {
    let dir = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    Catalog::load(dir.path())
}

fn faults(text: &str) -> Vec<String> {
    match load(&[("groups.toml", GROUPS), ("tax.toml", text)]) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_right_file_has_no_faults() {
    assert_eq!(faults(GOOD), [""; 0]);
}

/// What is changed in the right file, and the fault it must give.
const MISTAKES: [(&str, &str, &str); 30] = [
    ("TM00000000000002", "TM2", "tax.toml: code: must be TM or HI and 14 digits"),
    ("group = \"tax\"", "group = \"other\"", "tax.toml: group: \"other\" is in no entry of groups.toml"),
    ("group = \"tax\"", "", "tax.toml: group: is missing"),
    ("version = \"1\"", "version = 1", "tax.toml: version: must be a text that is not blank"),
    ("myna-portal", "Myna Portal", "tax.toml: backend: must be a backend's name: a-z, 0-9 and -"),
    ("\"income_and_local_tax\"", "\"salary\"", "tax.toml: shape: must be one of income_and_local_tax, residence,"),
    ("[\"bank\"]", "[\"banks\"]", "tax.toml: classes: \"banks\" is unknown"),
    ("[\"bank\"]", "[\"bank\", \"bank\"]", "tax.toml: classes: names \"bank\" twice"),
    ("[\"bank\"]", "\"bank\"", "tax.toml: classes: must be a list"),
    ("classes = [\"bank\"]", "", "tax.toml: classes: is missing"),
    ("classes", "is_name_known = false\nclasses", "tax.toml: classes: must be empty: nobody may ask"),
    ("aal3", "aal4", "tax.toml: min_acr: must be aal1, aal2 or aal3"),
    ("\"tax_year\"]", "\"month\"]", "tax.toml: conditions: \"month\" is unknown"),
    ("[\"latest\", \"tax_year\"]", "[]", "tax.toml: conditions: must name at least one of latest"),
    ("[name]\nja = \"税\"\nen = \"Tax\"", "[name]\nja = \"税\"", "tax.toml: name.en: is missing"),
    ("[name]\nja = \"税\"", "[name]\nja = \" \"", "tax.toml: name.ja: must be a text that is not blank"),
    ("[summary]", "[summaries]", "tax.toml: summaries: is no key of this table"),
    (
        "[provider]",
        "[retention]\nyears = 0\nlaw = { ja = \"法\", en = \"Law\" }\n[provider]",
        "tax.toml: retention.years: must be a whole number from 1 to 120",
    ),
    ("\"0200000010\"", "\"0300000010\"", "tax.toml: item[0300000010].code: must begin with 02, the data set's number"),
    ("\"0200000010\"", "\"02\"", "tax.toml: item[02].code: must be 10 digits"),
    ("code = \"0200000010\"", "code = \"0200000001\"", "tax.toml: item[0200000001].code: is there twice"),
    (
        "parent = \"0200000001\"",
        "parent = \"0200000099\"",
        "tax.toml: item[0200000010].parent: must be the code of a group that stands before it",
    ),
    ("parent = \"0200000001\"", "", "tax.toml: item: group 0200000001 holds no item"),
    ("\"fiscal_year\"", "\"year\"", "tax.toml: item[0200000010].kind: must be text, date, year_month,"),
    (
        "\"fiscal_year\"",
        "\"text\"",
        "tax.toml: item[0200000010].field: does not fit the shape income_and_local_tax: invalid type: string",
    ),
    ("\"fiscal_year\"", "\"enum\"", "tax.toml: item[0200000010].codes: must be there for kind enum, and for no other"),
    ("\"fiscal_year\"", "\"decimal\"", "tax.toml: item[0200000010].unit: is missing: a measured number needs its unit"),
    (
        "field = \"tax_year\"",
        "field = \"tax_years\"",
        "tax.toml: item[0200000010].field: does not fit the shape income_and_local_tax: unknown field",
    ),
    ("field = \"years\"", "", "tax.toml: item[0200000001].field: is missing: repetitions cannot be told apart"),
    (
        "plain = { ja = \"年度\", en = \"Tax year\" }",
        "plain = \"年度\"",
        "tax.toml: item[0200000010].plain: must be a table",
    ),
];

#[test]
fn each_mistake_is_told_with_its_key() {
    for (from, to, want) in MISTAKES {
        let told = faults(&GOOD.replacen(from, to, 1));
        assert!(told.iter().any(|fault| fault.starts_with(want)), "{from} -> {to}: {told:#?}");
    }
}

#[test]
fn all_faults_of_all_files_are_told_at_once() {
    let two = GOOD.replacen("aal3", "aal4", 1).replacen("[\"bank\"]", "[\"banks\"]", 1);
    let told =
        load(&[("groups.toml", GROUPS), ("a.toml", &two), ("b.toml", "code = "), ("c.toml", GOOD), ("d.toml", GOOD)]);
    let told: Vec<String> = told.unwrap_err().iter().map(ToString::to_string).collect();
    for want in [
        "a.toml: min_acr: must be aal1, aal2 or aal3",
        "a.toml: classes: \"banks\" is unknown",
        "b.toml: is no TOML",
        "d.toml: describes TM00000000000002, as c.toml does already",
    ] {
        assert!(told.iter().any(|fault| fault.starts_with(want)), "{want}: {told:#?}");
    }
}

#[test]
fn a_directory_without_data_sets_is_a_fault() {
    assert!(load(&[("groups.toml", GROUPS)]).unwrap_err()[0].problem.contains("holds no data set"));
    assert!(load(&[("tax.toml", GOOD)]).unwrap_err().iter().any(|fault| fault.file == "groups.toml"));
    assert!(Catalog::load(std::path::Path::new("/nowhere/at/all")).unwrap_err()[0].problem.contains("cannot be read"));
}

#[test]
fn fields_belong_to_typed_shapes_and_are_taken_once() {
    let coded = faults(&GOOD.replacen("income_and_local_tax", "coded", 1));
    assert!(coded.iter().any(|fault| fault.ends_with("belongs to a data set with a typed shape only")), "{coded:#?}");
    let kind = faults(&GOOD.replacen("field = \"years\"", "field = \"kind\"", 1));
    assert!(kind.iter().any(|fault| fault.contains("cannot be kind")), "{kind:#?}");
    let second = GOOD[GOOD.rfind("[[item]]").unwrap()..].replacen("0200000010", "0200000011", 1);
    let taken = faults(&format!("{GOOD}{second}"));
    assert_eq!(taken, ["tax.toml: item[0200000011].field: is taken by another item in the same place"]);
}
