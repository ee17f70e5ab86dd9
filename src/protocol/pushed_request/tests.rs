//! Each parameter of a pushed request, wrong in each way.

use super::*;
use crate::domain::client::{ClientClass, ClientStatus, Contact};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::ids::ClientId;
use crate::domain::profile::ClientProfile;
use crate::domain::words::Words;
use crate::protocol::code::INVALID_TARGET;

fn client() -> Client {
    let words = |text: &str| Words { ja: text.into(), en: text.into() };
    Client {
        id: ClientId::parse("bank").unwrap(),
        class: ClientClass::Bank,
        status: ClientStatus::Production,
        name: words("bank"),
        corporate_number: CorporateNumber::parse("7000012050002").unwrap(),
        contact: Contact { email: "desk@bank.example".into(), phone: "0".into() },
        redirect_uris: vec!["https://bank.example/cb".into()],
        jwks: serde_json::json!({"keys": []}),
        scope: ScopeSet::parse("openid self_information").unwrap(),
        purposes: vec![],
        rate_plan: "standard".into(),
        dpop_nonce_required: false,
        sector: "bank.example".into(),
        profile: ClientProfile::default(),
    }
}

const DETAILS: &str =
    r#"[{"type":"self_information","purpose":"p","data_sets":[{"code":"TM00000000000002","items":["0200000010"]}]}]"#;

/// The right parameters, with some replaced (or left out when empty).
fn parse_with(changes: &[(&str, &str)], proof: Option<Jkt>) -> Result<AuthorizationRequest, Refusal> {
    let mut pairs = vec![
        ("response_type", "code"),
        ("redirect_uri", "https://bank.example/cb"),
        ("scope", "self_information openid"),
        ("state", "s"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
        ("authorization_details", DETAILS),
    ];
    pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    pairs.extend_from_slice(changes);
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    parse(&Form::parse(body.as_bytes()).unwrap(), &client(), proof)
}

#[test]
fn happy_flow() {
    let request =
        parse_with(&[("ui_locales", "fr en-GB ja"), ("acr_values", "aal2 x"), ("unknown", "1")], None).unwrap();
    assert_eq!(request.client_id.as_str(), "bank");
    assert_eq!(request.scope.to_string(), "openid self_information");
    assert_eq!(request.lang, Some(Lang::En));
    assert_eq!(request.acr, Some(Acr::Aal2));
    assert!(request.ask.is_some());
    assert_eq!(request.nonce, None);
}

#[test]
fn a_wrong_parameter_is_named() {
    let long_state = "x".repeat(4097);
    let long_nonce = "x".repeat(257);
    for (changes, code, at) in [
        (&[("response_type", "")][..], INVALID_REQUEST, "response_type"),
        (&[("response_type", "token")], UNSUPPORTED_RESPONSE_TYPE, "response_type"),
        (&[("response_type", "code id_token")], UNSUPPORTED_RESPONSE_TYPE, "response_type"),
        (&[("response_mode", "fragment")], INVALID_REQUEST, "response_mode"),
        (&[("response_mode", "form_post.jwt")], INVALID_REQUEST, "response_mode"),
        (&[("response_mode", "JWT")], INVALID_REQUEST, "response_mode"),
        (&[("redirect_uri", "")], INVALID_REQUEST, "redirect_uri"),
        (&[("redirect_uri", "https://bank.example/cb/")], INVALID_REQUEST, "redirect_uri"),
        (&[("redirect_uri", "http://bank.example/cb")], INVALID_REQUEST, "redirect_uri"),
        (&[("scope", "")], INVALID_SCOPE, "scope"),
        (&[("scope", " ")], INVALID_SCOPE, "scope"),
        (&[("scope", "openid admin")], INVALID_SCOPE, "scope"),
        (&[("scope", "openid self_information offline_access")], INVALID_SCOPE, "scope"),
        (&[("scope", "openid")], INVALID_REQUEST, "scope"),
        (&[("authorization_details", "")], INVALID_REQUEST, "authorization_details"),
        (&[("code_challenge", "")], INVALID_REQUEST, "code_challenge"),
        (&[("code_challenge_method", "plain")], INVALID_REQUEST, "code_challenge_method"),
        (&[("code_challenge_method", "")], INVALID_REQUEST, "code_challenge_method"),
        (&[("prompt", "none")], INTERACTION_REQUIRED, "prompt"),
        (&[("prompt", "login none")], INTERACTION_REQUIRED, "prompt"),
        (&[("max_age", "-1")], INVALID_REQUEST, "max_age"),
        (&[("max_age", "soon")], INVALID_REQUEST, "max_age"),
        (&[("claims", "[]")], INVALID_REQUEST, "claims"),
        (&[("resource", "here")], INVALID_TARGET, "resource"),
        (&[("grant_id", "g_Zm9vYmFyYmF6cXV4MTIzNA")], INVALID_REQUEST, "grant_id"),
        (&[("grant_management_action", "merge")], INVALID_REQUEST, "grant_id"),
        (&[("grant_management_action", "replace")], INVALID_REQUEST, "grant_id"),
        (&[("grant_management_action", "merge"), ("grant_id", "x y")], INVALID_GRANT_ID, "grant_id"),
        (&[("grant_management_action", "update")], INVALID_REQUEST, "grant_management_action"),
        (&[("grant_management_action", "revoke")], INVALID_REQUEST, "grant_management_action"),
        (&[("state", &long_state)], INVALID_REQUEST, "state"),
        (&[("state", "a\nb")], INVALID_REQUEST, "state"),
        (&[("nonce", &long_nonce)], INVALID_REQUEST, "nonce"),
        (&[("dpop_jkt", "x")], INVALID_REQUEST, "dpop_jkt"),
    ] {
        let refusal = parse_with(changes, None).expect_err(&format!("{changes:?}"));
        assert_eq!((refusal.code, refusal.pointer.as_deref()), (code, Some(at)), "{changes:?}");
    }
}

#[test]
fn ensure_authorization_request_with_64_char_nonce_and_long_state_success() {
    let (state, nonce) = ("s".repeat(2000), "n".repeat(64));
    let request = parse_with(&[("state", &state), ("nonce", &nonce)], None).unwrap();
    assert_eq!(request.state, Some(state));
    assert_eq!(request.nonce, Some(nonce));
    assert_eq!(parse_with(&[("state", "")], None).unwrap().state, None);
}

#[test]
fn a_sign_in_can_be_asked_for_anew_and_a_grant_be_changed() {
    let request = parse_with(&[("max_age", "300"), ("grant_management_action", "create")], None).unwrap();
    assert_eq!((request.max_age, request.grant_management), (Some(300), GrantManagement::Create));
    let id = GrantId::parse("g_Zm9vYmFyYmF6cXV4MTIzNA").unwrap();
    let changes = [("prompt", "consent login"), ("grant_management_action", "merge"), ("grant_id", id.as_str())];
    let request = parse_with(&changes, None).unwrap();
    assert_eq!((request.max_age, request.grant_management.grant()), (Some(0), Some(&id)));
    let acr = r#"{"id_token":{"acr":{"essential":true,"value":"aal3"}}}"#;
    assert_eq!(parse_with(&[("acr_values", "aal2"), ("claims", acr)], None).unwrap().acr, Some(Acr::Aal3));
}

#[test]
fn ensure_mismatched_dpop_jkt_fails() {
    let (one, two) = ("A".repeat(43), format!("B{}", "A".repeat(42)));
    let proof = Jkt::parse(&one).unwrap();
    assert_eq!(parse_with(&[], Some(proof)).unwrap().dpop_jkt, Some(one.clone()));
    assert_eq!(parse_with(&[("dpop_jkt", &one)], Some(proof)).unwrap().dpop_jkt, Some(one.clone()));
    assert_eq!(parse_with(&[("dpop_jkt", &two)], None).unwrap().dpop_jkt, Some(two.clone()));
    assert_eq!(parse_with(&[("dpop_jkt", &two)], Some(proof)).unwrap_err().code, INVALID_REQUEST);
}
