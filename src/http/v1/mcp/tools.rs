//! What the tools are called, say of themselves, and take: the parameters of the operation that each of them is.

use crate::domain::Refusal;
use crate::gateway::{Operation, Permit};
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};
use std::borrow::Cow;
use url::form_urlencoded::Serializer;

/// What a tool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AgentTool {
    Municipalities,
    Procedures,
    Procedure,
    Comparison,
    Standards,
    Coverage,
    Forms,
    Form,
    Check,
    Draft,
}

/// A tool as agents see it: one operation, at this address.
pub(super) struct Described {
    pub tool: AgentTool,
    pub name: &'static str,
    pub operation: &'static Operation,
    path: &'static str,
    title: &'static str,
}

const fn is(
    (tool, name): (AgentTool, &'static str),
    (operation, path): (&'static Operation, &'static str),
    title: &'static str,
) -> Described {
    Described { tool, name, operation, path, title }
}

/// Every tool. None hands anything in: that is the person's own doing, by the software that they use.
pub(super) const TOOLS: [Described; 10] = [
    is(
        (AgentTool::Municipalities, "search_municipalities"),
        (&Operation::LIST_MUNICIPALITIES, "/v1/municipalities"),
        "市区町村を探す / Find municipalities",
    ),
    is(
        (AgentTool::Procedures, "search_procedures"),
        (&Operation::SEARCH_SERVICE_PROCEDURES, "/v1/service-procedures"),
        "制度・手続を検索する / Search procedures",
    ),
    is(
        (AgentTool::Procedure, "get_procedure"),
        (&Operation::GET_SERVICE_PROCEDURE, "/v1/service-procedures/{psid}"),
        "手続の詳細と申請へのリンク / One procedure, with its link",
    ),
    is(
        (AgentTool::Comparison, "compare_procedures"),
        (&Operation::COMPARE_SERVICE_PROCEDURES, "/v1/service-procedures/comparison"),
        "自治体間で比較する / Compare municipalities",
    ),
    is(
        (AgentTool::Standards, "list_standards"),
        (&Operation::LIST_SERVICE_STANDARDS, "/v1/service-procedures/standards"),
        "分類・ライフイベント・標準手続 / Categories, life events, standard procedures",
    ),
    is(
        (AgentTool::Coverage, "get_coverage"),
        (&Operation::GET_SERVICE_COVERAGE, "/v1/service-coverage"),
        "電子申請の対応状況 / Coverage of e-applications",
    ),
    is(
        (AgentTool::Forms, "list_application_forms"),
        (&Operation::LIST_APPLICATION_FORMS, "/v1/application-forms"),
        "申請様式を探す / Find application forms",
    ),
    is(
        (AgentTool::Form, "get_application_form"),
        (&Operation::GET_APPLICATION_FORM, "/v1/application-forms/{code}"),
        "申請様式の項目 / One form with its items",
    ),
    is(
        (AgentTool::Check, "check_application"),
        (&Operation::CHECK_APPLICATION, "/v1/applications/check"),
        "申請内容の点検（提出はしない） / Check an application; nothing is handed in",
    ),
    is(
        (AgentTool::Draft, "draft_application"),
        (&Operation::CREATE_APPLICATION_DRAFT, "/v1/application-drafts"),
        "下書きを用意する（提出は本人が行う） / Keep a draft, for the person to hand in",
    ),
];

impl Described {
    /// By which method the operation is called.
    const fn method(&self) -> &'static str {
        if matches!(self.tool, AgentTool::Check | AgentTool::Draft) { "post" } else { "get" }
    }

    /// Whether this token opens the operation that it is.
    pub fn is_open_to(&self, permit: &Permit) -> bool {
        let has_scope = self.operation.scopes.iter().any(|scope| permit.scope().has(*scope));
        has_scope && (!self.operation.is_personal || permit.grant().subject.is_some())
    }
}

/// The argument that every tool takes besides.
pub(super) const LANGUAGE: &str = "language";
/// Where the document keeps its schemas.
const SHARED: &str = "#/components/schemas/";
/// What an application to be handed in is there.
const APPLICATION: &str = "#/components/schemas/CreateApplication";

/// The tool of this name.
pub(super) fn named(name: &str) -> Option<&'static Described> {
    TOOLS.iter().find(|known| known.name == name)
}

/// The tools, described by the document that describes the API.
pub(super) fn described(document: &Value) -> Vec<Tool> {
    let one = |known: &Described| {
        let at = document.get("paths").and_then(|paths| paths.get(known.path));
        let operation = at.and_then(|at| at.get(known.method()));
        let text = |key: &str| operation.and_then(|one| one.get(key)).and_then(Value::as_str).unwrap_or_default();
        let words = [text("summary"), text("description")].join("\n\n");
        let body = operation.and_then(|one| one.pointer("/requestBody/content/application~1json/schema/$ref"));
        let schema = body.and_then(Value::as_str).map_or_else(
            || {
                let parameters = operation.and_then(|one| one.get("parameters")).and_then(Value::as_array);
                schema(parameters.map_or(&[], Vec::as_slice))
            },
            // A draft says what an application says, as far as it is written.
            |name| match known.tool {
                AgentTool::Draft => partial(whole(document, APPLICATION)),
                _ => whole(document, name),
            },
        );
        let read_only = ToolAnnotations::new().read_only(known.tool != AgentTool::Draft).open_world(false);
        let words = Cow::Owned(words.trim().to_owned());
        Tool::new(known.name, words, in_language(schema)).with_title(known.title).with_annotations(read_only)
    };
    TOOLS.iter().map(one).collect()
}

/// Of which nothing must be there.
fn partial(mut schema: JsonObject) -> JsonObject {
    schema.remove("required");
    schema
}

/// With the argument that every tool takes.
fn in_language(mut schema: JsonObject) -> JsonObject {
    let language =
        json!({"type": "string", "enum": ["ja", "en"], "description": "The language of the answer; ja when absent."});
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(LANGUAGE.to_owned(), language);
    }
    schema
}

/// The schema of this name in the document, with those that it refers to under `$defs`: it names nothing outside itself.
fn whole(document: &Value, name: &str) -> JsonObject {
    let mut defs = JsonObject::new();
    let mut schema = named_schema(document, name.trim_start_matches(SHARED));
    take_along(&mut schema, document, &mut defs);
    let mut schema = match schema {
        Value::Object(members) => members,
        _ => JsonObject::new(),
    };
    schema.insert("$defs".to_owned(), defs.into());
    schema
}

fn named_schema(document: &Value, name: &str) -> Value {
    document.pointer("/components/schemas").and_then(|all| all.get(name)).cloned().unwrap_or_default()
}

fn take_along(value: &mut Value, document: &Value, defs: &mut JsonObject) {
    let members = match value {
        Value::Object(members) => members,
        Value::Array(items) => return items.iter_mut().for_each(|item| take_along(item, document, defs)),
        _ => return,
    };
    let name = members.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(SHARED)).map(str::to_owned);
    if let Some(name) = name {
        members.insert("$ref".to_owned(), format!("#/$defs/{name}").into());
        if !defs.contains_key(&name) {
            // One that refers to itself is taken along once.
            defs.insert(name.clone(), Value::Null);
            let mut found = named_schema(document, &name);
            take_along(&mut found, document, defs);
            defs.insert(name, found);
        }
    }
    members.values_mut().for_each(|member| take_along(member, document, defs));
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
    let mut schema = JsonObject::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    schema.insert("required".to_owned(), required.into());
    schema.insert("additionalProperties".to_owned(), false.into());
    schema
}

/// Arguments as the query that says the same.
///
/// # Errors
/// `invalid_value` naming an argument that is no text, number, truth value, or list of these.
pub(super) fn query(arguments: &JsonObject) -> Result<String, Refusal> {
    let mut query = Serializer::new(String::new());
    for (name, value) in arguments {
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
        for (tool, known) in tools.iter().zip(&TOOLS) {
            let name = known.name;
            let schema = Value::Object((*tool.input_schema).clone());
            assert!(
                tool.name == name
                    && named(name).is_some_and(|found| found.tool == known.tool)
                    && tool.description.as_deref().unwrap().len() > 20
            );
            assert!(schema["properties"][LANGUAGE].is_object(), "{name}: {schema}");
        }
        let schema = |n: usize| Value::Object((*tools[n].input_schema).clone());
        assert_eq!(schema(1)["properties"]["municipality"]["type"], "array", "{}", schema(1));
        assert!(schema(1)["properties"]["keyword"]["description"].is_string() && schema(1)["required"] == json!([]));
        assert_eq!(schema(2)["required"], json!(["psid"]));
        assert_eq!(schema(3)["required"], json!(["procedure", "municipality"]));
        let check = schema(8);
        assert!(check["properties"]["answers"].is_object() && check["additionalProperties"] == false, "{check}");
        assert!(check["$defs"]["ApplicationAnswers"]["properties"]["entries"].is_object(), "{check}");
        assert!(!check.to_string().contains(SHARED), "it names nothing outside itself: {check}");
    }

    #[test]
    fn arguments_are_the_query_that_says_the_same() {
        let Value::Object(arguments) = json!({
            "keyword": "児童 手当&x=1", "municipality": ["131121", "152048"], "age": 3, "e_application": true,
            "after": null,
        }) else {
            unreachable!("an object")
        };
        let mut told: Vec<(String, String)> =
            url::form_urlencoded::parse(query(&arguments).unwrap().as_bytes()).into_owned().collect();
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
            let refused = query(bad.as_object().unwrap()).unwrap_err();
            assert_eq!((refused.code, refused.pointer.as_deref()), ("invalid_value", Some("a")));
        }
    }
}
