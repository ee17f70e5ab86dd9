//! What is kept of an interaction between two page loads.

use crate::domain::consent::Choice;
use crate::domain::grant::Authentication;
use crate::domain::ids::{ClientId, InteractionId, SubjectId};
use crate::domain::linkage::ServiceCode;
use crate::domain::scope::Scope;
use crate::domain::{Digest, Fault, Lang};
use crate::protocol::authorization_request::AuthorizationRequest;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What the citizen came for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Errand {
    /// To decide about a third party's request.
    Authorization {
        /// Digest of the `request_uri`, which the decision uses up.
        request_uri: Digest,
        /// The request.
        request: Box<AuthorizationRequest>,
    },
    /// To look at their own dashboard.
    Dashboard,
    /// To type the code that a shared terminal shows (RFC 8628 §3.3).
    Device,
    /// To enter a site with the session that they have, in whose browser this was minted.
    HandOver {
        /// The person.
        subject: SubjectId,
        /// How and when they were recognised.
        authentication: Authentication,
        /// As which client the site asks.
        client: ClientId,
        /// Which site.
        service: ServiceCode,
    },
    /// To link a private delivery provider (属性連携), by one who was recognised already.
    Linking {
        /// The person.
        subject: SubjectId,
        /// Which provider.
        service: ServiceCode,
        /// What they agreed to, which goes on afterwards.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        then: Option<Then>,
    },
}

/// What a citizen agreed to before they went to link a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Then {
    /// The interaction in which they did.
    pub interaction: InteractionId,
    /// To what.
    pub choice: Choice,
}

/// How far they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Progress {
    /// On the way to the provider and back.
    SigningIn,
    /// Recognised; the decision is theirs.
    Deciding {
        /// The person.
        subject: SubjectId,
        /// How and when they were recognised.
        authentication: Authentication,
    },
}

/// The body of a kept interaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Digest of the browser's secret.
    pub browser: Digest,
    /// What for.
    pub errand: Errand,
    /// How far.
    pub progress: Progress,
    /// In which language it began.
    pub lang: Lang,
    /// To which site the citizen was handed over, where they did not sign in for this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_over: Option<ServiceCode>,
}

impl Record {
    /// How long ago a sign-in may be (`max_age`), where the third party says so.
    pub(super) fn max_age(&self) -> Option<Duration> {
        match &self.errand {
            Errand::Authorization { request, .. } => request.max_age.map(|seconds| Duration::from_secs(seconds.into())),
            Errand::Dashboard | Errand::Device | Errand::HandOver { .. } | Errand::Linking { .. } => None,
        }
    }

    /// Whether what the citizen came for is about the very card that they sign in with.
    pub(super) fn needs_certificate(&self) -> bool {
        matches!(&self.errand, Errand::Authorization { request, .. } if request.scope.has(Scope::HealthInsurance))
    }

    pub(super) fn read(body: &str) -> Result<Self, Fault> {
        serde_json::from_str(body).map_err(|e| Fault::Internal(format!("a kept interaction does not read: {e}")))
    }

    pub(super) fn write(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(|e| Fault::Internal(format!("an interaction does not write: {e}")))
    }
}
