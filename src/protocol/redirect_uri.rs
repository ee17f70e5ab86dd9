//! Which redirect URI may be used: exactly one that is registered (RFC 9700 §2.1).

use url::{Host, Url};

/// Whether `asked` is one of `registered`. Compared as text, without any normalisation; only the port of an http
/// loopback address is free (RFC 8252 §7.3), since a native program cannot know it beforehand.
#[must_use]
pub fn is_registered(asked: &str, registered: &[String]) -> bool {
    registered.iter().any(|known| known == asked || is_same_loopback(asked, known))
}

/// Whether a client may register `uri` at all: https, or http on a loopback address; no fragment, no user
/// (FAPI 2.0 SP §5.3.2.2-8).
#[must_use]
pub fn is_acceptable(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| {
        let is_plain = url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
        is_plain && (url.scheme() == "https" || is_loopback(&url))
    })
}

fn is_loopback(url: &Url) -> bool {
    // `localhost` may be made to name another machine; the addresses cannot (RFC 8252 §8.3).
    let is_here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    url.scheme() == "http" && is_here
}

fn is_same_loopback(asked: &str, known: &str) -> bool {
    let (Ok(asked_url), Ok(known_url)) = (Url::parse(asked), Url::parse(known)) else { return false };
    if !is_loopback(&asked_url) || !is_loopback(&known_url) {
        return false;
    }
    match (without_port(asked, &asked_url), without_port(known, &known_url)) {
        (Some(asked), Some(known)) => asked == known,
        _ => false,
    }
}

/// The text before and after the port, untouched, so that nothing but the port is free.
fn without_port<'t>(text: &'t str, url: &Url) -> Option<(&'t str, &'t str)> {
    let rest = text.strip_prefix("http://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let host = match url.port() {
        Some(port) => authority.strip_suffix(&format!(":{port}"))?,
        None => authority,
    };
    Some((host, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_no_match() {
        let registered = ["https://bank.example/cb?x=1".to_owned(), "http://127.0.0.1:8765/callback".to_owned()];
        for right in ["https://bank.example/cb?x=1", "http://127.0.0.1:8765/callback", "http://127.0.0.1:1/callback"] {
            assert!(is_registered(right, &registered), "{right}");
        }
        for wrong in [
            "https://bank.example/cb",
            "https://bank.example/cb?x=1&y=2",
            "https://bank.example/cb?x=1#f",
            "https://bank.example/CB?x=1",
            "https://BANK.example/cb?x=1",
            "https://bank.example:443/cb?x=1",
            "https://bank.example:8443/cb?x=1",
            "https://bank.example/a/../cb?x=1",
            "https://bank.example.evil.example/cb?x=1",
            "https://evil.example/?https://bank.example/cb?x=1",
            "http://bank.example/cb?x=1",
            "http://127.0.0.1:8765/callback/",
            "http://127.0.0.1:8765/other",
            "http://127.0.0.1:8765@evil.example/callback",
            "http://user@127.0.0.1:1/callback",
            "http://localhost:8765/callback",
            "http://127.0.0.2:8765/callback",
            "https://127.0.0.1:8765/callback",
            "http://127.0.0.1:99999/callback",
            "",
        ] {
            assert!(!is_registered(wrong, &registered), "{wrong}");
        }
    }

    #[test]
    fn only_https_and_loopback_may_be_registered() {
        for right in ["https://bank.example/cb", "http://127.0.0.1:1/x", "http://[::1]/x"] {
            assert!(is_acceptable(right), "{right}");
        }
        for wrong in [
            "http://bank.example/cb",
            "http://localhost/x",
            "https://a.example/#f",
            "app:/cb",
            "https://u@a.example/",
            "x",
        ] {
            assert!(!is_acceptable(wrong), "{wrong}");
        }
    }
}
