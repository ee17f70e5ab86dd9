//! A call that was not let in, with the header fields its refusal needs.

use super::Gateway;
use crate::domain::{Failure, Fault, Refusal};
use crate::limits::LimitRefusal;
use crate::protocol::discovery::path;

/// The `WWW-Authenticate` field and the nonce that go with a refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// `WWW-Authenticate` (RFC 6750 §3, RFC 9449 §7.1, RFC 9728 §5.1).
    pub authenticate: Option<String>,
    /// `DPoP-Nonce` (RFC 9449 §8.2).
    pub nonce: Option<String>,
}

/// Why a call was not let in.
#[derive(Debug)]
pub enum GatewayRefusal {
    /// A reasoned no, with its challenge.
    Refused(Box<Refusal>, Box<Challenge>),
    /// A limit.
    Limited(Box<LimitRefusal>),
    /// Something broke.
    Broken(Fault),
}

impl From<Refusal> for GatewayRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal), Box::default())
    }
}

impl From<LimitRefusal> for GatewayRefusal {
    fn from(limit: LimitRefusal) -> Self {
        Self::Limited(Box::new(limit))
    }
}

impl From<Fault> for GatewayRefusal {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}

impl From<Failure> for GatewayRefusal {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::from(refusal),
            Failure::Broken(fault) => Self::Broken(fault),
        }
    }
}

impl Gateway {
    /// The refusal with its `WWW-Authenticate`: `error` only when something was presented (RFC 6750 §3.1).
    pub(super) fn challenged(&self, refusal: Refusal) -> GatewayRefusal {
        let was_presented = !(refusal.code == "invalid_token" && refusal.public.starts_with("Send "));
        let error = was_presented.then_some(refusal.code);
        let authenticate = Some(self.authenticate_field(error, &refusal.public, &[]));
        GatewayRefusal::Refused(Box::new(refusal), Box::new(Challenge { authenticate, nonce: None }))
    }

    /// 403 by RFC 6750 §3.1, naming the scope that would do.
    pub(super) fn too_narrow(&self, refusal: Refusal, scope: &str) -> GatewayRefusal {
        let authenticate = Some(self.authenticate_field(Some(refusal.code), &refusal.public, &[("scope", scope)]));
        GatewayRefusal::Refused(Box::new(refusal), Box::new(Challenge { authenticate, nonce: None }))
    }

    pub(super) fn authenticate_field(&self, error: Option<&str>, words: &str, needed: &[(&str, &str)]) -> String {
        // RFC 6750 §3: the description keeps to printable ASCII without quotes and backslashes.
        let is_plain = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
        let error = error.map_or_else(String::new, |error| {
            let words: String = words.chars().filter(is_plain).collect();
            format!("error=\"{error}\", error_description=\"{words}\", ")
        });
        let needed: Vec<String> = needed.iter().map(|(name, value)| format!("{name}=\"{value}\", ")).collect();
        let needed = needed.concat();
        let metadata = format!("{}{}", self.settings.public_url, path::RESOURCE_METADATA);
        let challenge = format!("DPoP {error}{needed}algs=\"ES256 PS256 EdDSA\", resource_metadata=\"{metadata}\"");
        // Beside a certificate a token goes by the other scheme (RFC 8705 §3, RFC 6750 §3).
        if self.settings.certificates.is_offered {
            format!("{challenge}, Bearer {error}{needed}resource_metadata=\"{metadata}\"")
        } else {
            challenge
        }
    }
}
