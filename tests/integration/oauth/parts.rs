//! What a right request is made of, and how one part of it is replaced.

use super::counter::Pairs;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use madoguchi::catalog::Catalog;
use madoguchi::domain::{Entropy, SystemEntropy};
use serde_json::{Value, json};
use std::path::Path;

/// What the bank asks for.
pub fn details() -> Value {
    json!([{
        "type": "self_information",
        "purpose": "loan_examination",
        "data_sets": [{"code": "TM00000000000002", "items": [item()], "optional_items": []}],
        "access_days": 30
    }])
}

/// Some item of the income data set.
pub fn item() -> String {
    let catalog = Catalog::load(Path::new("policies/data-sets")).unwrap();
    let code = madoguchi::domain::data_set::DataSetCode::parse("TM00000000000002").unwrap();
    catalog.data_set(code).unwrap().askable_items().next().unwrap().code.to_string()
}

/// Replaces a parameter, or takes it away.
pub fn with<'a>(mut pairs: Pairs<'a>, name: &'a str, value: Option<&str>) -> Pairs<'a> {
    pairs.retain(|(known, _)| *known != name);
    pairs.extend(value.map(|value| (name, value.to_owned())));
    pairs
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// Replaces claims.
pub fn replace(claims: &mut Value, changes: Value) {
    if let (Value::Object(claims), Value::Object(changes)) = (claims, changes) {
        claims.extend(changes);
    }
}

/// An unguessable text.
pub fn handle() -> String {
    let entropy: &dyn Entropy = &SystemEntropy;
    entropy.handle()
}
