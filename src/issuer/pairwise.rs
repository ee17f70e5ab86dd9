//! Pairwise subjects (OpenID Connect Core §8.1): third parties cannot compare notes about a person.

use super::IssuerParts;
use crate::domain::ids::SubjectId;
use crate::domain::{Fault, Secret};
use crate::store::HeldKey;
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

const PURPOSE: &str = "pairwise";
/// One salt for the life of the service: with another, every third party would see new persons.
const ID: &str = "pairwise:1";
/// A character that no `client_id` can have, so that a person's `sub` is never a client's (RFC 9700 §4.15).
const PREFIX: &str = "p~";

/// Makes pairwise subjects from a salt that the store keeps sealed.
pub struct Pairwise(hmac::Key);

impl Pairwise {
    /// Reads the salt, or makes it, once.
    pub(super) async fn open(parts: &IssuerParts) -> Result<Self, Fault> {
        let mut held = parts.store.list_keys(PURPOSE).await?;
        if held.is_empty() {
            let mut bytes = [0_u8; 32];
            parts.entropy.fill(&mut bytes);
            let salt = Secret::new(bytes);
            let now = parts.clock.now();
            let sealed = parts.master.seal(ID, salt.expose(), &*parts.entropy)?;
            let key = HeldKey {
                id: ID.into(),
                purpose: PURPOSE.into(),
                sealed,
                created_at: now,
                active_from: now,
                retired_at: None,
            };
            // Another node may have been first: what is in the store counts.
            parts.store.insert_key(&key).await?;
            held = parts.store.list_keys(PURPOSE).await?;
        }
        let key = held.first().ok_or_else(|| Fault::Internal("the pairwise salt is not in the store".into()))?;
        let salt = Secret::new(parts.master.open(&key.id, &key.sealed)?);
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, salt.expose())))
    }

    /// The `sub` of this person for clients of this sector.
    pub fn subject(&self, sector: &str, subject: &SubjectId) -> String {
        let tag = hmac::sign(&self.0, format!("{sector}\n{subject}").as_bytes());
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(tag))
    }
}
