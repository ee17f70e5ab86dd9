//! Fetching the answer at the token endpoint (RFC 8628 §3.4, CIBA Core §10.1).

use crate::domain::profile::GrantType;
use crate::domain::refusal::Failure;
use crate::domain::{Refusal, Timestamp};
use crate::issuer::Issuer;
use crate::issuer::authenticate::Caller;
use crate::issuer::token::{Recipient, Said};
use crate::protocol::access_token::Confirmation;
use crate::protocol::code::{ACCESS_DENIED, AUTHORIZATION_PENDING, EXPIRED_TOKEN, INVALID_GRANT, SLOW_DOWN};
use crate::protocol::target;
use crate::protocol::token_request::DecoupledGrant;
use crate::protocol::token_response::TokenResponse;
use crate::store::Polled;

impl Issuer {
    pub(in crate::issuer) async fn by_answer(
        &self,
        sent: &DecoupledGrant<'_>,
        caller: &Caller,
        confirmation: Confirmation,
        now: Timestamp,
    ) -> Result<TokenResponse, Failure> {
        let client = &caller.known.client;
        let name = if sent.grant_type == GrantType::DeviceCode { "device_code" } else { "auth_req_id" };
        let refused = |code, public: String| Err(Refusal::new(code, public).at(name).into());
        let grant = match self.parts.store.poll_decoupled(sent.digest(), &client.id, now).await? {
            Polled::Granted(grant) => grant,
            Polled::Refused => return refused(ACCESS_DENIED, "the citizen refused".into()),
            Polled::Pending => return refused(AUTHORIZATION_PENDING, "the citizen has not answered yet".into()),
            Polled::TooSoon => {
                let public =
                    "not answered yet, and asked too soon; wait 5 seconds longer between two requests from now on";
                return refused(SLOW_DOWN, public.into());
            }
            Polled::Over => return refused(EXPIRED_TOKEN, "the time to answer is over; ask again".into()),
            // A second use revokes nothing, other than a code's (RFC 9700 §4.2.4): no browser has ever carried this
            // handle, and only the client that authenticated here can use it.
            Polled::Unknown => return refused(INVALID_GRANT, format!("the {name} is unknown or was used")),
        };
        let grant = self.grant_in_force(&grant, now).await?;
        if !self.use_visit(client, &grant, now).await? {
            return refused(INVALID_GRANT, "the visit to the terminal is over; ask again".into());
        }
        // A terminal is given nothing that outlives its user's visit, whatever its scope came to say.
        let may_refresh = sent.grant_type == GrantType::Ciba;
        let audience = target::choose(None, &grant.resources, &self.public_url)?;
        let recipient = Recipient { client, grant: &grant, scope: grant.scope, audience, confirmation, now };
        let Some(sid) = self.sid_elsewhere(recipient).await? else {
            return refused(INVALID_GRANT, "the citizen's grant was revoked".into());
        };
        self.first_response(recipient, Said { nonce: None, sid }, may_refresh).await
    }
}
