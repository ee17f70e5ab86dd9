//! The rules that hold for every agency, before anything is sent, and those of a procedure that is described here. Their
//! numbers begin with `MG`.

use super::{AgencySettings, Filing};
use crate::catalog::procedures::Procedures;
use crate::domain::submission::{Finding, MOST_FINDINGS};
use serde_json::Value;

/// What is wrong with a filing.
pub(super) fn check(settings: &AgencySettings, procedures: &Procedures, filing: &Filing<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !settings.procedures.iter().any(|known| known == filing.procedure) {
        let en = format!("{} takes no procedure of this number.", settings.name);
        findings.push(Finding::reject("MG001", "", "この提出先では取り扱っていない手続です。", &en));
    }
    if filing.content.len() > settings.largest_content {
        let (ja, en) = (
            format!("内容が{}バイトの上限を超えています。", settings.largest_content),
            format!("The content is over {} bytes.", settings.largest_content),
        );
        findings.push(Finding::reject("MG002", "", &ja, &en));
        return findings;
    }
    match serde_json::from_slice::<Value>(filing.content) {
        Ok(content @ Value::Object(_)) if content != Value::Object(serde_json::Map::new()) => {
            match procedures.get(filing.procedure) {
                Some(procedure) => findings.extend(procedure.check(&content)),
                None => texts(&content, "", &mut findings),
            }
        }
        _ => {
            let (ja, en) = (
                "内容は、1つ以上の項目を持つオブジェクトとしてください。",
                "The content must be an object with at least one member.",
            );
            findings.push(Finding::reject("MG003", "", ja, en));
        }
    }
    findings.truncate(MOST_FINDINGS);
    findings
}

/// RFC 6901 §3.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Texts are what people read: control characters in them are mistakes of a program.
fn texts(value: &Value, pointer: &str, findings: &mut Vec<Finding>) {
    match value {
        Value::String(text) => {
            if let Some(position) = text.chars().position(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
                let (ja, en) = ("使用できない制御文字が含まれています。", "The text holds a control character.");
                findings.push(Finding::reject("MG004", pointer, ja, en).at_character(position));
            }
        }
        Value::Array(values) => {
            for (n, value) in values.iter().enumerate() {
                texts(value, &format!("{pointer}/{n}"), findings);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                texts(value, &format!("{pointer}/{}", escaped(name)), findings);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::submission::Act;
    use serde_json::json;

    fn settings() -> AgencySettings {
        let settings = json!({
            "name": "pension", "base_url": "https://pension.example", "procedures": ["2200700"], "repeats": "by_key",
            "largest_content": 100,
        });
        serde_json::from_value(settings).unwrap()
    }

    #[test]
    fn each_rule_names_the_place_and_the_character() {
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(200));
        for (procedure, content, wanted) in [
            ("2200700", r#"{"name":"見本 太郎","rows":[{"memo":"一行\n二行"}]}"#, vec![]),
            ("9999999", r#"{"a":1}"#, vec![("MG001", "", None)]),
            ("2200700", long.as_str(), vec![("MG002", "", None)]),
            ("2200700", "[]", vec![("MG003", "", None)]),
            ("2200700", "{}", vec![("MG003", "", None)]),
            ("2200700", "no JSON", vec![("MG003", "", None)]),
            (
                "2200700",
                r#"{"rows":[{"a/b":"見本\u0007"}],"x":"\u0000"}"#,
                vec![("MG004", "/rows/0/a~1b", Some(2)), ("MG004", "/x", Some(0))],
            ),
        ] {
            let filing = Filing {
                reference: "dlv_1-0",
                act: Act::File,
                arrival: None,
                procedure,
                applicant: "8000000990001",
                content: content.as_bytes(),
            };
            let mut found = check(&settings(), &Procedures::default(), &filing);
            found.sort_by(|one, other| one.pointer.cmp(&other.pointer));
            let found: Vec<_> = found.iter().map(|f| (f.rule.as_str(), f.pointer.as_str(), f.position)).collect();
            assert_eq!(found, wanted, "{content}");
        }
    }

    #[test]
    fn settings_that_could_double_an_effect_are_refused() {
        assert!(settings().check().is_ok());
        let faults = [
            AgencySettings { look_up_after_seconds: 30, call_timeout_seconds: 30, ..settings() },
            AgencySettings { procedures: vec![], ..settings() },
            AgencySettings { most_at_once: 0, ..settings() },
            AgencySettings { base_url: "http://pension.example".parse().unwrap(), ..settings() },
            AgencySettings { name: "年金".into(), ..settings() },
        ];
        for settings in faults {
            assert!(settings.check().is_err(), "{settings:?}");
        }
    }
}
