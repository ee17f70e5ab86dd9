//! Messages to a client: signed by the key for messages, and encrypted to the client's own key where it registered so.

use super::Issuer;
use super::clients::KnownClient;
use crate::domain::profile::KeyManagement;
use crate::domain::refusal::Failure;
use crate::domain::{Fault, Refusal};
use crate::protocol::code::UNAUTHORIZED_CLIENT;
use crate::protocol::jose::jwe::{self, RecipientKey};
use crate::protocol::jose::sign;
use serde::Serialize;

/// A text for a client, and whether it is a JWT.
pub(super) enum Message {
    /// A signed JWT.
    Signed(String),
    /// Anything else.
    Plain(String),
}

impl Issuer {
    /// A signed message.
    pub(super) fn sign_message<C: Serialize>(&self, typ: &str, claims: &C) -> Result<String, Fault> {
        sign(&*self.keys.message_signer(), typ, claims)
    }

    /// `message`, encrypted to the client when it registered an algorithm for that, and as it is when not.
    ///
    /// # Errors
    /// As [`recipient`]; [`Fault`].
    pub(super) fn seal_for(
        &self,
        known: &KnownClient,
        management: Option<KeyManagement>,
        message: Message,
    ) -> Result<String, Failure> {
        let (text, is_jwt) = match message {
            Message::Signed(text) => (text, true),
            Message::Plain(text) => (text, false),
        };
        match recipient(known, management)? {
            Some(key) => Ok(jwe::encrypt(key, &text, is_jwt, &*self.parts.entropy)?),
            None => Ok(text),
        }
    }
}

/// The client's key for this algorithm, where it registered one. Asked before anything is used up: what must be
/// encrypted is never sent otherwise.
///
/// # Errors
/// `unauthorized_client` when none of its keys is for it.
pub(super) fn recipient(
    known: &KnownClient,
    management: Option<KeyManagement>,
) -> Result<Option<&RecipientKey>, Refusal> {
    let Some(management) = management else { return Ok(None) };
    known.recipients.find(management).map(Some).ok_or_else(|| {
        let alg = management.as_str();
        let public = format!("answers are to be encrypted by {alg}, and no key of this client has use enc for it");
        Refusal::new(UNAUTHORIZED_CLIENT, public).at("jwks")
    })
}
