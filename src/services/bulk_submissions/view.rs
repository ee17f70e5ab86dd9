//! What a filer sees of a bulk filing.

use crate::domain::bulk::{Bulk, BulkRefusal, BulkState};
use crate::domain::submission::SubmissionState;
use crate::services::submissions::FindingView;
use crate::submissions::LineOutcome;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A bulk filing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkSubmission)]
pub struct BulkView {
    /// Its id.
    #[schema(example = "blk_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// Where it stands.
    pub state: BulkState,
    /// Why it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<BulkRefusal>,
    /// The agency.
    #[schema(example = "pension")]
    pub agency: String,
    /// The procedure of its records.
    #[schema(example = "2225700")]
    pub procedure: String,
    /// The company that it is for, where that is not your own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "7000012050002")]
    pub applicant: Option<String>,
    /// The delegation (委任) by which you file for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "del_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub delegation: Option<String>,
    /// SHA-256 of the whole file, base64url.
    pub digest: String,
    /// Bytes of the whole file.
    #[schema(example = 60_000_000)]
    pub length: u64,
    /// What the file is.
    #[schema(example = "application/x-ndjson")]
    pub content_type: &'static str,
    /// How many of its bytes are here, for certain: go on there.
    #[schema(example = 1_048_570)]
    pub upload_offset: u64,
    /// Most bytes of one piece.
    #[schema(example = 524_288)]
    pub largest_piece: usize,
    /// Until when it must be whole, or a dry run that found it good can be filed (RFC 3339).
    #[schema(format = "date-time", example = "2026-11-22T12:00:00+09:00")]
    pub expires_at: String,
    /// How far it is.
    pub progress: BulkProgress,
    /// When it was filed, all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time", example = "2026-11-21T12:00:00+09:00")]
    pub accepted_at: Option<String>,
    /// The signed receipt of the whole file: a JWS of the type `submission-receipt+jwt` by our published keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub receipt: Option<String>,
}

/// How far a bulk filing is, in records.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkProgress {
    /// Lines that are here.
    pub lines: u64,
    /// Lines whose record is rejected; see the outcomes.
    pub rejected: u64,
    /// Records that are not handed on yet.
    pub waiting: u64,
    /// Records by where their filing stands.
    pub by_state: BTreeMap<&'static str, u64>,
}

/// One line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LineOutcome)]
pub struct LineOutcomeView {
    /// Its number in the file, from 1; of a CSV, the row's number after the header line, empty lines not counted.
    #[schema(example = 4711)]
    pub line: u64,
    /// `rejected`, `waiting`, or where the filing stands that its record was handed on in.
    #[schema(example = "completed")]
    pub state: &'static str,
    /// That filing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "sub_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub submission_id: Option<String>,
    /// What was found in it, here and at the agency; each `pointer` is into the line's record.
    pub findings: Vec<FindingView>,
}

/// One page of lines.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineOutcomePage {
    /// The lines, in order.
    pub items: Vec<LineOutcomeView>,
    /// `after` of the next page; absent after the last line that is here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<u64>,
}

impl BulkView {
    /// What is shown of it.
    pub(super) fn of(bulk: &Bulk, counts: &[(Option<SubmissionState>, u64)], largest_piece: usize) -> Self {
        let waiting = counts.iter().filter(|(state, _)| state.is_none()).map(|(_, count)| count).sum();
        let by_state = counts.iter().filter_map(|(state, count)| Some(((*state)?.as_str(), *count))).collect();
        Self {
            id: bulk.id.to_string(),
            state: bulk.state,
            reason: bulk.reason,
            agency: bulk.agency.clone(),
            procedure: bulk.procedure.clone(),
            applicant: bulk.delegation.as_ref().map(|_| bulk.applicant.to_string()),
            delegation: bulk.delegation.as_ref().map(ToString::to_string),
            digest: bulk.digest.base64url(),
            length: bulk.length,
            content_type: bulk.format.media_type(),
            upload_offset: bulk.received,
            largest_piece,
            expires_at: bulk.expires_at.rfc3339(),
            progress: BulkProgress { lines: bulk.lines, rejected: bulk.rejected, waiting, by_state },
            accepted_at: bulk.accepted_at.map(crate::domain::Timestamp::rfc3339),
            receipt: bulk.receipt.clone(),
        }
    }
}

impl LineOutcomePage {
    /// What is shown of these lines.
    pub(super) fn of(bulk: &Bulk, lines: &[LineOutcome]) -> Self {
        let view = |one: &LineOutcome| LineOutcomeView {
            line: one.line,
            state: match one.state {
                _ if one.is_rejected => "rejected",
                None => "waiting",
                Some(state) => state.as_str(),
            },
            submission_id: one.submission.as_ref().map(ToString::to_string),
            findings: one.findings.iter().map(FindingView::of).collect(),
        };
        let next = lines.last().map(|last| last.line).filter(|last| *last < bulk.lines);
        Self { items: lines.iter().map(view).collect(), next }
    }
}
