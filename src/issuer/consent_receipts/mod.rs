//! Consent receipts: what a person agreed to, as a record that both sides keep (ISO/IEC TS 27560).
//!
//! What for: the person and the third party each hold a copy of the same record, signed by the counter. Whoever claims
//! another consent later has to show another record.
//!
//! How it flows: 1. a grant's present decision and those that it took the place of are one record each; 2. what became of
//! each is read from the events that the log of evidence holds of the grant, so that a receipt names its leaves; 3.
//! `document` writes the record in the standard's members, with a JSON-LD context that gives them the meaning of the Data
//! Privacy Vocabulary (the W3C community group's guide to TS 27560); 4. the copy is signed for its holder.
//!
//! How to add one more: a member of the record is a line in `document` and one in its context.
//!
//! What it must never do: say more than its holder has read already: codes, words and times, never a value, and the person
//! by the name that this third party knows them by.

mod context;
mod document;

use super::Issuer;
use crate::domain::client::Client;
use crate::domain::grant::{Grant, RevokedBy};
use crate::domain::{Fault, Timestamp};
use crate::protocol::jose::sign;
use crate::store::HeldReceipt;
use document::{About, Happening, What};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The `typ` of a signed consent receipt (RFC 8725 §3.11).
pub const TYPE_OF_CONSENT_RECEIPTS: &str = "madoguchi-consent-receipt+jwt";

/// Most events of one grant that are looked at, the newest.
const MOST_EVENTS: u32 = 1000;
/// Most records of one grant, the newest.
const MOST_RECORDS: usize = 50;

/// Whose copy it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The person's.
    Principal,
    /// The third party's.
    Controller,
}

/// One receipt.
#[derive(Clone, Debug)]
pub struct ConsentReceipt {
    /// Which record it is about: the same in both copies.
    pub record_id: String,
    /// When the person agreed.
    pub agreed_at: Timestamp,
    /// When a newer decision took its place.
    pub superseded_at: Option<Timestamp>,
    /// The receipt as JSON-LD.
    pub document: Value,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    consent_receipt: &'a Value,
}

/// What the log's record of a consent's change says of it.
#[derive(Deserialize)]
struct Changed {
    change: String,
    by: Option<RevokedBy>,
}

impl Issuer {
    /// The receipts of a grant for one of its two sides, that of the decision in force first.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn consent_receipts(
        &self,
        grant: &Grant,
        client: &Client,
        holder: Holder,
    ) -> Result<Vec<ConsentReceipt>, Fault> {
        let mut decisions = vec![grant.clone()];
        decisions.extend(self.parts.store.list_superseded(&grant.id).await?.into_iter().take(MOST_RECORDS));
        let mut events = self.parts.store.list_consent_receipts(&grant.id, MOST_EVENTS).await?;
        events.reverse();
        let principal = self.subject_of(client, grant);
        let about = About {
            public_url: &self.public_url,
            catalog: &self.parts.catalog,
            client,
            principal: &principal,
            holder,
            now: self.now(),
        };
        let newer = std::iter::once(None).chain(decisions.iter().map(|decision| Some(decision.agreed_at())));
        let receipts = decisions.iter().zip(newer).filter_map(|(decision, superseded_at)| {
            let happened = happened(&events, (decision.agreed_at(), superseded_at));
            let document = about.document(decision, superseded_at, &happened)?;
            let record_id = document::record_id(decision);
            Some(ConsentReceipt { record_id, agreed_at: decision.agreed_at(), superseded_at, document })
        });
        Ok(receipts.collect())
    }

    /// The receipt as a compact JWS for its holder: its claim `consent_receipt` is the document.
    ///
    /// # Errors
    /// [`Fault`] when the key cannot sign.
    pub fn sign_consent_receipt(&self, receipt: &ConsentReceipt, audience: &str) -> Result<String, Fault> {
        let iat = self.now().seconds();
        let claims = Claims { iss: &self.public_url, aud: audience, iat, consent_receipt: &receipt.document };
        sign(&*self.keys.statement_signer(), TYPE_OF_CONSENT_RECEIPTS, &claims)
    }
}

/// What became of a decision while it stood: events from when it was made until the next one was.
fn happened(events: &[HeldReceipt], (from, until): (Timestamp, Option<Timestamp>)) -> Vec<Happening> {
    let during = events.iter().filter(|event| event.at >= from && until.is_none_or(|until| event.at < until));
    let read = |event: &HeldReceipt| {
        let told: Changed = serde_json::from_str(&event.record).ok()?;
        let what = match (told.change.as_str(), told.by) {
            ("made", _) => What::Given,
            ("amended", _) => What::Renewed,
            ("paused", _) => What::Paused,
            ("resumed", _) => What::Resumed,
            ("ended", Some(by)) => What::Ended(by),
            ("held", _) => What::Held,
            ("released", _) => What::Released,
            _ => return None,
        };
        Some(Happening { what, at: event.at, receipt: event.receipt.clone(), leaf: event.index })
    };
    let mut all: Vec<Happening> = during.filter_map(read).collect();
    // Of what happened within one millisecond, the decision came first.
    all.sort_by_key(|one| (one.at, !matches!(one.what, What::Given | What::Renewed)));
    all
}

#[cfg(test)]
mod tests;
