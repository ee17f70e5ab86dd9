//! What can be typed after `madoguchi policy`.

use super::super::arguments::{Place, StorePlace, language};
use crate::domain::Lang;
use crate::domain::acr::Acr;
use crate::domain::client::{ClientClass, ClientStatus};
use crate::domain::decision::Action;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Run the cases beside the rules; fails when one comes out otherwise, or when a rule can decide nothing.
    Test {
        /// Where the rules are; else as the configuration says, else `policies`.
        #[arg(long, value_name = "DIRECTORY")]
        policies: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
    /// Say which rules decided: of a decision by its id (the member `decision` of a problem), or of a made-up question.
    Explain(Asked),
    /// Say which grants in force other rules would cut. Exits with 2 when they would cut any.
    Diff {
        /// Where the other rules are.
        #[arg(value_name = "NEW_DIRECTORY")]
        new: PathBuf,
        /// Where the rules in force are; else as the configuration says, else `policies`.
        #[arg(long, value_name = "DIRECTORY")]
        policies: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: StorePlace,
    },
}

/// What is to be explained.
#[derive(Debug, Args)]
pub struct Asked {
    /// The decision's id.
    #[arg(value_name = "DECISION_ID", conflicts_with_all = ["client", "class", "data_set"])]
    pub decision: Option<String>,
    /// A registered third party; its class and state are looked up.
    #[arg(long, value_name = "CLIENT_ID", conflicts_with = "class")]
    pub client: Option<String>,
    /// A kind of third party, instead.
    #[arg(long, value_parser = class)]
    pub class: Option<ClientClass>,
    /// Its state, beside --class.
    #[arg(long, default_value = "production", value_parser = status)]
    pub status: ClientStatus,
    /// read_catalogue, request_data_set or retrieve_data_set.
    #[arg(long, default_value = "retrieve_data_set", value_parser = action)]
    pub action: Action,
    /// A data set of the catalogue, by its code.
    #[arg(long, value_name = "CODE")]
    pub data_set: Option<String>,
    /// The purpose's code.
    #[arg(long)]
    pub purpose: Option<String>,
    /// How surely the citizen was recognised: aal1, aal2 or aal3.
    #[arg(long, value_parser = acr)]
    pub acr: Option<Acr>,
    /// For how many days; 0 for once.
    #[arg(long, value_name = "DAYS")]
    pub access_days: Option<u32>,
    /// The hour of the day in Japan.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u8).range(0..24))]
    pub hour: u8,
    /// Where the rules are; else as the configuration says, else `policies`. Older rules explain older decisions.
    #[arg(long, value_name = "DIRECTORY")]
    pub policies: Option<PathBuf>,
    /// `ja` or `en`.
    #[arg(long, default_value = "en", value_parser = language)]
    pub lang: Lang,
    #[command(flatten)]
    pub place: StorePlace,
}

fn class(text: &str) -> Result<ClientClass, String> {
    ClientClass::parse(text).ok_or_else(|| format!("one of {}", ClientClass::ALL.map(ClientClass::as_str).join(", ")))
}

fn status(text: &str) -> Result<ClientStatus, String> {
    ClientStatus::parse(text)
        .ok_or_else(|| format!("one of {}", ClientStatus::ALL.map(ClientStatus::as_str).join(", ")))
}

fn action(text: &str) -> Result<Action, String> {
    Action::parse(text).ok_or_else(|| format!("one of {}", Action::ALL.map(Action::as_str).join(", ")))
}

fn acr(text: &str) -> Result<Acr, String> {
    Acr::parse(text).ok_or_else(|| "aal1, aal2 or aal3".to_owned())
}
