//! Grant management (FAPI Grant Management for OAuth 2.0): a client looks at, or gives back, a grant of its own.

use super::Issuer;
use super::answer::{Answered, IssuerFailure};
use super::resource::ResourceCall;
use crate::domain::client::ClientClass;
use crate::domain::grant::{ConsentState, Grant, RevokedBy};
use crate::domain::ids::GrantId;
use crate::domain::scope::ScopeSet;
use crate::domain::{Refusal, Timestamp};
use crate::protocol::authorization_details::{ConsentedDetails, consented};
use crate::protocol::code::NOT_FOUND;
use serde::Serialize;

/// A grant, as its client sees it.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct GrantView {
    /// Its id.
    #[schema(value_type = String, example = "g_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub grant_id: GrantId,
    /// The scopes granted, each as an object (Grant Management §6.3).
    pub scopes: Vec<ScopeView>,
    /// What the citizen agreed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub authorization_details: Option<Vec<ConsentedDetails>>,
    /// When it began (RFC 3339).
    pub created_at: String,
    /// When the citizen last changed it by another decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_updated_at: Option<String>,
    /// When it ends.
    pub expires_at: String,
    /// Where it stands: `active`, or `paused` while the citizen holds it still.
    #[schema(value_type = String, example = "active")]
    pub state: ConsentState,
}

/// One entry of `scopes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ScopeView {
    /// Space-separated scopes.
    #[schema(value_type = String, example = "openid self_information")]
    pub scope: ScopeSet,
    /// The protected resources that they are for (RFC 8707); this service itself when left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<String>,
}

impl Issuer {
    /// The grant with this id. Any token of the same client opens it, a shared terminal's its own alone; there is no list
    /// (Grant Management §8).
    ///
    /// # Errors
    /// `not_found` for a grant that is unknown, over, or another client's; those of a token; [`crate::domain::Fault`].
    pub async fn query_grant(&self, call: &ResourceCall<'_>, id: &str) -> Result<Answered<GrantView>, IssuerFailure> {
        let Answered { value: grant, rates } = self.own_grant(call, "query_grant", id).await?;
        let value = GrantView {
            state: grant.state(self.now()),
            scopes: vec![ScopeView { scope: grant.scope, resource: grant.resources }],
            authorization_details: grant.consent.as_ref().map(consented),
            created_at: grant.created_at.rfc3339(),
            last_updated_at: grant.updated_at.map(Timestamp::rfc3339),
            expires_at: grant.expires_at.rfc3339(),
            grant_id: grant.id,
        };
        Ok(Answered { value, rates })
    }

    /// Ends the grant with this id.
    ///
    /// # Errors
    /// As [`Issuer::query_grant`].
    pub async fn revoke_grant(&self, call: &ResourceCall<'_>, id: &str) -> Result<Answered<()>, IssuerFailure> {
        let Answered { value: grant, rates } = self.own_grant(call, "revoke_grant", id).await?;
        self.end_grant(&grant.id, RevokedBy::Client, self.now()).await?;
        Ok(Answered { value: (), rates })
    }

    async fn own_grant(
        &self,
        call: &ResourceCall<'_>,
        operation: &'static str,
        id: &str,
    ) -> Result<Answered<Grant>, IssuerFailure> {
        let now = self.now();
        let holder = self.hold(call, operation, now).await?;
        let unknown = || Refusal::new(NOT_FOUND, "this client has no such grant in force").at("grant_id");
        let id = GrantId::parse(id).map_err(|_| unknown())?;
        if id == holder.grant.id {
            return Ok(Answered { value: holder.grant, rates: holder.rates });
        }
        // At a shared terminal it would be that of whoever was there before.
        if holder.known.client.class == ClientClass::Kiosk {
            return Err(unknown().into());
        }
        let grant = self.parts.store.find_grant(&id).await?;
        let own = grant.filter(|grant| grant.client == holder.token.client && grant.is_standing(now));
        Ok(Answered { value: own.ok_or_else(unknown)?, rates: holder.rates })
    }
}
