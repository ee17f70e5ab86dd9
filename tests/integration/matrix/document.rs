//! The OpenAPI document as these tests read it.

use crate::support::calls::Told;
use serde_json::Value;

/// Who may call an operation, by its `security` and body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Anybody.
    Public,
    /// A client that proves itself in a form (RFC 7523).
    Client,
    /// Whoever holds a token and its key (RFC 9449).
    Token,
    /// Whoever holds a registration access token (RFC 7592).
    Registration,
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    pub security: Security,
    /// Any one of these allows it; sorted.
    pub scopes: Vec<String>,
    responses: Value,
}

/// Every operation of the document.
pub fn operations() -> Vec<Operation> {
    let document = madoguchi::http::openapi::document();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("operations") {
            operations.push(read(&document, (path.as_str(), method.as_str()), operation));
        }
    }
    assert!(operations.len() >= 15, "the document lost operations");
    operations
}

fn read(document: &Value, (path, method): (&str, &str), operation: &Value) -> Operation {
    let id = operation["operationId"].as_str().expect("an operationId").to_owned();
    let schemes = operation.get("security").or_else(|| document.get("security"));
    let schemes = schemes.and_then(Value::as_array).cloned().unwrap_or_default();
    let mut scopes: Vec<String> = schemes
        .iter()
        .filter_map(|scheme| scheme["dpop"].as_array())
        .flatten()
        .filter_map(|scope| scope.as_str().map(ToOwned::to_owned))
        .collect();
    scopes.sort();
    let form = operation.pointer("/requestBody/content/application~1x-www-form-urlencoded/schema");
    let is_client = form.is_some_and(|schema| has_assertion(document, schema));
    let security = match () {
        () if schemes.iter().any(|scheme| scheme.get("dpop").is_some()) => Security::Token,
        () if schemes.iter().any(|scheme| scheme.get("registration").is_some()) => Security::Registration,
        () if is_client => Security::Client,
        () => Security::Public,
    };
    let responses = operation["responses"].clone();
    Operation { id, method: method.to_uppercase(), path: path.to_owned(), security, scopes, responses }
}

/// Whether a form carries a client assertion, in every one of its shapes.
fn has_assertion(document: &Value, schema: &Value) -> bool {
    let named = schema["$ref"].as_str().and_then(|name| document.pointer(name.trim_start_matches('#')));
    let schema = named.unwrap_or(schema);
    let mut shapes = schema["oneOf"].as_array().into_iter().flatten().peekable();
    match shapes.peek() {
        None => schema["properties"].get("client_assertion").is_some(),
        Some(_) => shapes.all(|shape| has_assertion(document, shape)),
    }
}

impl Operation {
    /// Whether its errors are RFC 6749's; else they are problems (RFC 9457).
    pub fn is_oauth(&self) -> bool {
        self.path.starts_with("/oauth/") || self.path.starts_with("/.well-known/")
    }

    /// Whether it needs this scope and no other will do.
    pub fn has_scopes(&self) -> bool {
        !self.scopes.is_empty()
    }

    /// Whether a client calls it for its own company.
    pub fn is_filing(&self) -> bool {
        let own = [
            "submissions",
            "employment_certificates",
            "agency_payments",
            "certificate_verification",
            "establishments",
            "deposits",
            "agency_deposits",
            "service_search",
            "agency_notices",
            "agency_applications",
        ];
        self.scopes.iter().any(|scope| own.contains(&scope.as_str()))
    }

    /// Whether its path names something that belongs to somebody.
    pub fn is_about_something_owned(&self) -> bool {
        self.path.contains("{id}") || self.path.contains("{grant_id}")
    }
}

/// What is wrong with an answer, whoever called: not in the document, or not of its family's form.
pub fn form_fault(operation: &Operation, told: &Told) -> Option<String> {
    if told.status >= 500 {
        return Some(format!("a {}", told.status));
    }
    let response = &operation.responses[told.status.to_string()];
    if response.is_null() {
        return Some(format!("{} is not in the document", told.status));
    }
    if told.status < 400 {
        return None;
    }
    let code = told.code();
    let is_named =
        response.pointer("/content").is_some_and(|content| content.to_string().contains(&format!("\"{code}\"")))
            || response["description"].as_str().is_some_and(|words| words.contains(&format!("`{code}`")));
    if code.is_empty() || !is_named {
        return Some(format!("the document does not name {code:?} under {}", told.status));
    }
    body_fault(operation, told)
}

fn body_fault(operation: &Operation, told: &Told) -> Option<String> {
    let body = &told.body;
    let content_type = told.header("content-type");
    if told.header("cache-control") != "no-store" {
        return Some("an error may be cached".to_owned());
    }
    if operation.is_oauth() {
        let is_json = content_type.starts_with("application/json");
        let is_whole = body["error"].is_string() && body["error_description"].as_str().is_some_and(|s| !s.is_empty());
        return (!is_json || !is_whole).then(|| format!("not of RFC 6749's form ({content_type})"));
    }
    let is_problem = content_type.starts_with("application/problem+json");
    let names = ["type", "title", "title_ja", "code", "error_id"];
    let is_whole = names.iter().all(|name| body[name].as_str().is_some_and(|text| !text.is_empty()));
    let is_whole = is_whole && body["status"] == told.status;
    let is_challenged = told.status != 401 || told.header("www-authenticate").starts_with("DPoP ");
    (!is_problem || !is_whole || !is_challenged).then(|| format!("not of RFC 9457's form ({content_type})"))
}
