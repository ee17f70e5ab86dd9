//! Header fields that every answer carries.

use super::Edge;
use crate::domain::lifecycle::Retiring;
use crate::limits::Tally;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Whoever knows better (a page with its own policy, a cacheable document) has set the field already.
const DEFAULTS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
];

/// Where a counted call's limits stand (draft-ietf-httpapi-ratelimit-headers-11), also when something else refused it.
pub(super) fn add_limits(headers: &mut HeaderMap, tally: &Tally) {
    let Some(rates) = tally.read().filter(|_| !headers.contains_key("ratelimit")) else { return };
    for (name, value) in [("ratelimit-policy", rates.policy()), ("ratelimit", &rates.limit())] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

/// That what was called is to go (RFC 9745, RFC 8594).
pub(super) fn add_lifecycle(headers: &mut HeaderMap, retiring: &Retiring) {
    let fields = [
        (HeaderName::from_static("deprecation"), Some(retiring.deprecation())),
        (HeaderName::from_static("sunset"), retiring.sunset()),
        (header::LINK, Some(retiring.links())),
    ];
    for (name, value) in fields {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.append(name, value);
        }
    }
}

pub(super) fn add(headers: &mut HeaderMap, edge: &Edge, tag: &str) {
    for (name, value) in DEFAULTS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    // FAPI 2.0 SP §5.2.3-1: browsers must not be led back to plain http.
    if edge.public_url.starts_with("https:") {
        let value = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    if let Ok(value) = HeaderValue::from_str(tag) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}
