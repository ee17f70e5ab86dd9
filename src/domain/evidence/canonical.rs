//! Canonical JSON.

use serde_json::Value;

/// JSON in its one canonical form (RFC 8785): members in order, no spaces. Our records hold texts, whole numbers,
/// arrays and objects with ASCII names, for which order by bytes is the order that is asked for.
#[must_use]
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(values) => format!("[{}]", values.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}
