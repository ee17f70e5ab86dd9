//! Backchannel authentication (CIBA Core §7).

use crate::domain::decoupled::{Channel, DecoupledRequest, Notification};
use crate::domain::ids::{DecoupledId, SubjectId};
use crate::domain::profile::GrantType;
use crate::domain::refusal::Failure;
use crate::domain::{Digest, Fault, Refusal, Timestamp};
use crate::issuer::Issuer;
use crate::issuer::answer::{Answered, IssuerFailure};
use crate::issuer::authenticate::{Caller, ClientCall, Endpoint};
use crate::limits::Attempt;
use crate::protocol::backchannel_request::{BackchannelRequest, BackchannelResponse, PACE};
use crate::protocol::code::UNKNOWN_USER_ID;
use crate::protocol::discovery::path;
use crate::protocol::login_hint::HintContext;
use crate::protocol::token_request::DecoupledGrant;
use crate::protocol::{pushed_request, request_object};
use crate::store::NewDecoupled;

impl Issuer {
    /// Keeps a question to a citizen whom the client names.
    ///
    /// # Errors
    /// A code of CIBA Core §13, naming the parameter; those of authentication; [`Fault`].
    pub async fn authenticate_backchannel(
        &self,
        call: &ClientCall<'_>,
    ) -> Result<Answered<BackchannelResponse>, IssuerFailure> {
        let now = self.now();
        let endpoint = Endpoint { path: path::BACKCHANNEL, operation: "authenticate_backchannel" };
        let caller = self.admit(call, endpoint, now).await?;
        let client = &caller.known.client;
        Self::check_grant_type(client, GrantType::Ciba)?;
        let keys = &caller.known.keys;
        let decrypters = &self.keys.decrypters();
        let expected = request_object::Expected { client, keys, decrypters, issuer: &self.public_url, now };
        // CIBA Core §7.1.1: the same parameters may come signed.
        let form = pushed_request::unwrap(call.form, &expected)?;
        let asked = BackchannelRequest::parse(&form, client)?;
        if let Some(ask) = &asked.ask {
            self.check_ask(ask, client).await?;
        }
        let subject = self.meant(&asked, &caller, now).await?;
        // A phone that asks again and again wears its owner down until they agree.
        let attempt = Attempt::Backchannel { client: &client.id, subject: &subject };
        self.parts.limits.admit_attempt(&attempt, now).await?;
        let auth_req_id = self.parts.entropy.handle();
        let id = DecoupledId::generate(&*self.parts.entropy);
        let notification = match asked.notification_token {
            None => None,
            Some(token) => {
                let notification = Notification::new(&auth_req_id, token);
                Some(notification.seal(&id, &self.parts.master, &*self.parts.entropy)?)
            }
        };
        let request = DecoupledRequest {
            id,
            client: client.id.clone(),
            channel: Channel::Backchannel { message: asked.message, notification },
            scope: asked.scope,
            ask: asked.ask,
            created_at: now,
            expires_at: now.plus(asked.life),
        };
        let digest = DecoupledGrant { grant_type: GrantType::Ciba, handle: &auth_req_id }.digest();
        let new = NewDecoupled { request: &request, digest, user_code: None, subject: Some(&subject), pace: PACE };
        if !self.parts.store.insert_decoupled(&new).await? {
            return Err(Fault::Internal("a question without a user code was not kept".into()).into());
        }
        let value = BackchannelResponse { auth_req_id, expires_in: asked.life.as_secs(), interval: PACE.as_secs() };
        Ok(Answered { value, rates: caller.rates })
    }

    /// Who is meant, if this client was ever given their pairwise subject.
    async fn meant(
        &self,
        asked: &BackchannelRequest<'_>,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<SubjectId, Failure> {
        let client = &caller.known.client;
        let context = HintContext {
            issuer: &self.public_url,
            client: &client.id,
            client_keys: &caller.known.keys,
            our_keys: &self.keys.published(),
            now,
        };
        let sub = asked.hint.subject(&context)?;
        let subject = self.parts.store.find_pairwise(Digest::of(&sub)).await?;
        // A subject of another sector is another text, so that nobody can ask for a person by what another client knows.
        let subject = subject.filter(|subject| self.pairwise.subject(&client.sector, subject) == sub);
        let unknown = "the hint leads to nobody whom this client was given as sub";
        Ok(subject.ok_or_else(|| Refusal::new(UNKNOWN_USER_ID, unknown).at("login_hint"))?)
    }
}
