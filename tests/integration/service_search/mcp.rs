//! The search as an AI agent sees it: the same answers, the same rules.

use super::Chat;
use serde_json::{Value, json};

async fn called(chat: &Chat, name: &str, arguments: Value) -> Value {
    let message = json!({
        "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": name, "arguments": arguments},
    });
    let told = chat.message(&message, &[]).await;
    assert_eq!((told.status, &told.body["id"]), (200, &json!(7)), "{name}: {}", told.body);
    told.body["result"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_told_what_every_caller_is_told() {
    let chat = Chat::open().await;
    let hello = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "agent", "version": "1"},
        },
    });
    let told = chat.message(&hello, &[]).await;
    assert_eq!(told.status, 200, "{}", told.body);
    let result = &told.body["result"];
    assert!(result["serverInfo"]["name"] == "madoguchi" && result["capabilities"]["tools"].is_object(), "{result}");
    assert!(result["instructions"].is_string() && !told.headers.contains_key("mcp-session-id"), "no session is kept");
    assert!(told.headers.contains_key("ratelimit"), "it counts like every call");
    let noted = chat.message(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}), &[]).await;
    assert_eq!(noted.status, 202, "{}", noted.body);

    let told = chat.message(&json!({"jsonrpc": "2.0", "id": "a", "method": "tools/list"}), &[]).await;
    let names: Vec<&str> =
        told.body["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    let wanted = [
        "search_municipalities",
        "search_procedures",
        "get_procedure",
        "compare_procedures",
        "list_standards",
        "get_coverage",
    ];
    assert_eq!(names, wanted, "{}", told.body);

    let query = [("municipality", "152048"), ("keyword", "児童手当")];
    let found = chat.found("/v1/service-procedures", &query).await;
    let result = called(&chat, "search_procedures", json!({"municipality": ["152048"], "keyword": "児童手当"})).await;
    assert_eq!((&result["structuredContent"], &result["isError"]), (&found, &json!(false)));
    assert_eq!(result["content"][0]["text"], found.to_string(), "for clients that read text alone");
    let psid = found["procedures"][0]["psid"].as_str().unwrap();
    let detail = chat.get_with(&format!("/v1/service-procedures/{psid}"), &[], &[("accept-language", "en")]).await.body;
    let result = called(&chat, "get_procedure", json!({"psid": psid, "language": "en"})).await;
    assert_eq!(result["structuredContent"], detail);
    for (name, path) in
        [("list_standards", "/v1/service-procedures/standards"), ("get_coverage", "/v1/service-coverage")]
    {
        assert_eq!(called(&chat, name, json!({})).await["structuredContent"], chat.found(path, &[]).await, "{name}");
    }
    let compared = json!({"procedure": "child-allowance-claim", "municipality": ["152048", "131121"]});
    let query = [("procedure", "child-allowance-claim"), ("municipality", "152048"), ("municipality", "131121")];
    let wanted = chat.found("/v1/service-procedures/comparison", &query).await;
    assert_eq!(called(&chat, "compare_procedures", compared).await["structuredContent"], wanted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_agent_asks_wrongly_is_told_by_its_place() {
    let chat = Chat::open().await;
    for (name, arguments, code, place) in [
        ("search_procedures", json!({"municipality": ["152049"]}), "invalid_value", json!("municipality")),
        ("search_procedures", json!({"person": "x"}), "invalid_value", json!("person")),
        ("search_procedures", json!({"keyword": {"$ne": ""}}), "invalid_value", json!("keyword")),
        ("search_procedures", json!({"language": "fr"}), "invalid_value", json!("language")),
        ("get_procedure", json!({}), "invalid_value", json!("psid")),
        ("get_procedure", json!({"psid": "nothing"}), "not_found", Value::Null),
    ] {
        let result = called(&chat, name, arguments.clone()).await;
        let told = &result["structuredContent"];
        assert_eq!((&result["isError"], &told["code"]), (&json!(true), &json!(code)), "{name} {arguments}: {result}");
        assert_eq!(told["pointer"], place, "{name} {arguments}: {told}");
    }
    let unknown = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "rm", "arguments": {}}});
    let told = chat.message(&unknown, &[]).await;
    assert!(told.body["error"]["message"].as_str().unwrap().contains("tools/list"), "{} {}", told.status, told.body);
    for message in [json!([]), json!({}), json!("x"), json!({"jsonrpc": "2.0", "id": 1, "method": 1}), json!(null)] {
        let told = chat.message(&message, &[]).await;
        let is_told = told.body["error"]["code"].is_number() || told.body["code"] == "invalid_request";
        assert!((400..500).contains(&told.status) && is_told, "{message}: {} {}", told.status, told.body);
    }
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    for (header, status, code) in [
        (("accept", "application/json"), 406, "not_acceptable"),
        (("origin", "https://elsewhere.example"), 403, "refused_by_policy"),
    ] {
        let told = chat.message(&list, &[header]).await;
        assert_eq!((told.status, &told.body["code"]), (status, &json!(code)), "{header:?}: {}", told.body);
    }
    let stranger = reqwest::Client::new().post(format!("{}/mcp", chat.app.url())).json(&list).send().await.unwrap();
    assert_eq!(stranger.status(), 401, "no tool without a token");
    let other = reqwest::Client::new().get(format!("{}/mcp", chat.app.url())).send().await.unwrap();
    assert_eq!(other.status(), 405);
}
