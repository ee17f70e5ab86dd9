//! How a client uses OAuth, read from its metadata.

use super::members::Members;
use crate::domain::profile::{
    Backchannel, CertificateSubject, ClientAuthentication, ClientProfile, GrantType, KeyManagement, Logout, Messages,
    ResponseMode, TokenBinding,
};
use crate::protocol::authorization_details;
use crate::protocol::jose::Algorithm;
use crate::protocol::redirect_uri;
use std::net::IpAddr;

/// What we sign answers by. A client that asks for another is refused rather than surprised.
const ANSWERS_SIGNED_BY: &str = "ES256";
/// The only content encryption.
const CONTENT: &str = "A256GCM";

pub(super) fn read(members: &mut Members<'_>) -> ClientProfile {
    refuse_what_is_not_offered(members);
    ClientProfile {
        authentication: authentication(members),
        assertion_signing_alg: signing_alg(members, "token_endpoint_auth_signing_alg"),
        binding: binding(members),
        use_mtls_endpoint_aliases: members.flag("use_mtls_endpoint_aliases"),
        authorization_details_types: details_types(members),
        jwks_uri: members.https("jwks_uri"),
        grant_types: grant_types(members),
        messages: messages(members),
        backchannel: backchannel(members),
        logout: logout(members),
        consent_events_uri: members.https("consent_events_uri"),
        resources: resources(members),
    }
}

/// Metadata that would change nothing here, or weaken something, is refused where leaving it out would mislead.
fn refuse_what_is_not_offered(members: &mut Members<'_>) {
    if members.texts("response_types").iter().any(|kind| kind != "code") {
        members.fault("response_types", "only code is offered (FAPI 2.0 SP §5.3.2.2-1)");
    }
    if members.text("subject_type").is_some_and(|kind| kind != "pairwise") {
        members.fault("subject_type", "only pairwise is offered");
    }
    if members.value("sector_identifier_uri").is_some() {
        members.fault("sector_identifier_uri", "is not offered; register one client for each host of redirect_uris");
    }
    if members.flag("backchannel_user_code_parameter") {
        members.fault("backchannel_user_code_parameter", "user codes are not offered; leave it out");
    }
    for name in ["id_token", "authorization", "userinfo", "introspection"] {
        let name = format!("{name}_signed_response_alg");
        if members.text(&name).is_some_and(|alg| alg != ANSWERS_SIGNED_BY) {
            members.fault(&name, "answers are signed by ES256; leave it out or say ES256");
        }
    }
}

fn authentication(members: &mut Members<'_>) -> ClientAuthentication {
    // RFC 7591 §2 would default to client_secret_basic, which no client of ours can use.
    let method = members.text("token_endpoint_auth_method");
    let subject = certificate_subject(members);
    match (method.as_deref(), subject) {
        (Some("tls_client_auth"), Some(subject)) => return ClientAuthentication::TlsClientAuth(subject),
        (Some("tls_client_auth"), None) => {
            let words = "tls_client_auth needs exactly one of tls_client_auth_subject_dn, _san_dns, _san_uri, _san_ip \
                and _san_email (RFC 8705 §2.1.2)";
            members.fault("token_endpoint_auth_method", words);
        }
        (_, Some(_)) => {
            let words = "a certificate's subject is named, so it must be tls_client_auth (RFC 8705 §2.1.2)";
            members.fault("token_endpoint_auth_method", words);
        }
        (Some("self_signed_tls_client_auth"), None) => return ClientAuthentication::SelfSignedTlsClientAuth,
        (None | Some("private_key_jwt"), None) => {}
        (Some(_), None) => {
            let words = "must be private_key_jwt, tls_client_auth or self_signed_tls_client_auth: every client is \
                confidential, and none has a shared secret (FAPI 2.0 SP §5.3.2.1)";
            members.fault("token_endpoint_auth_method", words);
        }
    }
    ClientAuthentication::PrivateKeyJwt
}

/// The one name that a certificate must have; a second is a fault.
fn certificate_subject(members: &mut Members<'_>) -> Option<CertificateSubject> {
    let ip = |text: &str| text.parse::<IpAddr>().ok().map(CertificateSubject::SanIp);
    let named: Vec<CertificateSubject> = [
        members.text("tls_client_auth_subject_dn").map(CertificateSubject::SubjectDn),
        members.text("tls_client_auth_san_dns").map(CertificateSubject::SanDns),
        members.text("tls_client_auth_san_uri").map(CertificateSubject::SanUri),
        members.parsed("tls_client_auth_san_ip", "an IPv4 or IPv6 address", ip),
        members.text("tls_client_auth_san_email").map(CertificateSubject::SanEmail),
    ]
    .into_iter()
    .flatten()
    .collect();
    if named.len() > 1 {
        members.fault("tls_client_auth_subject_dn", "name the certificate's subject in one way only");
    }
    named.into_iter().next()
}

fn binding(members: &mut Members<'_>) -> TokenBinding {
    let dpop = members.flag("dpop_bound_access_tokens");
    let certificate = members.flag("tls_client_certificate_bound_access_tokens");
    match (dpop, certificate) {
        (true, true) => {
            let words = "a token is bound to one thing; leave out tls_client_certificate_bound_access_tokens or this";
            members.fault("dpop_bound_access_tokens", words);
            TokenBinding::AsPresented
        }
        (true, false) => TokenBinding::Dpop,
        (false, true) => TokenBinding::Certificate,
        (false, false) => TokenBinding::AsPresented,
    }
}

fn grant_types(members: &mut Members<'_>) -> Vec<GrantType> {
    let form = format!("one of {}", GrantType::ALL.map(GrantType::as_str).join(", "));
    let known = |text: &str| GrantType::ALL.into_iter().find(|kind| kind.as_str() == text);
    let mut read = members.all_parsed("grant_types", &form, known);
    read.sort_unstable();
    read.dedup();
    // One form for what the default says, so that metadata that we wrote reads back as the same client.
    if read == GrantType::USUAL { Vec::new() } else { read }
}

/// The types that the client asks by (RFC 9396 §10); one that there is not could never be asked by.
fn details_types(members: &mut Members<'_>) -> Option<Vec<String>> {
    let name = "authorization_details_types";
    members.value(name)?;
    let known = |text: &str| authorization_details::TYPES.contains(&text).then(|| text.to_owned());
    let mut types = members.all_parsed(name, &authorization_details::TYPES.join(" or "), known);
    types.dedup();
    Some(types)
}

/// An algorithm that the client signs by.
fn signing_alg(members: &mut Members<'_>, name: &str) -> Option<String> {
    let known = |text: &str| Algorithm::parse(text).ok().map(|alg| alg.as_str().to_owned());
    members.parsed(name, "ES256, PS256 or EdDSA (FAPI 2.0 SP §5.4.1)", known)
}

fn messages(members: &mut Members<'_>) -> Messages {
    let mode = |text: &str| match text {
        "query" => Some(ResponseMode::Query),
        "jwt" | "query.jwt" => Some(ResponseMode::Jwt),
        _ => None,
    };
    let mut response_modes = members.all_parsed("response_modes", "query, jwt or query.jwt", mode);
    response_modes.dedup();
    let object = encryption(members, "request_object_encryption");
    if object.is_some() && !members.flag("require_signed_request_object") {
        members.fault(
            "request_object_encryption_alg",
            "an encrypted request object is signed inside; set require_signed_request_object",
        );
    }
    Messages {
        require_signed_request_object: members.flag("require_signed_request_object"),
        request_object_signing_alg: signing_alg(members, "request_object_signing_alg"),
        response_modes,
        authorization_encryption: encryption(members, "authorization_encrypted_response"),
        id_token_encryption: encryption(members, "id_token_encrypted_response"),
        sign_userinfo: members.value("userinfo_signed_response_alg").is_some(),
        userinfo_encryption: encryption(members, "userinfo_encrypted_response"),
        sign_introspection: members.value("introspection_signed_response_alg").is_some(),
        introspection_encryption: encryption(members, "introspection_encrypted_response"),
    }
}

/// `…_alg` and `…_enc`. The RFCs' default for `enc` is one that we do not offer, so it must be said.
fn encryption(members: &mut Members<'_>, stem: &str) -> Option<KeyManagement> {
    let (alg_name, enc_name) = (format!("{stem}_alg"), format!("{stem}_enc"));
    let known = |text: &str| match text {
        "ECDH-ES" => Some(KeyManagement::EcdhEs),
        "RSA-OAEP-256" => Some(KeyManagement::RsaOaep256),
        _ => None,
    };
    let alg = members.parsed(&alg_name, "ECDH-ES or RSA-OAEP-256", known);
    let enc = members.text(&enc_name);
    if members.value(&alg_name).is_some() != enc.is_some() || enc.is_some_and(|enc| enc != CONTENT) {
        members.fault(&enc_name, &format!("must be A256GCM, beside {alg_name}"));
    }
    alg
}

fn backchannel(members: &mut Members<'_>) -> Option<Backchannel> {
    let endpoint = members.https("backchannel_client_notification_endpoint");
    match (members.text("backchannel_token_delivery_mode").as_deref(), endpoint) {
        (Some("poll"), None) => Some(Backchannel::Poll),
        (Some("ping"), Some(notification_endpoint)) => Some(Backchannel::Ping { notification_endpoint }),
        (None, None) => None,
        _ => {
            let words = "must be poll, or ping with backchannel_client_notification_endpoint (CIBA Core §4)";
            members.fault("backchannel_token_delivery_mode", words);
            None
        }
    }
}

fn logout(members: &mut Members<'_>) -> Logout {
    let form = "an https URL without fragment, or http on 127.0.0.1 or [::1]";
    let known = |text: &str| redirect_uri::is_acceptable(text).then(|| text.to_owned());
    // Our logout tokens carry `sid` always, so `backchannel_logout_session_required` may say either.
    Logout {
        post_logout_redirect_uris: members.all_parsed("post_logout_redirect_uris", form, known),
        backchannel_logout_uri: members.https("backchannel_logout_uri"),
    }
}

fn resources(members: &mut Members<'_>) -> Vec<String> {
    // RFC 8707 §2: absolute, without fragment.
    let absolute = |text: &str| {
        let is_resource = url::Url::parse(text).is_ok_and(|url| url.fragment().is_none());
        is_resource.then(|| text.to_owned())
    };
    members.all_parsed("resources", "an absolute URI without fragment (RFC 8707 §2)", absolute)
}
