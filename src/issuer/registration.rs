//! Dynamic registration (RFC 7591): a third party registers itself, with a statement of a register that we trust.
//!
//! What comes out is a draft: it may do nothing until the operator has moved it on (`approve`). Its owner looks after
//! it by the registration access token (`manage`, RFC 7592).

mod approve;
mod manage;

pub use approve::{Approval, set_status};
pub use manage::RegistrationCall;

use super::Issuer;
use super::answer::IssuerFailure;
use crate::domain::client::{Client, ClientStatus};
use crate::domain::ids::ClientId;
use crate::domain::refusal::Failure;
use crate::domain::registration::{Change, ChangedBy, Registration};
use crate::domain::{Digest, Fault, Refusal, Secret, Timestamp};
use crate::protocol::code::{INVALID_CLIENT_METADATA, INVALID_SOFTWARE_STATEMENT, UNAPPROVED_SOFTWARE_STATEMENT};
use crate::protocol::discovery::path;
use crate::protocol::registration::statement::LaidOver;
use crate::protocol::registration::{Given, Register, SoftwareStatement, client_of, metadata_of, statement, token};
use crate::store::HeldRegistration;
use serde_json::{Map, Value, json};

/// The rate plan of a client whose statement names none.
const USUAL_PLAN: &str = "standard";

/// A registration as its owner is told it (RFC 7591 §3.2.1). It holds the only copy of the registration access token.
#[derive(Debug)]
pub struct ClientInformation(pub Map<String, Value>);

impl Issuer {
    /// Registers a client as a draft.
    ///
    /// # Errors
    /// The codes of RFC 7591 §3.2.2, naming the member and the fix; [`Fault`].
    pub async fn register(&self, request: &Map<String, Value>) -> Result<ClientInformation, IssuerFailure> {
        let now = self.now();
        if request.contains_key("client_id") {
            // RFC 9700 §2.6: a client must not choose an id that could be somebody's.
            let public = "client_id: it is chosen here; leave it out";
            return Err(Refusal::new(INVALID_CLIENT_METADATA, public).at("client_id").into());
        }
        let statement = self.statement_of(request, now)?;
        let vouched = statement.vouched();
        let laid = LaidOver::new(request, &vouched);
        let id = ClientId::generate(&*self.parts.entropy);
        let client = self.readable(&laid, Given { id, status: ClientStatus::Draft, rate_plan: USUAL_PLAN.into() })?;
        self.take_statement(&statement).await?;
        let mut registration = Registration { vouched, ..Registration::default() };
        registration.note(change_by_owner((ClientStatus::Draft, ClientStatus::Draft), "registered", now));
        let token = token::generate(&*self.parts.entropy);
        let held = held(&client.id, Some(&token), &registration)?;
        if !self.parts.store.insert_registration(&held, Some(&client), now).await? {
            return Err(Fault::Internal("a new client_id was taken already".into()).into());
        }
        let mut told = self.information(&client, &registration, &token);
        told.0.insert("client_id_issued_at".into(), json!(now.seconds()));
        Ok(told)
    }

    /// The statement in a request, verified and not taken yet.
    fn statement_of(&self, request: &Map<String, Value>, now: Timestamp) -> Result<SoftwareStatement, Refusal> {
        let register = self.trusted_register()?;
        let text = request.get(statement::MEMBER).and_then(Value::as_str).ok_or_else(|| {
            let public = format!("software_statement: one by the register {} is needed", register.issuer);
            Refusal::new(INVALID_SOFTWARE_STATEMENT, public).at(statement::MEMBER)
        })?;
        SoftwareStatement::verify(text, register, &self.public_url, now)
    }

    fn trusted_register(&self) -> Result<&Register, Refusal> {
        self.register.as_deref().ok_or_else(|| {
            let public = "no register is trusted here, so nobody can register themselves; ask the operator";
            Refusal::new(UNAPPROVED_SOFTWARE_STATEMENT, public)
        })
    }

    /// Uses a statement up.
    async fn take_statement(&self, statement: &SoftwareStatement) -> Result<(), Failure> {
        if self.parts.store.take_assertion(statement.mark, statement.expires_at).await? {
            return Ok(());
        }
        let public = "the software statement was used before; each registration or change needs one of its own";
        Err(Refusal::new(INVALID_SOFTWARE_STATEMENT, public).at(statement::MEMBER).into())
    }

    /// Metadata as a client, under a rate plan that is there; the first fault's code, and the words of all.
    fn readable(&self, laid: &LaidOver, given: Given) -> Result<Client, Refusal> {
        let client = client_of(&laid.metadata, given).map_err(|faults| {
            let words: Vec<&str> = faults.iter().map(|fault| fault.public.as_str()).collect();
            let first = faults.first();
            let refusal = Refusal::new(first.map_or(INVALID_CLIENT_METADATA, |fault| fault.code), words.join("; "));
            match first.and_then(|fault| fault.pointer.clone()) {
                Some(pointer) => refusal.at(pointer),
                None => refusal,
            }
        })?;
        laid.check(&metadata_of(&client))?;
        if self.parts.limits.has_plan(&client.rate_plan) {
            Ok(client)
        } else {
            let public = format!("rate_plan: there is no plan {:?}", client.rate_plan);
            Err(Refusal::new(INVALID_CLIENT_METADATA, public).at("rate_plan"))
        }
    }

    /// What the owner is told, with a token to come again by.
    fn information(&self, client: &Client, registration: &Registration, token: &Secret<String>) -> ClientInformation {
        let mut told = metadata_of(client);
        for name in ["software_id", "software_version"] {
            if let Some(value) = registration.vouched.get(name) {
                told.insert(name.into(), value.clone());
            }
        }
        let uri = format!("{}{}/{}", self.public_url, path::REGISTER, client.id);
        told.insert("registration_client_uri".into(), json!(uri));
        told.insert("registration_access_token".into(), json!(token.expose()));
        told.insert("registration_status".into(), json!(client.status));
        ClientInformation(told)
    }
}

fn change_by_owner((from, to): (ClientStatus, ClientStatus), note: &str, at: Timestamp) -> Change {
    Change { at, by: ChangedBy::Owner, from, to, note: note.to_owned() }
}

fn held(
    client: &ClientId,
    token: Option<&Secret<String>>,
    registration: &Registration,
) -> Result<HeldRegistration, Fault> {
    let body = serde_json::to_string(registration);
    let body = body.map_err(|error| Fault::Internal(format!("a registration could not be written: {error}")))?;
    Ok(HeldRegistration { client: client.clone(), token: token.map(|token| Digest::of(token.expose())), body })
}

fn read(held: &HeldRegistration) -> Result<Registration, Fault> {
    serde_json::from_str(&held.body)
        .map_err(|error| Fault::Internal(format!("a kept registration does not read back: {error}")))
}
