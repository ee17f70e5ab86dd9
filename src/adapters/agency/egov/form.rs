//! Filling a form that is not described here: members of the content become elements of the blank form.
//!
//! A member is named as the form's element is, or by one of the names in [`ALIASES`]. An object fills what stands in its
//! element, an array the elements of one name in their order. A member without a place is refused: what is left out in
//! silence is missed when it is too late.

use super::envelope::Pointers;
use crate::domain::submission::{Finding, MOST_FINDINGS};
use crate::domain::xml::{Element, Path};
use serde_json::{Map, Value};

/// The member that holds what goes into the forms after the first, one object for each; null leaves one out.
const MORE_FORMS: &str = "more_forms";
/// Members that are no part of a form.
const RESERVED: [&str; 2] = ["attachments", MORE_FORMS];

/// Names of members in this API beside the forms' own.
const ALIASES: [(&str, &str); 16] = [
    ("insured_number", "被保険者番号"),
    ("insured_name", "被保険者氏名"),
    ("insured_name_kana", "被保険者氏名フリガナ"),
    ("birth_date", "生年月日"),
    ("acquired_on", "資格取得年月日"),
    ("lost_on", "資格喪失年月日"),
    ("loss_reason", "喪失原因"),
    ("employer_number", "事業所番号"),
    ("employer_name", "事業所名称"),
    ("employer_address", "事業所所在地"),
    ("wage", "賃金"),
    ("employment_form", "雇用形態"),
    ("era", "年号"),
    ("year", "年"),
    ("month", "月"),
    ("note", "備考"),
];

/// What goes into a form, and where it stands in the content; none where the form is left out.
pub(super) type OfForm<'c> = Option<(&'c Map<String, Value>, String)>;

/// What goes into each form, in their order, with where it stands in the content; none for one that is left out.
pub(super) fn each(content: &Map<String, Value>) -> Result<Vec<OfForm<'_>>, Vec<Finding>> {
    let mut all = vec![Some((content, String::new()))];
    let wrong = |pointer: &str| {
        let (ja, en) = (
            "2番目以降の様式は、様式ごとのオブジェクトの配列で指定してください。",
            "Give the forms after the first as an array with an object for each.",
        );
        vec![Finding::reject("EG019", pointer, ja, en)]
    };
    match content.get(MORE_FORMS) {
        None | Some(Value::Null) => {}
        Some(Value::Array(more)) => {
            for (n, one) in more.iter().enumerate() {
                let pointer = format!("/{MORE_FORMS}/{n}");
                all.push(match one {
                    Value::Null => None,
                    Value::Object(members) => Some((members, pointer)),
                    _ => return Err(wrong(&pointer)),
                });
            }
        }
        Some(_) => return Err(wrong(&format!("/{MORE_FORMS}"))),
    }
    Ok(all)
}

/// Fills the form under `root` with what stands in the content at `above`; gives where each element came from.
pub(super) fn fill(
    root: &mut Element,
    (content, above): (&Map<String, Value>, &str),
) -> Result<Pointers, Vec<Finding>> {
    let mut filling = Filling { pointers: Pointers::new(), findings: Vec::new() };
    filling.members(root, &Path::new(), content, above);
    filling.findings.truncate(MOST_FINDINGS);
    if filling.findings.is_empty() { Ok(filling.pointers) } else { Err(filling.findings) }
}

/// Where the elements of a name stand inside a place: those nearest to it.
pub(super) fn places(root: &Element, inside: &[usize], name: &str) -> Vec<Path> {
    let Some(scope) = root.at(inside) else { return Vec::new() };
    let mut found = scope.paths(&|element| element.local_name() == name);
    found.retain(|path| !path.is_empty());
    let nearest = found.iter().map(Vec::len).min().unwrap_or_default();
    found.retain(|path| path.len() == nearest);
    found.into_iter().map(|path| inside.iter().copied().chain(path).collect()).collect()
}

struct Filling {
    pointers: Pointers,
    findings: Vec<Finding>,
}

impl Filling {
    fn members(&mut self, root: &mut Element, inside: &[usize], members: &Map<String, Value>, above: &str) {
        for (name, value) in members {
            if above.is_empty() && RESERVED.contains(&name.as_str()) {
                continue;
            }
            let pointer = format!("{above}/{}", name.replace('~', "~0").replace('/', "~1"));
            let element = ALIASES.iter().find(|(alias, _)| alias == name).map_or(name.as_str(), |(_, element)| element);
            let places = places(root, inside, element);
            match value {
                Value::Array(values) => {
                    if values.len() > places.len() {
                        let (ja, en) = (
                            format!("様式には「{element}」の欄が{}個しかありません。", places.len()),
                            format!("The form has room for {} of these.", places.len()),
                        );
                        self.findings.push(Finding::reject("EG011", &pointer, &ja, &en));
                    }
                    for (n, (value, place)) in values.iter().zip(&places).enumerate() {
                        self.one(root, (place, element), value, &format!("{pointer}/{n}"));
                    }
                }
                Value::Null => {}
                value => match places.as_slice() {
                    [] => {
                        let (ja, en) = (
                            format!("様式に「{element}」の項目がありません。"),
                            "The form has no field of this name.".to_owned(),
                        );
                        self.findings.push(Finding::reject("EG010", &pointer, &ja, &en));
                    }
                    [place] => self.one(root, (place, element), value, &pointer),
                    _ => {
                        let (ja, en) = (
                            format!("様式に「{element}」が複数あります。上位の項目の中に入れてください。"),
                            "The form has several fields of this name: put it into an object named for the field around it.",
                        );
                        self.findings.push(Finding::reject("EG012", &pointer, &ja, en));
                    }
                },
            }
        }
    }

    fn one(&mut self, root: &mut Element, (place, name): (&Path, &str), value: &Value, pointer: &str) {
        let text = match value {
            Value::Object(members) => return self.members(root, place, members, pointer),
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(true) => "1".to_owned(),
            Value::Bool(false) | Value::Null => String::new(),
            Value::Array(_) => {
                let (ja, en) = ("配列の中に配列は書けません。", "An array cannot hold an array.");
                self.findings.push(Finding::reject("EG013", pointer, ja, en));
                return;
            }
        };
        let is_leaf = root.at(place).is_some_and(|element| element.elements().next().is_none());
        if !is_leaf {
            let ja = format!("「{name}」は細目に分かれています。オブジェクトで指定してください。");
            self.findings.push(Finding::reject("EG014", pointer, &ja, "This field has parts: give an object."));
            return;
        }
        if let Some(element) = root.at_mut(place) {
            element.set_text(&text);
            self.pointers.insert(name.to_owned(), pointer.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::xml::Document;
    use serde_json::json;

    const BLANK: &str = "<DataRoot><届><被保険者氏名/><生年月日><年号/><年/><月/><日/></生年月日>\
        <資格取得年月日><年号/><年/></資格取得年月日><扶養者><氏名/></扶養者><扶養者><氏名/></扶養者></届></DataRoot>";

    fn filled(content: &Value) -> Result<String, Vec<(String, String)>> {
        let mut document = Document::parse(BLANK.as_bytes()).unwrap();
        let members = content.as_object().unwrap();
        let done = fill(&mut document.root, (members, ""));
        done.map(|_| document.canonical(&[]).unwrap())
            .map_err(|found| found.into_iter().map(|finding| (finding.rule, finding.pointer)).collect())
    }

    #[test]
    fn members_find_their_elements() {
        let content = json!({
            "insured_name": "見本　太郎", "birth_date": {"era": "平成", "年": 2, "月": "3", "日": null},
            "扶養者": [{"氏名": "見本　花子"}], "attachments": [],
        });
        let wanted = BLANK
            .replace("<被保険者氏名/>", "<被保険者氏名>見本　太郎</被保険者氏名>")
            .replace("<生年月日><年号/><年/><月/><日/>", "<生年月日><年号>平成</年号><年>2</年><月>3</月><日/>")
            .replacen("<氏名/>", "<氏名>見本　花子</氏名>", 1);
        let wanted = Document::parse(wanted.as_bytes()).unwrap().canonical(&[]).unwrap();
        assert_eq!(filled(&content).unwrap(), wanted);
    }

    #[test]
    fn what_has_no_place_is_named() {
        for (content, rule, pointer) in [
            (json!({"住所": "x"}), "EG010", "/住所"),
            (json!({"a/b": "x"}), "EG010", "/a~1b"),
            (json!({"扶養者": [{}, {}, {}]}), "EG011", "/扶養者"),
            (json!({"年": 2}), "EG012", "/年"),
            (json!({"扶養者": [[]]}), "EG013", "/扶養者/0"),
            (json!({"birth_date": "1990-01-01"}), "EG014", "/birth_date"),
            (json!({"birth_date": {"時": 1}}), "EG010", "/birth_date/時"),
        ] {
            assert_eq!(filled(&content).unwrap_err(), [(rule.to_owned(), pointer.to_owned())], "{content}");
        }
    }
}
