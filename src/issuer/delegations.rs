//! Registering that an office may file for a company: by the company itself, signed in, or by the operator, who saw its
//! power of attorney. Never by the office: nobody prolongs or widens what another gave them.

use crate::domain::corporate_number::CorporateNumber;
use crate::domain::delegation::{Delegation, DelegationStatus, Procedures};
use crate::domain::ids::{ClientId, DelegationId};
use crate::domain::representation::{RepresentationKind, RepresentationProof};
use crate::domain::{Entropy, Failure, Refusal, Timestamp};
use crate::policy::RepresentationLimits;
use crate::store::Store;
use chrono::NaiveDate;

/// On what grounds an office acts for a company.
pub const KINDS: [RepresentationKind; 3] =
    [RepresentationKind::LaborConsultant, RepresentationKind::TaxAccountant, RepresentationKind::Appointed];

/// What is to be registered.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// For whom is filed.
    pub company: CorporateNumber,
    /// Whose software files.
    pub client: ClientId,
    /// On what ground.
    pub kind: RepresentationKind,
    /// By what it was seen.
    pub proof: RepresentationProof,
    /// Which procedures; `*` alone for every one.
    pub procedures: Vec<String>,
    /// The last day.
    pub until: NaiveDate,
    /// Under which name the operator acts; none where the company does so itself.
    pub by: Option<String>,
}

/// Registers a delegation, as far as the operator's rules allow it.
///
/// # Errors
/// `invalid_request` that names the argument and what would do; `conflict` while one to the same office stands already;
/// [`Failure`] when the store is away.
pub async fn register(
    store: &dyn Store,
    limits: &RepresentationLimits,
    wanted: Wanted,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<Delegation, Failure> {
    let refused = |words: String| Refusal::new("invalid_request", words);
    if wanted.by.as_ref().is_some_and(|by| by.trim().is_empty()) {
        return Err(refused("by: say under which name you act".to_owned()).into());
    }
    if !KINDS.contains(&wanted.kind) {
        let known = KINDS.map(RepresentationKind::as_str).join(", ");
        return Err(refused(format!("kind: for a company it is one of {known}")).into());
    }
    // A paper that the company wrote itself is for the operator to see; its own word is its sign-in.
    if wanted.by.is_some() == (wanted.proof == RepresentationProof::OwnSignIn) {
        return Err(refused("proof: own_sign_in is the company's own word, and nobody else's".to_owned()).into());
    }
    let procedures = Procedures::parse(wanted.procedures).map_err(|error| refused(format!("procedures: {error}")))?;
    let client = store.find_client(&wanted.client).await?;
    let client = client.ok_or_else(|| refused("representative: no third party has this id here".to_owned()))?;
    if client.corporate_number == wanted.company {
        return Err(refused("representative: a company needs no delegation to its own software".to_owned()).into());
    }
    let days = (now.date_in_japan(), wanted.until);
    limits.check((wanted.kind, wanted.proof), days, None).map_err(|told| refused(told.to_string()))?;
    let end = wanted.until.succ_opt().and_then(Timestamp::of_day_in_japan);
    let expires_at = end.ok_or_else(|| refused("until: is no day that the counter knows".to_owned()))?;
    let new = Delegation {
        id: DelegationId::generate(entropy),
        company: wanted.company,
        client: wanted.client,
        kind: wanted.kind,
        proof: wanted.proof,
        procedures,
        registered_by: wanted.by,
        via: None,
        created_at: now,
        expires_at,
        status: DelegationStatus::Active,
    };
    if store.insert_delegation(&new).await? {
        return Ok(new);
    }
    let words = "This company has a delegation to this third party already: end that one first.";
    Err(Refusal::new("conflict", words).into())
}
