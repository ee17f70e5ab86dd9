//! From a client to its metadata, as client information answers show it (RFC 7591 §3.2.1).

use crate::domain::Words;
use crate::domain::client::Client;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::profile::{
    Backchannel, CertificateSubject, ClientAuthentication, ClientProfile, GrantType, KeyManagement, Messages,
    ResponseMode, TokenBinding,
};
use serde_json::{Map, Value, json};

/// The metadata of `client`; reading it back gives the same client, but for its status.
#[must_use]
pub fn metadata_of(client: &Client) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("client_id".into(), json!(client.id));
    name(&mut out, &client.name);
    if client.corporate_number != CorporateNumber::none() {
        out.insert("corporate_number".into(), json!(client.corporate_number));
    }
    out.insert("client_class".into(), json!(client.class));
    if !client.contact.email.is_empty() {
        out.insert("contacts".into(), json!([client.contact.email]));
    }
    if !client.contact.phone.is_empty() {
        out.insert("contact_phone".into(), json!(client.contact.phone));
    }
    out.insert("redirect_uris".into(), json!(client.redirect_uris));
    if let Some(uri) = &client.profile.jwks_uri {
        out.insert("jwks_uri".into(), json!(uri));
    } else if client.jwks.get("keys").and_then(Value::as_array).is_some_and(|keys| !keys.is_empty()) {
        out.insert("jwks".into(), client.jwks.clone());
    }
    if !client.scope.is_empty() {
        out.insert("scope".into(), json!(client.scope));
    }
    if !client.purposes.is_empty() {
        out.insert("purposes".into(), json!(client.purposes));
    }
    out.insert("rate_plan".into(), json!(client.rate_plan));
    out.insert("sector".into(), json!(client.sector));
    out.insert("subject_type".into(), json!("pairwise"));
    if client.dpop_nonce_required {
        out.insert("dpop_nonce_required".into(), json!(true));
    }
    profile(&mut out, &client.profile);
    out
}

fn name(out: &mut Map<String, Value>, words: &Words) {
    out.insert("client_name".into(), json!(words.ja));
    if words.ja != words.en {
        out.insert("client_name#ja".into(), json!(words.ja));
        out.insert("client_name#en".into(), json!(words.en));
    }
}

fn profile(out: &mut Map<String, Value>, profile: &ClientProfile) {
    authentication(out, &profile.authentication);
    if let Some(alg) = &profile.assertion_signing_alg {
        out.insert("token_endpoint_auth_signing_alg".into(), json!(alg));
    }
    match profile.binding {
        TokenBinding::AsPresented => {}
        TokenBinding::Dpop => drop(out.insert("dpop_bound_access_tokens".into(), json!(true))),
        TokenBinding::Certificate => {
            out.insert("tls_client_certificate_bound_access_tokens".into(), json!(true));
        }
    }
    if profile.use_mtls_endpoint_aliases {
        out.insert("use_mtls_endpoint_aliases".into(), json!(true));
    }
    if let Some(types) = &profile.authorization_details_types {
        out.insert("authorization_details_types".into(), json!(types));
    }
    let usual = GrantType::USUAL.to_vec();
    let grants = if profile.grant_types.is_empty() { &usual } else { &profile.grant_types };
    out.insert("grant_types".into(), json!(grants));
    let has_code = grants.contains(&GrantType::AuthorizationCode);
    out.insert("response_types".into(), if has_code { json!(["code"]) } else { json!([]) });
    messages(out, &profile.messages);
    match &profile.backchannel {
        None => {}
        Some(Backchannel::Poll) => drop(out.insert("backchannel_token_delivery_mode".into(), json!("poll"))),
        Some(Backchannel::Ping { notification_endpoint }) => {
            out.insert("backchannel_token_delivery_mode".into(), json!("ping"));
            out.insert("backchannel_client_notification_endpoint".into(), json!(notification_endpoint));
        }
    }
    if !profile.logout.post_logout_redirect_uris.is_empty() {
        out.insert("post_logout_redirect_uris".into(), json!(profile.logout.post_logout_redirect_uris));
    }
    if let Some(uri) = &profile.logout.backchannel_logout_uri {
        out.insert("backchannel_logout_uri".into(), json!(uri));
        out.insert("backchannel_logout_session_required".into(), json!(true));
    }
    if let Some(uri) = &profile.consent_events_uri {
        out.insert("consent_events_uri".into(), json!(uri));
    }
    if !profile.resources.is_empty() {
        out.insert("resources".into(), json!(profile.resources));
    }
}

fn authentication(out: &mut Map<String, Value>, authentication: &ClientAuthentication) {
    let method = match authentication {
        ClientAuthentication::PrivateKeyJwt => "private_key_jwt",
        ClientAuthentication::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        ClientAuthentication::TlsClientAuth(subject) => {
            let (name, value) = match subject {
                CertificateSubject::SubjectDn(text) => ("tls_client_auth_subject_dn", text.clone()),
                CertificateSubject::SanDns(text) => ("tls_client_auth_san_dns", text.clone()),
                CertificateSubject::SanUri(text) => ("tls_client_auth_san_uri", text.clone()),
                CertificateSubject::SanIp(address) => ("tls_client_auth_san_ip", address.to_string()),
                CertificateSubject::SanEmail(text) => ("tls_client_auth_san_email", text.clone()),
            };
            out.insert(name.into(), json!(value));
            "tls_client_auth"
        }
    };
    out.insert("token_endpoint_auth_method".into(), json!(method));
}

fn messages(out: &mut Map<String, Value>, messages: &Messages) {
    if messages.require_signed_request_object {
        out.insert("require_signed_request_object".into(), json!(true));
    }
    if let Some(alg) = &messages.request_object_signing_alg {
        out.insert("request_object_signing_alg".into(), json!(alg));
    }
    if !messages.response_modes.is_empty() {
        let names = messages.response_modes.iter().map(|mode| match mode {
            ResponseMode::Query => "query",
            ResponseMode::Jwt => "jwt",
        });
        out.insert("response_modes".into(), names.collect());
    }
    for (name, is_signed) in [
        ("userinfo_signed_response_alg", messages.sign_userinfo),
        ("introspection_signed_response_alg", messages.sign_introspection),
    ] {
        if is_signed {
            out.insert(name.into(), json!("ES256"));
        }
    }
    encryption(out, "authorization_encrypted_response", messages.authorization_encryption);
    encryption(out, "id_token_encrypted_response", messages.id_token_encryption);
    encryption(out, "userinfo_encrypted_response", messages.userinfo_encryption);
    encryption(out, "introspection_encrypted_response", messages.introspection_encryption);
}

fn encryption(out: &mut Map<String, Value>, stem: &str, alg: Option<KeyManagement>) {
    if let Some(alg) = alg {
        out.insert(format!("{stem}_alg"), json!(alg));
        out.insert(format!("{stem}_enc"), json!("A256GCM"));
    }
}
