//! Prints an answer of the API so that a person can read it.

use serde_json::Value;

/// The results of a retrieval, line by line: each data set, how it ended, and what each provider has on record.
pub fn results(body: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for set in body["data_sets"].as_array().into_iter().flatten() {
        lines.push(format!("{} → {}", text(&set["code"]), text(&set["outcome"])));
        for record in set["records"].as_array().into_iter().flatten() {
            lines.push(format!("  from {} (as of {})", text(&record["provider"]), text(&record["updated_at"])));
            fields(&record["data"], 2, &mut lines);
        }
        for notice in set["notices"].as_array().into_iter().flatten() {
            lines.push(format!("  note: {}", text(&notice["words"]["en"])));
        }
        if let Some(reason) = set["reason"].as_str() {
            lines.push(format!("  because: {reason}"));
        }
    }
    lines
}

/// `value` as indented `name: value` lines; what is absent or empty is left out.
fn fields(value: &Value, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Null => {}
            Value::Object(inside) if inside.is_empty() => {}
            Value::Object(_) => {
                lines.push(format!("{indent}{name}:"));
                fields(value, depth + 1, lines);
            }
            Value::Array(entries) => {
                for entry in entries {
                    lines.push(format!("{indent}{name}:"));
                    if entry.is_object() {
                        fields(entry, depth + 1, lines);
                    } else {
                        lines.push(format!("{indent}  {}", text(entry)));
                    }
                }
            }
            plain => lines.push(format!("{indent}{name}: {}", text(plain))),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
