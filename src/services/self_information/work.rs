//! Working a job off: ask, minimise, look once more, end.

use super::SelfInformation;
use super::handover::{End, Handover};
use super::minimise::{minimise, told};
use super::outcome::{
    CompletedKind, DataSetResult, FailedKind, FailedResult, NoRecordKind, NoRecordResult, NonDisclosedKind,
    NonDisclosedResult, NotYetReflectedKind, NotYetReflectedResult, Notice, OkKind, OkResult, PredicateResult,
    ProviderRecord, RefusedByCitizenKind, RefusedByCitizenResult, RetentionExpiredKind, RetentionExpiredResult,
    RetentionNoticeKind, SelfInformationResult, UnsupportedProviderKind, UnsupportedProviderResult,
};
use super::questions;
use crate::adapters::selfinfo::{Call, Record, Retrieved, Trouble};
use crate::catalog::{DataSet, available_from};
use crate::domain::access::{AccessedDataSet, CutItems};
use crate::domain::clearance::Clearance;
use crate::domain::client::Client;
use crate::domain::grant::Grant;
use crate::domain::ids::ReceiptId;
use crate::domain::retrieval::{Condition, OutcomeKind, Query, RequestState, RetrievalRequest};
use crate::domain::subject::UpstreamAccount;
use crate::domain::{Fault, Words};
use crate::gateway::Cleared;
use bytes::Bytes;
use chrono::{Datelike, NaiveDate};
use futures_util::future::{join, join_all};
use std::sync::Arc;
use std::time::Duration;

/// What one query came to, beside its outcome.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    /// How many values left.
    pub values: u32,
    /// What was sent and held back.
    pub cut: Option<CutItems>,
}

/// What a job came to.
struct Results {
    data_sets: Vec<(DataSetResult, Seen)>,
    predicates: Vec<PredicateResult>,
}

impl Results {
    fn are_all_failed(&self) -> bool {
        self.data_sets.iter().all(|(result, _)| result.kind() == OutcomeKind::Failed)
            && self.predicates.iter().all(|result| result.failure.is_some())
    }
}

/// A job on the bench.
pub(super) struct Work {
    pub request: RetrievalRequest,
    pub grant: Arc<Grant>,
    pub client: Arc<Client>,
    pub scenario: Option<String>,
    pub handover: Option<Arc<Handover>>,
    /// Whether the result is kept even when it was handed over: the caller sent an `Idempotency-Key`.
    pub is_kept: bool,
}

/// How often ending a job is tried while the store is away. After that its lease lets another take it up.
const MOST_TRIES: u32 = 4;

impl SelfInformation {
    pub(super) async fn run(&self, work: Work) {
        let data_sets = join_all(work.request.queries.iter().map(|query| self.ask(&work, *query)));
        let (data_sets, predicates) = join(data_sets, self.answer(&work)).await;
        let results = Results { data_sets, predicates };
        let is_claimed = work.handover.as_ref().is_some_and(|h| h.claim());
        let end = match self.end(&work, results, is_claimed).await {
            Ok(end) => end,
            Err(fault) => {
                tracing::error!(request.job = work.request.id.as_str(), %fault, "a job's end was not written; it will be taken up again");
                End::Broken
            }
        };
        if let Some(handover) = work.handover.filter(|_| is_claimed) {
            handover.give(end);
        }
        self.parts.limits.leave_job(&work.request.client, work.request.id.as_str()).await;
    }

    /// One query, from clearance to outcome; with it what left and what was held back.
    async fn ask(&self, work: &Work, query: Query) -> (DataSetResult, Seen) {
        let frame = |notices| Frame { query, notices };
        let Some(set) = self.parts.catalog.data_set(query.code) else {
            return (frame(vec![]).failed("unknown_data_set", None), Seen::default());
        };
        let today = self.parts.clock.now().date_in_japan();
        // A provider refuses a range that begins before what it keeps: it is asked for what there can be.
        let clearance = match self.parts.gateway.clear_one(&work.grant, &work.client, kept_part(set, query, today)) {
            Ok(Cleared::Yes(clearance)) => clearance,
            Ok(Cleared::RefusedByCitizen(_)) => return (frame(vec![]).refused_by_citizen(), Seen::default()),
            Err(refusal) => {
                let refusal = self.parts.gateway.keep_decision(refusal).await;
                return (frame(vec![]).failed(refusal.code, None), Seen::default());
            }
        };
        let (notices, is_all_gone) = kept_since(set, &query, today);
        if is_all_gone {
            return (frame(notices).retention_expired(), Seen::default());
        }
        let retrieved = self.retrieve(work, set, &clearance).await;
        match retrieved {
            Ok(Retrieved::Data(records)) => self.cut(work, set, (&clearance, &records), frame(notices)),
            other => (read_answer(set, &other, frame(notices)), Seen::default()),
        }
    }

    /// Only what was agreed to leaves; of the rest, its number and its keyed digest are kept.
    fn cut(
        &self,
        work: &Work,
        set: &DataSet,
        (clearance, records): (&Clearance, &[Record]),
        frame: Frame,
    ) -> (DataSetResult, Seen) {
        let minimised = minimise(set, records, &|item| clearance.allows(item));
        let owner = format!("{} {}", work.request.id, set.code);
        // Without a key there would be no sealing either: the job's end says so.
        let cut = told(&minimised.cut, &owner, &self.parts.master_key).unwrap_or_default();
        let refused = clearance.agreed().map(|d| d.refused.iter().map(ToString::to_string).collect());
        (frame.ok(minimised.records, refused.unwrap_or_default()), Seen { values: minimised.values, cut })
    }

    /// Asks the backend for what is cleared.
    pub(super) async fn retrieve(
        &self,
        work: &Work,
        set: &DataSet,
        clearance: &Clearance,
    ) -> Result<Retrieved, &'static str> {
        let person = self.person(work).await.ok_or("person_unknown")?;
        let source = self.parts.sources.get(&set.backend).ok_or("backend_not_configured")?;
        let call = Call {
            person: &person,
            provider: &set.provider.ja,
            request: &work.request.id,
            scenario: work.scenario.as_deref(),
        };
        let answer = source.retrieve(clearance, &call).await;
        Ok(self.shielded(&work.grant, answer).await)
    }

    /// Where the person signs in: it never changes, so it is asked for once.
    async fn person(&self, work: &Work) -> Option<Arc<UpstreamAccount>> {
        if let Some(known) = self.persons.get(&work.request.subject) {
            return Some(known);
        }
        let found = self.parts.store.find_subject(&work.request.subject).await.ok()??;
        let account = Arc::new(found.account);
        self.persons.insert(work.request.subject.clone(), Arc::clone(&account));
        Some(account)
    }

    /// Ends the job: result and line of history in one transaction, and only for a grant still in force.
    async fn end(&self, work: &Work, results: Results, is_claimed: bool) -> Result<End, Fault> {
        let request = &work.request;
        // Revoking cancels the job in its own transaction, so what is written below cannot overtake it; expiry and
        // suspension are seen here.
        let Some((grant, _)) = self.parts.gateway.find_in_force(&request.grant).await? else {
            self.parts.store.end_request(&request.id, RequestState::Cancelled).await?;
            return Ok(End::Cancelled);
        };
        let seen = |(result, seen): &(DataSetResult, Seen), query: &Query| AccessedDataSet {
            code: query.code,
            outcome: result.kind(),
            items: seen.values,
            cut: seen.cut,
            predicates: Vec::new(),
        };
        let lines = results.data_sets.iter().zip(&request.queries).map(|(result, query)| seen(result, query));
        let lines = lines.chain(questions::lines(&request.inquiries, &results.predicates)).collect();
        let is_empty = results.are_all_failed();
        let line = self.parts.witness.answered(request, &grant, lines);
        let bytes = self.render(request, results, &line.receipt())?;
        let is_once = grant.consent.as_ref().is_some_and(|c| c.access_days == 0);
        if is_claimed && is_once && is_empty && !work.is_kept {
            // Nothing was retrieved: the one retrieval is given back.
            self.parts.store.insert_accesses(&[line]).await?;
            self.parts.store.end_request(&request.id, RequestState::Cancelled).await?;
            return Ok(End::Finished(bytes));
        }
        let sealed = if is_claimed && !work.is_kept {
            None
        } else {
            Some(self.parts.master_key.seal(&Self::owner(&request.id), &bytes, &*self.parts.entropy)?)
        };
        let mut tries = 0;
        loop {
            match self.parts.store.finish_request(&request.id, sealed.as_deref(), &line).await {
                Ok(true) => return Ok(End::Finished(bytes)),
                Ok(false) => return Ok(End::Cancelled),
                Err(fault) if tries + 1 >= MOST_TRIES => return Err(fault),
                Err(_) => tries += 1,
            }
            tokio::time::sleep(Duration::from_millis(100 << tries)).await;
        }
    }

    fn render(&self, request: &RetrievalRequest, results: Results, receipt: &ReceiptId) -> Result<Bytes, Fault> {
        let body = SelfInformationResult {
            id: request.id.to_string(),
            status: CompletedKind,
            completed_at: self.parts.clock.now().rfc3339(),
            receipt_id: receipt.to_string(),
            data_sets: results.data_sets.into_iter().map(|(result, _)| result).collect(),
            predicates: results.predicates,
        };
        let mut bytes = serde_json::to_vec(&body).map_err(|e| Fault::Internal(format!("result: {e}")))?;
        questions::pad(&mut bytes, &body.predicates);
        Ok(Bytes::from(bytes))
    }
}

fn read_answer(set: &DataSet, answer: &Result<Retrieved, &'static str>, frame: Frame) -> DataSetResult {
    match answer {
        // Data are cut first.
        Ok(Retrieved::Data(_)) => frame.failed("malformed_answer", None),
        Ok(Retrieved::NoRecord) => frame.no_record(),
        Ok(Retrieved::UnsupportedProvider) => frame.unsupported_provider(),
        Ok(Retrieved::NotYetReflected) => frame.not_yet_reflected(),
        Ok(Retrieved::RetentionExpired) => frame.retention_expired(),
        Ok(Retrieved::NonDisclosed) => frame.non_disclosed(),
        Ok(Retrieved::Failed(trouble)) => {
            let Trouble { reason, retry_after } = *trouble;
            tracing::warn!(
                backend = set.backend.as_str(),
                data_set = set.code.as_str(),
                reason = reason.as_str(),
                "a backend gave nothing"
            );
            frame.failed(reason.as_str(), retry_after)
        }
        Err(reason) => {
            tracing::error!(
                backend = set.backend.as_str(),
                data_set = set.code.as_str(),
                reason,
                "a data set cannot be asked for"
            );
            frame.failed(reason, None)
        }
    }
}

/// Whether every outcome of a rendered result is a failure.
pub(super) fn retrieved_nothing(bytes: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Outcome {
        outcome: OutcomeKind,
    }
    #[derive(serde::Deserialize)]
    struct Told {
        failure: Option<serde::de::IgnoredAny>,
    }
    #[derive(serde::Deserialize)]
    struct Outcomes {
        data_sets: Vec<Outcome>,
        #[serde(default)]
        predicates: Vec<Told>,
    }
    let read = serde_json::from_slice::<Outcomes>(bytes);
    read.is_ok_and(|r| {
        r.data_sets.iter().all(|d| d.outcome == OutcomeKind::Failed) && r.predicates.iter().all(|p| p.failure.is_some())
    })
}

/// What the law's retention means for a query: the notice, and whether nothing of what is asked for can be left.
fn kept_since(set: &DataSet, query: &Query, today: NaiveDate) -> (Vec<Notice>, bool) {
    let Some(from) = available_from(set, today) else { return (Vec::new(), false) };
    let is_all_gone = match query.condition {
        Condition::Latest => false,
        Condition::OnDate { date } => date < from,
        Condition::Range { to, .. } => to < from,
        // 年度 Y ends on 31 March of Y + 1.
        Condition::TaxYear { year } => {
            NaiveDate::from_ymd_opt(i32::from(year) + 1, 3, 31).is_some_and(|end| end < from && from.year() > 0)
        }
    };
    let reaches_back = match query.condition {
        Condition::Range { from: first, .. } => first < from,
        _ => true,
    };
    if !reaches_back {
        return (Vec::new(), false);
    }
    let law = set.retention.as_ref().map(|r| (r.law.ja.as_str(), r.law.en.as_str())).unwrap_or_default();
    let words = Words {
        ja: format!("{from}より前の記録は、法令（{}）の保存期間を過ぎているため取得できません。", law.0),
        en: format!("Records from before {from} are not kept any more ({}), so they cannot be retrieved.", law.1),
    };
    (vec![Notice { code: RetentionNoticeKind, available_from: from, words }], is_all_gone)
}

/// The query, beginning no earlier than the provider keeps data; narrower, so cleared whenever the whole is.
fn kept_part(set: &DataSet, query: Query, today: NaiveDate) -> Query {
    match (query.condition, available_from(set, today)) {
        (Condition::Range { from, to }, Some(kept)) if from < kept && kept <= to => {
            Query { condition: Condition::Range { from: kept, to }, ..query }
        }
        _ => query,
    }
}

/// What every outcome says.
struct Frame {
    query: Query,
    notices: Vec<Notice>,
}

macro_rules! plain_outcomes {
    ($($method:ident => $variant:ident, $result:ident, $kind:ident;)*) => { $(
        fn $method(self) -> DataSetResult {
            let (code, condition) = (self.query.code.to_string(), self.query.condition.into());
            DataSetResult::$variant($result { outcome: $kind, code, condition, notices: self.notices })
        }
    )* };
}

impl Frame {
    plain_outcomes! {
        no_record => NoRecord, NoRecordResult, NoRecordKind;
        unsupported_provider => UnsupportedProvider, UnsupportedProviderResult, UnsupportedProviderKind;
        not_yet_reflected => NotYetReflected, NotYetReflectedResult, NotYetReflectedKind;
        retention_expired => RetentionExpired, RetentionExpiredResult, RetentionExpiredKind;
        non_disclosed => NonDisclosed, NonDisclosedResult, NonDisclosedKind;
        refused_by_citizen => RefusedByCitizen, RefusedByCitizenResult, RefusedByCitizenKind;
    }

    fn ok(self, records: Vec<ProviderRecord>, refused_items: Vec<String>) -> DataSetResult {
        let (code, condition) = (self.query.code.to_string(), self.query.condition.into());
        let notices = self.notices;
        DataSetResult::Ok(Box::new(OkResult { outcome: OkKind, code, condition, notices, records, refused_items }))
    }

    fn failed(self, reason: &'static str, retry_after: Option<Duration>) -> DataSetResult {
        DataSetResult::Failed(FailedResult {
            outcome: FailedKind,
            code: self.query.code.to_string(),
            condition: self.query.condition.into(),
            notices: self.notices,
            reason,
            is_retryable: retry_after.is_some(),
            retry_after_seconds: retry_after.map(|span| span.as_secs().max(1)),
        })
    }
}
