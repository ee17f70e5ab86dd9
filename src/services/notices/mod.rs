//! Notices (お知らせ): agencies post them to citizens, and citizens' software reads them under a consent.
//!
//! What for: what an agency tells a citizen reaches them wherever they read, once.
//!
//! How it flows: 1. `post` (or `bulk`, line by line) writes a notice, sealed under the citizen's key; a citizen is named by the
//! `sub` that the agency's own clients were given; 2. when its time comes (`work`), it gets its place in the citizen's list and
//! word is left for whoever may read it, in one write; the word holds its id and nothing of what it says; 3. `list`, `notice`
//! and `attachment` show it under a consent with the scope `notices`, each written into the citizen's access history before;
//! 4. `inbox` shows it to the citizen who signed in at the counter's own pages; 5. `ending` reminds citizens of consents that end,
//! by notices of the counter's own.
//!
//! How to add one more: its part of a body in `body`, its part of an answer in `view`.
//!
//! What it must never do: show a notice to anybody but its citizen and their own software, or say to an agency whether it was read;
//! tell an agency whether somebody is known whom it was never given.

mod body;
mod bulk;
mod ending;
mod inbox;
mod view;
mod work;

pub use body::{NoticeFileRequest, NoticeLinkRequest, NoticeRequest, NoticeTextRequest};
pub use bulk::{NoticeBulkView, RejectedLinePage, RejectedLineView};
pub use view::{
    AgencyNoticePage, AgencyNoticeView, NoticeAttachmentView, NoticeLinkView, NoticePage, NoticeSummaryView, NoticeView,
};

use self::body::{Posting, Wanted, language_of, nobody};
use crate::catalog::notices::NoticeRules;
use crate::domain::citizen_notice::{HeldCitizenNotice, NoticeState, recipient_digest};
use crate::domain::deposit::Holding;
use crate::domain::ids::{CitizenNoticeId, SubjectId};
use crate::domain::payment::PaymentState;
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Clock, Digest, Entropy, Failure, Fault, Refusal};
use crate::evidence::{EvidenceLog, Witness};
use crate::gateway::{Gateway, Permit};
use crate::services::body::{cut, digest_of, idempotency_key, one_more, page_after, place, read};
use crate::services::payments::state_behind;
use crate::store::{InsertedCitizenNotice, Store};
use std::sync::Arc;

/// How many are looked at in one step, and how many steps one call takes at most to find those that are asked for.
const STEP: u32 = 200;
const MOST_STEPS: u32 = 10;

/// What the use case is made of.
pub struct NoticesParts {
    /// What may be posted.
    pub rules: Arc<NoticeRules>,
    /// The operator's rules.
    pub gateway: Arc<Gateway>,
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// The access history.
    pub witness: Arc<Witness>,
    /// The log of evidence.
    pub evidence: Arc<EvidenceLog>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub entropy: Arc<dyn Entropy>,
    /// The address that everybody sees, without a slash at its end: payments of ours are known by it.
    pub public_url: String,
}

/// The use case.
pub struct Notices {
    parts: NoticesParts,
}

/// A file of a notice as it is given.
#[derive(Debug)]
pub struct NoticeFile {
    /// Its name.
    pub name: String,
    /// What it is.
    pub holding: Holding,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Notices {
    /// The use case of its parts.
    #[must_use]
    pub const fn new(parts: NoticesParts) -> Self {
        Self { parts }
    }

    /// Posts a notice: durable when this returns, and visible when its time has come.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_request`, `invalid_value` naming the field, also for somebody whom the agency was never
    /// given; `idempotency_key_reused`.
    pub async fn post(
        &self,
        permit: &Permit,
        (bytes, key): (&[u8], Option<&str>),
    ) -> Result<AgencyNoticeView, Failure> {
        self.parts.gateway.clear_posting(permit).await?;
        let key = idempotency_key(key, "posts nothing twice")?;
        let request: NoticeRequest = read(bytes)?;
        request.check_recipient()?;
        let (client, now) = (permit.client(), self.parts.clock.now());
        let digest = recipient_digest(&client.sector, &request.recipient);
        let subject = self.parts.store.find_recipients(&[digest]).await?.remove(&digest).ok_or_else(nobody)?;
        let key = IdempotencyKey {
            key: Digest::of(&format!(
                "notice
{key}"
            )),
            body: digest_of(bytes)?,
        };
        let (id, own) = (CitizenNoticeId::generate(&*self.parts.entropy), self.parts.public_url.as_str());
        let posting = Posting { client, now, id, key, own };
        let new = request.compose(&self.parts.rules, subject, posting)?;
        match self.parts.store.insert_citizen_notice(&new).await? {
            InsertedCitizenNotice::New(held) | InsertedCitizenNotice::Same(held) => {
                Ok(AgencyNoticeView::of(&held, self.parts.clock.now()))
            }
            InsertedCitizenNotice::KeyReused => {
                let words = "This Idempotency-Key came with another notice before: use a new one.";
                Err(Refusal::new("idempotency_key_reused", words).at("Idempotency-Key").into())
            }
            InsertedCitizenNotice::NobodyThere => Err(nobody().into()),
        }
    }

    /// What this client posted, newest first.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_value` naming the parameter.
    pub async fn posted(&self, permit: &Permit, query: &str) -> Result<AgencyNoticePage, Failure> {
        self.parts.gateway.clear_posting(permit).await?;
        let mut before = page_after(query, CitizenNoticeId::parse)?;
        let limit = one_more(&mut before);
        let mut found = self.parts.store.list_posted_notices(&permit.client().id, &before).await?;
        let next = cut(&mut found, limit, |last| place(last.notice.posted_at, &last.notice.id));
        let now = self.parts.clock.now();
        Ok(AgencyNoticePage { items: found.iter().map(|one| AgencyNoticeView::of(one, now)).collect(), next })
    }

    /// One that this client posted.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found` for another's, too.
    pub async fn posted_one(&self, permit: &Permit, id: &str) -> Result<AgencyNoticeView, Failure> {
        let found = self.any(id).await?.filter(|one| one.notice.client == permit.client().id);
        let found = found.ok_or_else(|| not_found("You posted no notice with this id."))?;
        self.parts.gateway.clear_posting(permit).await?;
        Ok(AgencyNoticeView::of(&found, self.parts.clock.now()))
    }

    /// The citizen's notices in the order in which they became visible.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_value` naming the parameter; `evidence_unavailable`.
    pub async fn list(&self, permit: &Permit, query: &str) -> Result<NoticePage, Failure> {
        let wanted = Wanted::read(query, &self.parts.rules)?;
        self.parts.gateway.clear_notices(permit).await?;
        let subject = citizen(permit)?;
        let (found, cursor, has_more) = self.find(subject, &wanted).await?;
        self.shown(permit, &found).await?;
        let items = found.iter().map(|one| NoticeSummaryView::of(one, &self.parts.rules, wanted.lang)).collect();
        Ok(NoticePage { items, cursor: cursor.to_string(), has_more })
    }

    /// Those that are wanted, up to which place it was looked, and whether there is more. What is filtered is sealed, so it is
    /// looked through; a call looks at so many and no more, and says where it came to.
    async fn find(&self, subject: &SubjectId, wanted: &Wanted) -> Result<(Vec<HeldCitizenNotice>, u64, bool), Fault> {
        let (now, mut after, mut found) = (self.parts.clock.now(), wanted.after, Vec::new());
        let is_wanted = |one: &HeldCitizenNotice| {
            wanted.category.as_ref().is_none_or(|category| one.notice.category == *category)
                && wanted.is_unread.is_none_or(|is_unread| one.read_at.is_none() == is_unread)
        };
        for _ in 0..MOST_STEPS {
            let step = self.parts.store.list_citizen_notices(subject, after, (now, STEP)).await?;
            let is_last = step.len() < STEP as usize;
            for one in step {
                if found.len() >= wanted.limit {
                    return Ok((found, after, true));
                }
                after = one.place.unwrap_or(after);
                found.extend(Some(one).filter(is_wanted));
            }
            if is_last {
                return Ok((found, after, false));
            }
        }
        Ok((found, after, true))
    }

    /// One of the citizen's notices.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_value`; `not_found` for another's, for one whose time is still to come, and for one whose
    /// time is over; `evidence_unavailable`.
    pub async fn notice(&self, permit: &Permit, (id, query): (&str, &str)) -> Result<NoticeView, Failure> {
        let lang = language_of(query)?;
        let found = self.own(permit, id).await?;
        self.shown(permit, std::slice::from_ref(&found)).await?;
        let mut view = NoticeView::of(&found, &self.parts.rules, lang);
        view.payment_state = self.payment_state(&found).await?;
        Ok(view)
    }

    /// Where the payment stands that a notice leads to, where it is one that was made here by the same agency.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn payment_state(&self, held: &HeldCitizenNotice) -> Result<Option<PaymentState>, Fault> {
        let Some(link) = &held.notice.payment else { return Ok(None) };
        let at = (self.parts.public_url.as_str(), link.url.as_str());
        state_behind(&*self.parts.store, at, &held.notice.client, self.parts.clock.now()).await
    }

    /// A file that came with one of the citizen's notices.
    ///
    /// # Errors
    /// As [`notice`](Self::notice).
    pub async fn attachment(&self, permit: &Permit, (id, number): (&str, &str)) -> Result<NoticeFile, Failure> {
        let found = self.own(permit, id).await?;
        let missing = || Refusal::new("not_found", "This notice has no file with this number.").at("number");
        if number.parse::<usize>().map_or(true, |number| number >= found.notice.attachments.len()) {
            return Err(missing().into());
        }
        self.shown(permit, std::slice::from_ref(&found)).await?;
        Ok(self.file(&found, number).await?.ok_or_else(missing)?)
    }

    /// A file of a notice, if there is one with this number; it is the one that was posted.
    async fn file(&self, of: &HeldCitizenNotice, number: &str) -> Result<Option<NoticeFile>, Fault> {
        let Ok(number) = number.parse::<u32>() else { return Ok(None) };
        let Some(about) = of.notice.attachments.get(number as usize) else { return Ok(None) };
        let Some(bytes) = self.parts.store.find_notice_file(&of.notice.id, number).await? else { return Ok(None) };
        if Digest::of_bytes(&bytes) != about.digest {
            return Err(Fault::Internal("a stored file of a notice is another one".into()));
        }
        let holding = Holding {
            location: String::new(),
            size: about.size,
            media_type: about.media_type.clone(),
            schema: String::new(),
            digest: about.digest,
        };
        Ok(Some(NoticeFile { name: about.name.clone(), holding, bytes }))
    }

    /// Marks one as read, or as unread. Doing it again changes nothing.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found`.
    pub async fn mark(&self, permit: &Permit, id: &str, is_read: bool) -> Result<(), Failure> {
        self.parts.gateway.clear_notices(permit).await?;
        let subject = citizen(permit)?;
        let id = CitizenNoticeId::parse(id).map_err(|_| no_such())?;
        let is_marked = self.parts.store.mark_notice((subject, &id), is_read, self.parts.clock.now()).await?;
        if is_marked { Ok(()) } else { Err(no_such().into()) }
    }

    /// One that the citizen can see now.
    async fn own(&self, permit: &Permit, id: &str) -> Result<HeldCitizenNotice, Failure> {
        self.parts.gateway.clear_notices(permit).await?;
        let (subject, now) = (citizen(permit)?, self.parts.clock.now());
        let is_own = |one: &HeldCitizenNotice| one.notice.subject == *subject && one.state(now) == NoticeState::Posted;
        Ok(self.any(id).await?.filter(is_own).ok_or_else(no_such)?)
    }

    async fn any(&self, id: &str) -> Result<Option<HeldCitizenNotice>, Fault> {
        match CitizenNoticeId::parse(id) {
            Ok(id) => self.parts.store.find_citizen_notice(&id).await,
            Err(_) => Ok(None),
        }
    }

    /// Writes into the citizen's access history what is about to be shown.
    async fn shown(&self, permit: &Permit, notices: &[HeldCitizenNotice]) -> Result<(), Failure> {
        if notices.is_empty() {
            return Ok(());
        }
        self.parts.evidence.intake().admit()?;
        let ids = notices.iter().map(|one| one.notice.id.clone()).collect();
        Ok(self.parts.witness.shown(permit.grant(), ids).await?)
    }
}

/// Whose notices a permit opens.
fn citizen(permit: &Permit) -> Result<&SubjectId, Refusal> {
    let words = "Notices are a citizen's: use a token that a person gave.";
    permit.grant().subject.as_ref().ok_or_else(|| Refusal::new("insufficient_scope", words))
}

fn no_such() -> Refusal {
    not_found("There is no notice with this id for this citizen.")
}

fn not_found(words: &'static str) -> Refusal {
    Refusal::new("not_found", words).at("id")
}
