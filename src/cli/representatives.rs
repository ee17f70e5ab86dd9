//! `madoguchi representatives`: the operator registers who may act for whom, and looks after it.

mod arguments;
mod companies;

pub use arguments::{PersonOptions, RegisterOptions, RepresentativesCommand, TurnOptions};

use super::arguments::StorePlace;
use super::ground::in_order;
use super::{clients, say};
use crate::config;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::ids::{RepresentationId, SubjectId};
use crate::domain::representation::{
    FreezeReason, Representation, RepresentationEnd, RepresentationKind, RepresentationProof, RepresentationStatus,
    Turn,
};
use crate::domain::subject::UpstreamAccount;
use crate::domain::{Clock as _, SystemClock, SystemEntropy};
use crate::issuer::representations::{Wanted, known_child, register};
use crate::policy::RepresentationLimits;
use anyhow::Context as _;

/// Most lines of a list.
const LISTED: u32 = 1000;

/// Runs one of the commands.
pub async fn run(command: RepresentativesCommand) -> anyhow::Result<()> {
    match command {
        RepresentativesCommand::Register { options, place } => registered(*options, &place).await,
        RepresentativesCommand::List { person, place } => list(&person, &place).await,
        RepresentativesCommand::End(options) if options.id.starts_with("dlg_") => companies::end(&options).await,
        RepresentativesCommand::End(options) => turn(&options, Turn::End(RepresentationEnd::Operator)).await,
        RepresentativesCommand::Protect(options) => protect(&options, true).await,
        RepresentativesCommand::Unprotect(options) => protect(&options, false).await,
        RepresentativesCommand::Freeze(options) => turn(&options, Turn::Freeze(FreezeReason::Operator)).await,
        RepresentativesCommand::Unfreeze(options) => turn(&options, Turn::Unfreeze(None)).await,
    }
}

async fn registered(options: RegisterOptions, place: &StorePlace) -> anyhow::Result<()> {
    let (policies, issuer) = if place.dev.is_some() {
        (options.policies.clone(), options.issuer.clone())
    } else {
        let config = config::load::load(place.config.as_deref())?;
        (config.policies, Some(config.identity.issuer.as_str().trim_end_matches('/').to_owned()))
    };
    let limits = in_order(RepresentationLimits::load(&policies))?;
    let principal = options.principal.clone().unwrap_or_default();
    if let Ok(company) = CorporateNumber::parse(&principal) {
        return companies::registered(company, options, (&*clients::open(place).await?, &limits)).await;
    }
    anyhow::ensure!(options.procedures.is_empty(), "procedure: only filings for companies have any");
    let store = clients::open(place).await?;
    let principal = match &options.child_account {
        None => person(&principal)?,
        Some(sub) => {
            anyhow::ensure!(
                options.kind == RepresentationKind::Parent,
                "kind: --child-account is for a parent's child"
            );
            let issuer = issuer.context("issuer: say which identity provider knows the child by this")?;
            let account = UpstreamAccount { issuer, subject: sub.clone() };
            known_child(&*store, &account, &SystemEntropy).await?
        }
    };
    let wanted = Wanted {
        principal,
        representative: person(&options.representative)?,
        kind: options.kind,
        proof: options.proof,
        until: options.until,
        born: options.born,
        by: options.by,
    };
    let new = register(&*store, &limits, wanted, &SystemEntropy, SystemClock.now()).await?;
    say(&format!("{} is registered until {}", new.id, new.expires_at.rfc3339()));
    Ok(())
}

async fn list(text: &str, place: &StorePlace) -> anyhow::Result<()> {
    let store = clients::open(place).await?;
    if let Ok(company) = CorporateNumber::parse(text) {
        return companies::list(&company, &*store).await;
    }
    let person = person(text)?;
    for one in store.list_representatives(&person, LISTED).await? {
        say(&line(&one, "is represented by", &one.representative));
    }
    for one in store.list_represented(&person, LISTED).await? {
        say(&line(&one, "represents", &one.principal));
    }
    Ok(())
}

fn line(one: &Representation, how: &str, other: &SubjectId) -> String {
    let state = match one.status {
        RepresentationStatus::Active if SystemClock.now() >= one.expires_at => "over".to_owned(),
        RepresentationStatus::Active => "active".to_owned(),
        RepresentationStatus::Frozen { since, reason } => {
            format!("frozen since {} ({})", since.rfc3339(), reason.as_str())
        }
        RepresentationStatus::Ended { at, by } => format!("ended {} by {}", at.rfc3339(), by.as_str()),
    };
    let (kind, proof, until) = (one.kind.as_str(), one.proof.as_str(), one.expires_at.rfc3339());
    format!("{}\t{how} {other}\t{kind}\t{proof}\tuntil {until}\t{state}\tregistered by {}", one.id, one.registered_by)
}

async fn turn(options: &TurnOptions, turn: Turn) -> anyhow::Result<()> {
    let text = &options.id;
    let id = RepresentationId::parse(text).with_context(|| format!("{text:?} is no representation's id"))?;
    anyhow::ensure!(!options.by.trim().is_empty(), "by: say under which name you act");
    let store = clients::open(&options.place).await?;
    let turned = store.turn_representation(&id, turn, Some(options.by.trim()), SystemClock.now()).await?;
    anyhow::ensure!(turned.is_done(), "nothing was changed: {id} is not there, is over, or was so already");
    say(&format!("{id} is {} now", turn.state()));
    Ok(())
}

async fn protect(options: &PersonOptions, is_protected: bool) -> anyhow::Result<()> {
    let (who, by) = (person(&options.person)?, options.by.trim());
    anyhow::ensure!(!by.is_empty(), "by: say under which name you act");
    let store = clients::open(&options.place).await?;
    anyhow::ensure!(store.find_subject(&who).await?.is_some(), "nobody at this counter has the number {who}");
    let now = SystemClock.now();
    let is_done = if is_protected {
        store.insert_protection(&who, by, now).await?
    } else {
        store.delete_protection(&who, by, now).await?
    };
    anyhow::ensure!(is_done, "nothing was changed: it was so already");
    say(&format!("{who} is {} now", if is_protected { "protected" } else { "not protected" }));
    Ok(())
}

fn person(text: &str) -> anyhow::Result<SubjectId> {
    SubjectId::parse(text).with_context(|| format!("{text:?} is no person's number at this counter"))
}

/// Reads a ground.
pub fn kind(text: &str) -> Result<RepresentationKind, String> {
    let known = || RepresentationKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
    RepresentationKind::parse(text).ok_or_else(|| format!("it must be one of {}", known()))
}

/// Reads a paper.
pub fn proof(text: &str) -> Result<RepresentationProof, String> {
    let known = || RepresentationProof::ALL.iter().map(|proof| proof.as_str()).collect::<Vec<_>>().join(", ");
    RepresentationProof::parse(text).ok_or_else(|| format!("it must be one of {}", known()))
}
