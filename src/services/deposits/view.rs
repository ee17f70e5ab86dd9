//! What companies and agencies see of deposits.

use crate::catalog::deposits::{DepositProcedure, DepositRules};
use crate::domain::deposit::{Deposit, DepositState, Filed, HeldReference, Outage, Outcome, PIECE, Trouble};
use crate::domain::{Timestamp, Words};
use serde::Serialize;
use utoipa::ToSchema;

/// The procedures that are filed by cloud, and what data may be referenced for.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepositProcedureList {
    /// By code.
    pub procedures: Vec<DepositProcedureView>,
    /// What for.
    pub purposes: Vec<DepositPurposeView>,
    /// Bytes of each piece whose digest is filed.
    #[schema(example = 1_048_576)]
    pub piece_bytes: u64,
}

/// A procedure that is filed by cloud.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepositProcedureView {
    /// Its code.
    #[schema(example = "tax-withholding-statements-by-cloud")]
    pub code: String,
    /// Its name.
    pub title: Words,
    /// For how many years the company must keep the data (保存義務), from its filing.
    #[schema(example = 7)]
    pub retention_years: u32,
    /// The media types that it may be in.
    #[schema(example = json!(["text/csv"]))]
    pub media_types: Vec<String>,
    /// The most bytes.
    #[schema(example = 1_073_741_824)]
    pub largest_bytes: u64,
}

/// What data may be referenced for.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepositPurposeView {
    /// Its code.
    #[schema(example = "audit")]
    pub code: String,
    /// What it is.
    pub words: Words,
}

/// That the cloud does not give what was filed.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutageView {
    /// Since when that is known (RFC 3339).
    #[schema(format = "date-time", example = "2026-11-20T09:30:00+09:00")]
    pub since: String,
    /// Why, at first.
    pub because: Trouble,
}

/// What was filed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FiledDepositView {
    /// When (RFC 3339). This stands, whatever the cloud does.
    #[schema(format = "date-time", example = "2026-11-20T09:30:00+09:00")]
    pub filed_at: String,
    /// The filing by which the agency was told: `GET /v1/submissions/{id}`.
    #[schema(example = "sub_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub submission: String,
    /// How many bytes.
    #[schema(example = 1_048_577)]
    pub size: u64,
    /// The media type.
    #[schema(example = "text/csv")]
    pub media_type: String,
    /// The schema.
    #[schema(example = "https://schemas.example/withholding/2026")]
    pub schema: String,
    /// SHA-256 of the whole (base64url).
    pub sha256: String,
    /// The day from which on it may be withdrawn: the duty to keep it (保存義務) is over then.
    #[schema(format = "date", example = "2033-11-20")]
    pub keep_until: String,
    /// From when on nobody can reference it any more (RFC 3339).
    #[schema(format = "date-time", example = "2034-11-20T00:00:00+09:00")]
    pub expires_at: String,
}

/// A deposit as its company sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Deposit)]
pub struct DepositView {
    /// Its id.
    #[schema(example = "dep_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// Where it stands.
    pub state: DepositState,
    /// The agency.
    #[schema(example = "tax")]
    pub agency: String,
    /// The procedure.
    #[schema(example = "tax-withholding-statements-by-cloud")]
    pub procedure: String,
    /// The company whose data it is.
    #[schema(example = "7000012050002")]
    pub applicant: String,
    /// The delegation by which it was declared, where the software is another company's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dlg_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub delegation: Option<String>,
    /// Whether it was declared by your own client, or by another that acts for your company.
    pub is_own: bool,
    /// Where the cloud is.
    #[schema(format = "uri", example = "https://cloud.example")]
    pub cloud_origin: String,
    /// Where the data is; only its own client sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri", example = "https://cloud.example/ledgers/2026.csv")]
    pub location: Option<String>,
    /// Your own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reference: Option<String>,
    /// When it was declared (RFC 3339).
    #[schema(format = "date-time", example = "2026-11-19T09:30:00+09:00")]
    pub declared_at: String,
    /// What was filed, once it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub filed: Option<FiledDepositView>,
    /// When it was withdrawn (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub withdrawn_at: Option<String>,
    /// That its cloud does not give it: see to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub outage: Option<OutageView>,
}

/// Some deposits, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepositPage {
    /// The deposits.
    pub items: Vec<DepositView>,
    /// `after` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// A deposit as the agency sees it that it was filed to.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyDeposit {
    /// Its id.
    #[schema(example = "dep_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// Its place on the agency's list.
    #[schema(example = 42)]
    pub place: u64,
    /// Where it stands.
    pub state: DepositState,
    /// To which agency it was filed.
    #[schema(example = "tax")]
    pub agency: String,
    /// The procedure.
    #[schema(example = "tax-withholding-statements-by-cloud")]
    pub procedure: String,
    /// The company that filed.
    #[schema(example = "7000012050002")]
    pub applicant: String,
    /// What was filed, and when.
    pub filed: FiledDepositView,
    /// That its cloud does not give it, as of the last time that it was asked; the company knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub outage: Option<OutageView>,
}

/// Some deposits, in the order of their filing.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyDepositPage {
    /// The deposits.
    pub items: Vec<AgencyDeposit>,
    /// `after` of the next page, also when there is nothing new yet.
    #[schema(example = 42)]
    pub next: u64,
}

/// How a reference stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceOutcome {
    /// It is under way, or this service broke off meanwhile.
    Begun,
    /// Every byte was given.
    Delivered,
    /// Whoever asked went away, or may not have it any more.
    BrokenOff,
    /// The cloud did not give it: `because` says why.
    Failed,
}

/// A reference to a deposit: who was given what, and what for.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepositReference {
    /// Its id.
    #[schema(example = "dpr_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// By whose software: its client id.
    #[schema(example = "tax-office")]
    pub client: String,
    /// Who stands behind that client, where it is still registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<Words>,
    /// What for.
    #[schema(example = "audit")]
    pub purpose: String,
    /// The first byte that was asked for, from 0.
    #[schema(example = 0)]
    pub first: u64,
    /// The last one.
    #[schema(example = 1_048_575)]
    pub last: u64,
    /// When (RFC 3339).
    #[schema(format = "date-time")]
    pub at: String,
    /// How it stands.
    pub outcome: ReferenceOutcome,
    /// Why the cloud did not give it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub because: Option<Trouble>,
    /// How many bytes were given, once it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 1_048_576)]
    pub sent: Option<u64>,
    /// When it ended (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub ended_at: Option<String>,
}

/// Some references, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepositReferencePage {
    /// The references.
    pub items: Vec<DepositReference>,
    /// `after` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

impl DepositProcedureList {
    pub(super) fn of(rules: &DepositRules) -> Self {
        let one = |one: &DepositProcedure| DepositProcedureView {
            code: one.code.clone(),
            title: one.title.clone(),
            retention_years: one.retention_years,
            media_types: one.media_types.clone(),
            largest_bytes: one.largest_bytes,
        };
        let purposes = rules.purposes().iter();
        let purposes = purposes.map(|one| DepositPurposeView { code: one.code.clone(), words: one.words.clone() });
        Self { procedures: rules.procedures().map(one).collect(), purposes: purposes.collect(), piece_bytes: PIECE }
    }
}

impl FiledDepositView {
    fn of(filed: &Filed) -> Self {
        let holding = &filed.holding;
        Self {
            filed_at: filed.at.rfc3339(),
            submission: filed.submission.to_string(),
            size: holding.size,
            media_type: holding.media_type.clone(),
            schema: holding.schema.clone(),
            sha256: holding.digest.base64url(),
            keep_until: filed.keep_until.date_in_japan().to_string(),
            expires_at: filed.expires_at.rfc3339(),
        }
    }
}

impl OutageView {
    fn of(outage: &Outage) -> Self {
        Self { since: outage.since.rfc3339(), because: outage.because }
    }
}

impl DepositView {
    /// A deposit as its company sees it: whether by the very client that declared it, or not.
    pub(super) fn of(one: &Deposit, is_own: bool, now: Timestamp) -> Self {
        let declared = &one.declared;
        Self {
            id: declared.id.to_string(),
            state: one.state(now),
            agency: declared.agency.clone(),
            procedure: declared.procedure.clone(),
            applicant: declared.company.to_string(),
            delegation: declared.delegation.as_ref().map(ToString::to_string),
            is_own,
            cloud_origin: declared.origin.clone(),
            location: one.filed.as_ref().filter(|_| is_own).map(|filed| filed.holding.location.clone()),
            reference: declared.reference.clone().filter(|_| is_own),
            declared_at: declared.declared_at.rfc3339(),
            filed: one.filed.as_ref().map(FiledDepositView::of),
            withdrawn_at: one.withdrawn_at.map(Timestamp::rfc3339),
            outage: one.outage.as_ref().map(OutageView::of),
        }
    }
}

impl AgencyDeposit {
    /// None of what is not filed.
    pub(super) fn of(one: &Deposit, now: Timestamp) -> Option<Self> {
        Some(Self {
            id: one.declared.id.to_string(),
            place: one.place?,
            state: one.state(now),
            agency: one.declared.agency.clone(),
            procedure: one.declared.procedure.clone(),
            applicant: one.declared.company.to_string(),
            filed: FiledDepositView::of(one.filed.as_ref()?),
            outage: one.outage.as_ref().map(OutageView::of),
        })
    }
}

impl DepositReference {
    pub(super) fn of(held: &HeldReference, name: Option<Words>) -> Self {
        let one = &held.reference;
        let (outcome, because) = match held.end.map(|end| end.outcome) {
            None => (ReferenceOutcome::Begun, None),
            Some(Outcome::Delivered) => (ReferenceOutcome::Delivered, None),
            Some(Outcome::BrokenOff) => (ReferenceOutcome::BrokenOff, None),
            Some(Outcome::Failed(trouble)) => (ReferenceOutcome::Failed, Some(trouble)),
        };
        Self {
            id: one.id.to_string(),
            client: one.client.to_string(),
            name,
            purpose: one.purpose.clone(),
            first: one.span.first(),
            last: one.span.last(),
            at: one.at.rfc3339(),
            outcome,
            because,
            sent: held.end.map(|end| end.sent),
            ended_at: held.end.map(|end| end.at.rfc3339()),
        }
    }
}
