//! The gateways registered here, looked up by their two client ids, and the name each has for a person.

use super::assertion::{Expected, Keys};
use super::expiring::Expiring;
use super::form::Form;
use super::settings::{RelyingParty, StartError};
use crate::domain::{Digest, Secret, Timestamp};
use std::collections::HashMap;
use std::time::Duration;

/// The fixed `client_assertion_type` (RFC 7523 §2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long a client assertion may live.
const ASSERTION_SECONDS: i64 = 300;

/// One registered gateway, its keys parsed.
pub(super) struct Party {
    pub(super) identity_client_id: String,
    pub(super) inquiry_client_id: String,
    pub(super) redirect_uris: Vec<String>,
    pub(super) corporate_secret: Option<Secret<String>>,
    pub(super) keys: Keys,
    persons: HashMap<String, usize>,
}

/// All of them.
pub(super) struct Parties {
    list: Vec<Party>,
    /// Assertion ids that have been used: each counts once (RFC 7523 §3, point 7).
    used: Expiring<Digest, ()>,
}

impl Parties {
    /// Reads the registrations, and works out each gateway's name for each person of `ids`.
    ///
    /// # Errors
    /// [`StartError::RelyingParty`] naming the one that is not usable.
    pub(super) fn new(registered: &[RelyingParty], ids: &[&str]) -> Result<Self, StartError> {
        let read = |party: &RelyingParty| {
            let refuse =
                |reason: String| StartError::RelyingParty { client_id: party.identity_client_id.clone(), reason };
            let id = &party.identity_client_id;
            if id.is_empty() || id.len() > 255 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Err(refuse("identity_client_id must be 1 to 255 letters and digits".to_owned()));
            }
            let keys = Keys::parse(&party.jwks).map_err(refuse)?;
            let persons = ids.iter().enumerate().map(|(n, person)| (subject_of(id, person), n)).collect();
            Ok(Party {
                identity_client_id: id.clone(),
                inquiry_client_id: party.inquiry_client_id.clone(),
                redirect_uris: party.redirect_uris.clone(),
                corporate_secret: party.corporate_client_secret.clone(),
                keys,
                persons,
            })
        };
        let list = registered.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { list, used: Expiring::new(200_000) })
    }

    /// The gateway with this `client_id` at the identity providers, and its place in the list.
    pub(super) fn by_identity(&self, client_id: &str) -> Option<(usize, &Party)> {
        self.list.iter().enumerate().find(|(_, party)| party.identity_client_id == client_id)
    }

    /// The gateway with this `client_id` at IF001, and its place in the list.
    pub(super) fn by_inquiry(&self, client_id: &str) -> Option<(usize, &Party)> {
        self.list.iter().enumerate().find(|(_, party)| party.inquiry_client_id == client_id)
    }

    /// The gateway at a place in the list.
    pub(super) fn get(&self, place: usize) -> Option<&Party> {
        self.list.get(place)
    }

    /// Authenticates `client_id` by `private_key_jwt` (OpenID Connect Core §9): the assertion is signed with a
    /// registered key, names the client as `iss` and `sub`, is for `audience`, has not ended and was not used before.
    ///
    /// # Errors
    /// What is wrong, in words for an `error_description`.
    pub(super) fn authenticate(
        &self,
        party: &Party,
        (client_id, audience): (&str, &str),
        form: &Form,
        now: Timestamp,
    ) -> Result<(), String> {
        if form.need("client_assertion_type")? != ASSERTION_TYPE {
            return Err(format!("client_assertion_type must be {ASSERTION_TYPE}"));
        }
        let expected = Expected { issuer: client_id, audience, longest: ASSERTION_SECONDS, now };
        let claims = party
            .keys
            .verify(form.need("client_assertion")?, &expected)
            .map_err(|flaw| format!("client_assertion {flaw}"))?;
        if claims.sub != client_id {
            return Err("client_assertion has a sub other than the client_id".to_owned());
        }
        self.use_once(client_id, &claims.jti, now).map_err(|flaw| format!("client_assertion {flaw}"))
    }

    /// Marks an assertion's id as used, for longer than any assertion lives.
    ///
    /// # Errors
    /// When it was used before.
    pub(super) fn use_once(&self, client_id: &str, jti: &str, now: Timestamp) -> Result<(), &'static str> {
        let mark = Digest::of(&format!("{client_id}\n{jti}"));
        let until = now.plus(Duration::from_mins(10));
        if self.used.insert(mark, (), until, now) { Ok(()) } else { Err("was used before") }
    }

    /// Every registered gateway.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Party> {
        self.list.iter()
    }

    /// Forgets what has ended.
    pub(super) fn sweep(&self, now: Timestamp) {
        self.used.sweep(now);
    }
}

impl Party {
    /// The person that this gateway knows by `subject`, as a place in the directory.
    pub(super) fn person(&self, subject: &str) -> Option<usize> {
        self.persons.get(subject).copied()
    }

    /// The name that this gateway has for a person.
    pub(super) fn subject(&self, person_id: &str) -> String {
        subject_of(&self.identity_client_id, person_id)
    }
}

/// A pairwise subject (OpenID Connect Core §8.1): another one at every gateway, the same after each start. A real
/// provider mixes in a secret; here the persons are public anyway.
fn subject_of(client_id: &str, person_id: &str) -> String {
    Digest::of(&format!("sandbox-ppid\n{client_id}\n{person_id}")).base64url()
}
