//! What a registration must be before the counter keeps it, whoever brings it.

use crate::domain::Refusal;
use crate::domain::client::Client;
use crate::domain::profile::{CertificateSubject, ClientAuthentication, GrantType, KeyManagement};
use crate::protocol::certificate::ExpectedSubject;
use crate::protocol::code::{INVALID_CLIENT_METADATA, INVALID_REDIRECT_URI};
use crate::protocol::jose::jwe::RecipientKeys;
use crate::protocol::jose::{JwkError, KeySet};
use crate::protocol::redirect_uri::is_acceptable;
use std::collections::BTreeSet;
use url::{Host, Url};

/// Checks a registration as a whole.
///
/// # Errors
/// The first of [`faults_of`].
pub fn check_registration(client: &Client) -> Result<(), Refusal> {
    faults_of(client).into_iter().next().map_or(Ok(()), Err)
}

/// Everything that is wrong with a registration: refusals with a code of RFC 7591 §3.2.2, each naming field and fix.
#[must_use]
pub fn faults_of(client: &Client) -> Vec<Refusal> {
    let mut faults = redirect_faults(client);
    faults.extend(key_fault(client));
    faults.extend(encryption_faults(client));
    faults.extend(subject_fault(client));
    let codes: BTreeSet<&str> = client.purposes.iter().map(|purpose| purpose.code.as_str()).collect();
    if codes.len() != client.purposes.len() {
        faults.push(metadata("purposes", "each purpose has a code of its own"));
    }
    if !codes.iter().all(|code| is_code(code)) {
        faults.push(metadata("purposes", "a purpose's code is 1 to 64 characters of a-z 0-9 _"));
    }
    // A resource server that only introspects asks for nothing itself.
    if client.scope.is_empty() && client.profile.resources.is_empty() {
        faults.push(metadata("scope", "name at least one scope"));
    }
    if !is_sector(&client.sector) {
        faults.push(metadata("sector", "must be a host name in lower case, or the client's own id"));
    }
    faults
}

/// A name that no certificate could have, or that could be several holders', locks its owner out (RFC 8705 §2.1.2).
fn subject_fault(client: &Client) -> Option<Refusal> {
    let ClientAuthentication::TlsClientAuth(subject) = &client.profile.authentication else { return None };
    let field = match subject {
        CertificateSubject::SubjectDn(_) => "tls_client_auth_subject_dn",
        CertificateSubject::SanDns(_) => "tls_client_auth_san_dns",
        CertificateSubject::SanUri(_) => "tls_client_auth_san_uri",
        CertificateSubject::SanIp(_) => "tls_client_auth_san_ip",
        CertificateSubject::SanEmail(_) => "tls_client_auth_san_email",
    };
    let words = "must be a name that one certificate can have: a DN by RFC 4514, a host without wildcard, a URI, an \
        e-mail address";
    ExpectedSubject::parse(subject).err().map(|_| metadata(field, words))
}

/// What is to be encrypted needs a key to encrypt to; a set behind `jwks_uri` is looked at when it is needed.
fn encryption_faults(client: &Client) -> Vec<Refusal> {
    let messages = &client.profile.messages;
    let keys = match RecipientKeys::parse(&client.jwks) {
        Ok(keys) => keys,
        Err(_) if client.profile.jwks_uri.is_some() => return Vec::new(),
        Err(error) => return vec![metadata("jwks", &format!("an encryption key in it does not read: {error}"))],
    };
    let wanted = [
        ("authorization_encrypted_response_alg", messages.authorization_encryption),
        ("id_token_encrypted_response_alg", messages.id_token_encryption),
        ("userinfo_encrypted_response_alg", messages.userinfo_encryption),
        ("introspection_encrypted_response_alg", messages.introspection_encryption),
    ];
    let missing = |management: &KeyManagement| keys.find(*management).is_none() && client.profile.jwks_uri.is_none();
    let faults = wanted.into_iter().filter_map(|(field, management)| Some((field, management.filter(missing)?)));
    let words = |alg: KeyManagement| format!("put a key with use enc for {} into jwks", alg.as_str());
    faults.map(|(field, management)| metadata(field, &words(management))).collect()
}

fn metadata(field: &str, words: &str) -> Refusal {
    Refusal::new(INVALID_CLIENT_METADATA, format!("{field}: {words}")).at(field)
}

fn is_code(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn is_sector(sector: &str) -> bool {
    (1..=253).contains(&sector.len()) && sector.bytes().all(|b| b.is_ascii_graphic())
}

fn redirect_faults(client: &Client) -> Vec<Refusal> {
    let granted = &client.profile.grant_types;
    let needs_one =
        client.profile.resources.is_empty() && (granted.is_empty() || granted.contains(&GrantType::AuthorizationCode));
    if needs_one && client.redirect_uris.is_empty() {
        let public = "redirect_uris: name at least one; the authorization_code grant goes back to it";
        return vec![Refusal::new(INVALID_REDIRECT_URI, public).at("redirect_uris")];
    }
    let checked = client.redirect_uris.iter().map(|uri| check_redirect_uri(uri, &client.sector));
    let after_logout = client.profile.logout.post_logout_redirect_uris.iter();
    let after_logout = after_logout.map(|uri| check_post_logout_uri(uri, &client.sector));
    checked.chain(after_logout).filter_map(Result::err).collect()
}

/// Nobody vouches for these one by one, so they may lead nowhere that the redirect URIs could not. Their form was judged
/// when they were read.
fn check_post_logout_uri(text: &str, sector: &str) -> Result<(), Refusal> {
    let is_at_home = Url::parse(text).is_ok_and(|uri| is_loopback(&uri) || uri.host_str() == Some(sector));
    let words = "its host must be the registration's sector, as that of redirect_uris";
    if is_at_home { Ok(()) } else { Err(metadata("post_logout_redirect_uris", &format!("{text}: {words}"))) }
}

/// https, or http on a loopback address (RFC 8252 §7.3); no fragment (RFC 6749 §3.1.2); on the sector's host, which
/// pairwise subjects are made for (OpenID Connect Core §8.1).
fn check_redirect_uri(text: &str, sector: &str) -> Result<(), Refusal> {
    let refuse = |words: &str| {
        let public = format!("redirect_uris: {text}: {words}");
        Err(Refusal::new(INVALID_REDIRECT_URI, public).at("redirect_uris"))
    };
    let Ok(uri) = Url::parse(text) else { return refuse("an absolute URI is needed") };
    if !is_acceptable(text) {
        let is_encrypted = uri.scheme() == "https" || (uri.scheme() == "http" && is_loopback(&uri));
        return refuse(if is_encrypted {
            "a fragment or credentials must not be in it"
        } else {
            "https is needed, or http on 127.0.0.1 or [::1]"
        });
    }
    // Programs on a citizen's own machine all share the loopback host, so each names a sector of its own.
    if !is_loopback(&uri) && uri.host_str() != Some(sector) {
        return refuse("its host must be the registration's sector; register one client for each host");
    }
    Ok(())
}

pub(super) fn is_loopback(uri: &Url) -> bool {
    match uri.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    }
}

/// An assertion names its key only by `kid`, so a set without a usable key locks its owner out; a private key in it is
/// no secret any more (FAPI 2.0 SP §5.4.1 for kinds and sizes).
fn key_fault(client: &Client) -> Option<Refusal> {
    let has_own = client.jwks.get("keys").and_then(serde_json::Value::as_array).is_some_and(|keys| !keys.is_empty());
    match (has_own, &client.profile.jwks_uri) {
        (true, Some(_)) => return Some(metadata("jwks_uri", "give jwks or jwks_uri, not both (RFC 7591 §2)")),
        (false, Some(_)) => return None,
        _ => {}
    }
    match KeySet::parse(&client.jwks) {
        Ok(_) => None,
        // A certificate of a trusted authority is recognised by its subject, without any registered key.
        Err(_) if !has_own && matches!(client.profile.authentication, ClientAuthentication::TlsClientAuth(_)) => None,
        // A key for TLS alone may be of a kind that no signature of ours is made with.
        Err(JwkError::Kind | JwkError::Use)
            if has_own && client.profile.authentication != ClientAuthentication::PrivateKeyJwt =>
        {
            None
        }
        Err(error) => Some(metadata("jwks", &format!("the key set does not read: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_loopback_redirects_on_the_sectors_host_will_do() {
        for good in ["https://bank.example/callback", "https://bank.example/callback?x=1"] {
            assert!(check_redirect_uri(good, "bank.example").is_ok(), "{good}");
        }
        assert!(check_redirect_uri("http://127.0.0.1:8765/callback", "bank.example").is_ok());
        for bad in [
            "http://bank.example/callback",
            "http://localhost/callback",
            "https://other.example/callback",
            "https://bank.example/callback#x",
            "https://user:word@bank.example/callback",
            "app:/callback",
            "/callback",
        ] {
            let refused = check_redirect_uri(bad, "bank.example").unwrap_err();
            assert_eq!(refused.code, "invalid_redirect_uri", "{bad}");
        }
    }
}
