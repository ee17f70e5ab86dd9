//! An application that an AI agent prepares: by the person's own consent, against the form in force, and never handed in.

use super::Payroll;
use super::applications::{ALL, certified, nursery, parties, told, with_reference};
use crate::support::played::third_party::Answer;
use reqwest::Method;
use serde_json::{Value, json};

const CHECK: &str = "/v1/applications/check";

async fn checked(family: &Payroll, body: &Value) -> Answer {
    family.send((Method::POST, CHECK), &[], Some(body)).await
}

async fn message(software: &Payroll, method: &str, params: Value) -> Value {
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let headers = [("accept", "application/json, text/event-stream"), ("mcp-protocol-version", "2025-06-18")];
    let answer = software.send((Method::POST, "/mcp"), &headers, Some(&message)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["result"].clone()
}

async fn called(software: &Payroll, name: &str, arguments: &Value) -> Value {
    message(software, "tools/call", json!({"name": name, "arguments": arguments})).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_checked_is_told_whole_and_handed_in_nowhere() {
    let parties = parties().await;
    let mut nothing = nursery();
    nothing["certificates"] = json!([]);
    let bare = checked(&parties.family, &nothing).await;
    assert_eq!((bare.status, &bare.body["is_acceptable"]), (200, &json!(false)), "{}", bare.body);
    assert_eq!(bare.body["findings"][0]["pointer"], "/answers/applicant/guardian_1_reason", "{}", bare.body);
    assert_eq!(bare.body["certificates"][0]["slot"], "guardian_1", "what these answers ask for: {}", bare.body);

    let (reference, _) = certified(&parties.company, "check").await;
    let whole = checked(&parties.family, &with_reference(&reference)).await;
    assert_eq!((whole.status, &whole.body["is_acceptable"], &whole.body["findings"]), (200, &json!(true), &json!([])));

    let mut elsewhere = nursery();
    elsewhere["municipality"] = "011002".into();
    assert_eq!(told(&checked(&parties.family, &elsewhere).await), (422, Some("invalid_value"), Some("/municipality")));
    let forged = checked(&parties.family, &with_reference("nothing")).await;
    assert_eq!(told(&forged), (422, Some("invalid_value"), Some("/certificates/0/reference")));
    assert_eq!(told(&checked(&parties.family, &json!([])).await).1, Some("invalid_request"));
    assert_eq!(parties.family.get(ALL).await.body["items"], json!([]), "nothing was handed in");
    assert_eq!(told(&checked(&parties.company, &nursery()).await).1, Some("insufficient_scope"), "a person's consent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_prepares_with_the_persons_token_and_hands_nothing_in() {
    let parties = parties().await;
    let listed = message(&parties.family, "tools/list", json!({})).await;
    let names: Vec<&str> =
        listed["tools"].as_array().unwrap().iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert_eq!(
        names,
        ["list_application_forms", "get_application_form", "check_application", "draft_application"],
        "what this token opens"
    );

    let here = json!({"procedure": "nursery-application", "municipality": "999016"});
    let forms = called(&parties.family, "list_application_forms", &here).await["structuredContent"].clone();
    let code = &forms["forms"][0]["code"];
    let form = called(&parties.family, "get_application_form", &json!({"code": code})).await;
    assert!(form["structuredContent"]["schema"]["properties"].is_object(), "{form}");
    let found = called(&parties.family, "check_application", &nursery()).await;
    let same = checked(&parties.family, &nursery()).await;
    assert_eq!(found["structuredContent"], same.body, "as every caller is told");

    let mut wrong = nursery();
    wrong["person"] = "x".into();
    let refused = called(&parties.family, "check_application", &wrong).await;
    assert_eq!((&refused["isError"], &refused["structuredContent"]["code"]), (&json!(true), &json!("invalid_request")));
    for (name, arguments) in [("search_procedures", json!({"keyword": "保育"})), ("get_coverage", json!({}))] {
        let refused = called(&parties.family, name, &arguments).await;
        assert_eq!(refused["structuredContent"]["code"], "insufficient_scope", "{name} is not agreed to: {refused}");
    }
    assert_eq!(parties.family.get(ALL).await.body["items"], json!([]), "no tool hands anything in");
}
