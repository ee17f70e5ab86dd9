//! The gateway killed with SIGKILL at any moment, and started again: nothing acknowledged is lost, nothing one-time
//! works twice.
//!
//! These tests run the real binary (`madoguchi dev`) as its operator would, on directories of their own.

mod auditor;
mod by_hand;
mod counter;
mod storm;

use crate::support::played::citizen::Citizen;
use crate::support::played::third_party::{ThirdParty, Tokens};
use counter::Counter;
use reqwest::Method;
use serde_json::{Value, json};

/// 地方税関係情報.
const INCOME: &str = "TM00000000000002";

fn wanted(party: &ThirdParty) -> Value {
    json!([{
        "type": "self_information",
        "purpose": party.file.purpose,
        "data_sets": [{"code": INCOME, "items": ["0200000010", "0200000020"]}],
        "access_days": 30,
    }])
}

/// One consent through the real pages, up to the answer that the browser brings back.
async fn answered(party: &ThirdParty) -> (crate::support::played::third_party::Pending, url::Url) {
    let pending = party.push("openid offline_access self_information", &wanted(party)).await.expect("PAR");
    let mut citizen = Citizen::new("1000000000000001", "1234").expect("a browser");
    let page = citizen.arrive(&pending.address).await.expect("the consent page");
    let answer = citizen.decide(&page, "agree", &party.file.redirect_uri).await.expect("an answer");
    (pending, answer)
}

async fn consented(party: &ThirdParty) -> Tokens {
    let (pending, answer) = answered(party).await;
    party.exchange(pending, &answer).await.expect("tokens")
}

async fn status_of_consent(party: &ThirdParty, tokens: &Tokens) -> u16 {
    party.call(tokens, Method::GET, "/v1/consent", None).await.expect("an answer").status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_time_things_stay_used_after_a_kill() {
    let mut counter = Counter::start().await;
    let party = counter.party("load_test").await;
    let (pending, answer) = answered(&party).await;
    let code = answer.query_pairs().find(|(n, _)| n == "code").map(|(_, v)| v.into_owned()).expect("a code");
    let verifier = pending.verifier().to_owned();
    let assertion = party.assertion().expect("an assertion");
    let first = party.token_form(&code_form(&party, &code, &verifier, &assertion)).await;
    assert_eq!(first.0, 200, "{}", first.1);
    let access = first.1["access_token"].as_str().expect("a token").to_owned();
    let uri = format!("{}/v1/consent", party.file.issuer);
    let proof = party.binding.proof("GET", &uri, Some(&access), party.last_nonce().as_deref()).expect("a proof");
    assert_eq!(party.raw_get(&uri, &access, &proof).await.0, 200);

    counter.kill_and_restart().await;

    // The same proof, the same assertion and the same code: each was used before the kill.
    assert_eq!(party.raw_get(&uri, &access, &proof).await.0, 401, "a proof works twice");
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "catalog"),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion.as_str()),
    ];
    let other = party.token_form(&form).await;
    assert_eq!((other.0, other.1["error"].as_str()), (401, Some("invalid_client")), "an assertion works twice");
    let fresh = party.assertion().expect("an assertion");
    let again = party.token_form(&code_form(&party, &code, &verifier, &fresh)).await;
    assert_eq!((again.0, again.1["error"].as_str()), (400, Some("invalid_grant")), "a code works twice");
    // RFC 9700 §4.2.4: and the second use ends what the first one got.
    let tokens = Tokens { access, refresh: None, subject: None, id_token: None };
    assert_eq!(status_of_consent(&party, &tokens).await, 401);
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn code_form<'a>(
    party: &'a ThirdParty,
    code: &'a str,
    verifier: &'a str,
    assertion: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &party.file.redirect_uri),
        ("code_verifier", verifier),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_however_often_it_is_killed() {
    let mut counter = Counter::start().await;
    let party = counter.party("load_test").await;
    for round in 0..storm::ROUNDS {
        let seen = storm::until_killed(&party, &mut counter, storm::moment(round)).await;
        storm::check(&party, &seen).await;
        let (is_whole, said) = counter.audit(&["verify", "--full"]);
        assert!(is_whole, "round {round}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_disclosure_that_left_before_a_kill_has_its_leaf_after_it() {
    let mut counter = Counter::start().await;
    let party = counter.party("load_test").await;
    let tokens = consented(&party).await;
    let body = json!({"data_sets": [{"code": INCOME, "condition": {"kind": "tax_year", "year": 2025}}]});
    let receipts = std::sync::Mutex::new(Vec::new());
    let load = futures_util::future::join_all((0..6).map(|_| async {
        loop {
            let target = (Method::POST, "/v1/self-information-requests");
            let Ok(answer) = party.call_with("wait=20", &tokens, target, Some(&body)).await else { return };
            if let Some(receipt) = answer.body["receipt_id"].as_str() {
                receipts.lock().unwrap().push(receipt.to_owned());
            }
        }
    }));
    let _ = tokio::time::timeout(std::time::Duration::from_secs(3), load).await;
    counter.kill_and_restart().await;
    let receipts = receipts.into_inner().unwrap();
    assert!(!receipts.is_empty(), "nothing was disclosed before the kill");
    for receipt in receipts {
        let ready = async {
            while !counter.audit(&["prove", &receipt]).0 {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), ready).await.expect("a leaf was lost");
    }
    let (is_whole, said) = counter.audit(&["verify", "--full"]);
    assert!(is_whole && said.contains("the log is whole"), "{said}");
    let (is_done, key) = counter.audit(&["keys"]);
    assert!(is_done && key.contains("/evidence+"), "{key}");
}
