//! `x-fapi-interaction-id` (FAPI 2.0 Implementation Advice): one UUID by which both sides find a call in their logs.

use crate::domain::Entropy;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderName, HeaderValue};
use std::fmt::Write as _;

/// The field.
pub(super) const FIELD: HeaderName = HeaderName::from_static("x-fapi-interaction-id");

/// The value that the answer carries: the caller's own, or a new one (RFC 9562 §5.4) when it sent none that is a
/// UUID. None where the field has no meaning: only protected resources carry it.
pub(super) fn id(request: &ServiceRequest, entropy: &dyn Entropy) -> Option<HeaderValue> {
    let path = request.path();
    if !path.starts_with("/v1/") && path != "/oauth/userinfo" {
        return None;
    }
    let sent = request.headers().get(FIELD).filter(|sent| is_uuid(sent.as_bytes())).cloned();
    sent.or_else(|| HeaderValue::from_str(&new(entropy)).ok())
}

/// 8-4-4-4-12 hexadecimal digits, of any case and version (RFC 9562 §4).
fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn new(entropy: &dyn Entropy) -> String {
    let mut bytes = [0_u8; 16];
    entropy.fill(&mut bytes);
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let byte = match at {
            6 => (byte & 0x0f) | 0x40,
            8 => (byte & 0x3f) | 0x80,
            _ => byte,
        };
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SystemEntropy;
    use actix_web::test::TestRequest;

    fn answered(path: &str, sent: Option<&str>) -> Option<String> {
        let request = TestRequest::get().uri(path);
        let request = match sent {
            Some(sent) => request.insert_header((FIELD, sent)),
            None => request,
        };
        id(&request.to_srv_request(), &SystemEntropy).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_callers_uuid_comes_back_and_anything_else_is_replaced() {
        let own = "93bac548-d2de-4546-b106-880a5018460d";
        assert_eq!(answered("/v1/consent", Some(own)).as_deref(), Some(own));
        assert_eq!(answered("/oauth/userinfo", Some(own)).as_deref(), Some(own));
        assert_eq!(answered("/oauth/token", Some(own)), None);
        for bad in ["", "x", "93bac548-d2de-4546-b106-880a5018460", "93bac548xd2de-4546-b106-880a5018460d"] {
            let made = answered("/v1/consent", Some(bad)).unwrap();
            assert!(is_uuid(made.as_bytes()) && made.as_bytes()[14] == b'4', "{bad:?} → {made}");
        }
        assert_ne!(answered("/v1/consent", None), answered("/v1/consent", None));
    }
}
