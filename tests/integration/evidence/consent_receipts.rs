//! Consent receipts: the person and the third party hold the same record, signed, and it names its leaves in the log.

use crate::support::calls::{Caller, agreed};
use crate::support::installation::Installation;
use crate::support::played::third_party::Tokens;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use madoguchi::domain::client::ClientClass;
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn keys(installation: &Installation) -> JwkSet {
    reqwest::get(format!("{}/evidence/jwks", installation.nodes[0].url)).await.unwrap().json().await.unwrap()
}

/// The document inside a signed receipt for `audience`.
fn verified(text: &str, keys: &JwkSet, audience: &str) -> Result<Value, String> {
    let header = decode_header(text).unwrap();
    assert_eq!((header.alg, header.typ.as_deref()), (Algorithm::ES256, Some("madoguchi-consent-receipt+jwt")));
    let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_required_spec_claims(&["iss", "aud"]);
    rules.set_audience(&[audience]);
    rules.validate_exp = false;
    let told = decode::<Value>(text, &DecodingKey::from_jwk(key).unwrap(), &rules);
    Ok(told.map_err(|error| error.to_string())?.claims["consent_receipt"].clone())
}

fn names(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Exactly these members, each of the form that TS 27560 and the vocabulary ask for.
fn assert_shape(receipt: &Value) {
    let members = |value, wanted: &[&str]| assert_eq!(names(value), wanted.iter().copied().collect(), "{value:#}");
    members(
        receipt,
        &["@context", "@type", "schema_version", "receipt_id", "created", "publisher", "audience", "consent_record"],
    );
    assert_eq!(receipt["schema_version"], "https://w3id.org/dpv/schema/dpv-27560#receipt");
    let record = &receipt["consent_record"];
    members(record, &["@type", "record", "pii_processing", "party_identification", "event"]);
    members(&record["record"], &["schema_version", "record_id", "pii_principal_id"]);
    assert_eq!(record["record"]["schema_version"], "https://w3id.org/dpv/schema/dpv-27560#record");
    members(&record["pii_processing"], &["privacy_notice", "language", "purposes"]);
    let purpose = &record["pii_processing"]["purposes"][0];
    members(
        purpose,
        &[
            "@type",
            "purpose",
            "purpose_type",
            "lawful_basis",
            "pii_information",
            "pii_controllers",
            "processing_method",
            "storage_locations",
            "retention_period",
            "jurisdiction",
            "recipient_third_parties",
            "withdrawal_method",
            "on_behalf_of",
        ],
    );
    for item in purpose["pii_information"].as_array().unwrap() {
        members(item, &["@type", "pii_type", "pii_attribute_id", "sensitive_pii_category"]);
        assert!(item["pii_type"]["ja"].is_string() && item["sensitive_pii_category"].is_boolean());
    }
    let days = purpose["retention_period"].as_str().unwrap();
    assert!(days.starts_with('P') && days.ends_with('D'), "{days}");
    let parties = record["party_identification"].as_array().unwrap();
    let known: BTreeSet<&str> = parties.iter().map(|party| party["party_id"].as_str().unwrap()).collect();
    for named in ["pii_controllers", "recipient_third_parties"] {
        for party in purpose[named].as_array().unwrap() {
            assert!(known.contains(party.as_str().unwrap()), "{party} is nowhere said who it is");
        }
    }
    for event in record["event"].as_array().unwrap() {
        let basic = ["event_time", "validity_duration", "entity_id", "event_type", "event_state"];
        assert!(basic.iter().all(|name| event[name].is_string()), "{event}");
        let entity = event["entity_id"].as_str().unwrap();
        assert!(known.contains(entity) || event["entity_id"] == record["record"]["pii_principal_id"], "{event}");
    }
    // Every member has a meaning.
    let context = &receipt["@context"];
    let mut without = Vec::new();
    each_name(receipt, &mut |name| {
        if !name.starts_with('@') && !["ja", "en"].contains(&name) && context.get(name).is_none() {
            without.push(name.to_owned());
        }
    });
    assert_eq!(without, Vec::<String>::new());
}

fn each_name(value: &Value, see: &mut dyn FnMut(&str)) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                see(name);
                if name != "@context" {
                    each_name(inner, see);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|inner| each_name(inner, see)),
        _ => {}
    }
}

fn states(receipt: &Value) -> Vec<&str> {
    let events = receipt["consent_record"]["event"].as_array().unwrap();
    events.iter().map(|event| event["event_state"].as_str().unwrap()).collect()
}

/// The third party's copy, whole and with its leaf in the log.
async fn third_partys(caller: &Caller<'_>, tokens: &Tokens, keys: &JwkSet) -> Value {
    let told = caller.call(&tokens.access, "GET", "/v1/consent/receipts", None).await;
    assert_eq!(told.status, 200, "{told:?}");
    let receipts = told.body["receipts"].as_array().unwrap();
    assert_eq!(receipts.len(), 1);
    let theirs = verified(receipts[0]["receipt"].as_str().unwrap(), keys, "bank").unwrap();
    assert_shape(&theirs);
    let record = &theirs["consent_record"];
    assert_eq!(record["record"]["record_id"], receipts[0]["record_id"]);
    assert_eq!(theirs["audience"], "dpv:DataController");
    assert_eq!(record["record"]["pii_principal_id"].as_str(), tokens.subject.as_deref());
    let items = record["pii_processing"]["purposes"][0]["pii_information"].as_array().unwrap();
    let items: Vec<&str> = items.iter().map(|item| item["pii_attribute_id"].as_str().unwrap()).collect();
    assert_eq!(items, ["TM00000000000002/0200000010", "TM00000000000002/0200000020"]);
    assert_eq!(states(&theirs), ["dpv:ConsentGiven"]);
    assert_eq!(record["event"][0]["validity_duration"], "P30D");
    // The leaf of the change is the client's own to fetch, and to have proved.
    let path = format!("/v1/receipts/{}", record["event"][0]["log_receipt"].as_str().unwrap());
    let leaf = loop {
        let told = caller.call(&tokens.access, "GET", &path, None).await;
        if told.code() != "receipt_pending" {
            break told;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    let consent = caller.call(&tokens.access, "GET", "/v1/consent", None).await.body;
    assert_eq!((leaf.status, &leaf.body["record"]["change"]), (200, &json!("made")));
    assert_eq!(leaf.body["record"]["grant"], consent["grant_id"]);
    theirs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_sides_hold_the_same_record_and_the_log_shows_its_events() {
    let installation = Installation::start(1).await;
    let bank = installation.party("bank", ClientClass::Bank, "measurement").await;
    let (pending, answer) = agreed(&installation, &bank).await;
    let tokens = bank.exchange(pending, &answer).await.unwrap();
    let (caller, keys) = (Caller::new(&bank, &installation, 0), keys(&installation).await);
    let theirs = third_partys(&caller, &tokens, &keys).await;

    // The citizen's copy, from the page of the consent.
    let mut citizen = installation.citizen();
    let dashboard = citizen.dashboard(&installation.public_url).await.unwrap();
    let page = citizen.newest_grant(&dashboard).await.unwrap();
    let links: Vec<String> = page.links().into_iter().filter(|link| link.contains("/receipts/")).collect();
    let (signed, plain) = (links.iter().find(|l| l.contains(".jwt")), links.iter().find(|l| l.contains(".jsonld")));
    let saved = citizen.open(page.url.join(signed.unwrap()).unwrap().as_str()).await.unwrap();
    let own = verified(&saved.html, &keys, tokens.subject.as_deref().unwrap()).unwrap();
    assert_shape(&own);
    assert_eq!(own["audience"], "dpv:DataSubject");
    assert_ne!(own["receipt_id"], theirs["receipt_id"]);
    let stripped = |receipt: &Value| {
        let mut record = receipt["consent_record"].clone();
        // What was on its way into the log when one copy was made may have arrived at the other's.
        for event in record["event"].as_array_mut().unwrap() {
            event.as_object_mut().unwrap().remove("leaf_index");
        }
        record
    };
    assert_eq!(stripped(&own), stripped(&theirs));
    let readable = citizen.open(page.url.join(plain.unwrap()).unwrap().as_str()).await.unwrap();
    assert_eq!(stripped(&serde_json::from_str(&readable.html).unwrap()), stripped(&own));
    // A pause, and the withdrawal, stand in the citizen's copy at once.
    let page = citizen.open(page.url.as_str()).await.unwrap();
    citizen.press(&page, "/pause").await.unwrap();
    let page = citizen.open(page.url.as_str()).await.unwrap();
    let confirm = citizen.press(&page, "/revoke").await.unwrap();
    citizen.press(&confirm, "/revoke").await.unwrap();
    let saved = citizen.open(page.url.join(signed.unwrap()).unwrap().as_str()).await.unwrap();
    let after = verified(&saved.html, &keys, tokens.subject.as_deref().unwrap()).unwrap();
    assert_shape(&after);
    assert_eq!(states(&after), ["dpv:ConsentGiven", "madoguchi:ConsentPaused", "dpv:ConsentWithdrawn"]);
    for missing in ["0.jwt", "x.jwt", "1.pdf", "jwt"] {
        let place = page.url.join(&format!("{}/receipts/{missing}", page.url.path())).unwrap();
        assert_eq!(citizen.open(place.as_str()).await.unwrap().status, 404, "{missing}");
    }
}
