//! A token that came in the query (FAPI 2.0 SP §5.3.4-2, RFC 9700 §4.3.2): it stands in logs and histories by now, so it
//! is refused, and its grant is ended.
//!
//! Not so when the same call proves that it comes from the token's holder: then it is a mistake of the client's that
//! helps nobody else, since the token is of no use without the key. The OpenID Foundation's suite makes this mistake in the
//! middle of its happy flow, and goes on with the token.

use super::{Call, Field, Gateway, GatewayRefusal};
use crate::domain::grant::RevokedBy;
use crate::domain::ids::GrantId;
use crate::domain::{Fault, Refusal, Timestamp};
use crate::hot::tell_grant;
use crate::protocol::access_token::{self, AccessToken, Confirmation, Expected};

impl Gateway {
    /// Refuses a call with a token in its query, whatever else it brings.
    pub(super) async fn refuse_exposed(&self, call: &Call<'_>, now: Timestamp) -> Result<(), GatewayRefusal> {
        let mut exposed = access_token::in_query(call.query).peekable();
        if exposed.peek().is_none() {
            return Ok(());
        }
        let exposed: Vec<String> = exposed.collect();
        for text in exposed {
            let expected = Expected { issuer: &self.settings.issuer, audience: None, now };
            // Only a token that we issued and that is still good ends anything.
            if let Ok(token) = access_token::verify(&text, &self.parts.keys, &expected)
                && !self.is_by_its_holder(call, (&text, &token), now)
            {
                self.end(&token.grant, RevokedBy::Exposed, now).await?;
            }
        }
        let words = "An access token in the query is not accepted, and is revoked unless the call proves that its holder \
            sends it: send it in the Authorization header.";
        Err(self.challenged(Refusal::new("invalid_request", words).at("access_token")))
    }

    /// Whether the call comes with the key or certificate that the token is bound to.
    fn is_by_its_holder(&self, call: &Call<'_>, (text, token): (&str, &AccessToken), now: Timestamp) -> bool {
        match (token.confirmation, call.dpop, call.certificate) {
            (Confirmation::Key(bound), Field::One(proof), _) => {
                self.proof(call, (text, proof), now).is_ok_and(|proof| proof.jkt == bound)
            }
            (Confirmation::Certificate(bound), _, Some(shown)) => shown.thumbprint() == bound,
            _ => false,
        }
    }

    /// Ends a grant: durable first, then word to every node.
    pub(super) async fn end(&self, id: &GrantId, by: RevokedBy, now: Timestamp) -> Result<(), Fault> {
        self.parts.store.revoke_grant(id, now, by).await?;
        self.standings.forget(id);
        tell_grant(&*self.parts.hot, id).await;
        Ok(())
    }
}
