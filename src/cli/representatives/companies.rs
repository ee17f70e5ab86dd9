//! The same for companies: which third party may file for which.

use super::{LISTED, RegisterOptions, TurnOptions};
use crate::cli::{clients, say};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::delegation::{Delegation, DelegationStatus};
use crate::domain::ids::{ClientId, DelegationId};
use crate::domain::representation::RepresentationEnd;
use crate::domain::{Clock as _, SystemClock, SystemEntropy};
use crate::issuer::delegations::{Wanted, register};
use crate::policy::RepresentationLimits;
use crate::store::Store;
use anyhow::Context as _;

/// Registers one.
pub async fn registered(
    company: CorporateNumber,
    options: RegisterOptions,
    (store, limits): (&dyn Store, &RepresentationLimits),
) -> anyhow::Result<()> {
    let wanted = Wanted {
        company,
        client: ClientId::parse(&options.representative).context("representative: no third party's id")?,
        kind: options.kind,
        proof: options.proof,
        procedures: options.procedures,
        until: options.until,
        by: Some(options.by),
    };
    let new = register(store, limits, wanted, &SystemEntropy, SystemClock.now()).await?;
    say(&format!("{} is registered until {}", new.id, new.expires_at.rfc3339()));
    Ok(())
}

/// Lists a company's.
pub async fn list(company: &CorporateNumber, store: &dyn Store) -> anyhow::Result<()> {
    for one in store.list_delegations(company, LISTED).await? {
        say(&line(&one));
    }
    Ok(())
}

fn line(one: &Delegation) -> String {
    let state = match one.status {
        DelegationStatus::Active | DelegationStatus::Paused { .. } if SystemClock.now() >= one.expires_at => {
            "over".to_owned()
        }
        DelegationStatus::Active => "active".to_owned(),
        DelegationStatus::Paused { since } => format!("paused by the company {}", since.rfc3339()),
        DelegationStatus::Ended { at, by } => format!("ended {} by {}", at.rfc3339(), by.as_str()),
    };
    let (kind, proof, until) = (one.kind.as_str(), one.proof.as_str(), one.expires_at.rfc3339());
    let (procedures, by) = (
        one.procedures.names().join(","),
        one.registered_by.as_deref().unwrap_or(if one.via.is_some() { "the office" } else { "the company" }),
    );
    format!(
        "{}\t{} files\t{procedures}\t{kind}\t{proof}\tuntil {until}\t{state}\tregistered by {by}",
        one.id, one.client
    )
}

/// Ends one.
pub async fn end(options: &TurnOptions) -> anyhow::Result<()> {
    let text = &options.id;
    let id = DelegationId::parse(text).with_context(|| format!("{text:?} is no delegation's id"))?;
    let by = options.by.trim();
    anyhow::ensure!(!by.is_empty(), "by: say under which name you act");
    let store = clients::open(&options.place).await?;
    let is_ended = store.end_delegation(&id, RepresentationEnd::Operator, Some(by), SystemClock.now()).await?;
    anyhow::ensure!(is_ended, "nothing was changed: {id} is not there, or is over");
    say(&format!("{id} is ended now"));
    Ok(())
}
