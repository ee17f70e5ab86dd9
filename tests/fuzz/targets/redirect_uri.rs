//! Redirect URIs of any text: what is taken for a registered one leads a browser to the same place.

#![no_main]

use libfuzzer_sys::fuzz_target;
use madoguchi::protocol::redirect_uri::{is_acceptable, is_registered};
use url::{Host, Url};

fuzz_target!(|data: &[u8]| {
    // Two texts, parted by a line feed: what was registered, and what is asked for.
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (known, asked) = text.split_once('\n').unwrap_or((text, text));
    let acceptable = is_acceptable(known);
    if acceptable {
        let url = Url::parse(known).unwrap();
        assert!(url.fragment().is_none() && url.username().is_empty() && url.password().is_none());
        assert!(url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)), "{known:?}");
        assert!(is_registered(known, &[known.to_owned()]));
    }
    if acceptable && asked != known && is_registered(asked, &[known.to_owned()]) {
        // Only the port of a loopback address may differ (RFC 8252 §7.3).
        let (asked_url, mut known_url) = (Url::parse(asked).unwrap(), Url::parse(known).unwrap());
        assert!(is_loopback(&asked_url) && is_loopback(&known_url), "{known:?} {asked:?}");
        known_url.set_port(asked_url.port()).unwrap();
        assert_eq!(asked_url, known_url, "{known:?} {asked:?}");
        assert!(asked_url.username().is_empty() && asked_url.fragment().is_none(), "{asked:?}");
        assert!(!asked.chars().any(|c| c.is_control() || c.is_whitespace()), "it goes into a header: {asked:?}");
    }
});

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    }
}
