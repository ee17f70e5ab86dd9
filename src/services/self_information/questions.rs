//! Answering yes or no: the data is fetched, read for one number, compared, and forgotten.
//!
//! Nothing else follows from the number: no item leaves, no digest and no count of what was fetched is kept, the lines of
//! the history say what was asked and not what was answered, and the body has one length whatever the answers are.

use super::SelfInformation;
use super::outcome::{PredicateFailure, PredicateResult};
use super::work::Work;
use crate::adapters::selfinfo::{Record, Retrieved, Trouble};
use crate::catalog::DataSet;
use crate::domain::access::AccessedDataSet;
use crate::domain::predicate::{Answer, Inquiry, Predicate};
use crate::domain::retrieval::{OutcomeKind, Query};
use futures_util::future::join_all;

/// What one query fetched for the questions that it answers.
enum Fetched {
    /// Data of these providers; none where there is nothing to read, whatever the reason.
    Read(Vec<Record>),
    /// It could not be had.
    Failed(PredicateFailure),
}

impl SelfInformation {
    /// Every question of the job, in its order; what answers several is fetched once.
    pub(super) async fn answer(&self, work: &Work) -> Vec<PredicateResult> {
        let mut queries: Vec<Query> = Vec::new();
        for inquiry in &work.request.inquiries {
            if !queries.contains(&inquiry.query) {
                queries.push(inquiry.query);
            }
        }
        let fetched = join_all(queries.iter().map(|query| self.fetch_for_answers(work, *query))).await;
        let of = |inquiry: &Inquiry| {
            let place = queries.iter().position(|query| *query == inquiry.query);
            self.answer_one(inquiry, place.and_then(|place| fetched.get(place)))
        };
        work.request.inquiries.iter().map(of).collect()
    }

    async fn fetch_for_answers(&self, work: &Work, query: Query) -> Fetched {
        let failed = |reason, retry: Option<u64>| {
            Fetched::Failed(PredicateFailure { reason, is_retryable: retry.is_some(), retry_after_seconds: retry })
        };
        let Some(set) = self.parts.catalog.data_set(query.code) else { return failed("unknown_data_set", None) };
        let asked = work.request.inquiries.iter().filter(|inquiry| inquiry.query == query);
        let asked: Vec<&Predicate> = asked.map(|inquiry| &inquiry.predicate).collect();
        let clearance = match self.parts.gateway.clear_answers(&work.grant, &work.client, (query, &asked)) {
            Ok(clearance) => clearance,
            Err(refusal) => {
                let refusal = self.parts.gateway.keep_decision(refusal).await;
                return failed(refusal.code, None);
            }
        };
        match self.retrieve(work, set, &clearance).await {
            Ok(Retrieved::Data(records)) => Fetched::Read(records),
            Ok(Retrieved::Failed(Trouble { reason, retry_after })) => {
                tell(set, reason.as_str());
                failed(reason.as_str(), retry_after.map(|span| span.as_secs().max(1)))
            }
            // Nothing on record, not disclosed, not kept any more: to the third party all the same.
            Ok(_) => Fetched::Read(Vec::new()),
            Err(reason) => {
                tell(set, reason);
                failed(reason, None)
            }
        }
    }

    fn answer_one(&self, inquiry: &Inquiry, fetched: Option<&Fetched>) -> PredicateResult {
        let asked = &inquiry.predicate;
        let (number, failure) = match fetched {
            Some(Fetched::Read(records)) => (self.number(inquiry, records), None),
            Some(Fetched::Failed(failure)) => (None, Some(failure.clone())),
            None => (None, None),
        };
        result(asked, Answer::of(asked, number), failure)
    }

    fn number(&self, inquiry: &Inquiry, records: &[Record]) -> Option<i64> {
        let fact = self.parts.catalog.fact(&inquiry.predicate.fact)?;
        let set = self.parts.catalog.data_set(inquiry.code()).filter(|set| set.code == fact.data_set)?;
        let today = self.parts.clock.now().date_in_japan();
        let records = records.iter().map(|record| record.items.as_slice());
        fact.number(set, records, (inquiry.predicate.year, today))
    }
}

fn tell(set: &DataSet, reason: &'static str) {
    let (backend, code) = (set.backend.as_str(), set.code.as_str());
    tracing::warn!(backend, data_set = code, reason, "a backend gave nothing to answer from");
}

/// What the history says of the questions: one entry for each data set, with what was asked.
pub(super) fn lines(inquiries: &[Inquiry], results: &[PredicateResult]) -> Vec<AccessedDataSet> {
    let mut lines: Vec<AccessedDataSet> = Vec::new();
    for (inquiry, result) in inquiries.iter().zip(results) {
        let outcome = if result.failure.is_some() { OutcomeKind::Failed } else { OutcomeKind::Answered };
        let predicate = inquiry.predicate.clone();
        match lines.iter_mut().find(|line| line.code == inquiry.code() && line.outcome == outcome) {
            Some(line) => line.predicates.push(predicate),
            None => lines.push(AccessedDataSet {
                code: inquiry.code(),
                outcome,
                items: 0,
                cut: None,
                predicates: vec![predicate],
            }),
        }
    }
    lines
}

/// What a third party would be sent for `predicates`, with made-up answers; none where there is none. It is the same for
/// everyone, and has no value in it.
#[must_use]
pub fn preview_answers(predicates: &[&Predicate]) -> Option<String> {
    let made_up = |predicate: &&Predicate| result(predicate, Answer::Yes, None);
    let results: Vec<PredicateResult> = predicates.iter().map(made_up).collect();
    if results.is_empty() { None } else { serde_json::to_string_pretty(&results).ok() }
}

fn result(asked: &Predicate, answer: Answer, failure: Option<PredicateFailure>) -> PredicateResult {
    PredicateResult {
        fact: asked.fact.to_string(),
        operator: asked.operator.as_str(),
        value: asked.value,
        year: asked.year,
        answer,
        failure,
    }
}

/// Makes the body as long as it would be with the longest answers.
pub(super) fn pad(body: &mut Vec<u8>, results: &[PredicateResult]) {
    let longest = Answer::Unknown.as_str().len();
    let short: usize = results.iter().map(|result| longest - result.answer.as_str().len()).sum();
    body.resize(body.len() + short, b' ');
}
