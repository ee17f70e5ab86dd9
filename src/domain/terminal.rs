//! Shared terminals (マイナポータル用端末): for how long one person's visit lasts.

use super::client::{Client, ClientClass};
use super::grant::Grant;
use super::time::Timestamp;
use std::time::Duration;

/// For how long a visit lasts, as the operator decides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitLimits {
    /// From the person's decision to its end, whatever happens.
    pub life: Duration,
    /// For how long it can be left alone: whoever walked away has ended it.
    pub idle: Duration,
}

impl Default for VisitLimits {
    fn default() -> Self {
        Self { life: Duration::from_mins(15), idle: Duration::from_mins(3) }
    }
}

/// Whoever knows what the operator decides about visits now.
pub trait Visits: Send + Sync {
    /// The limits in force.
    fn visit(&self) -> VisitLimits;
}

impl VisitLimits {
    /// When a visit that gave `grant` is over, however much it is used.
    #[must_use]
    pub fn end(&self, grant: &Grant) -> Timestamp {
        grant.agreed_at().plus(self.life).min(grant.expires_at)
    }
}

/// Whether what a person allowed this client is a visit: a shared terminal's, and not the client's own token.
#[must_use]
pub fn is_visit(client: &Client, grant: &Grant) -> bool {
    client.class == ClientClass::Kiosk && grant.subject.is_some()
}
