//! What is described and what is served are the same.

use super::*;

/// What metadata names must be described, and nothing may be described by an anonymous object.
#[test]
fn every_endpoint_is_described() {
    let described = serde_json::to_value(OauthApi::openapi()).unwrap();
    let metadata = crate::protocol::discovery::metadata("https://madoguchi.example");
    let elsewhere = ["authorization_endpoint", "service_documentation", "grant_management_endpoint"];
    for (name, address) in metadata.as_object().unwrap() {
        let Some(path) = address.as_str().and_then(|a| a.strip_prefix("https://madoguchi.example/")) else {
            continue;
        };
        if !elsewhere.contains(&name.as_str()) {
            assert!(described["paths"].get(format!("/{path}")).is_some(), "{name}");
        }
    }
    for (name, schema) in described["components"]["schemas"].as_object().unwrap() {
        for (property, value) in schema["properties"].as_object().into_iter().flatten() {
            assert!(value.get("properties").is_none(), "{name}.{property} is an anonymous object");
        }
    }
}
