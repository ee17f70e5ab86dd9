//! What an agency gives back about a filing (公文書, お知らせ): announced there, fetched before its time there is over, kept
//! sealed here until its filer has it.

use super::{ArrivalNumber, Delegated, Delivery};
use crate::domain::ids::{ClientId, DeliveryId, DocumentId, SubmissionId};
use crate::domain::secret::Digest;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Which kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// An official document (公文書).
    OfficialDocument,
    /// A notice (お知らせ, 納付, 補正).
    Notice,
}

/// What its signature came to when it was fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignatureCheck {
    /// It carries none.
    None,
    /// Nothing was changed since it was signed, by a certificate that the operator trusts.
    Valid,
    /// Nothing was changed since it was signed; whose certificate it is is not known here.
    Untrusted,
    /// It was changed, or is signed in a way that is not known here.
    Invalid,
}

impl SignatureCheck {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Valid => "valid",
            Self::Untrusted => "untrusted",
            Self::Invalid => "invalid",
        }
    }
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentState {
    /// The agency has it for us; it is being fetched.
    Announced,
    /// It is here; the agency is still to be told so.
    Fetched,
    /// It is here, and the agency knows.
    Confirmed,
    /// Its filer has it; it is not here any more.
    Collected,
    /// Its time at the agency was over before it could be fetched.
    Missed,
    /// Nobody collected it in time; it is not here any more.
    Erased,
}

impl DocumentState {
    /// The name on the wire and in the engines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Fetched => "fetched",
            Self::Confirmed => "confirmed",
            Self::Collected => "collected",
            Self::Missed => "missed",
            Self::Erased => "erased",
        }
    }

    /// Whether its bytes are here.
    #[must_use]
    pub const fn is_here(self) -> bool {
        matches!(self, Self::Fetched | Self::Confirmed)
    }
}

/// What an agency says that it has for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// The agency's own name for it, within the filing: 1 to 64 of letters, digits and hyphens.
    pub reference: ArrivalNumber,
    /// Which kind.
    pub kind: DocumentKind,
    /// Until when it can be fetched.
    pub until: Option<Timestamp>,
}

/// What is known of one that is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutDocument {
    /// Its media type.
    pub content_type: String,
    /// How many bytes.
    pub size: u64,
    /// SHA-256 of them.
    pub digest: Digest,
    /// What its signature came to.
    pub signature: SignatureCheck,
    /// When it was fetched.
    pub fetched_at: Timestamp,
    /// When it is erased if nobody collects it.
    pub kept_until: Timestamp,
}

/// One document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// The part of a filing that it is about.
    pub delivery: DeliveryId,
    /// The filing.
    pub submission: SubmissionId,
    /// Whose software filed it.
    pub client: ClientId,
    /// For which other company than the filer's own, and by which delegation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegated: Option<Delegated>,
    /// Whose it is.
    pub agency: String,
    /// The agency's number of the filing.
    pub arrival: ArrivalNumber,
    /// The agency's own name for it.
    pub reference: ArrivalNumber,
    /// Which kind.
    pub kind: DocumentKind,
    /// Until when it can be fetched there.
    pub until: Option<Timestamp>,
    /// Where it stands.
    pub state: DocumentState,
    /// When it was heard of.
    pub announced_at: Timestamp,
    /// What is known of it since it is here.
    pub about: Option<AboutDocument>,
    /// When its filer said that they have it.
    pub collected_at: Option<Timestamp>,
    /// Whether the agency was told that we have it.
    pub is_confirmed: bool,
    /// Until which deadline its filer was warned.
    pub warned_of: Option<Timestamp>,
}

/// What happened to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentNews {
    /// It is here.
    Available,
    /// It has to be collected soon, or it is erased.
    Expiring,
    /// It could not be fetched before its time at the agency was over.
    Missed,
}

impl DocumentNews {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Expiring => "expiring",
            Self::Missed => "missed",
        }
    }
}

impl Document {
    /// One that was just heard of.
    #[must_use]
    pub fn new(id: DocumentId, of: &Delivery, arrival: &ArrivalNumber, said: &Announced, now: Timestamp) -> Self {
        Self {
            id,
            delivery: of.id.clone(),
            submission: of.submission.clone(),
            client: of.client.clone(),
            delegated: Delegated::of(&of.applicant, of.delegation.as_ref()),
            agency: of.agency.clone(),
            arrival: arrival.clone(),
            reference: said.reference.clone(),
            kind: said.kind,
            until: said.until,
            state: DocumentState::Announced,
            announced_at: now,
            about: None,
            collected_at: None,
            is_confirmed: false,
            warned_of: None,
        }
    }

    /// It is here.
    pub fn fetched(&mut self, about: AboutDocument) {
        self.about = Some(about);
        self.state = DocumentState::Fetched;
    }

    /// The agency knows that we have it.
    pub fn confirmed(&mut self) {
        self.is_confirmed = true;
        if self.state == DocumentState::Fetched {
            self.state = DocumentState::Confirmed;
        }
    }

    /// Its filer has it; false when that was said before, or it is not here.
    pub fn collect(&mut self, now: Timestamp) -> bool {
        let is_first = self.state.is_here();
        if is_first {
            self.state = DocumentState::Collected;
            self.collected_at = Some(now);
        }
        is_first
    }

    /// Whether it was fetched and the agency does not know yet.
    #[must_use]
    pub fn is_to_be_confirmed(&self) -> bool {
        self.about.is_some() && !self.is_confirmed
    }
}
