//! A third party keeps its receipts and checks them with the log's public key; a full log discloses nothing.

use crate::support::calls::{Caller, consented, retrieval};
use crate::support::installation::Installation;
use crate::support::played::third_party::{ThirdParty, Tokens};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use madoguchi::domain::client::ClientClass;
use madoguchi::evidence::checkpoint::Checkpoint;
use madoguchi::evidence::note::Verifier;
use madoguchi::evidence::receipt::Receipt;
use madoguchi::evidence::tiles::{TileId, Tiles, unbundle};
use madoguchi::evidence::tree::{self, Hash};
use serde_json::Value;
use std::time::Duration;

/// Makes a retrieval; gives its result.
async fn disclosed(caller: &Caller<'_>, tokens: &Tokens) -> Value {
    let made = caller.call(&tokens.access, "POST", "/v1/self-information-requests", Some(&retrieval())).await;
    assert_eq!(made.status, 202, "{made:?}");
    let place = format!("/v1/self-information-requests/{}", made.body["id"].as_str().unwrap());
    loop {
        let told = caller.call(&tokens.access, "GET", &place, None).await;
        if told.status == 200 {
            return told.body;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Asks for a receipt until it is in the log; each "not yet" is a documented problem that says when to come again.
async fn receipt(caller: &Caller<'_>, tokens: &Tokens, path: &str) -> Value {
    loop {
        let told = caller.call(&tokens.access, "GET", path, None).await;
        if told.status == 200 {
            return told.body;
        }
        assert_eq!((told.brief(), told.header("retry-after")), ((404, "receipt_pending"), "1"), "{told:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn text(installation: &Installation, path: &str) -> (u16, Vec<u8>) {
    let answer = reqwest::get(format!("{}{path}", installation.nodes[0].url)).await.unwrap();
    (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
}

async fn keys(installation: &Installation) -> Vec<Verifier> {
    let text = String::from_utf8(text(installation, "/evidence/keys").await.1).unwrap();
    text.lines().map(|line| Verifier::parse(line).unwrap()).collect()
}

async fn bank(installation: &Installation) -> ThirdParty {
    installation.party("bank", ClientClass::Bank, "measurement").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disclosure_leaves_a_receipt_that_its_third_party_alone_can_get_and_anyone_can_check() {
    let installation = Installation::start(1).await;
    let (bank, other) =
        (bank(&installation).await, installation.party("other", ClientClass::Bank, "measurement").await);
    let (tokens, others) = (consented(&installation, &bank).await, consented(&installation, &other).await);
    let (caller, stranger) = (Caller::new(&bank, &installation, 0), Caller::new(&other, &installation, 0));
    let result = disclosed(&caller, &tokens).await;
    let path = format!("/v1/receipts/{}", result["receipt_id"].as_str().unwrap());
    let body = receipt(&caller, &tokens, &path).await;
    assert_eq!(body["record"]["kind"], "disclosure");
    assert_eq!(body["record"]["request"], result["id"]);
    assert_eq!(body["record"]["data_sets"][0]["outcome"], "ok");
    let keys = keys(&installation).await;
    let kept: Receipt = serde_json::from_value(body.clone()).unwrap();
    let head = kept.verify(&keys).unwrap();
    // Nothing of the person, and no value, is in what the third party keeps.
    let tried = stranger.call(&others.access, "GET", &path, None).await;
    assert_eq!(tried.brief(), (404, "not_found"));
    assert_eq!(caller.call(&tokens.access, "GET", "/v1/receipts/r_unknown", None).await.brief(), (404, "not_found"));
    // Later the log has grown from the head that was kept.
    let later = disclosed(&caller, &tokens).await;
    let later = format!("/v1/receipts/{}", later["receipt_id"].as_str().unwrap());
    receipt(&caller, &tokens, &later).await;
    let grown = receipt(&caller, &tokens, &format!("{later}?from={}", head.size)).await;
    let grown: Receipt = serde_json::from_value(grown).unwrap();
    let newer = grown.verify(&keys).unwrap();
    let proof = grown.consistency.unwrap().proof;
    let proof: Vec<Hash> = proof.iter().map(|hash| STANDARD.decode(hash).unwrap().try_into().unwrap()).collect();
    assert_eq!(tree::verify_consistency(&head.head(), &newer.head(), &proof), Ok(()));
    for bad in ["0", "x", "999999", "1&from=2"] {
        let told = caller.call(&tokens.access, "GET", &format!("{path}?from={bad}"), None).await;
        assert_eq!(told.brief(), (422, "invalid_value"), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anyone_can_read_the_log_as_existing_verifiers_do() {
    let installation = Installation::start(1).await;
    let bank = bank(&installation).await;
    let tokens = consented(&installation, &bank).await;
    let caller = Caller::new(&bank, &installation, 0);
    let result = disclosed(&caller, &tokens).await;
    receipt(&caller, &tokens, &format!("/v1/receipts/{}", result["receipt_id"].as_str().unwrap())).await;
    let keys = keys(&installation).await;
    let note = String::from_utf8(text(&installation, "/evidence/checkpoint").await.1).unwrap();
    let head = Checkpoint::open(&note, &keys[0]).unwrap();
    assert!((1..256).contains(&head.size), "{head:?}");
    let (status, row) = text(&installation, &format!("/evidence/tile/0/000.p/{}", head.size)).await;
    assert_eq!(status, 200);
    let mut tiles = Tiles::default();
    tiles.insert(TileId { level: 0, index: 0 }, &row).unwrap();
    assert_eq!(tiles.hash(&(0..head.size)).unwrap(), head.root);
    let (status, bundle) = text(&installation, &format!("/evidence/tile/entries/000.p/{}", head.size)).await;
    assert_eq!(status, 200);
    let leaves: Vec<Hash> = unbundle(&bundle).unwrap().into_iter().map(tree::leaf_hash).collect();
    assert_eq!(leaves.concat(), row);
    for missing in ["0/000", "0/001.p/1", "1/000.p/1", "entries/000", "0/0", "x", "", "0/000.p/0"] {
        assert_eq!(text(&installation, &format!("/evidence/tile/{missing}")).await.0, 404, "{missing}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_log_refuses_disclosures_clearly_and_never_a_revocation() {
    let installation = Installation::start_changed(1, |plan| plan.most_pending = 0).await;
    let bank = bank(&installation).await;
    let tokens = consented(&installation, &bank).await;
    let caller = Caller::new(&bank, &installation, 0);
    let told = caller.call(&tokens.access, "POST", "/v1/self-information-requests", Some(&retrieval())).await;
    assert_eq!(told.brief(), (503, "evidence_unavailable"), "{told:?}");
    assert_eq!(told.header("retry-after"), "5");
    let (status, ready) = text(&installation, "/readyz").await;
    assert_eq!(status, 503);
    assert!(String::from_utf8(ready).unwrap().contains("evidence_unavailable"));
    let ended = caller.form("/oauth/revoke", &[("token", tokens.refresh.as_deref().unwrap())]).await;
    assert_eq!(ended.status, 200, "{ended:?}");
}
