//! What the agency is given, whatever the cloud does: what was filed, or why not.

use super::{ALL, PIECE, Parties, ledger, parties, told};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use madoguchi::domain::Digest;
use madoguchi::sandbox::cloud::CloudMood;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const SIZE: usize = 2 * PIECE + 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_is_given_what_was_filed_in_whole_or_in_part() {
    let all = parties().await;
    let (id, text) = (all.filed(SIZE).await, ledger(SIZE));
    let whole = all.content(&id, &[]).await;
    assert_eq!((whole.status, whole.body.as_str()), (200, Some(text.as_str())));
    let field = |name: &str| whole.headers[name].to_str().unwrap().to_owned();
    let digest = Digest::of(&text);
    assert_eq!(field("repr-digest"), format!("sha-256=:{}:", STANDARD.encode(digest.as_bytes())));
    let tag = field("etag");
    assert_eq!((tag.as_str(), field("content-length")), (&*format!("\"{}\"", digest.base64url()), SIZE.to_string()));
    assert_eq!((field("content-type"), field("document-type")), ("application/octet-stream".into(), "text/csv".into()));
    assert_eq!((field("cache-control"), field("content-disposition")), ("no-store".into(), "attachment".into()));

    for (range, first, last) in [
        ("bytes=10-10".to_owned(), 10, 10),
        (format!("bytes={}-{}", PIECE - 3, PIECE), PIECE - 3, PIECE),
        (format!("bytes={}-", 2 * PIECE), 2 * PIECE, SIZE - 1),
        ("bytes=-5".to_owned(), SIZE - 5, SIZE - 1),
        ("bytes=10-99999999".to_owned(), 10, SIZE - 1),
    ] {
        let part = all.content(&id, &[("range", &range), ("if-range", &tag)]).await;
        assert_eq!((part.status, part.body.as_str()), (206, Some(&text[first..=last])), "{range}");
        let told = part.headers["content-range"].to_str().unwrap();
        assert_eq!(told, format!("bytes {first}-{last}/{SIZE}"));
    }
    for (name, value) in [("range", "bytes=0-1,3-4"), ("range", "rows=1-2"), ("range", "bytes=5-2")] {
        assert_eq!(all.content(&id, &[(name, value)]).await.status, 200, "{value} is passed over");
    }
    let changed = all.content(&id, &[("range", "bytes=0-1"), ("if-range", "\"another\"")]).await;
    assert_eq!(changed.status, 200, "it saw another content");
    let beyond = all.content(&id, &[("range", &format!("bytes={SIZE}-"))]).await;
    assert_eq!(told(&beyond), (416, Some("range_not_satisfiable"), Some("Range")));
    assert_eq!(beyond.headers["content-range"], format!("bytes */{SIZE}").as_str());
    for query in ["", "?purpose=curiosity", "?purpose=audit&purpose=audit", "?purpose=audit&more=1"] {
        let answer = all.office.get(&format!("/agency/v1/deposits/{id}/content{query}")).await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (422, Some("invalid_value")), "{query}");
    }

    let seen = all.references(&id).await;
    assert_eq!(seen.len(), 10, "what was refused is no reference");
    let second = &seen[seen.len() - 3];
    assert_eq!((&second["first"], &second["last"]), (&json!(PIECE - 3), &json!(PIECE)));
    assert_eq!((&second["purpose"], &second["client"]), (&json!("audit"), &json!("tax-office")));
    assert_eq!(
        (&second["outcome"], &second["sent"], &second["name"]["ja"]),
        (&json!("delivered"), &json!(4), &json!("見本税務署"))
    );
    let page = all.company.get(&format!("{ALL}/{id}/references?limit=4")).await.body;
    let rest = format!("{ALL}/{id}/references?limit=100&after={}", page["next"].as_str().unwrap());
    assert_eq!(all.company.get(&rest).await.body["items"].as_array().unwrap().len(), 6);
    assert!(all.news().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cloud_is_shown_a_short_lived_token_of_the_counter() {
    let all = parties().await;
    let id = all.filed(PIECE + 1).await;
    assert_eq!(all.content(&id, &[("range", &format!("bytes={PIECE}-"))]).await.status, 206);
    let shown = all.app.dev.sandbox.own.as_ref().unwrap().cloud().shown();
    let [token] = shown.as_slice() else { panic!("{} tokens", shown.len()) };
    let parts: Vec<&str> = token.split('.').collect();
    let part = |n: usize| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[n]).unwrap()).unwrap() };
    let (header, claims) = (part(0), part(1));
    assert_eq!((&header["typ"], &header["alg"]), (&json!("deposit-reference+jwt"), &json!("ES256")));
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!(all.origin), &json!(id)));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
    assert_eq!(claims["range"], format!("bytes={PIECE}-{PIECE}"));
    assert_eq!((&claims["purpose"], &claims["referenced_by"]), (&json!("audit"), &json!("Mihon Tax Office")));
    // By the counter's published key, as any cloud can find out.
    let metadata = format!("{}/.well-known/oauth-authorization-server", all.app.url());
    let metadata: Value = reqwest::get(metadata).await.unwrap().json().await.unwrap();
    let keys: Value = reqwest::get(metadata["jwks_uri"].as_str().unwrap()).await.unwrap().json().await.unwrap();
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap();
    let point = [
        vec![4],
        URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap(),
        URL_SAFE_NO_PAD.decode(key["y"].as_str().unwrap()).unwrap(),
    ];
    let key =
        aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED, point.concat());
    let signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    assert!(key.verify(format!("{}.{}", parts[0], parts[1]).as_bytes(), &signature).is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cloud_that_fails_is_told_of_and_its_company_warned_once() {
    let all = parties().await;
    let id = all.filed(SIZE).await;
    let filed_at = all.company.get(&format!("{ALL}/{id}")).await.body["filed"]["filed_at"].clone();
    for (mood, status, code, because) in [
        (CloudMood::Gone, 502, "cloud_refused", "refused"),
        (CloudMood::Down, 502, "cloud_refused", "refused"),
        (CloudMood::Redirects, 502, "cloud_refused", "redirected"),
        (CloudMood::IgnoresRange, 502, "cloud_refused", "malformed"),
        (CloudMood::Lies, 502, "cloud_refused", "malformed"),
        (CloudMood::Floods, 502, "cloud_refused", "malformed"),
        (CloudMood::Changed, 502, "digest_mismatch", "changed"),
        (CloudMood::Breaks, 504, "cloud_unreachable", "unreachable"),
        (CloudMood::Slow, 504, "cloud_unreachable", "unreachable"),
    ] {
        all.mood(mood);
        let answer = all.content(&id, &[("range", "bytes=0-9")]).await;
        assert_eq!(told(&answer), (status, Some(code), None), "{mood:?} {}", answer.body);
        assert!(answer.body["detail"].as_str().unwrap().contains(filed_at.as_str().unwrap()), "its time stands");
        let last = all.last_reference(&id).await;
        assert_eq!((&last["outcome"], &last["because"], &last["sent"]), (&json!("failed"), &json!(because), &json!(0)));
    }
    assert_eq!(all.news().await, ["cloud_failed"], "once for all of that");
    let seen = all.company.get(&format!("{ALL}/{id}")).await.body;
    assert_eq!((&seen["outage"]["because"], &seen["state"]), (&json!("refused"), &json!("filed")));
    assert_eq!(seen["filed"]["filed_at"], filed_at);
    assert_eq!(all.office.get(&format!("/agency/v1/deposits/{id}")).await.body["outage"]["because"], "refused");
    all.mood(CloudMood::Well);
    assert_eq!(all.content(&id, &[("range", "bytes=0-9")]).await.status, 206);
    assert_eq!(all.news().await, ["cloud_failed", "cloud_back"]);
    assert!(all.company.get(&format!("{ALL}/{id}")).await.body["outage"].is_null());
    all.mood(CloudMood::Gone);
    assert_eq!(all.content(&id, &[]).await.status, 502);
    assert_eq!(all.news().await.len(), 3, "another outage is told of again");
}

async fn broken_off(all: &Parties, id: &str) {
    let path = format!("/agency/v1/deposits/{id}/content?purpose=audit");
    let answer = all.office.try_send((Method::GET, &path), &[], None).await;
    assert!(answer.is_none(), "fewer bytes came than were told: {:?}", answer.map(|answer| answer.status));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_first_piece_a_failure_breaks_the_connection_off() {
    let all = parties().await;
    let id = all.filed(SIZE).await;
    all.mood(CloudMood::ChangedLater);
    broken_off(&all, &id).await;
    let last = all.last_reference(&id).await;
    assert_eq!(
        (&last["outcome"], &last["because"], &last["sent"]),
        (&json!("failed"), &json!("changed"), &json!(PIECE))
    );
    assert_eq!(all.content(&id, &[("range", "bytes=0-9")]).await.status, 206, "what is right is given");
    assert_eq!(all.news().await, ["cloud_failed", "cloud_back"]);

    // The digest of the whole counts, too: pieces that are right one by one may be of something else.
    all.mood(CloudMood::Well);
    let other = all.declare("wrong-whole", &all.declaration()).await.body["id"].as_str().unwrap().to_owned();
    let mut filing = all.filing(SIZE).await;
    filing["sha256"] = json!(Digest::of("another").base64url());
    assert_eq!(all.file(&other, "file", &filing).await.status, 200);
    broken_off(&all, &other).await;
    let last = all.last_reference(&other).await;
    assert_eq!((&last["because"], &last["sent"]), (&json!("changed"), &json!(2 * PIECE)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_goes_away_is_written_down_as_such() {
    let all = parties().await;
    let id = all.filed(16 * PIECE).await;
    let path = format!("/agency/v1/deposits/{id}/content?purpose=audit");
    let url = format!("{}{path}", all.app.url());
    let bare = url.split('?').next().unwrap();
    let office = &all.office.party;
    let proof = office.binding.proof("GET", bare, Some(&all.office.token), office.last_nonce().as_deref()).unwrap();
    let request = office.http.get(&url).header("dpop", proof);
    let mut answer = request.header("authorization", format!("DPoP {}", all.office.token)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.chunk().await.unwrap().is_some());
    drop(answer);
    let last = tokio::time::timeout(Duration::from_secs(20), all.last_reference(&id)).await.unwrap();
    assert_eq!(last["outcome"], "broken_off");
    assert!(last["sent"].as_u64().unwrap() < 16 * PIECE as u64);
    assert!(all.news().await.is_empty(), "it is not the cloud's fault");
}
