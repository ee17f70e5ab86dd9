//! Bodies and header fields that are not as documented: each ends in its own problem, at its own place.

use super::{Bank, INCOME, REQUESTS, Sent, code, income};
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_wrong_body_ends_in_the_documented_problem() {
    let bank = Bank::agreed(30).await;
    let one =
        |condition: serde_json::Value| json!({"data_sets": [{"code": INCOME, "condition": condition}]}).to_string();
    let year = r#"{"kind":"tax_year","year":2025}"#;
    let twice = format!(
        r#"{{"data_sets":[{{"code":"{INCOME}","condition":{year}}},{{"code":"{INCOME}","condition":{year}}}]}}"#
    );
    let at = "/data_sets/0/condition";
    for (body, status, problem, pointer) in [
        (String::new(), 400, "invalid_request", ""),
        ("null".into(), 400, "invalid_request", ""),
        ("{}".into(), 422, "invalid_value", "/data_sets"),
        ("{\"data_sets\":".into(), 400, "invalid_request", ""),
        ("{\"data_sets\":{}}".into(), 400, "invalid_request", ""),
        ("{\"data_sets\":[7]}".into(), 400, "invalid_request", ""),
        (format!("{}{}", income(2025), "x"), 400, "invalid_request", ""),
        ("{\"data_sets\":[],\"data_sets\":[]}".into(), 400, "invalid_request", ""),
        ("{\"data_sets\":[],\"more\":1}".into(), 400, "invalid_request", ""),
        ("{\"data_sets\":[]}".into(), 422, "invalid_value", "/data_sets"),
        (twice, 422, "invalid_value", "/data_sets/1/code"),
        (
            json!({"data_sets":[{"code":"TM99999999999999","condition":{"kind":"latest"}}]}).to_string(),
            422,
            "unknown_data_set",
            "/data_sets/0/code",
        ),
        (
            json!({"data_sets":[{"code":"nonsense","condition":{"kind":"latest"}}]}).to_string(),
            422,
            "unknown_data_set",
            "/data_sets/0/code",
        ),
        (one(json!({"kind":"soon"})), 422, "invalid_condition", "/data_sets/0/condition/kind"),
        (one(json!({"kind":"tax_year"})), 422, "invalid_condition", "/data_sets/0/condition/year"),
        (one(json!({"kind":"tax_year","year":1999})), 422, "invalid_condition", at),
        (one(json!({"kind":"tax_year","year":2999})), 422, "invalid_condition", at),
        (one(json!({"kind":"tax_year","year":-1})), 400, "invalid_request", ""),
        (one(json!({"kind":"tax_year","year":"2025"})), 400, "invalid_request", ""),
        (one(json!({"kind":"latest","year":2025})), 422, "invalid_condition", at),
        (one(json!({"kind":"on_date","date":"2025-02-30"})), 422, "invalid_condition", "/data_sets/0/condition/date"),
        (one(json!({"kind":"range","from":"2025-01-01"})), 422, "invalid_condition", "/data_sets/0/condition/to"),
        (one(json!({"kind":"tax_year","year":2023})), 403, "outside_consented_period", "/data_sets/0"),
        (
            json!({"data_sets":[{"code":"TM00000000000001","condition":{"kind":"latest"}}]}).to_string(),
            403,
            "not_consented",
            "/data_sets/0",
        ),
    ] {
        let headers = [("content-type", "application/json"), ("prefer", "wait=20")];
        let answer =
            bank.send(Method::POST, REQUESTS, Sent { headers: &headers, body: Some(body.clone().into_bytes()) }).await;
        assert_eq!(code(&answer), (status, problem.to_owned()), "{body} → {}", answer.body);
        assert_eq!(answer.body["pointer"].as_str().unwrap_or_default(), pointer, "{body} → {}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert!(answer.body["error_id"].as_str().is_some_and(|id| id.starts_with("e_")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_types_sizes_methods_and_fields_are_refused() {
    let bank = Bank::agreed(30).await;
    let json = ("content-type", "application/json");
    let body = Some(income(2025).to_string().into_bytes());
    for (headers, body, expected) in [
        (vec![], body.clone(), (415, "unsupported_media_type")),
        (vec![("content-type", "text/plain")], body.clone(), (415, "unsupported_media_type")),
        (vec![json], Some(vec![b' '; 1024 * 1024 + 1]), (413, "content_too_large")),
        (vec![json], Some(vec![0xff, 0xfe, b'{']), (400, "invalid_request")),
        (vec![json], Some("[".repeat(100_000).into_bytes()), (400, "invalid_request")),
        (vec![json, ("idempotency-key", "a b")], body.clone(), (400, "invalid_request")),
        (vec![json, ("idempotency-key", "")], body.clone(), (400, "invalid_request")),
        (vec![json, ("idempotency-key", "a"), ("idempotency-key", "b")], body, (400, "invalid_request")),
    ] {
        let answer = bank.send(Method::POST, REQUESTS, Sent { headers: &headers, body }).await;
        assert_eq!(code(&answer), (expected.0, expected.1.to_owned()), "{headers:?} → {}", answer.body);
    }
    for (method, path, expected) in [
        (Method::PUT, REQUESTS, (405, "method_not_allowed")),
        (Method::GET, REQUESTS, (405, "method_not_allowed")),
        (Method::GET, "/v1/nothing", (404, "not_found")),
        (Method::GET, "/v1/self-information-requests/sir_nothing", (404, "not_found")),
        (Method::GET, "/v1/self-information-requests/%20%00", (404, "not_found")),
        (Method::DELETE, "/v1/self-information-requests/sir_nothing", (404, "not_found")),
        (Method::GET, "/v1/data-sets/nonsense", (404, "not_found")),
    ] {
        let answer = bank.send(method.clone(), path, Sent::default()).await;
        assert_eq!(code(&answer), (expected.0, expected.1.to_owned()), "{method} {path} → {}", answer.body);
    }
}
