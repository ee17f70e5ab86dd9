//! A token that came in the query (FAPI 2.0 SP §5.3.4-2, RFC 9700 §4.3.2): it stands in logs and histories by now, so it
//! is refused, and its grant is ended.

use super::{Call, Gateway, GatewayRefusal};
use crate::domain::grant::RevokedBy;
use crate::domain::{Fault, Refusal, Timestamp};
use crate::hot::Invalidation;
use crate::protocol::access_token::{self, Expected};

impl Gateway {
    /// Refuses a call with a token in its query, whatever else it brings.
    pub(super) async fn refuse_exposed(&self, call: &Call<'_>, now: Timestamp) -> Result<(), GatewayRefusal> {
        let mut exposed = access_token::in_query(call.query).peekable();
        if exposed.peek().is_none() {
            return Ok(());
        }
        let exposed: Vec<String> = exposed.collect();
        for token in exposed {
            self.end_exposed(&token, now).await?;
        }
        let words = "An access token in the query is not accepted, and has been revoked: send it in the Authorization \
            header.";
        Err(self.challenged(Refusal::new("invalid_request", words).at("access_token")))
    }

    /// Only a token that we issued and that is still good ends anything.
    async fn end_exposed(&self, token: &str, now: Timestamp) -> Result<(), Fault> {
        let expected = Expected { issuer: &self.settings.issuer, audience: None, now };
        let Ok(token) = access_token::verify(token, &self.parts.keys, &expected) else { return Ok(()) };
        self.parts.store.revoke_grant(&token.grant, now, RevokedBy::Exposed).await?;
        self.standings.forget(&token.grant);
        if let Err(fault) = self.parts.hot.publish(&Invalidation::Grant(token.grant)).await {
            // Caches never trust themselves longer than a second, so this is late, not lost.
            tracing::warn!(fault = %fault, "word of a revocation was not published");
        }
        Ok(())
    }
}
