//! The registration access token (RFC 7592 §3): by it, and nothing else, a third party manages its registration.

use crate::domain::{Entropy, Secret};
use crate::protocol::refresh_token::{is_marked, marked};

/// What every one begins with, so that a leaked one is found.
const PREFIX: &str = "mgra_";

/// A new one.
#[must_use]
pub fn generate(entropy: &dyn Entropy) -> Secret<String> {
    marked(PREFIX, entropy)
}

/// The token of an `Authorization: Bearer` field, if it could be one of ours.
#[must_use]
pub fn of_field(field: &str) -> Option<&str> {
    let (scheme, token) = field.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("Bearer");
    Some(token.trim_start_matches(' ')).filter(|token| is_bearer && is_marked(PREFIX, token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SystemEntropy;

    #[test]
    fn only_a_bearer_token_of_this_kind_is_looked_at() {
        let token = generate(&SystemEntropy);
        let token = token.expose();
        assert_eq!(of_field(&format!("bearer {token}")), Some(token.as_str()));
        let refresh = crate::protocol::refresh_token::generate(&SystemEntropy);
        for bad in [token.clone(), format!("DPoP {token}"), format!("Bearer {}", refresh.expose()), "Bearer x".into()] {
            assert_eq!(of_field(&bad), None, "{bad}");
        }
    }
}
