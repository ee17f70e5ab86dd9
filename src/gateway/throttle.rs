//! Stage 6: the client's limits; what comes out is the permit.

use super::authorize::Authorized;
use super::operation::Operation;
use super::{Gateway, GatewayRefusal};
use crate::domain::Timestamp;
use crate::domain::bulk::BoundFile;
use crate::domain::client::Client;
use crate::domain::consent::ConsentedDataSet;
use crate::domain::filing_right::FilingRight;
use crate::domain::grant::{Authentication, Grant};
use crate::domain::scope::ScopeSet;
use crate::limits::{LimitCall, RateFields};
use crate::protocol::access_token::AccessToken;
#[cfg(test)]
use crate::protocol::{access_token::Confirmation, jose::Jkt};
use std::sync::Arc;

/// Proof that a call passed every stage. Only the gateway makes one.
#[derive(Debug)]
pub struct Permit {
    token: Arc<AccessToken>,
    client: Arc<Client>,
    grant: Arc<Grant>,
    scope: ScopeSet,
    operation: &'static Operation,
    rate: RateFields,
}

impl Permit {
    /// A permit that passed no stage, for the tests of what comes after them.
    #[cfg(test)]
    pub(crate) fn for_test(client: Arc<Client>, grant: Arc<Grant>, rate: RateFields) -> Self {
        let token = AccessToken {
            issuer: "https://gateway.example".into(),
            subject: "pairwise".into(),
            audience: "https://gateway.example".into(),
            id: "jti".into(),
            client: client.id.clone(),
            grant: grant.id.clone(),
            scope: grant.scope,
            acr: grant.authentication.map(|by| by.acr),
            auth_time: grant.authentication.map(|by| by.at),
            confirmation: Confirmation::Key(Jkt::parse(&"A".repeat(43)).unwrap()),
            act: None,
            may_act: None,
            authorization_details: None,
            issued_at: grant.created_at,
            expires_at: grant.expires_at,
        };
        let scope = grant.scope;
        Self { token: Arc::new(token), client, grant, scope, operation: &Operation::CREATE_REQUEST, rate }
    }

    /// Who calls.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Under which grant.
    #[must_use]
    pub const fn grant(&self) -> &Arc<Grant> {
        &self.grant
    }

    /// The person as this client knows them (pairwise), or the client itself where there is none.
    #[must_use]
    pub fn sub(&self) -> &str {
        &self.token.subject
    }

    /// When the token is over.
    #[must_use]
    pub fn token_ends_at(&self) -> Timestamp {
        self.token.expires_at
    }

    /// The part of the consent that the token was narrowed to, if it was.
    #[must_use]
    pub fn part(&self) -> Option<Vec<ConsentedDataSet>> {
        self.token.part()
    }

    /// The one file that the token is bound to, if it is: it opens the bulk filing of that file alone.
    #[must_use]
    pub fn file(&self) -> Option<&BoundFile> {
        self.token.file()
    }

    /// The one company's filings that the token is bound to, if it is.
    #[must_use]
    pub fn right(&self) -> Option<&FilingRight> {
        self.token.right()
    }

    /// How and when the person was recognised, as the token says; absent where there is no person.
    #[must_use]
    pub fn authentication(&self) -> Option<Authentication> {
        let (acr, at) = self.token.acr.zip(self.token.auth_time)?;
        Some(Authentication { acr, at, certificate: None })
    }

    /// What the token allows, within the grant and the client's registration.
    #[must_use]
    pub const fn scope(&self) -> ScopeSet {
        self.scope
    }

    /// What is called.
    #[must_use]
    pub const fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Where the limits stand, for the answer's header fields.
    #[must_use]
    pub const fn rate(&self) -> &RateFields {
        &self.rate
    }
}

impl Gateway {
    pub(super) async fn throttle(&self, authorized: Authorized, now: Timestamp) -> Result<Permit, GatewayRefusal> {
        let standing = authorized.standing();
        let client = standing.client();
        let call = LimitCall {
            client: &client.id,
            plan: &client.rate_plan,
            operation: authorized.operation().id,
            subject: standing.grant().subject.as_ref(),
        };
        let rate = self.parts.limits.admit(&call, now).await?;
        let operation = authorized.operation();
        let standing = authorized.into_standing();
        Ok(Permit {
            token: Arc::clone(standing.token()),
            client: Arc::clone(standing.client()),
            grant: Arc::clone(standing.grant()),
            scope: standing.scope(),
            operation,
            rate,
        })
    }
}
