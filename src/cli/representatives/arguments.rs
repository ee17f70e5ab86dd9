//! What can be said to `madoguchi representatives`.

use super::super::arguments::StorePlace;
use super::{kind, proof};
use crate::domain::representation::{RepresentationKind, RepresentationProof};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum RepresentativesCommand {
    /// Register that one person may act for another, who both know their number at the counter from the dashboard; or
    /// that a third party may file for a company.
    Register {
        #[command(flatten)]
        options: Box<RegisterOptions>,
        #[command(flatten)]
        place: StorePlace,
    },
    /// List by whom a person is represented, and whom they represent; or who may file for a company.
    List {
        /// The person's number at the counter, or the company's corporate number.
        person: String,
        #[command(flatten)]
        place: StorePlace,
    },
    /// End a registration for good, with everything that was decided by it.
    End(TurnOptions),
    /// Put a person under protection measures (支援措置): nothing about them goes to any representative.
    Protect(PersonOptions),
    /// Write that a person is under protection measures no more.
    Unprotect(PersonOptions),
    /// Hold a registration still, and everything that was decided by it.
    Freeze(TurnOptions),
    /// Let a frozen registration go on, and what was decided by it; say by what you know that it may.
    Unfreeze(TurnOptions),
}

/// Which person, and who writes it down.
#[derive(Debug, Args)]
pub struct PersonOptions {
    /// The person's number at the counter.
    pub person: String,
    /// Under which name you act; it goes into the log of evidence.
    #[arg(long, value_name = "NAME")]
    pub by: String,
    #[command(flatten)]
    pub place: StorePlace,
}

/// Which registration, and who turns it.
#[derive(Debug, Args)]
pub struct TurnOptions {
    /// Its id.
    pub id: String,
    /// Under which name you act; it goes into the log of evidence.
    #[arg(long, value_name = "NAME")]
    pub by: String,
    #[command(flatten)]
    pub place: StorePlace,
}

#[derive(Debug, Args)]
pub struct RegisterOptions {
    /// Who is represented, by their number at the counter; a company by its corporate number.
    #[arg(long, value_name = "NUMBER", required_unless_present = "child_account")]
    pub principal: Option<String>,
    /// A child who cannot sign in, instead: what the identity provider knows them by (its `sub` for this counter).
    #[arg(long, value_name = "SUB", conflicts_with = "principal", requires = "born")]
    pub child_account: Option<String>,
    /// The identity provider of --child-account, where the store is that of `madoguchi dev`.
    #[arg(long, value_name = "URL", requires = "child_account")]
    pub issuer: Option<String>,
    /// Who represents, by their number at the counter; for a company, the third party's id.
    #[arg(long, value_name = "NUMBER")]
    pub representative: String,
    /// parent, guardian, care_manager, labor_consultant, tax_accountant or appointed.
    #[arg(long, value_parser = kind)]
    pub kind: RepresentationKind,
    /// By what paper you saw it: family_register, registry_certificate or power_of_attorney.
    #[arg(long, value_parser = proof)]
    pub proof: RepresentationProof,
    /// For a company: a procedure that may be filed, or * for every one; may be given several times.
    #[arg(long = "procedure", value_name = "CODE")]
    pub procedures: Vec<String>,
    /// The last day, YYYY-MM-DD; the rules say how far away it may be.
    #[arg(long, value_name = "DAY")]
    pub until: NaiveDate,
    /// For a parent: when the child was born, YYYY-MM-DD. It is not kept.
    #[arg(long, value_name = "DAY")]
    pub born: Option<NaiveDate>,
    /// Under which name you act; it is written down.
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// The rules, where the store is that of `madoguchi dev`.
    #[arg(long, default_value = "policies")]
    pub policies: PathBuf,
}
