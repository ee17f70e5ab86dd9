//! オンライン資格確認: asks the insurers for an insured number, and registers it with the certificate of a card.
//!
//! What for: where a citizen shows their card, a clinic asks the qualification system (オンライン資格確認等システム) by the card's
//! certificate whose it is; that system must have been told once.
//!
//! How it flows: 1. [`QualificationSystem::insured_number`]: the insurers' server (医療保険者中間サーバー) is asked over the
//! information-provision network; 2. [`QualificationSystem::register`]: number and serial number go to the qualification system,
//! where a person has one card at a time, so saying it twice is saying it once; 3. [`QualificationSystem::deregister`] ends it.
//! Each call is one `POST`, signed by us (`private_key_jwt`), with the person named by a signed assertion of ours. How the real
//! systems are asked is not public: the calls are decided here.
//!
//! How to add one more: another system is another engine of [`QualificationSystem`].
//!
//! What it must never do: see [`adapters`](super). And: keep or log a number.

mod client;
mod settings;
mod wire;

pub use super::selfinfo::{Reason, Trouble};
pub use client::QualificationClient;
pub use settings::{InvalidQualification, QualificationSettings};

use crate::adapters::breaker::Pulse;
use crate::domain::health_insurance::{CertificateSerial, Insured, InsuredNumber};
use async_trait::async_trait;

/// What registering came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The card is known there now, or was already.
    Yes,
    /// Nobody is insured there by this number.
    UnknownNumber,
}

/// The insurers and the qualification system.
#[async_trait]
pub trait QualificationSystem: Send + Sync {
    /// By what the person is insured now; none where nobody insures them.
    ///
    /// # Errors
    /// [`Trouble`] when there is no answer: nothing is known then.
    async fn insured_number(&self, person: Insured<'_>) -> Result<Option<InsuredNumber>, Trouble>;
    /// Has the person known by this card, and by no other any more.
    ///
    /// # Errors
    /// [`Trouble`] when there is no answer: whether it was done is not known then, and it may be said again.
    async fn register(
        &self,
        person: Insured<'_>,
        number: &InsuredNumber,
        card: CertificateSerial,
    ) -> Result<Registered, Trouble>;
    /// Has the person known by no card any more; where that was so already, it is so.
    ///
    /// # Errors
    /// As [`register`](Self::register).
    async fn deregister(&self, person: Insured<'_>, card: CertificateSerial) -> Result<(), Trouble>;
    /// How it did lately.
    fn pulse(&self) -> Pulse;
}
