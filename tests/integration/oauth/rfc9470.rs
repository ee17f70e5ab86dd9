//! Step-up: a sign-in asked for anew or more surely, and the gateway's word when the one behind a token will not do.

use super::counter::{Counter, with};
use crate::support::calls::{Caller, INCOME, retrieval, wanted};
use crate::support::installation::Installation;
use crate::support::played::third_party::ThirdParty;
use madoguchi::domain::acr::Acr;
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::consent::{Consent, ConsentedDataSet};
use madoguchi::domain::data_set::{DataSetCode, ItemCode};
use madoguchi::domain::grant::{Authentication, Grant, GrantStatus};
use madoguchi::domain::ids::{ClientId, GrantId};
use madoguchi::domain::scope::ScopeSet;
use madoguchi::domain::subject::UpstreamAccount;
use madoguchi::domain::terms::Terms;
use madoguchi::domain::{Clock as _, Digest, SystemEntropy, Words};
use madoguchi::protocol::refresh_token;
use madoguchi::store::HeldRefreshToken;
use serde_json::json;
use std::time::Duration;

#[actix_web::test]
async fn a_request_can_demand_how_surely_and_how_recently() {
    let counter = Counter::open().await;
    for (name, value, error) in [
        ("acr_values", "aal3", (201, "")),
        ("acr_values", "urn:unknown", (201, "")),
        ("max_age", "0", (201, "")),
        ("max_age", "x", (400, "invalid_request")),
        ("prompt", "login", (201, "")),
        ("prompt", "none", (400, "interaction_required")),
        (
            "claims",
            r#"{"id_token":{"acr":{"essential":true,"values":["aal3"]},"auth_time":{"essential":true}}}"#,
            (201, ""),
        ),
        ("claims", r#"{"userinfo":{"name":{"essential":true}}}"#, (201, "")),
        (
            "claims",
            r#"{"id_token":{"acr":{"essential":true,"values":["urn:unknown"]}}}"#,
            (400, "unmet_authentication_requirements"),
        ),
    ] {
        let pairs = with(counter.pushed(&counter.bank), name, Some(value));
        assert_eq!(counter.post("/oauth/par", &pairs, None).await.error(), error, "{name}={value}");
    }
}

/// An access token of the bank for income, given by somebody who was recognised as `acr` so long ago.
async fn token(installation: &Installation, bank: &ThirdParty, acr: Acr) -> String {
    let (store, now) = (&installation.store.store, installation.clock.now());
    let account = UpstreamAccount { issuer: "https://idp.example".into(), subject: "step-up".into() };
    let new = madoguchi::domain::ids::SubjectId::generate(&SystemEntropy);
    let subject = store.find_or_insert_subject(&account, &new).await.unwrap().id;
    let mut items: Vec<ItemCode> = vec![ItemCode::parse("0200000010").unwrap(), ItemCode::parse("0200000020").unwrap()];
    items.sort_unstable();
    let words = || Words { ja: "見本".into(), en: "sample".into() };
    let code = DataSetCode::parse(INCOME).unwrap();
    let grant = Grant {
        id: GrantId::generate(&SystemEntropy),
        client: ClientId::parse(&bank.file.client_id).unwrap(),
        subject: Some(subject),
        scope: ScopeSet::parse("openid offline_access self_information").unwrap(),
        consent: Some(Consent {
            purpose: bank.file.purpose.clone(),
            purpose_words: words(),
            data_sets: vec![ConsentedDataSet {
                code,
                items,
                refused: vec![],
                period: None,
                predicates: vec![],
                refused_predicates: vec![],
            }],
            access_days: 30,
            retention_days: 3650,
            recipients: vec![],
            terms: Terms::default(),
        }),
        resources: vec![],
        authentication: Some(Authentication { acr, at: now, certificate: None }),
        created_at: now,
        updated_at: None,
        acting: None,
        expires_at: now.plus(Duration::from_hours(24 * 30)),
        status: GrantStatus::Active,
    };
    store.insert_grant(&grant).await.unwrap();
    let text = refresh_token::generate(&SystemEntropy);
    let held = HeldRefreshToken {
        digest: Digest::of(text.expose()),
        grant: grant.id.clone(),
        client: grant.client.clone(),
        issued_at: now,
        expires_at: grant.expires_at,
    };
    assert!(store.insert_refresh_token(&held).await.unwrap());
    let caller = Caller::new(bank, installation, 0);
    let fields = [("grant_type", "refresh_token"), ("refresh_token", text.expose().as_str())];
    let told = caller.form("/oauth/token", &fields).await;
    assert_eq!(told.status, 200, "{told:?}");
    told.body["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_weak_sign_in_is_told_what_would_do_and_a_surer_one_gets_in() {
    let installation = Installation::start(1).await;
    let bank = installation.party("bank", ClientClass::Bank, "measurement").await;
    let caller = Caller::new(&bank, &installation, 0);
    let path = "/v1/self-information-requests";
    let weak = token(&installation, &bank, Acr::Aal2).await;
    let told = caller.call(&weak, "POST", path, Some(&retrieval())).await;
    assert_eq!(told.brief(), (401, "insufficient_user_authentication"), "{told:?}");
    let challenge = told.header("www-authenticate");
    for part in ["DPoP ", "error=\"insufficient_user_authentication\"", "acr_values=\"aal3\"", "resource_metadata="] {
        assert!(challenge.contains(part), "{part}: {challenge}");
    }
    // What needs no sign-in so sure stays open to the same token.
    assert_eq!(caller.call(&weak, "GET", "/v1/account", None).await.status, 200);
    // Of what nobody agreed to, no sign-in is asked.
    let other = json!({"data_sets": [{"code": "TM00000000000001", "condition": {"kind": "latest"}}]});
    assert_eq!(caller.call(&weak, "POST", path, Some(&other)).await.brief(), (403, "not_consented"));
    let sure = token(&installation, &bank, Acr::Aal3).await;
    assert!(matches!(caller.call(&sure, "POST", path, Some(&retrieval())).await.status, 200 | 202));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_after_a_step_up_says_how_and_when() {
    let installation = Installation::start(1).await;
    let bank = installation.party("bank", ClientClass::Bank, "measurement").await;
    let caller = Caller::new(&bank, &installation, 0);
    let details = wanted().to_string();
    let form = [
        ("response_type", "code"),
        ("redirect_uri", bank.file.redirect_uri.as_str()),
        ("scope", "openid self_information"),
        ("code_challenge", super::counter::CHALLENGE),
        ("code_challenge_method", "S256"),
        ("authorization_details", details.as_str()),
        ("acr_values", "aal3"),
        ("max_age", "60"),
    ];
    let pushed = caller.form("/oauth/par", &form).await;
    assert_eq!(pushed.status, 201, "{pushed:?}");
    let uri = pushed.body["request_uri"].as_str().unwrap();
    let mut address = url::Url::parse(&format!("{}/oauth/authorize", installation.public_url)).unwrap();
    address.query_pairs_mut().append_pair("client_id", &bank.file.client_id).append_pair("request_uri", uri);
    let mut citizen = installation.citizen();
    let page = citizen.arrive(address.as_str()).await.unwrap();
    let answer = citizen.decide(&page, "agree", &bank.file.redirect_uri).await.unwrap();
    let code = answer.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    let exchange = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", bank.file.redirect_uri.as_str()),
        ("code_verifier", super::counter::VERIFIER),
    ];
    let tokens = caller.form("/oauth/token", &exchange).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    for name in ["access_token", "id_token"] {
        let claims = super::counter::claims(tokens.body[name].as_str().unwrap());
        assert_eq!(claims["acr"], "aal3", "{name}");
        assert!(claims["auth_time"].as_i64().is_some_and(|at| at + 60 >= claims["iat"].as_i64().unwrap()), "{claims}");
    }
}
