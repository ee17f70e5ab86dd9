//! The authorization response: plain in the query (RFC 6749 §4.1.2 with RFC 9207), or as one signed JWT (JARM).

use super::authorization_request::AuthorizationRequest;
use crate::domain::Timestamp;
use crate::domain::profile::ResponseMode;
use serde_json::{Map, Value, json};
use std::time::Duration;
use url::form_urlencoded;

/// How long a signed response may be used: as long as it takes a browser to come back; JARM §2.1 says at most 10 min.
const LIFE: Duration = Duration::from_mins(5);
/// Its `typ`.
pub const TYPE: &str = "JWT";

/// The parameters of an answer: `code`, or `error` and its description.
pub type Answer<'a> = [(&'a str, &'a str)];

/// The claims of a signed response (JARM §2.1). `iss` is in here and nowhere else (Message Signing §5.4.1).
#[must_use]
pub fn claims(answer: &Answer<'_>, request: &AuthorizationRequest, issuer: &str, now: Timestamp) -> Value {
    let mut claims = Map::new();
    claims.insert("iss".into(), json!(issuer));
    claims.insert("aud".into(), json!(request.client_id.as_str()));
    claims.insert("exp".into(), json!(now.plus(LIFE).seconds()));
    claims.extend(answer.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
    if let Some(state) = &request.state {
        claims.insert("state".into(), json!(state));
    }
    Value::Object(claims)
}

/// The client's address with the plain answer.
#[must_use]
pub fn plain(answer: &Answer<'_>, request: &AuthorizationRequest, issuer: &str) -> String {
    let state = request.state.as_deref().map(|state| ("state", state));
    // RFC 9207 §2: on errors too.
    let all = answer.iter().copied().chain(state).chain([("iss", issuer)]);
    to(&request.redirect_uri, all)
}

/// The client's address with the signed answer (JARM §2.3.1).
#[must_use]
pub fn signed(response: &str, request: &AuthorizationRequest) -> String {
    to(&request.redirect_uri, [("response", response)])
}

/// Whether the request wants its answer signed.
#[must_use]
pub fn is_signed(request: &AuthorizationRequest) -> bool {
    request.response_mode == ResponseMode::Jwt
}

/// The pushed address with parameters; the address itself is left as it was.
fn to<'p>(address: &str, parameters: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{query}")
}
