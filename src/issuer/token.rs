//! The token endpoint (RFC 6749 §3.2): a code, a refresh token or the client itself, for tokens bound to a key or a certificate.

use super::Issuer;
use super::answer::{Answered, IssuerFailure};
use super::authenticate::{Caller, ClientCall, Endpoint};
use super::envelope::{Message, recipient};
use super::logout::Sid;
use crate::domain::citizen_notice::recipient_digest;
use crate::domain::client::Client;
use crate::domain::grant::{Grant, GrantStatus, RevokedBy};
use crate::domain::ids::GrantId;
use crate::domain::profile::GrantType;
use crate::domain::refusal::Failure;
use crate::domain::scope::{Scope, ScopeSet};
use crate::domain::{Digest, Fault, Refusal, Timestamp};
use crate::protocol::access_token::{AccessToken, Confirmation, LIFE};
use crate::protocol::authorization_details::given;
use crate::protocol::authorization_request::AuthorizationRequest;
use crate::protocol::code::{INVALID_GRANT, INVALID_SCOPE, UNAUTHORIZED_CLIENT};
use crate::protocol::discovery::path;
use crate::protocol::dpop::{DpopCause, refusal};
use crate::protocol::id_token::IdToken;
use crate::protocol::pkce;
use crate::protocol::refresh_token;
use crate::protocol::target;
use crate::protocol::token_request::{ClientCredentialsGrant, CodeGrant, RefreshGrant, TokenRequest};
use crate::protocol::token_response::TokenResponse;
use crate::store::{CODE_LIFE, HeldCode, HeldRefreshToken, TakenCode};
use crate::telemetry::metric;

fn refused(public: &str) -> Refusal {
    Refusal::new(INVALID_GRANT, public)
}

/// For whom an access token is made, and how much it allows.
#[derive(Clone, Copy)]
pub(super) struct Recipient<'a> {
    pub client: &'a Client,
    pub grant: &'a Grant,
    pub scope: ScopeSet,
    /// The one audience (RFC 8707).
    pub audience: &'a str,
    pub confirmation: Confirmation,
    pub now: Timestamp,
}

/// What an id_token says besides who signed in.
pub(super) struct Said<'a> {
    /// The request's nonce.
    pub nonce: Option<&'a str>,
    /// What the client will be told the end of.
    pub sid: Sid,
}

impl Issuer {
    /// Answers a token request.
    ///
    /// # Errors
    /// The codes of RFC 6749 §5.2 and of RFC 9449 §5 and §8; [`Fault`].
    pub async fn token(&self, call: &ClientCall<'_>) -> Result<Answered<TokenResponse>, IssuerFailure> {
        let now = self.now();
        let request = TokenRequest::parse(call.form);
        let caller = self.admit(call, Endpoint { path: path::TOKEN, operation: "issue_token" }, now).await?;
        let request = request?;
        let grant_type = request.grant_type();
        Self::check_grant_type(&caller.known.client, grant_type)?;
        let bound = caller.confirmation()?;
        let value = match request {
            TokenRequest::Code(code) => self.by_code(&code, &caller, bound, now).await?,
            TokenRequest::Refresh(refresh) => self.by_refresh_token(&refresh, &caller, bound, now).await?,
            TokenRequest::ClientCredentials(wanted) => self.by_itself(&wanted, &caller, bound, now).await?,
            TokenRequest::Decoupled(asked) => self.by_answer(&asked, &caller, bound, now).await?,
            TokenRequest::Exchange(exchange) => self.by_token(&exchange, &caller, bound, now).await?,
        };
        metric::tokens(grant_type.as_str());
        Ok(Answered { value, rates: caller.rates })
    }

    /// Only what a client registered for (RFC 7591 §2, `grant_types`).
    pub(super) fn check_grant_type(client: &Client, grant_type: GrantType) -> Result<(), Refusal> {
        if client.may_use(grant_type) {
            return Ok(());
        }
        let public = format!("this client is not registered for the grant type {}", grant_type.as_str());
        Err(Refusal::new(UNAUTHORIZED_CLIENT, public).at("grant_type"))
    }

    async fn by_code(
        &self,
        sent: &CodeGrant<'_>,
        caller: &Caller,
        confirmation: Confirmation,
        now: Timestamp,
    ) -> Result<TokenResponse, Failure> {
        recipient(&caller.known, caller.known.client.profile.messages.id_token_encryption)?;
        let held = match self.parts.store.take_code(Digest::of(sent.code), now).await? {
            TakenCode::First(held) => held,
            TakenCode::Again(grant) => {
                // RFC 9700 §4.2.4: somebody else may hold what the first use got.
                self.end_grant(&grant, RevokedBy::CodeReplay, now).await?;
                return Err(refused("the code was used before; what it had given is revoked").at("code").into());
            }
            TakenCode::Unknown => return Err(refused("the code is unknown or over").at("code").into()),
        };
        let client = &caller.known.client;
        let grant = self.grant_in_force(&held.grant, now).await?;
        let (request, audience) = match self.check_exchange(&held, sent, (client, &grant), confirmation) {
            Ok(checked) => checked,
            Err(failure) => {
                self.end_unclaimed(&held, now).await?;
                return Err(failure);
            }
        };
        if let Some(changed) = request.grant_management.grant() {
            self.tell_changed(changed).await;
        }
        let recipient = Recipient { client, grant: &grant, scope: grant.scope, audience, confirmation, now };
        let Some(sid) = self.sid_by_code(recipient, held.digest).await? else {
            self.end_unclaimed(&held, now).await?;
            return Err(refused("the citizen signed out before the code was used; ask them again").at("code").into());
        };
        let said = Said { nonce: request.nonce.as_deref(), sid };
        self.first_response(recipient, said, true).await
    }

    /// The first tokens of a grant: with a refresh token where it lasts, and with who signed in where that was asked.
    pub(super) async fn first_response(
        &self,
        recipient: Recipient<'_>,
        said: Said<'_>,
        may_refresh: bool,
    ) -> Result<TokenResponse, Failure> {
        let scope = recipient.grant.scope;
        let mut response = self.respond(recipient)?;
        if scope.has(Scope::OfflineAccess) && may_refresh {
            response.refresh_token = Some(self.new_refresh_token(recipient).await?);
            let end = idle_end(recipient.grant, recipient.now);
            response.refresh_token_timeout = Some(whole_seconds(end, recipient.now));
        }
        if scope.has(Scope::Openid) {
            self.remember_subject(recipient.client, recipient.grant).await?;
            let signed = Message::Signed(self.id_token(recipient, &said)?);
            let known = self.clients.get(&recipient.client.id, &*self.parts.store, recipient.now).await?;
            response.id_token =
                Some(self.seal_for(&known, known.client.profile.messages.id_token_encryption, signed)?);
        }
        Ok(response)
    }

    async fn by_refresh_token(
        &self,
        sent: &RefreshGrant<'_>,
        caller: &Caller,
        confirmation: Confirmation,
        now: Timestamp,
    ) -> Result<TokenResponse, Failure> {
        let unknown = || refused("the refresh token is unknown, over, or another client's").at("refresh_token");
        if !refresh_token::is_well_formed(sent.refresh_token) {
            return Err(unknown().into());
        }
        let held = self.parts.store.find_refresh_token(Digest::of(sent.refresh_token), now).await?;
        // RFC 6749 §6: bound to the client it was issued to; which key it uses now is its own affair (RFC 9449 §5).
        let held = held.filter(|held| held.client == caller.known.client.id).ok_or_else(unknown)?;
        let grant = self.grant_in_force(&held.grant, now).await?;
        let scope = sent.scope.unwrap_or(grant.scope);
        if scope.is_empty() || !scope.is_within(grant.scope) {
            let public = format!("scope is over what was granted: {}", grant.scope);
            return Err(Refusal::new(INVALID_SCOPE, public).at("scope").into());
        }
        let audience = target::choose(sent.target.as_deref(), &grant.resources, &self.public_url)?;
        let recipient = Recipient { client: &caller.known.client, grant: &grant, scope, audience, confirmation, now };
        let mut token = self.access_token(recipient);
        token.authorization_details = self.narrowed(sent.details, &grant)?;
        let mut response = self.response_with(&token, recipient)?;
        response.refresh_token_timeout = Some(whole_seconds(self.renew(&held, &grant, now).await?, now));
        Ok(response)
    }

    async fn by_itself(
        &self,
        wanted: &ClientCredentialsGrant<'_>,
        caller: &Caller,
        confirmation: Confirmation,
        now: Timestamp,
    ) -> Result<TokenResponse, Failure> {
        let client = &caller.known.client;
        let bound = self.bound(wanted.details, client, now).await?;
        // A token that is bound to a file or to a company's filings opens that, and nothing else.
        let most = if bound.is_some() { &[Scope::Submissions][..] } else { &Scope::WITHOUT_A_PERSON };
        let possible = client.scope.narrowed_to(ScopeSet::of(most));
        if possible.is_empty() {
            let public = "this client is not registered for what client_credentials can open";
            return Err(Refusal::new(UNAUTHORIZED_CLIENT, public).at("grant_type").into());
        }
        let scope = wanted.scope.unwrap_or(possible);
        if scope.is_empty() || !scope.is_within(possible) {
            let public = format!("scope by client_credentials can be {possible}; the rest needs a citizen's consent");
            return Err(Refusal::new(INVALID_SCOPE, public).at("scope").into());
        }
        let audience = target::choose(wanted.target.as_deref(), &[], &self.public_url)?;
        let grant = Grant {
            id: GrantId::generate(&*self.parts.entropy),
            client: client.id.clone(),
            subject: None,
            scope,
            consent: None,
            resources: vec![],
            authentication: None,
            created_at: now,
            updated_at: None,
            acting: None,
            expires_at: now.plus(LIFE),
            status: GrantStatus::Active,
        };
        self.parts.store.insert_grant(&grant).await?;
        let recipient = Recipient { client, grant: &grant, scope, audience, confirmation, now };
        let mut token = self.access_token(recipient);
        if let Some(bound) = bound {
            bound.write_to(&mut token);
        }
        let mut response = self.response_with(&token, recipient)?;
        response.authorization_expires_in = None;
        Ok(response)
    }

    /// What was asked for with the code, and what the token is for.
    fn check_exchange<'a>(
        &'a self,
        held: &HeldCode,
        sent: &CodeGrant<'_>,
        (client, grant): (&Client, &'a Grant),
        confirmation: Confirmation,
    ) -> Result<(AuthorizationRequest, &'a str), Failure> {
        let request = check_code(held, sent, client, confirmation)?;
        let audience = target::choose(sent.target.as_deref(), &grant.resources, &self.public_url)?;
        Ok((request, audience))
    }

    /// The code is used up by an attempt that fails, so nobody will ever get anything by it: a grant that was made with
    /// it must not stand on the citizen's dashboard as if somebody had. One that is older stays as it was.
    async fn end_unclaimed(&self, held: &HeldCode, now: Timestamp) -> Result<(), Fault> {
        let grant = self.parts.store.find_grant(&held.grant).await?;
        if grant.is_some_and(|grant| grant.created_at >= held.expires_at.minus(CODE_LIFE)) {
            self.end_grant(&held.grant, RevokedBy::NotTakenUp, now).await?;
        }
        Ok(())
    }

    pub(super) async fn grant_in_force(&self, id: &GrantId, now: Timestamp) -> Result<Grant, Failure> {
        let grant = self.parts.store.find_grant(id).await?;
        if grant.as_ref().is_some_and(|grant| grant.is_paused(now)) {
            return Err(refused("the citizen has paused the grant; the same request works once they resume it").into());
        }
        let in_force = grant.filter(|grant| grant.is_in_force(now));
        Ok(in_force.ok_or_else(|| refused("the citizen's grant was revoked or is over"))?)
    }

    fn respond(&self, recipient: Recipient<'_>) -> Result<TokenResponse, Fault> {
        self.response_with(&self.access_token(recipient), recipient)
    }

    pub(super) fn access_token(&self, recipient: Recipient<'_>) -> AccessToken {
        let Recipient { client, grant, scope, audience, confirmation, now } = recipient;
        AccessToken {
            issuer: self.public_url.clone(),
            subject: self.subject_of(client, grant),
            audience: audience.to_owned(),
            id: self.parts.entropy.short_handle(),
            client: client.id.clone(),
            grant: grant.id.clone(),
            scope,
            acr: grant.authentication.map(|authentication| authentication.acr),
            auth_time: grant.authentication.map(|authentication| authentication.at),
            confirmation,
            act: None,
            may_act: None,
            authorization_details: None,
            issued_at: now,
            expires_at: self.token_end(client, grant, now),
        }
    }

    pub(super) fn response_with(&self, token: &AccessToken, recipient: Recipient<'_>) -> Result<TokenResponse, Fault> {
        let Recipient { grant, now, .. } = recipient;
        Ok(TokenResponse {
            issued_token_type: None,
            access_token: token.sign(&*self.keys.signer())?,
            token_type: token.confirmation.token_type(),
            expires_in: whole_seconds(token.expires_at, now),
            scope: token.scope,
            grant_id: grant.id.clone(),
            refresh_token: None,
            refresh_token_timeout: None,
            authorization_expires_in: Some(whole_seconds(grant.expires_at, now)),
            id_token: None,
            authorization_details: given(token, grant),
        })
    }

    /// The person, pairwise; the client itself where there is no person.
    #[must_use]
    pub fn subject_of(&self, client: &Client, grant: &Grant) -> String {
        match &grant.subject {
            Some(subject) => self.pairwise.subject(&client.sector, subject),
            None => client.id.as_str().to_owned(),
        }
    }

    /// Where this client may ask for the person later (CIBA), or post notices to them, keeps whom the pairwise subject stands for.
    async fn remember_subject(&self, client: &Client, grant: &Grant) -> Result<(), Fault> {
        let Some(subject) = &grant.subject else { return Ok(()) };
        let sub = self.subject_of(client, grant);
        if client.may_use(GrantType::Ciba) {
            self.parts.store.put_pairwise(Digest::of(&sub), subject).await?;
        }
        if client.scope.has(Scope::AgencyNotices) {
            self.parts.store.put_pairwise(recipient_digest(&client.sector, &sub), subject).await?;
        }
        Ok(())
    }

    async fn new_refresh_token(&self, recipient: Recipient<'_>) -> Result<String, Fault> {
        let text = refresh_token::generate(&*self.parts.entropy);
        let held = HeldRefreshToken {
            digest: Digest::of(text.expose()),
            grant: recipient.grant.id.clone(),
            client: recipient.client.id.clone(),
            issued_at: recipient.now,
            expires_at: idle_end(recipient.grant, recipient.now),
        };
        self.parts.store.insert_refresh_token(&held).await?;
        Ok(text.expose().clone())
    }

    /// Begins a refresh token's time anew, if that is worth a write; gives when it is over unless used.
    async fn renew(&self, held: &HeldRefreshToken, grant: &Grant, now: Timestamp) -> Result<Timestamp, Fault> {
        let until = idle_end(grant, now);
        if until.since(held.expires_at) < refresh_token::RENEWED_AFTER {
            return Ok(held.expires_at.min(grant.expires_at));
        }
        self.parts.store.extend_refresh_token(held.digest, until, now).await?;
        Ok(until)
    }

    fn id_token(&self, recipient: Recipient<'_>, said: &Said<'_>) -> Result<String, Fault> {
        let Recipient { client, grant, now, .. } = recipient;
        let token = IdToken {
            iss: &self.public_url,
            sub: &self.subject_of(client, grant),
            aud: client.id.as_str(),
            exp: now.plus(LIFE).seconds(),
            iat: now.seconds(),
            auth_time: grant.authentication.map(|authentication| authentication.at.seconds()),
            acr: grant.authentication.map(|authentication| authentication.acr),
            sid: said.sid.as_str(),
            nonce: said.nonce,
        };
        token.sign(&*self.keys.message_signer())
    }
}

/// When a refresh token of `grant` that is used now is over.
fn idle_end(grant: &Grant, now: Timestamp) -> Timestamp {
    now.plus(refresh_token::IDLE).min(grant.expires_at)
}

/// What the code was issued for must be what it is used for (RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 9449 §10).
fn check_code(
    held: &HeldCode,
    sent: &CodeGrant<'_>,
    client: &Client,
    confirmation: Confirmation,
) -> Result<AuthorizationRequest, Failure> {
    let request: AuthorizationRequest = serde_json::from_str(&held.body)
        .map_err(|error| Fault::Internal(format!("a code's request does not read back: {error}")))?;
    if request.client_id != client.id {
        return Err(refused("the code was issued to another client").at("code").into());
    }
    if request.redirect_uri != sent.redirect_uri {
        return Err(refused("redirect_uri is not the one of the authorization request").at("redirect_uri").into());
    }
    pkce::check(sent.code_verifier, &request.code_challenge)?;
    // A code bound to a key is not to be had by a certificate either.
    let is_by = |bound: &str| matches!(confirmation, Confirmation::Key(jkt) if jkt.to_string() == bound);
    if request.dpop_jkt.as_deref().is_some_and(|bound| !is_by(bound)) {
        let public = "the code is bound to another key, by dpop_jkt or by the proof at the push";
        return Err(refusal(INVALID_GRANT, DpopCause::Key, public).into());
    }
    Ok(request)
}

/// Whole seconds from `now` to `end`, rounded down: never promise more than there is.
pub(super) fn whole_seconds(end: Timestamp, now: Timestamp) -> i64 {
    i64::try_from(end.since(now).as_secs()).unwrap_or(i64::MAX)
}
