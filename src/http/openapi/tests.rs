//! The committed copies are what the code says, and the form is what generators need.

use super::*;
use std::fs;
use std::path::Path;

fn committed(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_committed_documents_are_up_to_date() {
    for (name, made) in [("madoguchi.json", document()), ("webhooks.json", webhooks())] {
        let hint = "run `cargo run -- openapi print [--webhooks] > openapi/…`";
        assert!(committed(name) == made, "openapi/{name} is out of date: {hint}");
    }
}

fn each<'a>(value: &'a Value, path: &str, see: &mut dyn FnMut(&str, &'a Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            see(path, members);
            for (name, inner) in members {
                each(inner, &format!("{path}/{name}"), see);
            }
        }
        Value::Array(values) => {
            for (n, inner) in values.iter().enumerate() {
                each(inner, &format!("{path}/{n}"), see);
            }
        }
        _ => {}
    }
}

#[test]
fn every_object_has_a_name_and_every_reference_leads_somewhere() {
    let document = document();
    each(&document, "", &mut |path, members| {
        let is_named = path.matches('/').count() == 3 && path.starts_with("/components/schemas/");
        assert!(
            !members.contains_key("properties") || is_named || path.contains("example"),
            "anonymous object at {path}"
        );
        if let Some(Value::String(target)) = members.get("$ref") {
            let place = target.trim_start_matches('#');
            assert!(document.pointer(place).is_some(), "{path} refers to {target}, which is not there");
        }
    });
}

#[test]
fn every_operation_has_an_id_of_its_own_and_every_outcome_a_constant() {
    let document = document();
    let mut ids = Vec::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values().filter(|o| o.get("responses").is_some()) {
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for operation in crate::gateway::Operation::ALL {
        assert!(ids.iter().any(|id| id == operation.id), "{} is not described", operation.id);
    }
    let schemas = &document["components"]["schemas"];
    for (outcome, place) in schemas["DataSetResult"]["discriminator"]["mapping"].as_object().unwrap() {
        let schema = document.pointer(place.as_str().unwrap().trim_start_matches('#')).unwrap();
        assert_eq!(schema["properties"]["outcome"]["const"], json!(outcome));
    }
}
