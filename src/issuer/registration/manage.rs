//! A registration in its owner's hands (RFC 7592): read, changed, given up, each by a token that is good for one call.

use super::{ClientInformation, change_by_owner, held, read};
use crate::domain::client::{Client, ClientStatus};
use crate::domain::grant::RevokedBy;
use crate::domain::ids::ClientId;
use crate::domain::registration::Registration;
use crate::domain::{Digest, Refusal, Timestamp};
use crate::hot::tell_grant;
use crate::issuer::Issuer;
use crate::issuer::answer::{Answered, IssuerFailure};
use crate::limits::{LimitCall, RateFields};
use crate::protocol::code::{INVALID_CLIENT_METADATA, INVALID_TOKEN};
use crate::protocol::registration::statement::LaidOver;
use crate::protocol::registration::{Given, statement, token};
use crate::store::HeldRegistration;
use serde_json::{Map, Value};

/// Members that an update must not carry (RFC 7592 §2.2), and a secret, which no client has here.
const NOT_IN_AN_UPDATE: [&str; 5] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
    "client_secret",
];

/// A call to a client configuration endpoint.
#[derive(Clone, Copy, Debug)]
pub struct RegistrationCall<'a> {
    /// The id in the address.
    pub client_id: &'a str,
    /// The `Authorization` field.
    pub authorization: Option<&'a str>,
}

/// The registration behind a token, as it was seen.
struct Owned {
    client: Client,
    seen: HeldRegistration,
    registration: Registration,
    rates: RateFields,
}

impl Issuer {
    /// Tells a registration; the token is replaced by the one in the answer.
    ///
    /// # Errors
    /// `invalid_token` also when the token was used meanwhile; `rate_limited`; [`crate::domain::Fault`].
    pub async fn read_registration(
        &self,
        call: RegistrationCall<'_>,
    ) -> Result<Answered<ClientInformation>, IssuerFailure> {
        let now = self.now();
        let owned = self.own(call, "read_client", now).await?;
        let value = self.keep(&owned, None, &owned.registration, now).await?;
        Ok(Answered { value, rates: owned.rates })
    }

    /// Replaces a registration's metadata. Whatever a reviewer or a citizen looks at leads back to a review.
    ///
    /// # Errors
    /// As for [`Issuer::register`], and `invalid_token`.
    pub async fn update_registration(
        &self,
        call: RegistrationCall<'_>,
        request: &Map<String, Value>,
    ) -> Result<Answered<ClientInformation>, IssuerFailure> {
        let now = self.now();
        let owned = self.own(call, "update_client", now).await?;
        check_update(request, &owned.client.id)?;
        let mut registration = owned.registration.clone();
        let statement = match request.get(statement::MEMBER) {
            Some(_) => Some(self.statement_of(request, now)?),
            None => None,
        };
        if let Some(statement) = &statement {
            let vouched = statement.vouched();
            if vouched.get("software_id") != registration.vouched.get("software_id") {
                let public = "the software statement is about another software_id; register that one by itself";
                return Err(Refusal::new(INVALID_CLIENT_METADATA, public).at(statement::MEMBER).into());
            }
            registration.vouched = vouched;
        }
        let laid = LaidOver::new(request, &registration.vouched);
        let before = &owned.client;
        let given = Given { id: before.id.clone(), status: before.status, rate_plan: before.rate_plan.clone() };
        let mut client = self.readable(&laid, given)?;
        client.status = status_after(before, &client);
        registration.note(change_by_owner((before.status, client.status), "metadata updated", now));
        if let Some(statement) = &statement {
            self.take_statement(statement).await?;
        }
        let value = self.keep(&owned, Some(&client), &registration, now).await?;
        Ok(Answered { value, rates: owned.rates })
    }

    /// Gives a registration up: it may never act again, and every grant to it ends (RFC 7592 §2.3).
    ///
    /// # Errors
    /// `invalid_token`; `rate_limited`; [`crate::domain::Fault`].
    pub async fn delete_registration(&self, call: RegistrationCall<'_>) -> Result<Answered<()>, IssuerFailure> {
        let now = self.now();
        let owned = self.own(call, "delete_client", now).await?;
        // Citizens still see whom they once allowed what, so its name stays and its state says that it is over.
        let client = Client { status: ClientStatus::Suspended, ..owned.client.clone() };
        let mut registration = owned.registration.clone();
        registration.is_deleted = true;
        registration.note(change_by_owner((owned.client.status, client.status), "deleted", now));
        let next = held(&client.id, None, &registration)?;
        if !self.parts.store.replace_registration(&owned.seen, &next, Some(&client), now).await? {
            return Err(used().into());
        }
        loop {
            let ended = self.parts.store.revoke_grants_of_client(&client.id, now, RevokedBy::Client).await?;
            if ended.is_empty() {
                return Ok(Answered { value: (), rates: owned.rates });
            }
            for id in ended {
                tell_grant(&*self.parts.hot, &id).await;
            }
        }
    }

    /// The registration that a token opens. An unknown client and a wrong token are answered alike (RFC 7592 §2).
    async fn own(
        &self,
        call: RegistrationCall<'_>,
        operation: &'static str,
        now: Timestamp,
    ) -> Result<Owned, IssuerFailure> {
        let text = call.authorization.and_then(token::of_field).ok_or_else(refused)?;
        let id = ClientId::parse(call.client_id).map_err(|_| refused())?;
        let seen = self.parts.store.find_registration(&id).await?.ok_or_else(refused)?;
        if seen.token != Some(Digest::of(text)) {
            return Err(refused().into());
        }
        let client = self.parts.store.find_client(&id).await?.ok_or_else(refused)?;
        let registration = read(&seen)?;
        let counted = LimitCall { client: &client.id, plan: &client.rate_plan, operation, subject: None };
        let rates = self.parts.limits.admit(&counted, now).await?;
        Ok(Owned { client, seen, registration, rates })
    }

    /// Writes what the call came to and a new token, if the token was not used meanwhile.
    async fn keep(
        &self,
        owned: &Owned,
        changed: Option<&Client>,
        registration: &Registration,
        now: Timestamp,
    ) -> Result<ClientInformation, IssuerFailure> {
        let client = changed.unwrap_or(&owned.client);
        let token = token::generate(&*self.parts.entropy);
        let next = held(&client.id, Some(&token), registration)?;
        if !self.parts.store.replace_registration(&owned.seen, &next, changed, now).await? {
            return Err(used().into());
        }
        Ok(self.information(client, registration, &token))
    }
}

fn refused() -> Refusal {
    let public = "send Authorization: Bearer and the registration access token of the latest answer";
    Refusal::new(INVALID_TOKEN, public).at("Authorization")
}

fn used() -> Refusal {
    let public = "the registration changed meanwhile, or the token was used by another call; use the latest token";
    Refusal::new(INVALID_TOKEN, public).at("Authorization")
}

fn check_update(request: &Map<String, Value>, id: &ClientId) -> Result<(), Refusal> {
    if request.get("client_id").and_then(Value::as_str) != Some(id.as_str()) {
        let public = "client_id: must be there, and the one in the address (RFC 7592 §2.2)";
        return Err(Refusal::new(INVALID_CLIENT_METADATA, public).at("client_id"));
    }
    match NOT_IN_AN_UPDATE.iter().find(|name| request.contains_key(**name)) {
        Some(name) => {
            let public = format!("{name}: must not be in an update (RFC 7592 §2.2)");
            Err(Refusal::new(INVALID_CLIENT_METADATA, public).at(*name))
        }
        None => Ok(()),
    }
}

/// The state after an update. Its owner may change its keys, and where it is told of sign-outs and answers, without
/// being looked at again: nobody's rights grow by it.
fn status_after(before: &Client, after: &Client) -> ClientStatus {
    let is_reviewed = matches!(before.status, ClientStatus::Sandbox | ClientStatus::Production);
    let mut same = after.clone();
    same.jwks.clone_from(&before.jwks);
    same.profile.jwks_uri.clone_from(&before.profile.jwks_uri);
    same.profile.logout.backchannel_logout_uri.clone_from(&before.profile.logout.backchannel_logout_uri);
    same.profile.consent_events_uri.clone_from(&before.profile.consent_events_uri);
    if is_reviewed && same != *before { ClientStatus::UnderReview } else { before.status }
}
