//! What a registration must be before the counter keeps it, whoever brings it.

use crate::domain::Refusal;
use crate::domain::client::Client;
use crate::protocol::jose::KeySet;
use std::collections::BTreeSet;
use url::{Host, Url};

/// Checks a registration as a whole.
///
/// # Errors
/// A [`Refusal`] with a code of RFC 7591 §3.2.2, naming the field and the fix.
pub fn check_registration(client: &Client) -> Result<(), Refusal> {
    let metadata = |field: &str, words: &str| Err(Refusal::new("invalid_client_metadata", words).at(field));
    if client.redirect_uris.is_empty() {
        return Err(Refusal::new("invalid_redirect_uri", "name at least one redirect URI").at("redirect_uris"));
    }
    for uri in &client.redirect_uris {
        check_redirect_uri(uri, &client.sector)?;
    }
    // An assertion names its key only by `kid`, so a set without a usable key locks its owner out.
    if let Err(error) = KeySet::parse(&client.jwks) {
        return metadata("jwks", &format!("the key set does not read: {error}"));
    }
    let codes: BTreeSet<&str> = client.purposes.iter().map(|purpose| purpose.code.as_str()).collect();
    if codes.len() != client.purposes.len() {
        return metadata("purposes", "each purpose has a code of its own");
    }
    let is_code = |code: &str| {
        (1..=64).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if !codes.iter().all(|code| is_code(code)) {
        return metadata("purposes", "a purpose's code is 1 to 64 characters of a-z 0-9 _");
    }
    if client.scope.is_empty() {
        return metadata("scope", "name at least one scope");
    }
    Ok(())
}

/// https, or http on a loopback address (RFC 8252 §7.3); no fragment (RFC 6749 §3.1.2); on the sector's host, which
/// pairwise subjects are made for (OpenID Connect Core §8.1).
fn check_redirect_uri(text: &str, sector: &str) -> Result<(), Refusal> {
    let refuse =
        |words: &str| Err(Refusal::new("invalid_redirect_uri", format!("{text}: {words}")).at("redirect_uris"));
    let Ok(uri) = Url::parse(text) else { return refuse("an absolute URI is needed") };
    let is_loopback = match uri.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    if uri.scheme() != "https" && !(uri.scheme() == "http" && is_loopback) {
        return refuse("https is needed, or http on 127.0.0.1 or [::1]");
    }
    if uri.fragment().is_some() || !uri.username().is_empty() || uri.password().is_some() {
        return refuse("a fragment or credentials must not be in it");
    }
    // Programs on a citizen's own machine all share the loopback host, so each names a sector of its own.
    if !is_loopback && uri.host_str() != Some(sector) {
        return refuse("its host must be the registration's sector");
    }
    Ok(())
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
