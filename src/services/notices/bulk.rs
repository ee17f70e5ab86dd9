//! Files of notices (一括送信): one notice on each line, checked and posted as they come.
//!
//! How it flows: `begin` makes ready; each `append` takes whole lines where the piece before ended, and posts what is right and
//! notes what is not, with how far the file is, in one write. Nothing of a file is kept but its notices: a piece is all that is
//! in memory.

use super::body::{Posting, nobody, place};
use super::{NoticeRequest, Notices};
use crate::domain::citizen_notice::{NewCitizenNotice, recipient_digest};
use crate::domain::ids::{CitizenNoticeId, NoticeBulkId, SubjectId};
use crate::domain::notice_bulk::{NoticeBulk, NoticePiece, RejectedLine};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Digest, Failure, Refusal, Timestamp};
use crate::gateway::Permit;
use crate::services::body::{LISTED, cut, idempotency_key, limit, unknown};
use serde::Serialize;
use std::collections::HashMap;
use url::form_urlencoded;
use utoipa::ToSchema;

/// Most lines of one file.
const MOST_LINES: u64 = 1_000_000;
/// Most bytes of one line.
const LONGEST_LINE: usize = 64 * 1024;

/// A file of notices, as far as it has come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NoticeBulk)]
pub struct NoticeBulkView {
    /// Its id.
    #[schema(example = "nbk_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// How many of its bytes are here: the `Upload-Offset` of the next piece.
    #[schema(example = 1_048_320)]
    pub offset: u64,
    /// How many of its lines are here.
    pub total: u64,
    /// How many of them were posted.
    pub accepted: u64,
    /// How many were not: see its `rejections`.
    pub rejected: u64,
    /// Whether it is whole.
    pub is_complete: bool,
    /// When it was begun (RFC 3339).
    #[schema(format = "date-time")]
    pub begun_at: String,
}

/// A line that was not posted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RejectedNoticeLine)]
pub struct RejectedLineView {
    /// Which, from 1.
    #[schema(example = 17)]
    pub line: u64,
    /// What is wrong: the code of a problem, as a notice that is posted alone would be refused with.
    #[schema(example = "invalid_value")]
    pub code: String,
    /// Where in the line (JSON pointer, RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "/category")]
    pub pointer: Option<String>,
    /// What would be right.
    pub detail: String,
}

/// Some rejected lines, in their order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RejectedNoticeLinePage)]
pub struct RejectedLinePage {
    /// The lines.
    pub items: Vec<RejectedLineView>,
    /// `after` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<u64>,
}

impl NoticeBulkView {
    fn of(one: &NoticeBulk) -> Self {
        Self {
            id: one.id.to_string(),
            offset: one.bytes,
            total: one.lines,
            accepted: one.lines - one.rejected.min(one.lines),
            rejected: one.rejected,
            is_complete: one.is_complete,
            begun_at: one.created_at.rfc3339(),
        }
    }
}

impl Notices {
    /// Makes ready for a file.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_request` without a key.
    pub async fn begin_bulk(&self, permit: &Permit, key: Option<&str>) -> Result<NoticeBulkView, Failure> {
        self.parts.gateway.clear_posting(permit).await?;
        let key = Digest::of(&format!("notice bulk\n{}", idempotency_key(key, "begins nothing twice")?));
        let new = NoticeBulk {
            id: NoticeBulkId::generate(&*self.parts.entropy),
            client: permit.client().id.clone(),
            key: IdempotencyKey { key, body: Digest::of("") },
            created_at: self.parts.clock.now(),
            bytes: 0,
            lines: 0,
            rejected: 0,
            is_complete: false,
        };
        let earlier = self.parts.store.insert_notice_bulk(&new).await?;
        Ok(NoticeBulkView::of(&earlier.unwrap_or(new)))
    }

    /// How far a file of this client's has come.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found` for another's, too.
    pub async fn bulk(&self, permit: &Permit, id: &str) -> Result<NoticeBulkView, Failure> {
        Ok(NoticeBulkView::of(&self.own_bulk(permit, id).await?))
    }

    async fn own_bulk(&self, permit: &Permit, id: &str) -> Result<NoticeBulk, Failure> {
        let missing = || Refusal::new("not_found", "You began no file with this id.").at("id");
        let id = NoticeBulkId::parse(id).map_err(|_| missing())?;
        let found = self.parts.store.find_notice_bulk(&id).await?;
        let found = found.filter(|one| one.client == permit.client().id).ok_or_else(missing)?;
        self.parts.gateway.clear_posting(permit).await?;
        Ok(found)
    }

    /// Takes the next piece: the whole lines of it.
    ///
    /// # Errors
    /// `not_found`, `refused_by_policy`; `invalid_request` without a place; `invalid_value` for a piece that is no text;
    /// `content_too_large` for a line, or a file, that is too long; `conflict` where the file has come elsewhere, or is whole.
    pub async fn append_bulk(
        &self,
        permit: &Permit,
        id: &str,
        (said, is_last, bytes): (Option<&str>, bool, &[u8]),
    ) -> Result<NoticeBulkView, Failure> {
        let before = self.own_bulk(permit, id).await?;
        let wrong = || {
            let words = "Say with Upload-Offset at which byte of the file these begin.";
            Refusal::new("invalid_request", words).at("Upload-Offset")
        };
        let offset: u64 = said.and_then(|text| text.trim().parse().ok()).ok_or_else(wrong)?;
        if before.is_complete || offset != before.bytes {
            return Err(elsewhere(&before).into());
        }
        let (taken, lines) = lines(bytes, is_last)?;
        let after = NoticeBulk {
            bytes: before.bytes + taken,
            lines: before.lines + lines.len() as u64,
            is_complete: is_last,
            ..before.clone()
        };
        if after.lines > MOST_LINES {
            let words = format!("A file has {MOST_LINES} lines at most: begin another one.");
            return Err(Refusal::new("content_too_large", words).into());
        }
        let mut piece = NoticePiece { after, at: before.bytes, notices: Vec::new(), rejected: Vec::new() };
        self.read_lines(permit, (before.lines, &lines), &mut piece).await?;
        piece.after.rejected = before.rejected + piece.rejected.len() as u64;
        if self.parts.store.append_notices(&piece).await? {
            return Ok(NoticeBulkView::of(&piece.after));
        }
        Err(elsewhere(&self.own_bulk(permit, id).await?).into())
    }

    /// Reads lines into a piece: what is posted, and what is not.
    async fn read_lines(
        &self,
        permit: &Permit,
        (before, lines): (u64, &[&str]),
        piece: &mut NoticePiece,
    ) -> Result<(), Failure> {
        let sector = &permit.client().sector;
        let parsed: Vec<Result<NoticeRequest, Refusal>> = lines.iter().map(|line| parse(line)).collect();
        let wanted = parsed.iter().flatten().map(|one| recipient_digest(sector, &one.recipient));
        let known = self.parts.store.find_recipients(&wanted.collect::<Vec<_>>()).await?;
        let now = self.parts.clock.now();
        for (line, request) in (before + 1..).zip(parsed) {
            let bulk = &piece.after.id;
            match request.and_then(|request| self.one_line(permit, request, (bulk, line, now), &known)) {
                Ok(new) => piece.notices.push(new),
                Err(refusal) => piece.rejected.push(RejectedLine {
                    line,
                    code: refusal.code.to_owned(),
                    pointer: refusal.pointer.map(String::from),
                    words: refusal.public,
                }),
            }
        }
        Ok(())
    }

    fn one_line(
        &self,
        permit: &Permit,
        request: NoticeRequest,
        (bulk, line, now): (&NoticeBulkId, u64, Timestamp),
        known: &HashMap<Digest, SubjectId>,
    ) -> Result<NewCitizenNotice, Refusal> {
        let client = permit.client();
        let subject = known.get(&recipient_digest(&client.sector, &request.recipient)).cloned().ok_or_else(nobody)?;
        let key = Digest::of(&format!("notice of a file\n{bulk}\n{line}"));
        let key = IdempotencyKey { key, body: key };
        let id = CitizenNoticeId::generate(&*self.parts.entropy);
        request.compose(&self.parts.rules, subject, Posting { client, now, id, key, own: &self.parts.public_url })
    }

    /// Rejected lines of a file.
    ///
    /// # Errors
    /// `refused_by_policy`, `not_found`; `invalid_value` naming the parameter.
    pub async fn rejections(&self, permit: &Permit, (id, query): (&str, &str)) -> Result<RejectedLinePage, Failure> {
        let (mut after, mut most) = (0, LISTED);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "after" => after = place(&value, "after")?,
                "limit" => most = limit(&value)?,
                _ => return Err(unknown(&name, "after, limit").into()),
            }
        }
        let bulk = self.own_bulk(permit, id).await?;
        let mut found = self.parts.store.list_rejected_lines(&bulk.id, after, most.saturating_add(1)).await?;
        let next = cut(&mut found, most as usize, |last| last.line);
        let view = |one: RejectedLine| RejectedLineView {
            line: one.line,
            code: one.code,
            pointer: one.pointer,
            detail: one.words,
        };
        Ok(RejectedLinePage { items: found.into_iter().map(view).collect(), next })
    }
}

/// The lines of a piece, and how many bytes they are: what comes after the last end of a line is left, unless it is the last
/// of the file.
fn lines(bytes: &[u8], is_last: bool) -> Result<(u64, Vec<&str>), Refusal> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let taken = bytes.get(..if is_last { bytes.len() } else { whole }).unwrap_or_default();
    if taken.is_empty() && bytes.len() > LONGEST_LINE {
        let words = format!("A line must be at most {LONGEST_LINE} bytes: post this notice alone.");
        return Err(Refusal::new("content_too_large", words));
    }
    let text = std::str::from_utf8(taken).map_err(|_| Refusal::new("invalid_value", "The piece must be UTF-8."))?;
    let lines = text.strip_suffix('\n').unwrap_or(text).split('\n').filter(|_| !text.is_empty());
    Ok((taken.len() as u64, lines.collect()))
}

fn parse(line: &str) -> Result<NoticeRequest, Refusal> {
    if line.len() > LONGEST_LINE {
        let words = format!("A line must be at most {LONGEST_LINE} bytes: post this notice alone.");
        return Err(Refusal::new("content_too_large", words));
    }
    // What the reader says could repeat a value, and this is kept.
    let request: NoticeRequest = serde_json::from_str(line).map_err(|error| {
        let words = format!("The line is no notice as documented: look at column {}.", error.column());
        Refusal::new("invalid_request", words)
    })?;
    request.check_recipient()?;
    Ok(request)
}

fn elsewhere(one: &NoticeBulk) -> Refusal {
    let words = if one.is_complete {
        "The file is whole: begin another one.".to_owned()
    } else {
        format!("The file goes on at byte {}.", one.bytes)
    };
    Refusal::new("conflict", words).at("Upload-Offset")
}
