//! What agencies give back, or send to an account: fetched before its time there is over, kept sealed until whose it is
//! has it.
//!
//! A document is durable here before its agency is told that we have it; that call may come twice after a crash, and means
//! the same. Each step is due at a time of its own, and written under the version that was read.

use super::Submissions;
use super::post::Post;
use super::sent::message;
use crate::adapters::agency::{DocumentName, Fetched, FetchedDocument};
use crate::domain::ids::{ClientId, DocumentId};
use crate::domain::submission::{
    AboutDocument, Document, DocumentKind, DocumentNews, DocumentState, Letter, Submission, SubmissionEvent,
};
use crate::domain::{Digest, Failure, Fault, Refusal, Timestamp};
use crate::store::{Content, DocumentChange, HeldDocument};
use std::sync::Arc;
use std::time::Duration;

/// How long a document waits here for its filer.
const KEPT: Duration = Duration::from_hours(90 * 24);
/// How long before a deadline its filer is warned.
const WARNED: Duration = Duration::from_hours(7 * 24);
/// Documents taken up at once: they are fetched one after the other, and what a killed process had taken up waits until the
/// time of all of them is over.
const BATCH: u32 = 1;
/// How often to look whether something is due.
const PAUSE: Duration = Duration::from_millis(500);
const AFTER_FAULT: Duration = Duration::from_secs(2);
/// How often a collection is tried anew when the document changed under it.
const MOST_TRIES: u32 = 8;

/// What seals and opens a document.
pub(super) fn owner(document: &Document) -> String {
    format!("document:{}", document.id)
}

/// What becomes of a document after a step.
struct Step {
    due_at: Option<Timestamp>,
    content: Content,
    news: Option<DocumentNews>,
    word: Option<&'static str>,
}

impl Step {
    fn at(due_at: Option<Timestamp>) -> Self {
        Self { due_at, content: Content::Keep, news: None, word: None }
    }
}

impl Submissions {
    /// Works off what is due of one agency's documents, for as long as the process runs.
    pub(super) async fn keep_documents(self: Arc<Self>, post: Arc<Post>) {
        if !post.agency.has_documents() {
            return;
        }
        loop {
            let pause = match self.documents_due(&post).await {
                Ok(0) => PAUSE,
                Ok(_) => continue,
                Err(fault) => {
                    tracing::warn!(agency = post.agency.settings().name, %fault, "documents could not be taken up");
                    AFTER_FAULT
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn documents_due(&self, post: &Post) -> Result<usize, Fault> {
        let now = self.parts.clock.now();
        // Three calls at most, and the writes around them, one document after the other.
        let lease = (post.agency.settings().call_timeout() * 3 + super::post::SLACK) * BATCH;
        let held =
            self.parts.store.lease_documents(&post.agency.settings().name, (now, now.plus(lease)), BATCH).await?;
        let count = held.len();
        for one in held {
            self.document_step(post, one).await?;
        }
        Ok(count)
    }

    async fn document_step(&self, post: &Post, held: HeldDocument) -> Result<(), Fault> {
        let HeldDocument { document: mut one, mut version, .. } = held;
        if one.state == DocumentState::Announced {
            let step = self.fetch(post, &mut one).await?;
            if !self.write_document(&mut one, version, step).await? {
                return Ok(());
            }
            version += 1;
        }
        if one.is_to_be_confirmed() {
            let is_told = post.agency.confirm_document(name(&one)).await;
            if is_told {
                one.confirmed();
            }
            let pause = post.agency.settings().look_every();
            let due = if is_told { after(&one) } else { Some(self.parts.clock.now().plus(pause)) };
            return self.write_document(&mut one, version, Step::at(due)).await.map(drop);
        }
        if one.state == DocumentState::Confirmed {
            let step = self.wait(&mut one);
            return self.write_document(&mut one, version, step).await.map(drop);
        }
        Ok(())
    }

    /// Fetches one that is announced.
    async fn fetch(&self, post: &Post, one: &mut Document) -> Result<Step, Fault> {
        let now = self.parts.clock.now();
        if one.until.is_some_and(|until| now >= until) {
            one.state = DocumentState::Missed;
            return Ok(Step { news: Some(DocumentNews::Missed), word: Some("missed"), ..Step::at(None) });
        }
        let letter = self.letter(one).await?;
        let fetched = match &letter {
            Some(letter) if one.kind == DocumentKind::Message => message(letter)?,
            _ => post.agency.fetch_document(name(one)).await,
        };
        let now = self.parts.clock.now();
        match fetched {
            Fetched::Document(FetchedDocument { content_type, bytes, signature }) => {
                let sealed = self.seal_document(one, letter.as_ref(), &bytes)?;
                one.fetched(AboutDocument {
                    content_type,
                    size: bytes.len() as u64,
                    digest: Digest::of_bytes(&bytes),
                    signature: signature.check,
                    signature_flaw: signature.flaw,
                    agency_signatures: signature.agency,
                    fetched_at: now,
                    kept_until: now.plus(KEPT),
                });
                let content = Content::Replace(sealed);
                Ok(Step { content, news: Some(DocumentNews::Available), word: Some("fetched"), ..Step::at(Some(now)) })
            }
            Fetched::NoAnswer(pause) => {
                let due = now.plus(pause.unwrap_or_else(|| post.agency.settings().look_every()));
                let is_news = one.until.is_some_and(|until| now.plus(WARNED) >= until && one.warned_of != Some(until));
                if is_news {
                    one.warned_of = one.until;
                }
                Ok(Step { news: is_news.then_some(DocumentNews::Expiring), ..Step::at(Some(due)) })
            }
        }
    }

    /// Warns of the end of one that nobody collected, and erases it then.
    fn wait(&self, one: &mut Document) -> Step {
        let now = self.parts.clock.now();
        let Some(until) = one.about.as_ref().map(|about| about.kept_until) else { return Step::at(None) };
        if now >= until {
            one.state = DocumentState::Erased;
            return Step { content: Content::Drop, word: Some("erased"), ..Step::at(None) };
        }
        if one.warned_of == Some(until) {
            return Step::at(Some(until));
        }
        if now < until.minus(WARNED) {
            return Step::at(after(one));
        }
        one.warned_of = Some(until);
        Step { news: Some(DocumentNews::Expiring), ..Step::at(Some(until)) }
    }

    async fn write_document(&self, one: &mut Document, version: u64, step: Step) -> Result<bool, Fault> {
        let at = self.parts.clock.now();
        let event = match step.news {
            None => None,
            Some(news) => match &one.submission {
                Some(filing) => {
                    let filing = self.parts.store.find_submission(filing).await?;
                    let state = filing.map(|filing: Submission| filing.state);
                    state.map(|state| SubmissionEvent::of_document(one, news, Some(state), at))
                }
                None => Some(SubmissionEvent::of_document(one, news, None, at)),
            },
        };
        let Step { due_at, content, word, .. } = step;
        let change = DocumentChange { document: one.clone(), version, due_at, content, event, word, at };
        self.parts.store.update_document(&change).await
    }

    /// The documents of the filer's own filing.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn documents(&self, client: &ClientId, id: &str) -> Result<Vec<Document>, Failure> {
        let (filing, _) = self.held(client, id).await?;
        Ok(self.parts.store.list_documents(&filing.id).await?)
    }

    /// A document of the filer's with its bytes; the log of evidence knows of it before this returns.
    ///
    /// # Errors
    /// `not_found`; `conflict` while it is not here, or not any more; `evidence_unavailable`.
    pub async fn document(&self, client: &ClientId, id: &str) -> Result<(Document, Vec<u8>), Failure> {
        let held = self.held_document(client, id).await?;
        let (document, _, bytes) = self.disclosed(held).await?;
        Ok((document, bytes))
    }

    /// What is here of one, with the letter that came with it; the log of evidence knows of it before this returns.
    pub(super) async fn disclosed(&self, held: HeldDocument) -> Result<(Document, Option<Letter>, Vec<u8>), Failure> {
        let sealed = held.content.filter(|_| held.document.state.is_here());
        let sealed = sealed.ok_or_else(|| {
            let words = match held.document.state {
                DocumentState::Announced => "It is not here yet: you are told when it is.",
                DocumentState::Missed => "Its time at the agency was over before it could be fetched: ask the agency.",
                _ => "It is not here any more: it was collected, or its time was over.",
            };
            Refusal::new("conflict", words)
        })?;
        let (letter, bytes) = self.open_document(&held.document, &sealed)?;
        self.parts.evidence.intake().admit()?;
        self.parts.store.witness_document(&held.document, "disclosed", self.parts.clock.now()).await?;
        Ok((held.document, letter, bytes))
    }

    /// The filer has it: its bytes are erased here. Saying so again changes nothing.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it never was here.
    pub async fn collect_document(&self, client: &ClientId, id: &str) -> Result<Document, Failure> {
        self.parts.evidence.intake().admit()?;
        for _ in 0..MOST_TRIES {
            let HeldDocument { document: mut one, version, .. } = self.held_document(client, id).await?;
            if one.state == DocumentState::Collected {
                return Ok(one);
            }
            if !one.collect(self.parts.clock.now()) {
                return Err(Refusal::new("conflict", "It is not here: there is nothing to collect.").into());
            }
            // The agency is still to be told, if it was not.
            let due = one.is_to_be_confirmed().then(|| self.parts.clock.now());
            let step = Step { content: Content::Drop, word: Some("collected"), ..Step::at(due) };
            if self.write_document(&mut one, version, step).await? {
                return Ok(one);
            }
        }
        Err(Refusal::new("conflict", "It is changing just now. Say it again.").into())
    }

    pub(super) async fn held_document(&self, client: &ClientId, id: &str) -> Result<HeldDocument, Failure> {
        let unknown = || Refusal::new("not_found", "You have no document with this id.");
        let id = DocumentId::parse(id).map_err(|_| unknown())?;
        let found = self.parts.store.find_document(&id).await?.filter(|held| held.document.client == *client);
        Ok(found.ok_or_else(unknown)?)
    }
}

/// What its agency knows it by.
fn name(one: &Document) -> DocumentName<'_> {
    DocumentName { arrival: one.arrival.as_ref(), reference: &one.reference, kind: one.kind }
}

/// When there is something to do with one that is here and told of.
fn after(one: &Document) -> Option<Timestamp> {
    let until = one.about.as_ref().map(|about| about.kept_until)?;
    (one.state == DocumentState::Confirmed).then(|| until.minus(WARNED))
}
