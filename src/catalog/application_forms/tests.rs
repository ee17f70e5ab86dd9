//! The shipped forms, which is in force where, and what is ambiguous.

use super::*;

fn standards() -> Standards {
    Standards::load(Path::new("policies/services")).unwrap()
}

fn shipped() -> ApplicationForms {
    ApplicationForms::load(Path::new("policies"), &standards()).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn nursery() -> Answers {
    Answers {
        applicant: json!({
            "name": "見本　花子", "name_kana": "ミホン　ハナコ", "birth_date": "1990-04-01", "postal_code": "0000000",
            "address": "見本県見本市見本1-1", "phone": "0000000000", "guardian_1_relationship": "2", "guardian_1_reason": "1",
        }),
        entries: json!([{
            "name": "見本　一郎", "name_kana": "ミホン　イチロウ", "birth_date": "2024-05-05", "certification": "3", "amount": "1",
            "wished_from": "2027-04-01", "wished_until": "2030-03-31", "nursery_1": "見本第一保育園",
        }]),
    }
}

#[test]
fn a_municipality_takes_its_own_form_and_all_others_the_common_one_from_its_day() {
    let forms = shipped();
    let on = day("2026-11-20");
    let code = |place: &str, on| forms.in_force("nursery-application", place, on).map(ApplicationForm::code);
    assert_eq!(code("999016", on), Some("nursery-application-mihon-1"));
    assert_eq!(code("131041", on), Some("nursery-application-1"));
    assert_eq!(code("131041", day("2026-03-31")), None, "before the first version");
    assert!(forms.in_force("temporary-housing", "131041", on).is_none());
    assert!(forms.is_receiving("999016") && !forms.is_receiving("152048"));
}

#[test]
fn answers_are_held_against_the_form_by_their_places() {
    let forms = shipped();
    let form = forms.get("nursery-application-1").unwrap();
    let attached = BTreeSet::from(["guardian_1"]);
    assert_eq!(form.check(&nursery(), &attached), []);
    let missing = form.check(&nursery(), &BTreeSet::new());
    assert_eq!(
        (missing[0].rule.as_str(), missing[0].pointer.as_str()),
        ("MG240", "/answers/applicant/guardian_1_reason")
    );
    for (pointer, value, rule) in [
        ("/applicant/phone", json!("00-0000-0000"), "MG209"),
        ("/applicant/name", json!("見本\u{202E}花子"), "MG219"),
        ("/entries/0/birth_date", json!("2024-13-05"), "MG212"),
        ("/entries/0/wished_until", json!("2027-03-31"), "MG232"),
        ("/entries/0/amount", Value::Null, "MG231"),
        ("/entries/0/nursery_1", Value::Null, "MG201"),
        ("/applicant/name", json!({"a": [1]}), "MG203"),
        ("/entries", json!([]), "MG217"),
        ("/entries", json!({}), "MG203"),
        ("/applicant", json!(7), "MG203"),
    ] {
        let mut whole = json!({"applicant": nursery().applicant, "entries": nursery().entries});
        *whole.pointer_mut(pointer).unwrap() = value;
        let wrong = Answers { applicant: whole["applicant"].clone(), entries: whole["entries"].clone() };
        let found = form.check(&wrong, &attached);
        let at = format!("/answers{pointer}");
        assert!(found.iter().any(|one| one.rule == rule && one.pointer == at), "{pointer}: {found:?}");
    }
    let child = nursery().entries[0].clone();
    let many = Answers { entries: Value::Array(vec![child; 7]), ..nursery() };
    assert!(form.check(&many, &attached).iter().any(|one| one.rule == "MG241"));
}

#[test]
fn every_shipped_form_says_itself_as_a_schema_of_answers() {
    for form in shipped().iter() {
        let schema = form.schema();
        assert_eq!(schema["required"], json!(["applicant", "entries"]));
        let properties = &schema["properties"];
        assert!(properties["applicant"]["properties"].is_object() && properties["entries"]["items"].is_object());
        assert_eq!(properties.as_object().unwrap().len(), 2);
        assert_eq!(properties["entries"]["maxItems"], json!(form.most_entries));
        let text = schema.to_string();
        assert!(!text.contains("個人番号") && !text.contains("my_number"), "{}", form.code());
    }
}

#[test]
fn what_is_told_of_answers_is_in_the_forms_order_with_titles() {
    let forms = shipped();
    let answers = nursery();
    let told = forms.get("nursery-application-1").unwrap().told(&answers);
    let places: Vec<&str> = told.iter().map(|(place, ..)| place.as_str()).collect();
    assert_eq!(places[0], "/answers/applicant/name");
    assert!(places.contains(&"/answers/entries/0/nursery_1"));
    assert!(told.iter().any(|(_, title, value)| title.ja == "第1希望施設" && **value == json!("見本第一保育園")));
}

#[test]
fn what_is_ambiguous_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let own = dir.path();
    std::fs::create_dir(own.join("application-forms")).unwrap();
    for file in std::fs::read_dir("policies/application-forms").unwrap() {
        let file = file.unwrap().path();
        std::fs::copy(&file, own.join("application-forms").join(file.file_name().unwrap())).unwrap();
    }
    let shipped = std::fs::read_to_string("policies/applications.toml").unwrap();
    let standards = standards();
    for (from, to, told) in [
        ("procedure = \"damage-certificate\"", "procedure = \"nothing\"", "there is no procedure nothing"),
        ("code = \"damage-certificate-1\"", "code = \"another\"", "describes no form with this code"),
        ("code = \"damage-certificate-1\"", "code = \"nursery-application-1\"", "it is there twice"),
        ("item = \"guardian_1_reason\"", "item = \"phone\"", "is no item that can say 1"),
        ("name = \"guardian_2\"", "name = \"guardian_1\"", "is there twice"),
        ("most_entries = 9", "most_entries = 51", "must be 1 to 50"),
        ("applicants = [\"self\"]", "applicants = []", "must name who may apply"),
        ("procedure = \"damage-certificate\"", "procedure = \"nursery-application\"", "in force from this day"),
        ("item = \"disaster\"", "item = \"home_kind\"", "the disaster: home_kind is no item of kind line"),
        ("day = \"damaged_on\"", "day = \"phone\"", "the disaster: phone is no item of kind date"),
        ("item = \"postal_code\"", "item = \"nothing\"", "the prefill: no form has this item"),
        ("item = \"postal_code\"", "item = \"address\"", "the prefill: it has two sources in"),
        ("forms = [\"moving-out-notice-1\"]", "forms = [\"funeral-grant-1\"]", "is no form with this item"),
        ("\"999016\"", "\"999017\"", "is no 市区町村コード"),
        ("receiving", "receivers", "unknown field"),
    ] {
        assert!(shipped.contains(from), "{from}");
        std::fs::write(own.join("applications.toml"), shipped.replacen(from, to, 1)).unwrap();
        let faults = ApplicationForms::load(own, &standards).unwrap_err();
        assert!(faults.iter().any(|fault| fault.to_string().contains(told)), "{told}: {faults:?}");
    }
}

#[test]
fn what_forms_are_filled_from_is_in_the_catalogue_and_said_by_their_schemas() {
    let (forms, catalog) = (shipped(), crate::catalog::Catalog::load(Path::new("policies/data-sets")).unwrap());
    for form in forms.iter() {
        let schema = form.schema();
        for source in &form.sources {
            let item = catalog.data_set(source.data_set).and_then(|set| set.item(source.code));
            assert!(item.is_some_and(|item| item.field.is_some()), "{}: {source:?}", form.code());
            let said = &schema["properties"]["applicant"]["properties"][&source.item]["x-self-information"];
            assert_eq!(*said, json!({"data_set": source.data_set, "item": source.code}), "{}", form.code());
        }
    }
    let moving = forms.get("moving-out-notice-1").unwrap();
    assert!(moving.sources.iter().any(|source| source.item == "old_address"));
    let moved = forms.get("moving-in-notice-1").unwrap();
    assert!(!moved.sources.iter().any(|source| source.item == "old_address"), "one is registered there no more");
}
