//! What companies, and those with whom they share, see of shares.

use crate::domain::Timestamp;
use crate::domain::deposit::{Deposit, DepositState, Share};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// A share as its company sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepositShare {
    /// Its id.
    #[schema(example = "dsh_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// With whose software: its client id.
    #[schema(example = "loan-bank")]
    pub client: String,
    /// What for.
    #[schema(example = "loan_examination")]
    pub purpose: String,
    /// Since when (RFC 3339).
    #[schema(format = "date-time")]
    pub shared_at: String,
    /// The last day in Japan.
    #[schema(format = "date", example = "2027-03-31")]
    pub until: String,
    /// Whether it is in force.
    pub is_standing: bool,
    /// When the company ended it (RFC 3339), or when it ran out and was shared anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub ended_at: Option<String>,
}

/// Every share of a deposit, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepositShareList {
    /// The shares.
    pub items: Vec<DepositShare>,
}

/// A deposit as somebody sees it that it is shared with.
#[derive(Debug, Serialize, ToSchema)]
pub struct SharedDeposit {
    /// Its id, for `GET /v1/deposits/{id}/content`.
    #[schema(example = "dep_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// The company that shares it.
    #[schema(example = "7000012050002")]
    pub applicant: String,
    /// The procedure by which it was filed.
    #[schema(example = "tax-withholding-statements-by-cloud")]
    pub procedure: String,
    /// What it is shared for.
    #[schema(example = "loan_examination")]
    pub purpose: String,
    /// The last day in Japan.
    #[schema(format = "date", example = "2027-03-31")]
    pub until: String,
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
    /// When it was filed (RFC 3339).
    #[schema(format = "date-time")]
    pub filed_at: String,
}

/// Some deposits that others share, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SharedDepositPage {
    /// The deposits.
    pub items: Vec<SharedDeposit>,
    /// `after` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// The last day before this moment, in Japan.
fn last_day(end: Timestamp) -> String {
    end.minus(Duration::from_millis(1)).date_in_japan().to_string()
}

impl DepositShare {
    pub(super) fn of(one: &Share, now: Timestamp) -> Self {
        Self {
            id: one.id.to_string(),
            client: one.client.to_string(),
            purpose: one.purpose.clone(),
            shared_at: one.shared_at.rfc3339(),
            until: last_day(one.expires_at),
            is_standing: one.stands(now),
            ended_at: one.ended_at.map(Timestamp::rfc3339),
        }
    }
}

impl SharedDeposit {
    /// None of what is not filed any more.
    pub(super) fn of(one: &Deposit, share: &Share, now: Timestamp) -> Option<Self> {
        let filed = one.filed.as_ref().filter(|_| one.state(now) == DepositState::Filed)?;
        Some(Self {
            id: one.declared.id.to_string(),
            applicant: one.declared.company.to_string(),
            procedure: one.declared.procedure.clone(),
            purpose: share.purpose.clone(),
            until: last_day(share.expires_at),
            size: filed.holding.size,
            media_type: filed.holding.media_type.clone(),
            schema: filed.holding.schema.clone(),
            sha256: filed.holding.digest.base64url(),
            filed_at: filed.at.rfc3339(),
        })
    }
}
