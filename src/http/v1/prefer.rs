//! `Prefer` (RFC 7240) and `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07).

use crate::domain::Refusal;
use actix_web::http::header::HeaderMap;
use std::time::Duration;

/// Longest wait that is granted, in seconds.
pub const LONGEST_WAIT: u64 = 30;

/// `wait=N` in seconds, at most [`LONGEST_WAIT`]. The first one counts; what cannot be understood is ignored, as
/// RFC 7240 §2 demands.
pub fn wait(headers: &HeaderMap) -> Option<Duration> {
    let fields = headers.get_all("prefer").filter_map(|v| v.to_str().ok());
    let preferences = fields.flat_map(|field| field.split(','));
    let mut waits = preferences.filter_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"'))
    });
    let seconds: u64 = waits.next()?.parse().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}

/// Whether only a rehearsal is wanted: `dry-run`, a preference of ours (RFC 7240 §2).
pub fn is_dry_run(headers: &HeaderMap) -> bool {
    let fields = headers.get_all("prefer").filter_map(|v| v.to_str().ok());
    let mut preferences = fields.flat_map(|field| field.split(',')).filter_map(|one| one.split(';').next());
    preferences.any(|preference| preference.trim().eq_ignore_ascii_case("dry-run"))
}

/// The key: a string of 1 to 255 visible ASCII characters, in quotes (as the draft says) or without.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let wrong = || {
        let words = "Send Idempotency-Key once, as 1 to 255 visible ASCII characters.";
        Refusal::new("invalid_request", words).at("Idempotency-Key")
    };
    let mut values = headers.get_all("idempotency-key");
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(wrong());
    }
    let text = value.to_str().map_err(|_| wrong())?.trim();
    let text = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    let is_good = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if is_good { Ok(Some(text)) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn headers(name: &'static str, values: &[&str]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for value in values {
            map.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        map
    }

    #[test]
    fn a_wait_is_read_as_rfc_7240_says() {
        for (values, expected) in [
            (vec!["wait=5"], Some(5)),
            (vec!["respond-async, wait=10"], Some(10)),
            (vec!["respond-async", "WAIT = \"7\"; x=y"], Some(7)),
            (vec!["wait=600"], Some(30)),
            (vec!["wait=0"], Some(0)),
            (vec!["wait=3, wait=9"], Some(3)),
            (vec!["wait=-1"], None),
            (vec!["wait"], None),
            (vec!["wait=soon"], None),
            (vec![], None),
        ] {
            assert_eq!(wait(&headers("prefer", &values)).map(|d| d.as_secs()), expected, "{values:?}");
        }
    }

    #[test]
    fn a_rehearsal_is_asked_for_by_name() {
        for (values, expected) in [
            (vec!["dry-run"], true),
            (vec!["wait=3, Dry-Run"], true),
            (vec!["respond-async", "dry-run; x"], true),
            (vec!["dry-run=no"], false),
            (vec!["dry"], false),
            (vec![], false),
        ] {
            assert_eq!(is_dry_run(&headers("prefer", &values)), expected, "{values:?}");
        }
    }

    #[test]
    fn a_key_is_visible_and_comes_once() {
        let long = "k".repeat(256);
        for (values, expected) in [
            (vec!["abc"], Ok(Some("abc"))),
            (vec!["\"8e03978e-40d5\""], Ok(Some("8e03978e-40d5"))),
            (vec![], Ok(None)),
            (vec![""], Err(())),
            (vec!["a b"], Err(())),
            (vec!["a", "b"], Err(())),
            (vec![long.as_str()], Err(())),
        ] {
            assert_eq!(idempotency_key(&headers("idempotency-key", &values)).map_err(|_| ()), expected, "{values:?}");
        }
    }
}
