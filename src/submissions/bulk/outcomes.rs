//! Of every line of a bulk filing, where it stands and what was found in it.

use super::super::Submissions;
use super::Asker;
use crate::domain::bulk::Bulk;
use crate::domain::ids::SubmissionId;
use crate::domain::submission::{Delivery, Finding, SubmissionState, is_rejected};
use crate::domain::{Failure, Fault};
use crate::store::BulkPiece;
use std::collections::BTreeMap;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineOutcome {
    /// Its number, from 1.
    pub line: u64,
    /// Whether its record is rejected here.
    pub is_rejected: bool,
    /// Where the filing stands that its record was handed on in.
    pub state: Option<SubmissionState>,
    /// That filing.
    pub submission: Option<SubmissionId>,
    /// What was found in it, here and at the agency; places are in the record.
    pub findings: Vec<Finding>,
}

/// Findings of a filing of many records: those about the record at `place`, and those about none.
fn of_place(findings: &[Finding], place: usize) -> Vec<Finding> {
    let mut found = Vec::new();
    for one in findings {
        let Some(rest) = one.pointer.strip_prefix("/records/") else {
            found.push(one.clone());
            continue;
        };
        let (number, pointer) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if number.parse() == Ok(place) {
            found.push(Finding { pointer: pointer.to_owned(), ..one.clone() });
        }
    }
    found
}

impl Submissions {
    /// The lines after this one, at most `limit`, with where they stand.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn outcomes(
        &self,
        asker: Asker<'_>,
        id: &str,
        (after, limit): (u64, u32),
    ) -> Result<(Bulk, Vec<LineOutcome>), Failure> {
        let bulk = self.held_bulk(asker, id).await?.bulk;
        let (first, last) = (after.saturating_add(1), after.saturating_add(limit.into()).min(bulk.lines));
        let mut lines = Vec::new();
        if first <= last {
            for piece in self.parts.store.list_bulk_pieces(&bulk.id, first, limit).await? {
                if piece.first_line > last {
                    break;
                }
                lines.extend(
                    self.of_piece(&bulk, &piece).await?.into_iter().filter(|o| (first..=last).contains(&o.line)),
                );
            }
        }
        Ok((bulk, lines))
    }

    async fn of_piece(&self, bulk: &Bulk, piece: &BulkPiece) -> Result<Vec<LineOutcome>, Fault> {
        let last = piece.first_line + piece.lines.saturating_sub(1);
        let found = self.parts.store.list_bulk_outcomes(&bulk.id, piece.first_line, last).await?;
        let mut found: BTreeMap<u64, Vec<Finding>> = found.into_iter().collect();
        let delivery: Option<Delivery> = match &piece.submission {
            None => None,
            Some(id) => {
                let held = self.parts.store.list_deliveries(std::slice::from_ref(id)).await?;
                held.into_iter().next().map(|held| held.delivery)
            }
        };
        let mut place = 0;
        let mut outcomes = Vec::new();
        for line in piece.first_line..=last {
            let mut findings = found.remove(&line).unwrap_or_default();
            let is_rejected = is_rejected(&findings);
            let one = delivery.as_ref().filter(|_| !is_rejected);
            if !is_rejected {
                findings.extend(one.map(|one| of_place(&one.findings, place)).unwrap_or_default());
                place += 1;
            }
            let (state, submission) = (one.map(|one| one.state), one.map(|one| one.submission.clone()));
            outcomes.push(LineOutcome { line, is_rejected, state, submission, findings });
        }
        Ok(outcomes)
    }

    /// How many records stand where: none while they wait to be handed on.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn count_records(&self, bulk: &Bulk) -> Result<Vec<(Option<SubmissionState>, u64)>, Fault> {
        self.parts.store.count_bulk_records(&bulk.id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_of_the_record_that_it_names_or_of_all() {
        let finding = |pointer: &str| Finding::reject("X1", pointer, "ja", "en");
        let all = [finding("/records/1/name"), finding("/records/11"), finding("/office/name"), finding("")];
        let places = |place| of_place(&all, place).iter().map(|f| f.pointer.clone()).collect::<Vec<_>>();
        assert_eq!(places(1), ["/name", "/office/name", ""]);
        assert_eq!(places(11), ["", "/office/name", ""]);
        assert_eq!(places(0), ["/office/name", ""]);
    }
}
