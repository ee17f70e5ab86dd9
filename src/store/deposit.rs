//! What both engines make of a deposit's records in the same way.

use super::{filing, record};
use crate::domain::deposit::{
    ByteSpan, Deposit, HeldReference, Outage, Outcome, Pieces, Reference, ReferenceEnd, Share, Trouble,
};
use crate::domain::submission::{SubmissionEvent, SubmissionState};
use crate::domain::{Fault, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

fn torn(what: &str) -> Fault {
    Fault::Internal(format!("a stored deposit's {what} cannot be read"))
}

/// Under which name what was filed is sealed.
pub(super) fn filed_name(id: &str) -> String {
    format!("deposit filed:{id}")
}

/// A deposit from its bodies and from the columns that may have changed since.
pub(super) fn read(
    (body, filed): (&str, Option<&str>),
    withdrawn_at: Option<i64>,
    (since, because): (Option<i64>, Option<String>),
    place: Option<i64>,
) -> Result<Deposit, Fault> {
    let because = because.map(|text| Trouble::parse(&text).ok_or_else(|| torn("trouble"))).transpose()?;
    let outage = since.map(Timestamp::from_millis).zip(because);
    Ok(Deposit {
        declared: record::read("deposit", body)?,
        filed: filed.map(|filed| record::read("filed deposit", filed)).transpose()?,
        withdrawn_at: withdrawn_at.map(Timestamp::from_millis),
        outage: outage.map(|(since, because)| Outage { since, because }),
        place: place.map(record::count).transpose()?,
    })
}

/// Digests as they are sealed.
pub(super) fn pieces(pieces: &Pieces) -> String {
    STANDARD_NO_PAD.encode(pieces.bytes())
}

/// The same, back.
pub(super) fn read_pieces(text: &str) -> Result<Pieces, Fault> {
    let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| torn("digests"))?;
    Pieces::from_bytes(&bytes).ok_or_else(|| torn("digests"))
}

/// What an event of a deposit's is about: the filing, with which it is erased.
pub(super) fn about(event: &SubmissionEvent) -> &str {
    event.submission.as_ref().map_or("", |id| id.as_str())
}

/// Where the filing of a deposit stands; one that is erased by now was over.
pub(super) fn state_of_filing(text: Option<&str>) -> Result<SubmissionState, Fault> {
    text.map_or(Ok(SubmissionState::Completed), filing::state)
}

/// A reference from its columns.
pub(super) fn reference(
    (id, deposit, client): (String, String, String),
    (purpose, first, last, at): (String, i64, i64, i64),
    (outcome, sent, ended_at): (Option<String>, Option<i64>, Option<i64>),
) -> Result<HeldReference, Fault> {
    let span = ByteSpan::of(record::count(first)?, record::count(last)?).ok_or_else(|| torn("range"))?;
    let end = match (outcome, sent, ended_at) {
        (Some(outcome), Some(sent), Some(at)) => Some(ReferenceEnd {
            outcome: Outcome::parse(&outcome).ok_or_else(|| torn("outcome"))?,
            sent: record::count(sent)?,
            at: Timestamp::from_millis(at),
        }),
        _ => None,
    };
    let (id, deposit, client) = (record::id(id)?, record::id(deposit)?, record::id(client)?);
    let reference = Reference { id, deposit, client, purpose, span, at: Timestamp::from_millis(at) };
    Ok(HeldReference { reference, end })
}

/// A share from its columns.
pub(super) fn share(
    (id, deposit, client): (String, String, String),
    (purpose, shared_by): (String, String),
    (shared_at, expires_at, ended_at): (i64, i64, Option<i64>),
) -> Result<Share, Fault> {
    Ok(Share {
        id: record::id(id)?,
        deposit: record::id(deposit)?,
        client: record::id(client)?,
        purpose,
        shared_by: record::id(shared_by)?,
        shared_at: Timestamp::from_millis(shared_at),
        expires_at: Timestamp::from_millis(expires_at),
        ended_at: ended_at.map(Timestamp::from_millis),
    })
}
