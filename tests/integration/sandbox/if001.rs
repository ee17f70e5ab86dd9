//! IF001-03 to 06: proof, sessions, what is refused and how.

use super::{Bench, CLIENT, contents};
use serde_json::{Value, json};

#[tokio::test]
async fn a_retrieval_from_token_to_items() {
    let bench = Bench::start();
    let token = bench.token("mihon-taro").await;
    let process = bench.request(&token, 2, json!({"condKbn": "1"})).await;
    assert_eq!(process["commonHeader"]["requestId"], "r-1");
    let answer = bench.result(&token, &process).await;
    assert_eq!((&answer["resultCode"], &answer["selfiTranStatusCd"]), (&json!("0000"), &json!("03")));
    let entry = &answer["selfPersonalData"]["resultList"][0];
    assert_eq!(entry["personInfoNameCd"], "TM00000000000002");
    assert_eq!(entry["notifiernmWithOutsourcernm"], "東京都世田谷区");
    assert_eq!(entry["notDisclosedCd"], "0");
    assert_eq!(entry["timeAndDateOfUpdate"].as_str().unwrap().len(), 14);
    let first = &entry["personInfoNameDetailList"][0];
    assert_eq!((&first["hierarchy"], &first["personInitemContent"]), (&json!("1"), &Value::Null));
    assert_eq!(contents(&answer, "0200000010"), ["2026"]);
    assert_eq!(contents(&answer, "0200000020"), ["6520000"]);
    // A lost answer can be fetched again.
    assert_eq!(bench.result(&token, &process).await, answer);
}

#[tokio::test]
async fn every_flaw_of_an_assertion_is_refused_by_name() {
    let bench = Bench::start();
    let subject = bench.subject("mihon-taro").await;
    let base = bench.running.inquiry_base().to_owned();
    let url = format!("{base}/oauth/token");
    let now = super::START;
    let rows = [
        ("iss", json!("SP00000000_XX0000"), "iss"),
        ("aud", json!("https://elsewhere.example"), "aud"),
        ("aud", json!([base, "https://elsewhere.example"]), "aud"),
        ("exp", json!(now - 1), "expired"),
        ("exp", json!(now + 3600), "too far"),
        ("iat", json!(now + 60), "future"),
        ("sub", json!("nobody"), "nobody"),
        ("jti", Value::Null, "lacks"),
    ];
    for (claim, value, word) in rows {
        let mut spoiled = bench.claims(CLIENT, &subject, &base);
        spoiled[claim] = value.clone();
        let client = bench.sign(&bench.claims(CLIENT, CLIENT, &base));
        let form = Bench::token_form(bench.sign(&spoiled), client);
        let answer = bench.http.post(&url).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{claim} {value}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["error"], "invalid_grant", "{claim} {value}");
        assert!(body["error_description"].as_str().unwrap().contains(word), "{body}");
    }
    let good = bench.claims(CLIENT, &subject, &base);
    let forged = bench.sign_as_stranger(&bench.claims(CLIENT, CLIENT, &base));
    let answer = bench.http.post(&url).form(&Bench::token_form(bench.sign(&good), forged)).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.json::<Value>().await.unwrap()["error"], "invalid_client");
}

#[tokio::test]
async fn an_assertion_counts_once() {
    let bench = Bench::start();
    let subject = bench.subject("mihon-taro").await;
    let base = bench.running.inquiry_base().to_owned();
    let url = format!("{base}/oauth/token");
    let grant = bench.sign(&bench.claims(CLIENT, &subject, &base));
    let client = bench.sign(&bench.claims(CLIENT, CLIENT, &base));
    let send = |grant: &str, client: &str| {
        bench.http.post(&url).form(&Bench::token_form(grant.to_owned(), client.to_owned())).send()
    };
    assert_eq!(send(&grant, &client).await.unwrap().status(), 200);
    assert_eq!(send(&grant, &client).await.unwrap().status(), 401, "the client assertion was used");
    let fresh = bench.sign(&bench.claims(CLIENT, CLIENT, &base));
    assert_eq!(send(&grant, &fresh).await.unwrap().status(), 400, "the grant was used");
}

#[tokio::test]
async fn a_malformed_token_call_is_refused() {
    let bench = Bench::start();
    let url = bench.url("/if001/oauth/token");
    for (form, error) in [
        (vec![], "invalid_request"),
        (vec![("grant_type", "password")], "unsupported_grant_type"),
        (vec![("grant_type", "a"), ("grant_type", "b")], "invalid_request"),
    ] {
        let answer = bench.post_form(&url, &form).await;
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.json::<Value>().await.unwrap()["error"], error, "{form:?}");
    }
    let json = bench.http.post(&url).json(&json!({})).send().await.unwrap();
    assert_eq!(json.status(), 400);
    assert_eq!(bench.http.get(&url).send().await.unwrap().status(), 405);
    let large = bench.http.post(&url).body("x".repeat(70_000)).send().await.unwrap();
    assert_eq!(large.status(), 413);
}

#[tokio::test]
async fn a_token_ends_and_a_process_is_its_owner_s_only() {
    let bench = Bench::start();
    let (mine, other) = (bench.token("mihon-taro").await, bench.token("reiji-so").await);
    let process = bench.request(&mine, 2, json!({"condKbn": "1"})).await;
    let stolen = bench.result(&other, &process).await;
    assert_eq!(stolen["errors"][0]["errorCode"], "ED2001");
    for unknown in ["00000000000000000000000000000000", "x", ""] {
        let answer = bench.result(&mine, &json!({"process_id": unknown})).await;
        assert_eq!(answer["errors"][0]["errorCode"], "ED2001", "{unknown}");
    }
    bench.clock.advance(std::time::Duration::from_secs(301));
    let late = bench.result(&mine, &process).await;
    assert_eq!((&late["resultCode"], &late["errors"][0]["errorCode"]), (&json!("9000"), &json!("ED1107")));
}

#[tokio::test]
async fn a_bad_request_says_what_is_wrong() {
    let bench = Bench::start();
    let token = bench.token("mihon-taro").await;
    let latest = json!({"condKbn": "1"});
    for (body, word) in [
        (json!({"personInfoNameCd": "TM99999999999999", "inquiryCond": latest}), "personInfoNameCd"),
        (json!({"personInfoNameCd": "xx", "inquiryCond": latest}), "personInfoNameCd"),
        (json!({"personInfoNameCd": "TM00000000000002", "inquiryCond": {"condKbn": "7"}}), "condKbn"),
        (
            json!({"personInfoNameCd": "TM00000000000002", "inquiryCond": latest, "callbackUrl": "http://a.example/"}),
            "callbackUrl",
        ),
        (
            json!({"personInfoNameCd": "TM00000000000002", "inquiryCond": latest, "callbackUrl": "file:///etc"}),
            "callbackUrl",
        ),
        (json!({"personInfoNameCd": 2}), "body"),
    ] {
        let answer: Value = bench.call("/request", &token, &body, None).await.unwrap().json().await.unwrap();
        assert_eq!(answer["resultCode"], "9000", "{body}");
        assert!(answer["errors"][0]["errorMessage"].as_str().unwrap().contains(word), "{answer}");
    }
    let text = bench.http.post(bench.url("/if001/request")).bearer_auth(&token).body("{").send().await.unwrap();
    assert_eq!(text.status(), 400);
}
