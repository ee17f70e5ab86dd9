//! Who may call: token, proof, scheme, replay, revocation.

use super::{Bank, INCOME, answer, code, income};
use reqwest::Method;
use std::time::Duration;

const CONSENT: &str = "/v1/consent";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_keys_holder_gets_in_and_each_refusal_says_what_to_do() {
    let bank = Bank::agreed(30).await;
    let good = bank.get(CONSENT, &[]).await;
    assert_eq!(good.status, 200, "{}", good.body);
    assert_eq!(good.body["data_sets"][0]["code"], INCOME);
    assert!(good.headers.contains_key("ratelimit") && good.headers.contains_key("ratelimit-policy"));

    let token = format!("DPoP {}", bank.tokens.access);
    let bearer = format!("Bearer {}", bank.tokens.access);
    let changed = format!("{token}x");
    let used = bank.proof(&Method::GET, CONSENT);
    let first = bank.party.http.get(bank.url(CONSENT)).header("authorization", &token).header("dpop", &used);
    assert_eq!(first.send().await.unwrap().status(), 200);
    let fresh = || bank.proof(&Method::GET, CONSENT);
    let other_method = bank.proof(&Method::POST, CONSENT);
    let other_place = bank.proof(&Method::GET, "/v1/data-sets");
    for (path, headers, expected) in [
        (CONSENT, vec![], (401, "invalid_token")),
        (CONSENT, vec![("authorization", token.clone())], (401, "invalid_dpop_proof")),
        (CONSENT, vec![("authorization", bearer), ("dpop", fresh())], (401, "invalid_token")),
        (CONSENT, vec![("authorization", changed), ("dpop", fresh())], (401, "invalid_token")),
        (CONSENT, vec![("authorization", token.clone()), ("dpop", used)], (401, "invalid_dpop_proof")),
        (CONSENT, vec![("authorization", token.clone()), ("dpop", other_method)], (401, "invalid_dpop_proof")),
        (CONSENT, vec![("authorization", token.clone()), ("dpop", other_place)], (401, "invalid_dpop_proof")),
        (CONSENT, vec![("authorization", token.clone()), ("dpop", "x.y.z".into())], (401, "invalid_dpop_proof")),
        (
            CONSENT,
            vec![("authorization", token.clone()), ("dpop", fresh()), ("dpop", fresh())],
            (401, "invalid_dpop_proof"),
        ),
        (
            CONSENT,
            vec![("authorization", token.clone()), ("authorization", token.clone()), ("dpop", fresh())],
            (400, "invalid_request"),
        ),
        (
            "/v1/consent?access_token=x",
            vec![("authorization", token.clone()), ("dpop", fresh())],
            (400, "invalid_request"),
        ),
    ] {
        let mut request = bank.party.http.get(bank.url(path));
        for (name, value) in &headers {
            request = request.header(*name, value);
        }
        let got = answer(request.send().await.unwrap()).await;
        assert_eq!(code(&got), (expected.0, expected.1.to_owned()), "{path} {:?} → {}", headers.len(), got.body);
        if got.status == 401 {
            let challenge = got.headers["www-authenticate"].to_str().unwrap();
            assert!(challenge.starts_with("DPoP ") && challenge.contains("resource_metadata="), "{challenge}");
            assert_eq!(challenge.contains("error="), !headers.is_empty(), "{challenge}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_consent_ends_work_under_way_and_nothing_leaves() {
    let bank = Bank::agreed(30).await;
    let taken = bank.ask(&income(2025), &[("x-sandbox-scenario", "slow")]).await;
    assert_eq!(taken.status, 202, "{}", taken.body);
    let place = taken.headers["location"].to_str().unwrap().to_owned();
    let revoke = [
        ("token", bank.tokens.access.clone()),
        ("client_id", bank.party.file.client_id.clone()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".into()),
        ("client_assertion", bank.party.assertion().unwrap()),
    ];
    let revoked = bank.party.http.post(bank.url("/oauth/revoke")).form(&revoke).send().await.unwrap();
    assert_eq!(revoked.status(), 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let got = bank.get(&place, &[("prefer", "wait=10")]).await;
    assert_eq!(code(&got), (401, "invalid_token".into()), "{}", got.body);
    assert!(got.body.get("data_sets").is_none());
}
