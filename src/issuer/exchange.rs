//! Token exchange (RFC 8693): a smaller token of one that the caller was given, or was called with.
//!
//! Two callers come: a client that wants less of its own (to hand a part of its work to a part of itself), and a
//! resource server that was called with a token and must call further. Nothing ever grows: neither scope, nor time, nor
//! place, and the grant still decides at every call.

use super::Issuer;
use super::authenticate::Caller;
use super::rights::Bound;
use super::token::Recipient;
use crate::domain::client::Client;
use crate::domain::refusal::Failure;
use crate::domain::scope::ScopeSet;
use crate::domain::{Refusal, Timestamp};
use crate::protocol::access_token::{self, AccessToken, Confirmation, Expected, NarrowedDetails};
use crate::protocol::code::{INVALID_AUTHORIZATION_DETAILS, INVALID_REQUEST, INVALID_SCOPE, INVALID_TARGET};
use crate::protocol::target;
use crate::protocol::token_exchange::{ACCESS_TOKEN_TYPE, Actor, ExchangeGrant};
use crate::protocol::token_response::TokenResponse;

/// RFC 8693 §2.2.2: a subject token that will not do is `invalid_request`.
fn refused(public: impl Into<String>) -> Refusal {
    Refusal::new(INVALID_REQUEST, public).at("subject_token")
}

impl Issuer {
    pub(super) async fn by_token(
        &self,
        sent: &ExchangeGrant<'_>,
        caller: &Caller,
        confirmation: Confirmation,
        now: Timestamp,
    ) -> Result<TokenResponse, Failure> {
        let client = &caller.known.client;
        let token = self.exchangeable(sent.subject_token, client, now)?;
        let grant = self.parts.store.find_grant(&token.grant).await?.filter(|grant| grant.is_in_force(now));
        let grant = grant.ok_or_else(|| refused("the subject_token's grant was revoked or is over"))?;
        let giver = self.clients.get(&grant.client, &*self.parts.store, now).await?;
        if !giver.client.status.may_act_in(self.environment) {
            return Err(refused("the client whose grant this is may not act at present").into());
        }
        let is_own = token.client == client.id;
        let audience = self.target(sent.resource.as_deref(), &token, client)?;
        let scope = smaller(sent.scope, &token, grant.scope, client.scope)?;
        let recipient = Recipient { client, grant: &grant, scope, audience: &audience, confirmation, now };
        let act = if is_own { token.act.clone() } else { Some(actor(client, &token)?) };
        let mut made = self.access_token(recipient);
        // For a person: pairwise for the new holder. For a client itself: the one that it is, not the one that acts.
        made.subject = if grant.subject.is_some() { made.subject } else { token.subject };
        made.expires_at = made.expires_at.min(token.expires_at);
        made.act = act;
        made.may_act = token.may_act;
        made.authorization_details = token.authorization_details;
        if let Some(bound) = self.bound_further(sent.details, client, (is_own, &made), now).await? {
            bound.write_to(&mut made);
        }
        let mut response = self.response_with(&made, recipient)?;
        response.issued_token_type = Some(ACCESS_TOKEN_TYPE);
        // Who only passes a call on need not hold what the citizen agreed to.
        response.authorization_details = response.authorization_details.filter(|_| is_own);
        Ok(response)
    }

    /// The subject token, if the caller may exchange it: it is the caller's own, or the caller is the resource server
    /// that it is addressed to; and nobody else was named as the only one who may act.
    fn exchangeable(&self, text: &str, client: &Client, now: Timestamp) -> Result<AccessToken, Refusal> {
        let expected = Expected { issuer: &self.public_url, audience: None, now };
        let found = access_token::verify(text, &self.keys.published(), &expected).ok();
        // One answer for every reason: whose token it is, and where it may be used, is not told.
        let unknown = || refused("the subject_token is over, no access token of ours, or not for this client");
        let token = found.ok_or_else(unknown)?;
        let is_own = token.client == client.id;
        let is_addressed = self.is_served_by(client, &token.audience);
        let may_act = token.may_act.as_ref().is_none_or(|only| only.sub == client.id);
        if (is_own || is_addressed) && may_act { Ok(token) } else { Err(unknown()) }
    }

    /// What the new token is bound to, where that is asked: no more than the old one allows. Who is handed another's token
    /// makes no right to file of it: whoever may file asks for it.
    async fn bound_further(
        &self,
        wanted: Option<&str>,
        client: &Client,
        (is_own, held): (bool, &AccessToken),
        now: Timestamp,
    ) -> Result<Option<Bound>, Failure> {
        let Some(bound) = self.bound(wanted, client, now).await? else { return Ok(None) };
        let is_part =
            |held: &Vec<NarrowedDetails>| bound.details.iter().all(|part| held.iter().any(|whole| whole.holds(part)));
        if held.authorization_details.as_ref().is_none_or(is_part) && (is_own || bound.chain.is_none()) {
            return Ok(Some(bound));
        }
        let public = "authorization_details are over what the subject_token allows";
        Err(Refusal::new(INVALID_AUTHORIZATION_DETAILS, public).at("/0").into())
    }

    /// Where the new token may be used: where the old one may; for a resource server also at another of its own.
    fn target(&self, wanted: Option<&str>, token: &AccessToken, client: &Client) -> Result<String, Refusal> {
        let Some(wanted) = wanted else { return Ok(token.audience.clone()) };
        let is_further = token.client != client.id && self.is_served_by(client, wanted);
        if wanted == token.audience || is_further {
            return Ok(wanted.to_owned());
        }
        let public = "resource must be the subject_token's own, or one that this client serves";
        Err(Refusal::new(INVALID_TARGET, public).at("resource"))
    }

    /// The counter itself is served by no client, whatever a registration says: what is behind it needs the grant's own
    /// client.
    fn is_served_by(&self, client: &Client, resource: &str) -> bool {
        let resource = target::plain(resource);
        let serves = |own: &String| target::plain(own) == resource;
        resource != target::plain(&self.public_url) && client.profile.resources.iter().any(serves)
    }
}

/// What was asked of what the token allows, within what the grant still allows and the caller is registered for.
fn smaller(
    wanted: Option<ScopeSet>,
    token: &AccessToken,
    granted: ScopeSet,
    registered: ScopeSet,
) -> Result<ScopeSet, Refusal> {
    let possible = token.scope.narrowed_to(granted).narrowed_to(registered);
    let scope = wanted.unwrap_or(possible);
    if scope.is_empty() || !scope.is_within(possible) {
        let public = format!("scope is over what the subject_token can be exchanged for: {possible}");
        return Err(Refusal::new(INVALID_SCOPE, public).at("scope"));
    }
    Ok(scope)
}

fn actor(client: &Client, token: &AccessToken) -> Result<Actor, Refusal> {
    Actor::after(&client.id, token.act.as_ref()).ok_or_else(|| refused("too many have acted for this subject already"))
}
