//! The gateway: what every call to `/v1` passes before a use case sees it, as stages that cannot be skipped.
//!
//! What for: a use case asks for a [`Permit`], and only the last stage can make one. Whoever forgets a check gets an
//! error from the compiler.
//!
//! How it flows ([`Gateway::admit`], one line a stage; each gives a value that only it can make and the next demands):
//! 1. the address's own limit, in memory, before anything that costs;
//! 2. `exposed`: a token in the query is refused, and its grant ended; `present`: the token is taken from its header field, once, beside a proof by the DPoP scheme or beside a client
//!    certificate by the Bearer scheme;
//! 3. `authenticate`: the token is ours and good (kept by digest until it ends); the proof is by the token's key, for
//!    this very call, and was never seen before; or the certificate is the one that the token is bound to;
//! 4. `standing`: the grant is in force and its client may act, as of less than a second ago; at a shared terminal, its
//!    visit goes on (`visit`);
//! 5. `authorize`: the token's scope, narrowed to the grant's, covers the operation, and so does the file that it is bound to,
//!    if it is;
//! 6. `throttle`: the client's limits; a call refused by any stage costs none.
//!
//! Then, for calls about data sets, [`Gateway::clear`] holds each query against the consent and the operator's rules
//! and gives the [`Clearance`](crate::domain::clearance::Clearance)s that an adapter demands; [`Gateway::clear_inquiries`] does so for
//! questions of yes or no. How often a consent is used, and how many thresholds a party is told, is counted by whoever
//! accepts the call, in the same write ([`Gateway::charge`]).
//!
//! How to add one more: an operation is a constant in `operation`; a stage is a file with its own type.
//!
//! What it must never do: trust a token beyond its grant; trust a cached grant beyond one second; go on when the hot
//! state cannot say whether a proof was seen; tell a caller why a token is bad in more words than the RFC's.

mod authenticate;
mod authorize;
#[cfg(test)]
pub(crate) mod bench;
mod charge;
mod clear;
mod exposed;
mod operation;
mod present;
mod refusal;
mod standing;
mod step_up;
mod terms;
mod throttle;
mod visit;

pub use clear::Cleared;
pub use operation::{Narrow, Operation};
pub use present::Field;
pub use refusal::{Challenge, GatewayRefusal};
pub use terms::{Uses, paused, use_of};
pub use throttle::Permit;

use crate::catalog::Catalog;
use crate::domain::{Clock, Digest, Environment};
use crate::evidence::{Decisions, Witness};
use crate::hot::{Hot, Invalidation};
use crate::limits::{LimitRefusal, Limits};
use crate::policy::Policies;
use crate::protocol::access_token::AccessToken;
use crate::protocol::certificate::{CertificateRules, ClientCertificate};
use crate::protocol::dpop::Verifier;
use crate::protocol::jose::PublishedKeys;
use crate::protocol::nonce::Nonces;
use crate::store::Store;
use moka::sync::Cache;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Where we are, as tokens and proofs must name us.
#[derive(Clone, Debug)]
pub struct GatewaySettings {
    /// Our issuer identifier.
    pub issuer: String,
    /// The audience of our tokens.
    pub audience: String,
    /// Where callers see us, without a slash at its end.
    pub public_url: String,
    /// What clients can do by certificates.
    pub certificates: CertificateRules,
    /// Whom the installation serves.
    pub environment: Environment,
}

/// What the gateway is made of.
pub struct GatewayParts {
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// Replay marks and word of revocations.
    pub hot: Arc<dyn Hot>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Our published keys, kept up to date by the issuer.
    pub keys: PublishedKeys,
    /// Server nonces.
    pub nonces: Arc<Nonces>,
    /// Rate plans.
    pub limits: Arc<Limits>,
    /// The operator's rules.
    pub policies: Arc<Policies>,
    /// The data sets.
    pub catalog: Arc<Catalog>,
    /// The access history, for refusals.
    pub witness: Arc<Witness>,
}

/// A call as the edge saw it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// What is called.
    pub operation: &'static Operation,
    /// The method.
    pub method: &'a str,
    /// The path, as sent.
    pub path: &'a str,
    /// The query, as sent.
    pub query: &'a str,
    /// The `Authorization` field.
    pub authorization: Field<'a>,
    /// The `DPoP` field.
    pub dpop: Field<'a>,
    /// The certificate of the connection, if the caller showed one.
    pub certificate: Option<&'a ClientCertificate>,
    /// Who really called.
    pub ip: IpAddr,
}

/// Most verified tokens and standings kept.
const MOST_KEPT: u64 = 200_000;

/// The stages at work.
pub struct Gateway {
    settings: GatewaySettings,
    parts: GatewayParts,
    decisions: Decisions,
    proofs: Verifier,
    tokens: Cache<Digest, Arc<AccessToken>>,
    standings: standing::Standings,
}

impl Gateway {
    /// A gateway of its parts.
    #[must_use]
    pub fn new(settings: GatewaySettings, parts: GatewayParts) -> Self {
        let tokens = Cache::builder().max_capacity(MOST_KEPT).time_to_live(Duration::from_mins(5)).build();
        let decisions = Decisions::new(Arc::clone(&parts.store));
        Self {
            settings,
            parts,
            decisions,
            proofs: Verifier::default(),
            tokens,
            standings: standing::Standings::default(),
        }
    }

    /// Where we are.
    #[must_use]
    pub const fn settings(&self) -> &GatewaySettings {
        &self.settings
    }

    /// Lets a call in, or says why not.
    ///
    /// # Errors
    /// [`GatewayRefusal`] with the first stage's reason.
    pub async fn admit(&self, call: &Call<'_>) -> Result<Permit, GatewayRefusal> {
        let now = self.parts.clock.now();
        self.admit_address(call.ip)?;
        self.refuse_exposed(call, now).await?;
        let presented = present::present(call).map_err(|refusal| self.challenged(refusal))?;
        let authenticated = self.authenticate(call, &presented, now).await?;
        let standing = self.stand(authenticated, now).await?;
        let authorized = match self.authorize(call.operation, standing) {
            Err(GatewayRefusal::Refused(refusal, challenge)) => {
                let kept = self.keep_decision(*refusal).await;
                return Err(GatewayRefusal::Refused(Box::new(kept), challenge));
            }
            authorized => authorized?,
        };
        self.throttle(authorized, now).await
    }

    /// Counts one call from `ip`, whatever it calls; the edge asks this for what is not under `/v1`.
    ///
    /// # Errors
    /// [`LimitRefusal`] naming the limit `address`.
    pub fn admit_address(&self, ip: IpAddr) -> Result<(), LimitRefusal> {
        self.parts.limits.admit_address(ip, self.parts.clock.now())
    }

    /// Follows word of revocations until the hot state closes; to be run beside the server. Losing word only means
    /// that a revocation is seen within a second instead of at once.
    pub async fn follow_revocations(&self) {
        use tokio::sync::broadcast::error::RecvError;
        let mut heard = self.parts.hot.subscribe();
        loop {
            match heard.recv().await {
                Ok(Invalidation::Grant(id)) => self.standings.forget(&id),
                Ok(Invalidation::All) | Err(RecvError::Lagged(_)) => self.standings.forget_all(),
                Err(RecvError::Closed) => return,
            }
        }
    }
}
