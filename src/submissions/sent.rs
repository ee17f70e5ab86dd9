//! What agencies send to an account without a filing (電子送達): heard of by one worker at a time, then kept and told of like
//! any document.
//!
//! What it says (title, message, whose account) is sealed with its bytes: first alone, then before them.

use super::Submissions;
use super::documents::owner;
use super::post::Post;
use crate::adapters::agency::{ElectronicDelivery, Fetched, FetchedDocument, Sendings};
use crate::domain::ids::{ClientId, DocumentId};
use crate::domain::submission::{Document, DocumentState, Letter, Posted, Signature, SignatureCheck};
use crate::domain::{Failure, Fault, Refusal};
use crate::store::Before;
use std::sync::Arc;
use std::time::Duration;

/// Most pages that are read at once: 10,000 messages of 90 days.
const MOST_PAGES: u32 = 200;
/// How often to look whether it is time to ask.
const PAUSE: Duration = Duration::from_secs(1);
const AFTER_FAULT: Duration = Duration::from_secs(2);

impl Submissions {
    /// Asks one agency what it sent to its account, for as long as the process runs, where somebody collects it.
    pub(super) async fn keep_sent(self: Arc<Self>, post: Arc<Post>) {
        let Some(delivery) = post.agency.electronic_delivery().cloned() else { return };
        loop {
            let pause = match self.ask_what_was_sent(&post, &delivery).await {
                Ok(()) => PAUSE,
                Err(fault) => {
                    tracing::warn!(agency = post.agency.settings().name, %fault, "what was sent could not be kept");
                    AFTER_FAULT
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Takes the turn where it is time, and writes down what is news, page by page: what is heard of twice is known by its
    /// name. A process that is killed meanwhile leaves the rest to the next turn.
    async fn ask_what_was_sent(&self, post: &Post, delivery: &ElectronicDelivery) -> Result<(), Fault> {
        let (agency, now) = (&post.agency.settings().name, self.parts.clock.now());
        if !self.parts.store.take_agency_turn(agency, (now, now.plus(delivery.look_every()))).await? {
            return Ok(());
        }
        // Whose account it is, where the operator says so: what is sent there is nobody else's.
        let account = post.agency.settings().egov.as_ref().and_then(|egov| egov.corporate_number.clone());
        let client = self.parts.store.find_client(&delivery.client).await?;
        let may_collect = client.is_some_and(|client| account.is_none_or(|account| account == client.corporate_number));
        if !may_collect {
            let client = delivery.client.as_str();
            tracing::warn!(agency, client, "who is to collect what is sent is no client of the account's company");
            return Ok(());
        }
        for page in 1..=MOST_PAGES {
            match post.agency.list_sent(page).await {
                Sendings::Page(all, has_more) => {
                    for one in &all {
                        self.hear_of(agency, &delivery.client, one).await?;
                    }
                    if !has_more {
                        return Ok(());
                    }
                }
                Sendings::NoAnswer(_) => return Ok(()),
            }
        }
        tracing::warn!(agency, "more was sent than is read at once: the rest was not seen");
        Ok(())
    }

    async fn hear_of(&self, agency: &str, client: &ClientId, posted: &Posted) -> Result<(), Fault> {
        let id = DocumentId::generate(&*self.parts.entropy);
        let one = Document::posted(id, (agency, client), &posted.said, self.parts.clock.now());
        let letter = self.seal_document(&one, Some(&posted.letter), &[])?;
        self.parts.store.insert_document(&one, Some(&letter)).await.map(drop)
    }

    /// The letter of one that was sent; none of what is about a filing.
    pub(super) async fn letter(&self, one: &Document) -> Result<Option<Letter>, Fault> {
        if one.submission.is_some() {
            return Ok(None);
        }
        let held = self.parts.store.find_document(&one.id).await?;
        let sealed = held.and_then(|held| held.content);
        sealed.map_or(Ok(None), |sealed| self.open_document(one, &sealed).map(|(letter, _)| letter))
    }

    /// Bytes and the letter before them, sealed.
    pub(super) fn seal_document(
        &self,
        one: &Document,
        letter: Option<&Letter>,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let framed = match letter {
            Some(letter) => framed(letter, bytes)?,
            None => return self.parts.master.seal(&owner(one), bytes, &*self.parts.entropy),
        };
        self.parts.master.seal(&owner(one), &framed, &*self.parts.entropy)
    }

    /// What was sealed.
    pub(super) fn open_document(&self, one: &Document, sealed: &[u8]) -> Result<(Option<Letter>, Vec<u8>), Fault> {
        let bytes = self.parts.master.open(&owner(one), sealed)?;
        if one.submission.is_some() {
            return Ok((None, bytes));
        }
        let (letter, bytes) =
            unframed(&bytes).ok_or_else(|| Fault::Internal("a sealed letter does not read".into()))?;
        Ok((Some(letter), bytes))
    }

    /// What was sent to accounts whose documents this client collects, newest first.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn electronic_deliveries(
        &self,
        client: &ClientId,
        before: &Before<DocumentId>,
    ) -> Result<Vec<Document>, Fault> {
        self.parts.store.list_electronic_deliveries(client, before).await
    }

    /// One of them with its letter, while that is here; the log of evidence knows of it before this returns.
    ///
    /// # Errors
    /// `not_found`; `evidence_unavailable`.
    pub async fn electronic_delivery(
        &self,
        client: &ClientId,
        id: &str,
    ) -> Result<(Document, Option<Letter>), Failure> {
        let held = self.held_document(client, id).await?;
        if held.document.submission.is_some() {
            return Err(Refusal::new("not_found", "You have no electronic delivery with this id.").into());
        }
        if held.content.is_none() || matches!(held.document.state, DocumentState::Collected | DocumentState::Erased) {
            return Ok((held.document, None));
        }
        let letter = self.letter(&held.document).await?;
        self.parts.evidence.intake().admit()?;
        self.parts.store.witness_document(&held.document, "letter_disclosed", self.parts.clock.now()).await?;
        Ok((held.document, letter))
    }
}

/// A message that came without a document: what is kept is itself.
pub(super) fn message(letter: &Letter) -> Result<Fetched, Fault> {
    let bytes = serde_json::to_vec(letter).map_err(|e| Fault::Internal(format!("a letter cannot be written: {e}")))?;
    let content_type = "application/json".to_owned();
    Ok(Fetched::Document(FetchedDocument {
        content_type,
        bytes,
        signature: Signature::here(SignatureCheck::None, None),
    }))
}

/// The letter's length in four bytes, the letter, and what is behind it.
fn framed(letter: &Letter, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let fault = |e: &dyn std::fmt::Display| Fault::Internal(format!("a letter cannot be written: {e}"));
    let letter = serde_json::to_vec(letter).map_err(|e| fault(&e))?;
    let length = u32::try_from(letter.len()).map_err(|e| fault(&e))?;
    Ok([&length.to_be_bytes()[..], &letter, bytes].concat())
}

fn unframed(bytes: &[u8]) -> Option<(Letter, Vec<u8>)> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (letter, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    Some((serde_json::from_slice(letter).ok()?, rest.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_goes_before_its_bytes_and_half_a_one_is_none() {
        let letter = Letter { title: "見本".into(), ..Letter::default() };
        let framed = framed(&letter, b"PK").unwrap();
        assert_eq!(unframed(&framed), Some((letter, b"PK".to_vec())));
        for end in 0..framed.len() - 2 {
            assert_eq!(unframed(&framed[..end]), None, "{end}");
        }
    }
}
