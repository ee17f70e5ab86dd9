//! What an agency gives back about a filing (公文書, お知らせ), or sends to its account without any (電子送達): announced
//! there, fetched before its time there is over, kept sealed here until whose it is has it.

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
    /// A document that was sent to the company's account without a filing (電子送達の通知文書).
    ElectronicDelivery,
    /// A message that was sent to the company's account, with no document to it (電子送達).
    Message,
}

/// What its signature came to when it was fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignatureCheck {
    /// It carries none.
    None,
    /// Nothing was changed since it was signed, by a certificate for which an authority vouches that the operator trusts.
    Valid,
    /// Nothing was changed since it was signed; nobody whom the operator trusts vouches for its certificate.
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

/// Why a signature is not `valid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignatureFlaw {
    /// No path leads from its certificate to an authority that the operator trusts.
    UnknownAuthority,
    /// Its certificate, or one above it, was over when it was fetched.
    Expired,
    /// Its certificate, or one above it, was not in force yet.
    NotYetValid,
    /// Its certificate is not for signing documents.
    WrongUsage,
    /// Its certificate, or one above it, does not read.
    MalformedCertificate,
    /// What is signed was changed since, or is not there.
    Changed,
    /// Something lies beside it that is not signed.
    NotSigned,
    /// It is made in a way that is not known here.
    UnknownMethod,
    /// The document cannot be unpacked.
    Unreadable,
}

/// What the agency itself says of a signature (公文書署名検証), in its own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AgencySignature {
    /// Of the signature (署名検証結果).
    #[schema(example = "正常")]
    pub signature: String,
    /// Of its certificate, whether it was taken back among others (証明書検証結果).
    #[schema(example = "正常")]
    pub certificate: String,
    /// Who signed (所有者).
    pub owner: String,
    /// Who vouches for them (発行者).
    pub issuer: String,
}

/// What a document's signature came to: here, and at its agency where that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Here.
    pub check: SignatureCheck,
    /// Why it is not valid here, where it is not.
    pub flaw: Option<SignatureFlaw>,
    /// At the agency: one for each who signed.
    pub agency: Vec<AgencySignature>,
}

impl Signature {
    /// What came of it here.
    #[must_use]
    pub const fn here(check: SignatureCheck, flaw: Option<SignatureFlaw>) -> Self {
        Self { check, flaw, agency: Vec::new() }
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

/// What an agency writes to what it sends to an account (電子送達), in its own words; each at most 2,000 characters, empty
/// where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Letter {
    /// タイトル.
    #[schema(example = "保険料納入告知額・領収済額通知書")]
    pub title: String,
    /// 本文.
    pub message: String,
    /// 種別.
    pub kind: String,
    /// 発出元.
    pub issuer: String,
    /// 発出日時, in Japan.
    #[schema(example = "2026-11-20 10:00:00")]
    pub issued_at: String,
    /// 通知文書名.
    pub document_name: String,
    /// 送達対象アカウント.
    pub account: String,
}

/// What an agency sent to its account without a filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// What can be fetched, or that it is a message alone.
    pub said: Announced,
    /// What it writes to it.
    pub letter: Letter,
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
    /// Why it is not valid, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature_flaw: Option<SignatureFlaw>,
    /// What the agency says of it, where it was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agency_signatures: Vec<AgencySignature>,
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
    /// The part of a filing that it is about; none where it was sent to an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryId>,
    /// The filing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<SubmissionId>,
    /// Whose software filed it, or collects what is sent to the account.
    pub client: ClientId,
    /// For which other company than the filer's own, and by which delegation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegated: Option<Delegated>,
    /// Whose it is.
    pub agency: String,
    /// The agency's number of the filing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrival: Option<ArrivalNumber>,
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
            delivery: Some(of.id.clone()),
            submission: Some(of.submission.clone()),
            delegated: Delegated::of(&of.applicant, of.delegation.as_ref()),
            arrival: Some(arrival.clone()),
            ..Self::posted(id, (&of.agency, &of.client), said, now)
        }
    }

    /// One that was sent to an agency's account, whose documents this client collects.
    #[must_use]
    pub fn posted(id: DocumentId, (agency, client): (&str, &ClientId), said: &Announced, now: Timestamp) -> Self {
        Self {
            id,
            delivery: None,
            submission: None,
            client: client.clone(),
            delegated: None,
            agency: agency.to_owned(),
            arrival: None,
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

    /// What its events and records are found by: its filing, else itself.
    #[must_use]
    pub fn about_id(&self) -> &str {
        self.submission.as_ref().map_or(self.id.as_str(), SubmissionId::as_str)
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
