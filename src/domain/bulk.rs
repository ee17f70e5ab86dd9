//! A bulk filing (一括申請): many records of one procedure, sent as one file in pieces, checked line by line as they come,
//! and handed on as filings of some hundred records each.

use super::corporate_number::CorporateNumber;
use super::ids::{BulkId, ClientId, DelegationId};
use super::refusal::Refusal;
use super::retrieval::IdempotencyKey;
use super::secret::Digest;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a file may take to come whole.
pub const UPLOAD_LIFE: Duration = Duration::from_hours(24);
/// How long a file that was found good can be filed as it is.
pub const CHECKED_LIFE: Duration = Duration::from_hours(1);
/// Most bytes of a file.
pub const MOST_BYTES: u64 = 2_000_000_000;
/// Most records of a file.
pub const MOST_LINES: u64 = 1_000_000;

/// Where a bulk filing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkState {
    /// Its file is coming.
    Uploading,
    /// A dry run that found no record to reject: it can be filed as it is for an hour.
    Checked,
    /// It is filed: its receipt is signed, and its records are handed on.
    Accepted,
    /// Every record is handed on.
    Distributed,
    /// It cannot be filed: the outcomes of its lines, or `reason`, say why. Nothing of it went anywhere.
    Refused,
    /// Its filer called it off before it was filed.
    Cancelled,
    /// Its time was over before it was filed.
    Expired,
}

impl BulkState {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Checked => "checked",
            Self::Accepted => "accepted",
            Self::Distributed => "distributed",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Whether nothing will change any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Distributed | Self::Refused | Self::Cancelled | Self::Expired)
    }
}

/// What becomes of a file some of whose records are rejected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnReject {
    /// Nothing of it is filed.
    #[default]
    Refuse,
    /// The others are filed.
    Skip,
}

/// The one file that a token is bound to (RFC 9396): it opens the bulk filing of that file, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundFile {
    /// SHA-256 of the whole file.
    #[serde(with = "base64url")]
    pub digest: Digest,
    /// The one company that it is filed for, if that is fixed too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applicant: Option<CorporateNumber>,
}

/// A digest as callers write it.
mod base64url {
    use crate::domain::Digest;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(digest: &Digest, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&digest.base64url())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Digest, D::Error> {
        let text = String::deserialize(from)?;
        Digest::parse(&text).ok_or_else(|| de::Error::custom("SHA-256 is 43 base64url characters"))
    }
}

impl BoundFile {
    /// Whether it opens the bulk filing of the file with this digest for this company.
    ///
    /// # Errors
    /// [`refusal`](Self::refusal) for another, with the place.
    pub fn opens(&self, digest: Digest, applicant: &CorporateNumber) -> Result<(), Refusal> {
        if self.digest != digest {
            return Err(self.refusal().at("/digest"));
        }
        match &self.applicant {
            Some(only) if only != applicant => Err(self.refusal().at("/applicant")),
            _ => Ok(()),
        }
    }

    /// What whoever comes for anything else is told.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let company = self.applicant.as_ref().map_or_else(String::new, |company| format!(" for the company {company}"));
        let words = format!(
            "This token is bound to the bulk filing of the file whose SHA-256 is {}{company}, and opens nothing else.",
            self.digest.base64url()
        );
        Refusal::new("insufficient_scope", words)
    }
}

/// How the records of a file are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordFormat {
    /// One JSON object on each line.
    #[default]
    Ndjson,
    /// CSV (RFC 4180) with a header line, in UTF-8.
    CsvUtf8,
    /// The same in Shift_JIS, as Windows writes it.
    CsvShiftJis,
}

impl RecordFormat {
    /// The media type that says so.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::CsvUtf8 => "text/csv; charset=utf-8",
            Self::CsvShiftJis => "text/csv; charset=shift_jis",
        }
    }

    /// Reads a media type (RFC 9110 §8.3.1, RFC 7111 for CSV); without a charset it is UTF-8, as RFC 7111 §5.1 has it.
    #[must_use]
    pub fn of_media_type(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let mut parts = text.split(';').map(str::trim);
        let kind = parts.next()?;
        let (mut charset, mut is_plain) = ("utf-8", true);
        for part in parts {
            match part.split_once('=').map(|(name, value)| (name, value.trim_matches('"'))) {
                Some(("charset", value)) => charset = value,
                Some(("header", "present")) if kind == "text/csv" => {}
                _ => is_plain = false,
            }
        }
        match (kind, charset) {
            _ if !is_plain => None,
            ("application/x-ndjson", "utf-8") => Some(Self::Ndjson),
            ("text/csv", "utf-8") => Some(Self::CsvUtf8),
            ("text/csv", "shift_jis" | "shift-jis" | "sjis" | "windows-31j" | "cp932") => Some(Self::CsvShiftJis),
            _ => None,
        }
    }

    /// Whether it is what a file is in when nothing is said.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Why a whole file cannot be filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkRefusal {
    /// Its bytes have another digest than was said.
    DigestMismatch,
    /// Records are rejected, and `on_reject` is `refuse`.
    RejectedRecords,
    /// There is no record that could be filed.
    NoRecord,
    /// It is for another company, which has not delegated it to the filer, or not any more.
    NotDelegated,
}

/// A bulk filing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulk {
    /// Its id, and last part of its address.
    pub id: BulkId,
    /// Whose software files it.
    pub client: ClientId,
    /// For whom.
    pub applicant: CorporateNumber,
    /// By which delegation, where the filer files for another company than its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    /// The filer's `Idempotency-Key`.
    pub key: IdempotencyKey,
    /// The agency.
    pub agency: String,
    /// The procedure.
    pub procedure: String,
    /// SHA-256 of the whole file.
    pub digest: Digest,
    /// Bytes of the whole file.
    pub length: u64,
    /// How its records are written.
    #[serde(default, skip_serializing_if = "RecordFormat::is_default")]
    pub format: RecordFormat,
    /// What the header line of its CSV says, once that is here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Whether it is only to be checked.
    pub is_dry_run: bool,
    /// What becomes of it when records are rejected.
    pub on_reject: OnReject,
    /// Bytes of what all its records have in common: they go along with every piece.
    pub office_bytes: usize,
    /// The filer's share of an agency's turns.
    pub weight: u32,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it is over, unless it is filed before.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub state: BulkState,
    /// Why it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<BulkRefusal>,
    /// How many bytes of it are here, for certain: all up to the end of a line.
    pub received: u64,
    /// How many pieces they are.
    pub pieces: u32,
    /// How many lines.
    pub lines: u64,
    /// How many of those are rejected.
    pub rejected: u64,
    /// How many pieces are handed on.
    pub handed_on: u32,
    /// When it was filed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Timestamp>,
    /// The signed receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

impl Bulk {
    /// Whether every byte is here.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.received == self.length
    }

    /// Refuses what comes at another place than after the last byte that is here.
    ///
    /// # Errors
    /// `conflict` naming the place to go on at.
    pub fn goes_on_at(&self, offset: u64) -> Result<(), Refusal> {
        if self.state != BulkState::Uploading {
            let words = format!("Its file is not awaited: it is {}.", self.state.as_str());
            return Err(Refusal::new("conflict", words));
        }
        if offset != self.received {
            let words = format!("Go on at byte {}: so much of it is here.", self.received);
            return Err(Refusal::new("conflict", words).at("Upload-Offset"));
        }
        Ok(())
    }

    /// What becomes of it now that its file is whole, by whether its bytes are those that were said, and whether the company
    /// that it is for lets the filer file it.
    ///
    /// # Errors
    /// Why it cannot be filed.
    pub fn verdict(&self, (is_same, is_delegated): (bool, bool)) -> Result<BulkState, BulkRefusal> {
        if !is_same {
            return Err(BulkRefusal::DigestMismatch);
        }
        if !is_delegated {
            return Err(BulkRefusal::NotDelegated);
        }
        if self.lines == self.rejected {
            return Err(BulkRefusal::NoRecord);
        }
        if self.rejected > 0 && self.on_reject == OnReject::Refuse {
            return Err(BulkRefusal::RejectedRecords);
        }
        Ok(if self.is_dry_run { BulkState::Checked } else { BulkState::Accepted })
    }

    /// From when it counts for how long it is kept: when it was filed, or begun where it never was; none until it is over.
    #[must_use]
    pub fn kept_from(&self) -> Option<Timestamp> {
        self.state.is_final().then(|| self.accepted_at.unwrap_or(self.created_at))
    }

    /// Whether its filer may still call it off.
    ///
    /// # Errors
    /// `conflict` once it is filed, or over.
    pub fn cancel(&mut self) -> Result<(), Refusal> {
        if !matches!(self.state, BulkState::Uploading | BulkState::Checked) {
            let words = format!("It is {}: call its filings off one by one.", self.state.as_str());
            return Err(Refusal::new("conflict", words));
        }
        self.state = BulkState::Cancelled;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
