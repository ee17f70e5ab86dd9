//! Registering that one person may act for another: by the operator, who saw the paper.

use crate::catalog::Catalog;
use crate::domain::data_set::DataSetCode;
use crate::domain::ids::{RepresentationId, SubjectId};
use crate::domain::representation::{
    Coverage, Representation, RepresentationKind, RepresentationProof, RepresentationStatus,
};
use crate::domain::subject::UpstreamAccount;
use crate::domain::{Entropy, Failure, Refusal, Timestamp};
use crate::policy::{Policies, RepresentationLimits};
use crate::store::Store;
use chrono::NaiveDate;
use std::sync::Arc;

/// What representatives may decide about: the groups that the rules in force name for each ground.
pub struct RuledCoverage {
    /// The operator's rules.
    pub policies: Arc<Policies>,
    /// Which group a data set is of.
    pub catalog: Arc<Catalog>,
}

impl Coverage for RuledCoverage {
    fn covers(&self, kind: RepresentationKind, code: DataSetCode) -> bool {
        let set = self.catalog.data_set(code);
        set.is_some_and(|set| self.policies.now().may_represent(kind, &set.group))
    }
}

/// What the operator wants to register.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Who is represented.
    pub principal: SubjectId,
    /// Who represents.
    pub representative: SubjectId,
    /// On what ground.
    pub kind: RepresentationKind,
    /// By what paper.
    pub proof: RepresentationProof,
    /// The last day.
    pub until: NaiveDate,
    /// When whoever is represented was born; it is not kept.
    pub born: Option<NaiveDate>,
    /// Under which name the operator acts.
    pub by: String,
}

/// The number of a child who cannot sign in (no card of their own), by what the identity provider knows them by: a new one
/// where they were never here, and theirs where they were. When they sign in themself one day, it is the same.
///
/// # Errors
/// `invalid_request` for what is no `sub`; [`Failure`] when the store is away.
pub async fn known_child(
    store: &dyn Store,
    account: &UpstreamAccount,
    entropy: &dyn Entropy,
) -> Result<SubjectId, Failure> {
    // OpenID Connect Core §2: `sub` is at most 255 ASCII characters.
    let sub = &account.subject;
    if !(1..=255).contains(&sub.len()) || !sub.bytes().all(|b| b.is_ascii_graphic()) {
        let words = "child-account: it must be the provider's `sub`, 1 to 255 visible ASCII characters";
        return Err(Refusal::new("invalid_request", words).into());
    }
    Ok(store.find_or_insert_subject(account, &SubjectId::generate(entropy)).await?.id)
}

/// Registers a representation, as far as the operator's rules allow it.
///
/// # Errors
/// `invalid_request` that names the argument and what would do; `conflict` while the same stands already; [`Failure`]
/// when the store is away.
pub async fn register(
    store: &dyn Store,
    limits: &RepresentationLimits,
    wanted: Wanted,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<Representation, Failure> {
    let refused = |words: String| Refusal::new("invalid_request", words);
    if wanted.by.trim().is_empty() {
        return Err(refused("by: say under which name you act".to_owned()).into());
    }
    if wanted.principal == wanted.representative {
        return Err(refused("representative: nobody is registered to act for themselves".to_owned()).into());
    }
    know(store, (&wanted.principal, &wanted.representative)).await?;
    if wanted.proof == RepresentationProof::OwnSignIn {
        return Err(refused("proof: own_sign_in is nobody's word but that of who is represented".to_owned()).into());
    }
    if wanted.kind == RepresentationKind::Emergency {
        return Err(refused("kind: what a disaster needs is opened by `madoguchi emergency`".to_owned()).into());
    }
    let days = (now.date_in_japan(), wanted.until);
    limits.check((wanted.kind, wanted.proof), days, wanted.born).map_err(|told| refused(told.to_string()))?;
    let end = wanted.until.succ_opt().and_then(Timestamp::of_day_in_japan);
    let expires_at = end.ok_or_else(|| refused("until: is no day that the counter knows".to_owned()))?;
    let new = Representation {
        id: RepresentationId::generate(entropy),
        principal: wanted.principal,
        representative: wanted.representative,
        kind: wanted.kind,
        proof: wanted.proof,
        registered_by: wanted.by,
        created_at: now,
        expires_at,
        status: RepresentationStatus::Active,
    };
    if store.insert_representation(&new).await? {
        return Ok(new);
    }
    // Erased since the look above: the same write that registers looks again.
    know(store, (&new.principal, &new.representative)).await?;
    let words = "The same person represents the same person on the same ground already: end that registration first.";
    Err(Refusal::new("conflict", words).into())
}

/// Both persons are at this counter.
async fn know(store: &dyn Store, (principal, representative): (&SubjectId, &SubjectId)) -> Result<(), Failure> {
    for (name, person) in [("principal", principal), ("representative", representative)] {
        if store.find_subject(person).await?.is_none() {
            let words = format!(
                "{name}: nobody at this counter has this number; it is shown to each person at the dashboard, until they \
                 erase their account"
            );
            return Err(Refusal::new("invalid_request", words).into());
        }
    }
    Ok(())
}
