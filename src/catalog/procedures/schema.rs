//! The same as JSON Schema (2020-12), for programs that check before they call.

use super::definition::{Field, Kind, Procedure, RecordCount};
use serde_json::{Map, Value, json};

impl Procedure {
    /// The schema of a content. Bytes of Shift_JIS, characters and rules between items are more than a schema can say: those
    /// are in `x-shift-jis-bytes` and in words.
    #[must_use]
    pub fn schema(&self) -> Value {
        let mut records = json!({"type": "array", "minItems": 1, "items": object(&self.fields)});
        if let (RecordCount::One, Some(members)) = (self.records, records.as_object_mut()) {
            members.insert("maxItems".to_owned(), 1.into());
        }
        let mut schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.title.ja,
            "description": self.title.en,
            "type": "object",
            "required": ["office", "records"],
            "additionalProperties": false,
            "properties": {"office": object(&self.office), "records": records},
        });
        let properties = schema.pointer_mut("/properties").and_then(Value::as_object_mut);
        if let Some(properties) = properties.filter(|_| !self.e_gov_forms.is_empty()) {
            properties.insert("attachments".to_owned(), attachments());
        }
        schema
    }
}

/// What goes to e-Gov beside the form.
fn attachments() -> Value {
    let text = json!({"type": "string", "minLength": 1});
    json!({
        "type": "array",
        "title": "添付書類",
        "description": "Files that go with the form; `data` is Base64.",
        "items": {
            "type": "object",
            "required": ["name", "file_name", "data"],
            "additionalProperties": false,
            "properties": {"name": text, "file_name": text, "data": {"type": "string"}},
        },
    })
}

fn object(fields: &[Field]) -> Value {
    let properties: Map<String, Value> = fields.iter().map(|field| (field.name.clone(), property(field))).collect();
    let required: Vec<&str> = fields.iter().filter(|f| f.is_required).map(|f| f.name.as_str()).collect();
    json!({"type": "object", "required": required, "additionalProperties": false, "properties": properties})
}

fn property(field: &Field) -> Value {
    let mut schema = match &field.kind {
        Kind::Wide { bytes } => {
            json!({"type": "string", "minLength": 1, "maxLength": bytes / 2, "x-shift-jis-bytes": bytes})
        }
        Kind::Kana { bytes } => {
            json!({"type": "string", "pattern": "^[ -`{-~｡-ﾟ]+$", "maxLength": bytes, "x-shift-jis-bytes": bytes})
        }
        Kind::Text { bytes } => {
            json!({"type": "string", "minLength": 1, "maxLength": bytes, "x-shift-jis-bytes": bytes})
        }
        Kind::Digits { least, most, check } => {
            let mut schema = json!({"type": "string", "pattern": format!("^[0-9]{{{least},{most}}}$")});
            if let (Some(check), Some(members)) = (check, schema.as_object_mut()) {
                members.insert("x-check-digit".to_owned(), check.as_str().into());
            }
            schema
        }
        Kind::Yen { most, is_capped: false } => json!({"type": "integer", "minimum": 0, "maximum": most}),
        Kind::Yen { most, is_capped: true } => json!({"type": "integer", "minimum": 0, "x-written-at-most": most}),
        Kind::Number { least, most } => json!({"type": "integer", "minimum": least, "maximum": most}),
        Kind::Date => json!({
            "type": "string",
            "anyOf": [{"format": "date"}, {"pattern": "^([RHS][0-9]{2}-[0-9]{2}-[0-9]{2}|(令和|平成|昭和).+日)$"}],
        }),
        Kind::Month => json!({
            "type": "string", "pattern": "^([0-9]{4}-[0-9]{2}|[RHS][0-9]{2}-[0-9]{2}|(令和|平成|昭和).+月)$",
        }),
        Kind::Line { characters } => json!({"type": "string", "minLength": 1, "maxLength": characters}),
        Kind::Time => json!({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Code(choices) => {
            let one = |choice: &super::Choice| json!({"const": choice.code, "title": choice.words.ja, "description": choice.words.en});
            json!({"oneOf": choices.iter().map(one).collect::<Vec<_>>()})
        }
    };
    if let Some(members) = schema.as_object_mut() {
        members.insert("title".to_owned(), field.title.ja.clone().into());
        members.insert("description".to_owned(), field.title.en.clone().into());
        if !field.columns.is_empty() {
            members.insert("x-csv-columns".to_owned(), field.columns.clone().into());
        }
    }
    schema
}
