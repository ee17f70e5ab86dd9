//! A token that is bound to one company's filings: given while the delegations lead there, link by link, and opening nothing
//! else, however many companies its holder files for.

use super::delegated::{COMPANY, for_company, told};
use super::software::staged;
use super::{Payroll, one};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use madoguchi::domain::delegation::Pausing;
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::{Clock as _, SystemClock};
use madoguchi::protocol::jose::Compact;
use serde_json::{Value, json};

/// What the token says of itself.
fn claims(payroll: &Payroll) -> Value {
    let parts = Compact::split(&payroll.token).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.claims).unwrap()).unwrap()
}

fn right(applicant: &str, procedures: &[&str]) -> Value {
    json!({"type": "submission", "applicant": applicant, "procedures": procedures})
}

/// Why such a token is not given.
async fn refused(payroll: &Payroll, detail: &Value) -> (u16, String) {
    let (status, body) = payroll.ask_bound(detail).await;
    (status, format!("{} {}", body["error"].as_str().unwrap_or_default(), body["error_description"]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_link_is_named_in_the_token_and_files_what_it_says_and_nothing_else() {
    let (_app, mut office, mut software, delegation) = staged().await;
    let detail = right(COMPANY, &["9990002"]);
    assert_eq!(refused(&software, &detail).await.0, 400, "nobody let it file");
    let path = format!("/v1/delegations/{}/software", delegation.id);
    let link = office.post(&path, Some(&json!({"client": software.party.file.client_id}))).await;
    assert_eq!(link.status, 201, "{}", link.body);
    // What both have beside it: filings of their own companies.
    let own = software.filed("own", &one("pension", "auto")).await;

    let (office_id, software_id) = (office.party.file.client_id.clone(), software.party.file.client_id.clone());
    office.bind_to(&detail).await;
    let said = claims(&office);
    assert_eq!((&said["sub"], &said["act"]), (&json!(COMPANY), &json!({"sub": office_id})), "{said}");
    software.bind_to(&detail).await;
    let said = claims(&software);
    let chain = json!({"sub": software_id, "act": {"sub": office_id}});
    assert_eq!(
        (&said["sub"], &said["act"], &said["authorization_details"]),
        (&json!(COMPANY), &chain, &json!([detail]))
    );

    let filed = software.file("key-1", &for_company("amend", COMPANY)).await;
    assert_eq!((filed.status, &filed.body["delegation"]), (202, &link.body["id"]), "{}", filed.body);
    let id = filed.body["id"].as_str().unwrap().to_owned();
    let waiting = software.until_state(&id, "action_required").await;
    let content = json!({"deliveries": [{"id": waiting["deliveries"][0]["id"], "content": {"a": 1}}]});
    let amended = software.post(&format!("/v1/submissions/{id}/amend"), Some(&content)).await;
    assert_eq!(amended.status, 200, "{}", amended.body);

    // Not for itself, not for another, not under another procedure, and what it has beside it stays shut.
    let mut other = for_company("auto", COMPANY);
    other["deliveries"][0]["procedure"] = json!("9990003");
    for (body, at) in [
        (one("pension", "auto"), "/applicant"),
        (for_company("auto", "8000000990001"), "/applicant"),
        (other, "/deliveries/0/procedure"),
    ] {
        let answer = software.file("key-2", &body).await;
        assert_eq!(told(&answer), (403, Some("insufficient_scope"), Some(at)), "{}", answer.body);
    }
    for rest in ["", "/cancel", "/withdraw", "/amend"] {
        let path = format!("/v1/submissions/{own}{rest}");
        let answer =
            if rest.is_empty() { software.get(&path).await } else { software.post(&path, Some(&content)).await };
        assert_eq!((answer.status, answer.body["code"].as_str()), (403, Some("insufficient_scope")), "{rest}");
    }
    for path in
        ["/v1/submissions", "/v1/submission-drafts", "/v1/events", "/v1/delegations", "/v1/webhook", "/v1/account"]
    {
        let answer = software.get(path).await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (403, Some("insufficient_scope")), "{path}");
    }
    let event = json!({"event": {"kind": "bonus", "on": "2026-12-10"}, "office": {}, "employees": [{"items": {}}]});
    let elsewhere = software.post("/v1/employers/8000000990001/life-events", Some(&event)).await;
    assert_eq!(told(&elsewhere), (403, Some("insufficient_scope"), Some("/applicant")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_given_while_every_link_stands_and_covers_it_and_files_only_then() {
    let (app, mut office, mut software, delegation) = staged().await;
    let path = format!("/v1/delegations/{}/software", delegation.id);
    let link = office.post(&path, Some(&json!({"client": software.party.file.client_id}))).await;
    assert_eq!(link.status, 201, "{}", link.body);
    for (detail, words) in [
        (right("8000000990001", &["9990002"]), "no delegation"),
        (right(COMPANY, &["9990003"]), "9990002 to this client only"),
        (right(COMPANY, &["*"]), "9990002 to this client only"),
        (right(COMPANY, &["9990002", "9990003"]), "9990002 to this client only"),
    ] {
        let (status, said) = refused(&software, &detail).await;
        assert!(status == 400 && said.contains("invalid_authorization_details") && said.contains(words), "{said}");
    }
    let detail = right(COMPANY, &["9990002"]);
    software.bind_to(&detail).await;
    let store = &app.store.store;
    assert!(store.pause_delegation(&delegation.id, Pausing::Pause, SystemClock.now()).await.unwrap());
    assert_eq!(told(&software.file("key-1", &for_company("auto", COMPANY)).await).1, Some("not_delegated"));
    for who in [&software, &office] {
        assert_eq!(refused(who, &detail).await.0, 400);
    }
    assert!(store.pause_delegation(&delegation.id, Pausing::Resume, SystemClock.now()).await.unwrap());
    software.bind_to(&detail).await;
    assert_eq!(software.file("key-1", &for_company("auto", COMPANY)).await.status, 202);
    // For its own company a client needs nobody.
    let known = store.find_client(&ClientId::parse(&office.party.file.client_id).unwrap()).await.unwrap().unwrap();
    let company = known.corporate_number.to_string();
    office.bind_to(&right(&company, &["9990002"])).await;
    assert_eq!(claims(&office)["act"], json!({"sub": office.party.file.client_id}));
    assert_eq!(office.file("own-1", &one("pension", "auto")).await.status, 202);
    assert_eq!(told(&office.file("own-2", &for_company("auto", COMPANY)).await).2, Some("/applicant"));
}
