//! What the tools are called, say of themselves, and take: the parameters of the operation that each of them is.

use crate::domain::Refusal;
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};
use std::borrow::Cow;
use url::form_urlencoded::Serializer;

/// A tool: one operation of the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SearchTool {
    Municipalities,
    Procedures,
    Procedure,
    Comparison,
    Standards,
    Coverage,
}

/// Every tool, by its name: the operation's address, and its title.
pub(super) const TOOLS: [(SearchTool, &str, &str, &str); 6] = [
    (SearchTool::Municipalities, "search_municipalities", "/v1/municipalities", "市区町村を探す / Find municipalities"),
    (SearchTool::Procedures, "search_procedures", "/v1/service-procedures", "制度・手続を検索する / Search procedures"),
    (
        SearchTool::Procedure,
        "get_procedure",
        "/v1/service-procedures/{psid}",
        "手続の詳細と申請へのリンク / One procedure, with its link",
    ),
    (
        SearchTool::Comparison,
        "compare_procedures",
        "/v1/service-procedures/comparison",
        "自治体間で比較する / Compare municipalities",
    ),
    (
        SearchTool::Standards,
        "list_standards",
        "/v1/service-procedures/standards",
        "分類・ライフイベント・標準手続 / Categories, life events, standard procedures",
    ),
    (SearchTool::Coverage, "get_coverage", "/v1/service-coverage", "電子申請の対応状況 / Coverage of e-applications"),
];

/// The argument that every tool takes besides.
pub(super) const LANGUAGE: &str = "language";

/// The tool of this name.
pub(super) fn named(name: &str) -> Option<SearchTool> {
    TOOLS.iter().find(|(_, known, ..)| *known == name).map(|(tool, ..)| *tool)
}

/// The tools, described by the document that describes the API.
pub(super) fn described(document: &Value) -> Vec<Tool> {
    let one = |(_, name, path, title): &(SearchTool, &'static str, &str, &str)| {
        let operation = document.get("paths").and_then(|paths| paths.get(path)).and_then(|one| one.get("get"));
        let text = |key: &str| operation.and_then(|one| one.get(key)).and_then(Value::as_str).unwrap_or_default();
        let words = [text("summary"), text("description")].join("\n\n");
        let parameters = operation.and_then(|one| one.get("parameters")).and_then(Value::as_array);
        let schema = schema(parameters.map_or(&[], Vec::as_slice));
        let read_only = ToolAnnotations::new().read_only(true).open_world(false);
        Tool::new(*name, Cow::Owned(words.trim().to_owned()), schema).with_title(*title).with_annotations(read_only)
    };
    TOOLS.iter().map(one).collect()
}

fn schema(parameters: &[Value]) -> JsonObject {
    let (mut properties, mut required) = (JsonObject::new(), Vec::new());
    for parameter in parameters {
        let Some(name) = parameter.get("name").and_then(Value::as_str) else { continue };
        let mut one = parameter.get("schema").cloned().unwrap_or_else(|| json!({}));
        if let (Some(one), Some(words)) = (one.as_object_mut(), parameter.get("description")) {
            one.insert("description".to_owned(), words.clone());
        }
        properties.insert(name.to_owned(), one);
        if parameter.get("required").and_then(Value::as_bool) == Some(true) {
            required.push(Value::from(name));
        }
    }
    let language =
        json!({"type": "string", "enum": ["ja", "en"], "description": "The language of the answer; ja when absent."});
    properties.insert(LANGUAGE.to_owned(), language);
    let mut schema = JsonObject::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    schema.insert("required".to_owned(), required.into());
    schema.insert("additionalProperties".to_owned(), false.into());
    schema
}

/// Arguments as the query that says the same, without `but`.
///
/// # Errors
/// `invalid_value` naming an argument that is no text, number, truth value, or list of these.
pub(super) fn query(arguments: &JsonObject, but: &[&str]) -> Result<String, Refusal> {
    let mut query = Serializer::new(String::new());
    for (name, value) in arguments.iter().filter(|(name, _)| !but.contains(&name.as_str())) {
        match value {
            // As if it were not there: clients fill in what they do not know.
            Value::Null => {}
            Value::Array(values) => {
                for value in values {
                    query.append_pair(name, &plain(name, value)?);
                }
            }
            value => drop(query.append_pair(name, &plain(name, value)?)),
        }
    }
    Ok(query.finish())
}

/// A text argument.
///
/// # Errors
/// `invalid_value` naming it when it is missing, or is none.
pub(super) fn text<'a>(arguments: &'a JsonObject, name: &str) -> Result<&'a str, Refusal> {
    let found = arguments.get(name).and_then(Value::as_str);
    found.ok_or_else(|| Refusal::new("invalid_value", "It must be there, as a text.").at(name.to_owned()))
}

fn plain(name: &str, value: &Value) -> Result<String, Refusal> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(is_so) => Ok(is_so.to_string()),
        _ => {
            let name: String = name.chars().filter(char::is_ascii_graphic).take(64).collect();
            Err(Refusal::new("invalid_value", "It must be a text, a number, true or false, or a list of these.")
                .at(name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::openapi;

    #[test]
    fn each_tool_takes_what_its_operation_takes() {
        let tools = described(&openapi::document());
        for (tool, (_, name, ..)) in tools.iter().zip(TOOLS) {
            let schema = Value::Object((*tool.input_schema).clone());
            assert!(tool.name == name && named(name).is_some() && tool.description.as_deref().unwrap().len() > 20);
            assert!(schema["properties"][LANGUAGE].is_object(), "{name}: {schema}");
        }
        let schema = |n: usize| Value::Object((*tools[n].input_schema).clone());
        assert_eq!(schema(1)["properties"]["municipality"]["type"], "array", "{}", schema(1));
        assert!(schema(1)["properties"]["keyword"]["description"].is_string() && schema(1)["required"] == json!([]));
        assert_eq!(schema(2)["required"], json!(["psid"]));
        assert_eq!(schema(3)["required"], json!(["procedure", "municipality"]));
    }

    #[test]
    fn arguments_are_the_query_that_says_the_same() {
        let Value::Object(arguments) = json!({
            "language": "en", "keyword": "児童 手当&x=1", "municipality": ["131121", "152048"], "age": 3, "e_application": true,
            "after": null,
        }) else {
            unreachable!("an object")
        };
        let mut told: Vec<(String, String)> =
            url::form_urlencoded::parse(query(&arguments, &[LANGUAGE]).unwrap().as_bytes()).into_owned().collect();
        told.sort();
        let wanted = [
            ("age", "3"),
            ("e_application", "true"),
            ("keyword", "児童 手当&x=1"),
            ("municipality", "131121"),
            ("municipality", "152048"),
        ];
        assert_eq!(told, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
        for bad in [json!({"a": {}}), json!({"a": [[]]}), json!({"a": [null]})] {
            let refused = query(bad.as_object().unwrap(), &[]).unwrap_err();
            assert_eq!((refused.code, refused.pointer.as_deref()), ("invalid_value", Some("a")));
        }
    }
}
