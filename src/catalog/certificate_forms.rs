//! The forms of certificates of employment (就労証明書), municipality by municipality.
//!
//! A form is described as a procedure is, in a file of its own under `policies/employment-certificates/`: the employer's items
//! are its `office`, the employee's its one record. Municipalities take the standard form, the standard form with items of
//! their own, or a form of their own; a form names who takes it, and the one that names nobody is for all others.

use super::CatalogFault;
use super::procedures::{Procedure, Procedures, RecordCount};
use std::collections::BTreeMap;
use std::path::Path;

/// All forms.
#[derive(Clone, Debug)]
pub struct CertificateForms {
    forms: Procedures,
    by_municipality: BTreeMap<String, String>,
    standard: String,
}

impl CertificateForms {
    /// Reads the directory of the forms' files.
    ///
    /// # Errors
    /// Every fault of every file; and that a municipality has two forms, that there is no form, or more than one, for
    /// whoever is not named, or that a form holds more than one employee.
    pub fn load(dir: &Path) -> Result<Self, Vec<CatalogFault>> {
        let forms = Procedures::load(dir)?;
        let mut faults = Vec::new();
        let mut fault = |problem: String| {
            faults.push(CatalogFault { file: dir.display().to_string(), key: String::new(), problem });
        };
        let (mut by_municipality, mut standard) = (BTreeMap::new(), Vec::new());
        for form in forms.iter() {
            if form.records != RecordCount::One {
                fault(format!("{}: a certificate is about one employee: records must be \"one\"", form.code));
            }
            if form.municipalities.is_empty() {
                standard.push(form.code.clone());
            }
            for municipality in &form.municipalities {
                if let Some(other) = by_municipality.insert(municipality.clone(), form.code.clone()) {
                    fault(format!("{municipality} takes the form {} and the form {other}: one of them", form.code));
                }
            }
        }
        if standard.len() != 1 {
            fault(format!("{} forms name no municipalities; exactly one must, for all others", standard.len()));
        }
        match standard.pop() {
            Some(standard) if faults.is_empty() => Ok(Self { forms, by_municipality, standard }),
            _ => Err(faults),
        }
    }

    /// Which form a municipality takes.
    #[must_use]
    pub fn of(&self, municipality: &str) -> Option<&Procedure> {
        self.forms.get(self.by_municipality.get(municipality).unwrap_or(&self.standard))
    }

    /// The form with this code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Procedure> {
        self.forms.get(code)
    }

    /// All forms, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Procedure> {
        self.forms.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shipped() -> CertificateForms {
        CertificateForms::load(Path::new("policies/employment-certificates")).unwrap()
    }

    #[test]
    fn each_municipality_takes_its_form_and_all_others_the_standard_one() {
        let forms = shipped();
        let codes: Vec<&str> =
            ["999016", "999024", "131041"].iter().map(|place| forms.of(place).unwrap().code.as_str()).collect();
        assert_eq!(codes, ["standard-plus", "original", "standard"]);
        assert_eq!(forms.iter().count(), 3);
        assert!(forms.get("standard-plus").unwrap().field("commute_minutes").is_some());
    }

    #[test]
    fn a_certificate_is_held_against_its_form() {
        let good = json!({
            "office": {
                "certified_on": "2026-11-01", "employer_name": "見本工業株式会社", "representative_name": "見本 代表",
                "employer_address": "見本県見本市見本1-1", "employer_phone": "0000000000", "contact_name": "見本 担当",
                "contact_phone": "00000000000",
            },
            "records": [{
                "industry": "05", "name_kana": "ミホン　ハナコ", "name": "見本　髙子", "birth_date": "1990-01-01", "term": "1",
                "employed_from": "2020-04-01", "workplace_name": "見本工場", "workplace_address": "見本県見本市見本1-2",
                "employment_type": "01", "works_monday": true, "hours_per_week": 38, "minutes_per_week": 45,
                "weekday_from": "09:00", "weekday_until": "17:45", "weekday_break": 60,
                "worked_month_1": "2026-10", "worked_days_1": 21, "worked_hours_1": 162,
            }],
        });
        let form = shipped();
        let form = form.get("standard").unwrap();
        assert_eq!(form.check(&good), []);
        for (pointer, value, rule) in [
            ("/records/0/weekday_from", json!("9:00"), "MG218"),
            ("/records/0/weekday_until", json!("24:00"), "MG218"),
            ("/records/0/name", json!("見本\u{202E}花子"), "MG219"),
            ("/records/0/name", json!("見本\n花子"), "MG219"),
            ("/records/0/name", json!("あ".repeat(61)), "MG204"),
            ("/records/0/industry", json!("19"), "MG231"),
            ("/records/0/term", json!("2"), "MG231"),
            ("/records/0/minutes_per_week", json!(60), "MG214"),
            ("/office/employer_phone", json!("00-0000-0000"), "MG209"),
            ("/office/employer_name", json!(null), "MG201"),
        ] {
            let mut wrong = good.clone();
            *wrong.pointer_mut(pointer).unwrap() = value;
            let found = form.check(&wrong);
            assert_eq!(found.iter().map(|one| one.rule.as_str()).collect::<Vec<_>>(), [rule], "{pointer}: {found:?}");
        }
    }

    #[test]
    fn a_form_that_extends_another_says_only_what_differs() {
        let forms = shipped();
        let (standard, plus) = (forms.get("standard").unwrap(), forms.get("standard-plus").unwrap());
        let (base, own) = plus.fields.split_at(standard.fields.len());
        assert_eq!(base, standard.fields);
        let own: Vec<&str> = own.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(own, ["commute_minutes", "telework_days_per_week"]);
        assert_eq!((&plus.rules, &plus.office), (&standard.rules, &standard.office));
        assert!(plus.municipalities == ["999016"] && standard.municipalities.is_empty());
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        let common = std::fs::read_to_string("policies/employment-certificates/common.toml").unwrap();
        let standard = std::fs::read_to_string("policies/employment-certificates/standard.toml").unwrap();
        write("common.toml", &common);
        write("standard.toml", &standard);
        let extending = |base: &str, code: &str, more: &str| {
            format!("extends = {base}\ncode = \"{code}\"\nmunicipalities = [\"999016\"]\n{more}")
        };
        write("a.toml", &extending("\"standard\"", "a", "[[field]]\nuse = \"remarks\"\nname = \"more\"\n"));
        assert!(CertificateForms::load(dir.path()).unwrap().get("a").unwrap().field("more").is_some());
        for (base, more, told) in [
            ("\"nothing\"", "", "extends: must be the code"),
            ("\"a\"", "", "extends: must be the code"),
            ("\"b\"", "", "extends: must be the code"),
            ("7", "", "extends: must be the code"),
            ("\"standard\"", "[[field]]\nuse = \"remarks\"\n", "is there twice"),
            ("\"standard\"", "nonsense = 1\n", "nonsense"),
        ] {
            write("b.toml", &extending(base, "b", more).replace("999016", "999024"));
            let faults = CertificateForms::load(dir.path()).unwrap_err();
            assert!(faults.iter().any(|fault| fault.to_string().contains(told)), "{base} {more}: {faults:?}");
        }
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        let form = |code: &str, more: &str| {
            format!(
                "code = \"{code}\"\ntitle = {{ ja = \"証明\", en = \"Form\" }}\nagency = \"municipality\"\nrecords = \"one\"\n\
                 {more}\noffice = []\ndue = {{ kind = \"promptly\" }}\n[[field]]\nuse = \"name\"\n"
            )
        };
        write(
            "common.toml",
            "[[field]]\nname = \"name\"\ntitle = { ja = \"氏名\", en = \"Name\" }\nkind = \"line\"\ncharacters = 60\n",
        );
        write("a.toml", &form("a", ""));
        write("b.toml", &form("b", "municipalities = [\"999016\"]"));
        assert!(CertificateForms::load(dir.path()).is_ok());
        for (text, told) in [
            (form("c", "municipalities = [\"999016\"]"), "takes the form"),
            (form("c", "municipalities = [\"999017\"]"), "is no 市区町村コード"),
            (form("c", ""), "2 forms name no municipalities"),
        ] {
            write("c.toml", &text);
            let faults = CertificateForms::load(dir.path()).unwrap_err();
            assert!(faults.iter().any(|fault| fault.to_string().contains(told)), "{told}: {faults:?}");
        }
    }
}
