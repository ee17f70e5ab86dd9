//! Metadata in, client out, metadata out again; and everything that must not come in.

use super::*;
use crate::domain::client::{Client, ClientClass, ClientStatus};
use crate::domain::ids::ClientId;
use crate::domain::profile::{
    Backchannel, CertificateSubject, ClientAuthentication, GrantType, KeyManagement, ResponseMode, TokenBinding,
};
use crate::protocol::jose::Es256Signer;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn given() -> Given {
    Given { id: ClientId::parse("c_1").unwrap(), status: ClientStatus::Draft, rate_plan: "standard".into() }
}

fn key() -> Value {
    Es256Signer::generate().unwrap().0.public_jwk().clone()
}

/// A right registration, with some members replaced; `null` takes one away.
fn with(changes: Value) -> Map<String, Value> {
    let right = json!({
        "client_name": "Example Bank",
        "client_name#ja": "例示銀行",
        "redirect_uris": ["https://bank.example/callback"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key()]},
        "scope": "openid self_information",
    });
    let (Value::Object(mut members), Value::Object(changes)) = (right, changes) else { unreachable!() };
    members.extend(changes);
    members
}

fn read(changes: Value) -> Result<Client, Vec<String>> {
    let read = client_of(&with(changes), given());
    read.map_err(|faults| faults.into_iter().map(|fault| fault.pointer.map(String::from).unwrap_or_default()).collect())
}

#[track_caller]
fn refused(changes: &Value, named: &str) {
    let faults = read(changes.clone()).expect_err(&changes.to_string());
    assert!(faults.iter().any(|fault| fault == named), "{changes}: {faults:?}");
}

#[test]
fn every_member_becomes_what_it_means_and_comes_back() {
    // RFC 7518 appendix C.
    let encryption_key = json!({
        "kty": "EC", "crv": "P-256", "use": "enc", "kid": "e",
        "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
    });
    let client = read(json!({
        "jwks": {"keys": [key(), encryption_key]},
        "client_class": "bank",
        "corporate_number": "8000000990001",
        "contacts": ["desk@bank.example"],
        "contact_phone": "03-0000-0000",
        "token_endpoint_auth_signing_alg": "PS256",
        "dpop_bound_access_tokens": true,
        "grant_types": ["refresh_token", "authorization_code", "urn:openid:params:grant-type:ciba"],
        "response_types": ["code"],
        "response_modes": ["query.jwt"],
        "require_signed_request_object": true,
        "request_object_signing_alg": "ES256",
        "authorization_encrypted_response_alg": "ECDH-ES",
        "authorization_encrypted_response_enc": "A256GCM",
        "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": "ES256",
        "introspection_encrypted_response_alg": "ECDH-ES",
        "introspection_encrypted_response_enc": "A256GCM",
        "backchannel_token_delivery_mode": "ping",
        "backchannel_client_notification_endpoint": "https://bank.example/ciba",
        "post_logout_redirect_uris": ["https://bank.example/bye"],
        "backchannel_logout_uri": "https://bank.example/logout",
        "backchannel_logout_session_required": false,
        "use_mtls_endpoint_aliases": true,
        "authorization_details_types": ["self_information"],
        "consent_events_uri": "https://bank.example/events",
        "purposes": [{
            "code": "loan", "words": {"ja": "審査", "en": "Loan"}, "if_refused": {"ja": "窓口", "en": "Branch"},
            "retention_days": 30, "recipients": [], "max_access_days": 0,
        }],
        "some_other_member": {"is": "ignored"},
        "tos_uri": null,
    }))
    .unwrap();
    assert_eq!((client.name.ja.as_str(), client.name.en.as_str()), ("例示銀行", "Example Bank"));
    assert_eq!((client.class, client.sector.as_str()), (ClientClass::Bank, "bank.example"));
    let profile = &client.profile;
    assert_eq!(profile.assertion_signing_alg.as_deref(), Some("PS256"));
    assert_eq!(profile.binding, TokenBinding::Dpop);
    assert_eq!(profile.grant_types, [GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::Ciba]);
    assert_eq!(profile.messages.response_modes, [ResponseMode::Jwt]);
    assert!(profile.messages.require_signed_request_object && profile.messages.sign_userinfo);
    assert_eq!(profile.messages.authorization_encryption, Some(KeyManagement::EcdhEs));
    assert_eq!(profile.messages.introspection_encryption, Some(KeyManagement::EcdhEs));
    assert!(matches!(profile.backchannel, Some(Backchannel::Ping { .. })));
    assert_eq!(profile.logout.backchannel_logout_uri.as_deref(), Some("https://bank.example/logout"));
    assert!(profile.use_mtls_endpoint_aliases);
    assert_eq!(profile.authorization_details_types.as_deref(), Some(&["self_information".to_owned()][..]));
    assert_eq!(profile.consent_events_uri.as_deref(), Some("https://bank.example/events"));
    assert_eq!(client_of(&metadata_of(&client), given()).unwrap(), client);
}

#[test]
fn certificates_stand_in_for_keys_where_rfc_8705_says_so() {
    let subject = "CN=bank,O=Mihon,C=JP";
    let by_authority = json!({
        "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": subject, "jwks": null,
        "tls_client_certificate_bound_access_tokens": true,
    });
    let client = read(by_authority).unwrap();
    let expected = ClientAuthentication::TlsClientAuth(CertificateSubject::SubjectDn(subject.into()));
    assert_eq!((&client.profile.authentication, client.profile.binding), (&expected, TokenBinding::Certificate));
    assert_eq!(client_of(&metadata_of(&client), given()).unwrap(), client);
    let client = read(json!({"token_endpoint_auth_method": "self_signed_tls_client_auth"})).unwrap();
    assert_eq!(client.profile.authentication, ClientAuthentication::SelfSignedTlsClientAuth);
    assert_eq!(client_of(&metadata_of(&client), given()).unwrap(), client);
}

/// Each with the member that must be named.
#[test]
fn what_cannot_be_registered_is_refused_by_its_name() {
    let mut private = key();
    private["d"] = json!("AAAA");
    let small = json!({"kty": "RSA", "n": "w".repeat(170), "e": "AQAB"});
    for (changes, named) in [
        // FAPI 2.0 SP §5.3.2.1-3 and -6: confidential clients, no shared secrets.
        (json!({"token_endpoint_auth_method": "none"}), "token_endpoint_auth_method"),
        (json!({"token_endpoint_auth_method": "client_secret_basic"}), "token_endpoint_auth_method"),
        (json!({"token_endpoint_auth_method": "client_secret_jwt"}), "token_endpoint_auth_method"),
        (json!({"token_endpoint_auth_method": "tls_client_auth"}), "token_endpoint_auth_method"),
        (json!({"tls_client_auth_san_dns": "bank.example"}), "token_endpoint_auth_method"),
        (
            json!({"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_ip": "x"}),
            "tls_client_auth_san_ip",
        ),
        (
            json!({"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_ip": "::1",
                "tls_client_auth_san_dns": "bank.example"}),
            "tls_client_auth_subject_dn",
        ),
        (json!({"token_endpoint_auth_signing_alg": "RS256"}), "token_endpoint_auth_signing_alg"),
        (json!({"request_object_signing_alg": "none"}), "request_object_signing_alg"),
        (json!({"redirect_uris": ["http://bank.example/callback"]}), "redirect_uris"),
        (json!({"redirect_uris": ["https://bank.example/callback#x"]}), "redirect_uris"),
        (json!({"redirect_uris": ["https://bank.example/a", "https://other.example/b"]}), "redirect_uris"),
        (json!({"redirect_uris": "https://bank.example/callback"}), "redirect_uris"),
        (json!({"redirect_uris": null}), "redirect_uris"),
        (json!({"jwks": null}), "jwks"),
        (json!({"jwks": {"keys": {}}}), "jwks"),
        (json!({"jwks": {"keys": [private]}}), "jwks"),
        (json!({"jwks": {"keys": [small]}}), "jwks"),
        (json!({"jwks_uri": "https://bank.example/jwks"}), "jwks_uri"),
        (json!({"jwks": null, "jwks_uri": "http://bank.example/jwks"}), "jwks_uri"),
        (json!({"jwks": null, "jwks_uri": "https://user@bank.example/jwks"}), "jwks_uri"),
    ] {
        refused(&changes, named);
    }
}

#[test]
fn what_is_not_offered_or_does_not_read_is_refused_by_its_name() {
    for (changes, named) in [
        (json!({"grant_types": ["password"]}), "grant_types"),
        (json!({"grant_types": ["implicit"]}), "grant_types"),
        (json!({"response_types": ["code id_token"]}), "response_types"),
        (json!({"response_modes": ["fragment"]}), "response_modes"),
        (json!({"subject_type": "public"}), "subject_type"),
        (json!({"id_token_signed_response_alg": "RS256"}), "id_token_signed_response_alg"),
        (
            json!({"id_token_encrypted_response_alg": "RSA1_5", "id_token_encrypted_response_enc": "A256GCM"}),
            "id_token_encrypted_response_alg",
        ),
        (json!({"id_token_encrypted_response_alg": "ECDH-ES"}), "id_token_encrypted_response_enc"),
        (json!({"id_token_encrypted_response_enc": "A256GCM"}), "id_token_encrypted_response_enc"),
        (
            json!({"dpop_bound_access_tokens": true, "tls_client_certificate_bound_access_tokens": true}),
            "dpop_bound_access_tokens",
        ),
        (json!({"dpop_bound_access_tokens": "yes"}), "dpop_bound_access_tokens"),
        (json!({"backchannel_token_delivery_mode": "push"}), "backchannel_token_delivery_mode"),
        (json!({"backchannel_token_delivery_mode": "ping"}), "backchannel_token_delivery_mode"),
        (json!({"backchannel_logout_uri": "http://bank.example/logout"}), "backchannel_logout_uri"),
        (json!({"consent_events_uri": "http://bank.example/events"}), "consent_events_uri"),
        (json!({"post_logout_redirect_uris": ["javascript:alert(1)"]}), "post_logout_redirect_uris"),
        (json!({"post_logout_redirect_uris": ["https://evil.example/bye"]}), "post_logout_redirect_uris"),
        (json!({"authorization_details_types": ["self_information", "payment"]}), "authorization_details_types"),
        (json!({"authorization_details_types": "self_information"}), "authorization_details_types"),
        (json!({"use_mtls_endpoint_aliases": "yes"}), "use_mtls_endpoint_aliases"),
        (json!({"scope": "openid admin"}), "scope"),
        (json!({"scope": ["openid"]}), "scope"),
        (json!({"resources": ["/relative"]}), "resources"),
        (json!({"corporate_number": "1234567890123"}), "corporate_number"),
        (json!({"client_class": "government"}), "client_class"),
        (json!({"client_name": "two\nlines"}), "client_name"),
        (json!({"purposes": [{"code": "x"}]}), "purposes"),
    ] {
        refused(&changes, named);
    }
}

#[test]
fn every_fault_is_told_at_once() {
    let faults =
        read(json!({"redirect_uris": ["x"], "jwks": null, "scope": "x", "subject_type": "public"})).unwrap_err();
    assert_eq!(faults.len(), 4, "{faults:?}");
}

proptest! {
    /// Metadata is from strangers: whatever stands in a member, reading it ends in a client or in faults.
    #[test]
    fn no_value_makes_it_panic(name in 0_usize..12, text in "\\PC{0,40}", number in any::<i64>(), kind in 0_u8..5) {
        let names = ["redirect_uris", "jwks", "jwks_uri", "scope", "grant_types", "client_name", "purposes", "contacts",
            "tls_client_auth_san_ip", "response_modes", "backchannel_logout_uri", "token_endpoint_auth_method"];
        let value = match kind {
            0 => json!(text),
            1 => json!([text]),
            2 => json!(number),
            3 => json!({"keys": [text]}),
            _ => json!([[{"keys": number}]]),
        };
        let mut members = with(json!({}));
        members.insert(names[name].to_owned(), value);
        if let Ok(client) = client_of(&members, given()) {
            prop_assert_eq!(client_of(&metadata_of(&client), given()).unwrap(), client);
        }
    }
}
