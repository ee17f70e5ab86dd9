//! Disposition notices (処分通知) by deposit: an agency puts its decision on a filing down, and the company fetches it.
//!
//! How it flows: 1. `put_notice`: the agency that got the filing, and no other, puts a notice down; its content comes here,
//! sealed under a key of its own, or stays at the agency's cloud; the company is told in the same write; 2. `notice_content`
//! gives it, its digest checked; the first time is written down before a byte goes (到達), and the agency is told in the same
//! write; 3. a later notice corrects or revokes an earlier one, which stays as it was.

use super::body::{Bounds, digest, name, origin_of};
use super::cloud::{Asked, told};
use super::disposition_view::{
    AgencyDispositionNotice, AgencyDispositionNoticePage, DispositionNoticePage, DispositionNoticeView,
};
use super::{DepositFiling, Deposits};
use crate::domain::deposit::Holding;
use crate::domain::disposition::{
    Answered, DispositionKind, DispositionNotice, DispositionState, Fetch, HeldDisposition, KeptAt,
};
use crate::domain::ids::{DeliveryId, DispositionNoticeId, ReceiptId};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::submission::Delivery;
use crate::domain::{Digest, Failure, Fault, Refusal, Timestamp};
use crate::gateway::Permit;
use crate::services::body::{cut, day, digest_of, idempotency_key, one_more, page_after, place, read};
use crate::store::{GivenDisposition, InsertedDisposition};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDate;
use serde::Deserialize;
use std::time::Duration;
use utoipa::ToSchema;

/// How many may be under way at agencies' clouds in one process: each holds a whole notice in memory.
pub(super) const AT_ONCE: usize = 16;
/// The most bytes of a content that comes here.
const LARGEST: usize = 512 * 1024;
/// What an agency's cloud is told that it is asked for.
const PURPOSE: &str = "disposition_notice";
/// The schema of what has none.
const NO_SCHEMA: &str = "";

/// A decision on a filing, to be put down for the company.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DispositionRequest {
    /// The deposit that it answers: one that was filed to you. Either this or `filing`.
    #[schema(nullable = false, example = "dep_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub deposit: Option<String>,
    /// The filing that it answers: the `reference` by which you were sent it.
    #[schema(nullable = false, example = "dlv_Zm9vYmFyYmF6cXV4MTIzNA-0")]
    pub filing: Option<String>,
    /// What it is.
    pub kind: DispositionKind,
    /// Its title, at most 200 characters.
    #[schema(example = "法定調書の受理通知書")]
    pub title: String,
    /// The day of the decision in Japan.
    #[schema(format = "date", example = "2026-11-20")]
    pub decided_on: String,
    /// The earlier notice that this one corrects or revokes: the last one of its kind to the same filing.
    #[schema(nullable = false, example = "dsn_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub supersedes: Option<String>,
    /// Its content, to be kept here. Either this or `holding`.
    #[schema(nullable = false)]
    pub content: Option<DispositionContent>,
    /// Where its content is, at your own cloud.
    #[schema(nullable = false)]
    pub holding: Option<DepositFiling>,
}

/// A notice's content.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DispositionContent {
    /// Its media type.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// SHA-256 of its bytes (base64url, no padding).
    #[schema(example = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    pub sha256: String,
    /// Its bytes, 524288 at most (base64 with padding, RFC 4648 §4).
    #[schema(format = "byte", example = "5a6f5YGa")]
    pub base64: String,
}

/// A notice's content as it is given.
#[derive(Debug)]
pub struct NoticeContent {
    /// What it is.
    pub holding: Holding,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What the log of evidence knows this giving by.
    pub receipt: ReceiptId,
}

impl Deposits {
    /// Puts a notice down: durable, and the company is told, when this returns.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_request`, `invalid_value` naming the field, also for a filing that is another agency's;
    /// `conflict` for an earlier notice that is not the last one; `idempotency_key_reused`, `evidence_unavailable`.
    pub async fn put_notice(
        &self,
        permit: &Permit,
        (bytes, key): (&[u8], Option<&str>),
    ) -> Result<AgencyDispositionNotice, Failure> {
        self.parts.gateway.clear_reference(permit).await?;
        let key = idempotency_key(key, "does nothing twice")?;
        let request: DispositionRequest = read(bytes)?;
        let now = self.parts.clock.now();
        let supersedes = earlier(&request)?;
        let (holding, kept, content) = self.content(&request)?;
        let (agency, answered) = self.answered(permit, &request).await?;
        let notice = DispositionNotice {
            id: DispositionNoticeId::generate(&*self.parts.entropy),
            client: permit.client().id.clone(),
            agency,
            answered,
            kind: request.kind,
            title: name(&request.title, "/title")?,
            decided_on: decided_on(&request.decided_on, now)?,
            supersedes,
            holding,
            kept,
            key: IdempotencyKey { key: Digest::of(&format!("disposition\n{key}")), body: digest_of(bytes)? },
            put_at: now,
            expires_at: now.plus(Duration::from_hours(24 * u64::from(self.parts.rules.notices().kept_for_days))),
            receipt: ReceiptId::generate(&*self.parts.entropy),
        };
        self.parts.evidence.intake().admit()?;
        match self.parts.store.insert_disposition(&notice, content.as_deref()).await? {
            InsertedDisposition::New => Ok(AgencyDispositionNotice::of(&HeldDisposition::new(notice), now)),
            InsertedDisposition::Same(earlier) => Ok(AgencyDispositionNotice::of(&earlier, now)),
            InsertedDisposition::KeyReused => {
                let words = "This Idempotency-Key came with another notice before: use a new one.";
                Err(Refusal::new("idempotency_key_reused", words).at("Idempotency-Key").into())
            }
            InsertedDisposition::NotTheLast => {
                let words = "There is no such notice of yours to this filing, or another one came after it already.";
                Err(Refusal::new("conflict", words).at("/supersedes").into())
            }
        }
    }

    /// What the agency behind this client put down, newest first.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_value` naming the parameter.
    pub async fn put_notices(&self, permit: &Permit, query: &str) -> Result<AgencyDispositionNoticePage, Failure> {
        self.parts.gateway.clear_reference(permit).await?;
        let mut before = page_after(query, DispositionNoticeId::parse)?;
        let limit = one_more(&mut before);
        let mut found = Vec::new();
        for agency in self.agencies_of(permit) {
            found.extend(self.parts.store.list_agency_dispositions(agency, &before).await?);
        }
        found.sort_by_key(|one| std::cmp::Reverse((one.notice.put_at, one.notice.id.clone())));
        let next = cut(&mut found, limit, |last| place(last.notice.put_at, &last.notice.id));
        let now = self.parts.clock.now();
        Ok(AgencyDispositionNoticePage {
            items: found.iter().map(|one| AgencyDispositionNotice::of(one, now)).collect(),
            next,
        })
    }

    /// One that the agency behind this client put down: whether and when it was delivered (到達).
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found` for another's, too.
    pub async fn put_notice_of(&self, permit: &Permit, id: &str) -> Result<AgencyDispositionNotice, Failure> {
        let found = self.any_notice(id).await?;
        let found = found.filter(|one| self.agencies_of(permit).any(|agency| agency == one.notice.agency));
        let found = found.ok_or_else(|| not_found("You put no notice down with this id."))?;
        self.parts.gateway.clear_reference(permit).await?;
        Ok(AgencyDispositionNotice::of(&found, self.parts.clock.now()))
    }

    /// Notices to this client's filings, and to those that others made for the company behind it, newest first.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub async fn notices(&self, permit: &Permit, query: &str) -> Result<DispositionNoticePage, Failure> {
        let mut before = page_after(query, DispositionNoticeId::parse)?;
        let limit = one_more(&mut before);
        let client = permit.client();
        let mut found = self.parts.store.list_dispositions((&client.id, &client.corporate_number), &before).await?;
        let next = cut(&mut found, limit, |last| place(last.notice.put_at, &last.notice.id));
        let now = self.parts.clock.now();
        let items = found.iter().map(|one| DispositionNoticeView::of(one, now)).collect();
        Ok(DispositionNoticePage { items, next })
    }

    /// One notice to a filing of this client's, or of its company's.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn notice(&self, permit: &Permit, id: &str) -> Result<DispositionNoticeView, Failure> {
        Ok(DispositionNoticeView::of(&self.own_notice(permit, id).await?, self.parts.clock.now()))
    }

    /// Gives its content. The first time is when it was delivered (到達): written down, with its leaf, before this returns, and
    /// the agency is told.
    ///
    /// # Errors
    /// `not_found`; `result_gone` when its time is over; `refused_by_policy`, `not_delegated` for what is another company's;
    /// `cloud_unreachable`, `cloud_refused`, `digest_mismatch` where the agency's cloud fails; `evidence_unavailable`.
    pub async fn notice_content(&self, permit: &Permit, id: &str) -> Result<NoticeContent, Failure> {
        let gone = || Refusal::new("result_gone", "Its time here is over: ask the agency for it.");
        let one = self.own_notice(permit, id).await?;
        if one.state(self.parts.clock.now()) == DispositionState::Expired {
            return Err(gone().into());
        }
        let notice = one.notice;
        self.delegation(permit, &notice.answered.company, &notice.answered.procedure).await?;
        self.parts.evidence.intake().admit()?;
        let receipt = ReceiptId::generate(&*self.parts.entropy);
        let bytes = self.bytes(permit, &notice, &receipt).await?.ok_or_else(gone)?;
        let fetch = Fetch { client: permit.client().id.clone(), at: self.parts.clock.now(), receipt };
        match self.parts.store.give_disposition(&notice.id, &fetch).await? {
            GivenDisposition::First | GivenDisposition::Again => {
                Ok(NoticeContent { holding: notice.holding, bytes, receipt: fetch.receipt })
            }
            GivenDisposition::Gone => Err(gone().into()),
        }
    }

    /// Its bytes, which are what was put down; none when they are not here any more.
    async fn bytes(
        &self,
        permit: &Permit,
        notice: &DispositionNotice,
        receipt: &ReceiptId,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let KeptAt::Cloud(pieces) = &notice.kept else {
            let found = self.parts.store.find_disposition_content(&notice.id).await?;
            let is_right = |bytes: &Vec<u8>| Digest::of_bytes(bytes) == notice.holding.digest;
            return match found {
                Some(bytes) if !is_right(&bytes) => {
                    Err(Fault::Internal("a stored notice is another one".into()).into())
                }
                found => Ok(found),
            };
        };
        let _place = self.notices.place()?;
        let origin = origin_of(&notice.holding.location);
        let asked = Asked {
            origin: &origin.ok_or_else(|| Fault::Internal("a stored notice's address cannot be read".into()))?,
            holding: &notice.holding,
            pieces,
            what: notice.id.as_str(),
            reference: receipt.as_str(),
            by: &permit.client().name.en,
            purpose: PURPOSE,
        };
        let stands = "Nothing was given, so it is not delivered: repeat it later, or ask the agency.";
        match self.notices.whole(&asked).await? {
            Ok(bytes) => Ok(Some(bytes)),
            Err(trouble) => Err(told(trouble, "The agency's cloud", stands).into()),
        }
    }

    /// What its content is, where it is, and its bytes where it is here.
    fn content(&self, request: &DispositionRequest) -> Result<(Holding, KeptAt, Option<Vec<u8>>), Refusal> {
        let wrong = |at: &str, words: String| Refusal::new("invalid_value", words).at(at);
        let rules = self.parts.rules.notices();
        let bounds = |at| Bounds { media_types: &rules.media_types, largest_bytes: rules.largest_bytes, at };
        match (&request.content, &request.holding) {
            (Some(content), None) => {
                bounds("/content").check_type(&content.media_type)?;
                let is_short = content.base64.len() <= LARGEST.div_ceil(3) * 4;
                let bytes = STANDARD.decode(&content.base64).ok().filter(|_| is_short);
                let bytes = bytes.filter(|bytes| (1..=LARGEST).contains(&bytes.len())).ok_or_else(|| {
                    wrong("/content/base64", format!("It must be base64 with padding of 1 to {LARGEST} bytes."))
                })?;
                let digest = digest(&content.sha256, "/content/sha256")?;
                if digest != Digest::of_bytes(&bytes) {
                    return Err(wrong("/content/sha256", "It is not the digest of these bytes.".into()));
                }
                let holding = Holding {
                    location: String::new(),
                    size: bytes.len() as u64,
                    media_type: content.media_type.clone(),
                    schema: NO_SCHEMA.to_owned(),
                    digest,
                };
                Ok((holding, KeptAt::Here, Some(bytes)))
            }
            (None, Some(filing)) => {
                let origin = origin_of(&filing.location);
                let origin = origin.ok_or_else(|| wrong("/holding/location", "It must be an address.".into()))?;
                let (holding, pieces) = filing.read(&bounds("/holding"), &origin)?;
                self.parts
                    .outward
                    .check_cloud(&holding.location)
                    .map_err(|error| wrong("/holding/location", format!("This address is not called: {error}.")))?;
                Ok((holding, KeptAt::Cloud(pieces), None))
            }
            _ => Err(wrong("/content", "Say either `content` or `holding`.".into())),
        }
    }

    /// The filing that is answered, and the agency that got it.
    async fn answered(&self, permit: &Permit, request: &DispositionRequest) -> Result<(String, Answered), Failure> {
        let nothing = |at: &str| Refusal::new("invalid_value", "Nothing with this id was filed to you.").at(at);
        let is_own = |agency: &str| self.agencies_of(permit).any(|own| own == agency);
        let (delivery, deposit) = match (request.deposit.as_deref(), request.filing.as_deref()) {
            (Some(id), None) => {
                let found = self.any(id).await?.filter(|one| is_own(&one.declared.agency));
                let found = found.ok_or_else(|| nothing("/deposit"))?;
                let filed = found.filed.ok_or_else(|| nothing("/deposit"))?;
                let parts = self.parts.store.list_deliveries(&[filed.submission]).await?;
                let part = parts.into_iter().find(|part| part.delivery.agency == found.declared.agency);
                (part.ok_or_else(|| nothing("/deposit"))?.delivery, Some(found.declared.id))
            }
            (None, Some(reference)) => {
                let found = self.sent(reference).await?.filter(|one| is_own(&one.agency) && one.arrival.is_some());
                (found.ok_or_else(|| nothing("/filing"))?, None)
            }
            _ => return Err(Refusal::new("invalid_value", "Say either `deposit` or `filing`.").at("/deposit").into()),
        };
        let answered = Answered {
            submission: delivery.submission,
            delivery: delivery.id,
            deposit,
            client: delivery.client,
            company: delivery.applicant,
            delegation: delivery.delegation,
            procedure: delivery.procedure,
        };
        Ok((delivery.agency, answered))
    }

    /// What an agency was sent under this reference: the id of a delivery, and which time it was.
    async fn sent(&self, reference: &str) -> Result<Option<Delivery>, Fault> {
        let is_round = |text: &str| text.len() <= 9 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        // An id may hold a hyphen, too.
        let cut = reference.rsplit_once('-').filter(|(_, round)| is_round(round)).map(|(id, _)| id);
        for id in [Some(reference), cut].into_iter().flatten().filter_map(|id| DeliveryId::parse(id).ok()) {
            if let Some(held) = self.parts.store.find_delivery(&id).await? {
                return Ok(Some(held.delivery));
            }
        }
        Ok(None)
    }

    async fn own_notice(&self, permit: &Permit, id: &str) -> Result<HeldDisposition, Failure> {
        let client = permit.client();
        let is_own = |one: &HeldDisposition| {
            let answered = &one.notice.answered;
            let is_for_it = answered.delegation.is_some() && answered.company == client.corporate_number;
            answered.client == client.id || is_for_it
        };
        let found = self.any_notice(id).await?.filter(is_own);
        Ok(found.ok_or_else(|| not_found("There is no notice with this id for you."))?)
    }

    async fn any_notice(&self, id: &str) -> Result<Option<HeldDisposition>, Fault> {
        match DispositionNoticeId::parse(id) {
            Ok(id) => self.parts.store.find_disposition(&id).await,
            Err(_) => Ok(None),
        }
    }
}

/// The earlier notice, which goes with what corrects or revokes one, and with nothing else.
fn earlier(request: &DispositionRequest) -> Result<Option<DispositionNoticeId>, Refusal> {
    let wrong = |words: &str| Refusal::new("invalid_value", words).at("/supersedes");
    match (request.kind, request.supersedes.as_deref()) {
        (DispositionKind::Disposition, None) => Ok(None),
        (DispositionKind::Disposition, Some(_)) => {
            Err(wrong("What comes after an earlier notice is a `correction` or a `revocation`."))
        }
        (_, None) => Err(wrong("Say which notice it corrects or revokes.")),
        (_, Some(id)) => match DispositionNoticeId::parse(id) {
            Ok(id) => Ok(Some(id)),
            Err(_) => Err(wrong("It must be a notice's id.")),
        },
    }
}

/// A day that is not to come.
fn decided_on(text: &str, now: Timestamp) -> Result<NaiveDate, Refusal> {
    let day = day(text);
    let wrong = || Refusal::new("invalid_value", "It must be a day up to today.").at("/decided_on");
    day.filter(|day| *day <= now.date_in_japan()).ok_or_else(wrong)
}

fn not_found(words: &'static str) -> Refusal {
    Refusal::new("not_found", words).at("id")
}
