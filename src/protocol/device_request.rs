//! A request of a shared terminal (RFC 8628 §3.1), from its form to a value that keeps every rule.
//!
//! A terminal that anybody may walk up to must be empty again when its user leaves: it is given no refresh token and no
//! access that lasts for days.

use super::code::{INVALID_AUTHORIZATION_DETAILS, INVALID_SCOPE};
use super::form::Form;
use super::{pushed_request, target};
use crate::domain::Refusal;
use crate::domain::client::Client;
use crate::domain::consent::Ask;
use crate::domain::scope::{Scope, ScopeSet};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// How long the citizen has: to take out a phone, sign in by card, type the code and decide.
pub const LIFE: Duration = Duration::from_mins(10);
/// The least time between two polls (RFC 8628 §3.2).
pub const PACE: Duration = Duration::from_secs(5);

/// What a terminal asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRequest {
    /// Within the client's own scope, and never `offline_access`.
    pub scope: ScopeSet,
    /// The self-information asked for, if any; once, not for days.
    pub ask: Option<Ask>,
}

impl DeviceRequest {
    /// Reads the form that `client` sent.
    ///
    /// # Errors
    /// `invalid_scope`, `invalid_authorization_details` or `invalid_request`, naming the parameter.
    pub fn parse(form: &Form, client: &Client) -> Result<Self, Refusal> {
        target::none(form)?;
        let scope = pushed_request::scope(form, client)?;
        if scope.has(Scope::OfflineAccess) {
            let public = "a shared terminal is never given a refresh token; leave offline_access out";
            return Err(Refusal::new(INVALID_SCOPE, public).at("scope"));
        }
        let ask = pushed_request::ask(form, scope)?;
        if ask.as_ref().is_some_and(|ask| ask.access_days > 0) {
            let public = "a shared terminal is given access once; access_days must be 0";
            return Err(Refusal::new(INVALID_AUTHORIZATION_DETAILS, public).at("/0/access_days"));
        }
        Ok(Self { scope, ask })
    }
}

/// What the terminal is answered with (RFC 8628 §3.2).
#[derive(Clone, Serialize, ToSchema)]
pub struct DeviceResponse {
    /// What the terminal polls the token endpoint with.
    pub device_code: String,
    /// What the terminal shows.
    #[schema(example = "BCDF-GHJK")]
    pub user_code: String,
    /// Where the citizen types it.
    #[schema(example = "https://madoguchi.example/device")]
    pub verification_uri: String,
    /// The same with the code in it, to be shown as a QR code; the code must be shown beside it all the same.
    #[schema(example = "https://madoguchi.example/device?user_code=BCDF-GHJK")]
    pub verification_uri_complete: String,
    /// Seconds until it is over.
    pub expires_in: u64,
    /// The least number of seconds between two polls.
    pub interval: u64,
}

/// It holds codes, so it never prints them.
impl std::fmt::Debug for DeviceResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceResponse").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}
