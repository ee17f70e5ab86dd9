//! `madoguchi agencies`: what connects this installation to agencies, and what their accounts share.

use super::dev::write_private;
use super::{arguments::Place, say, serve};
use crate::adapters::agency::AgencySettings;
use crate::adapters::agency::egov::{self, Share, ShareAnswer, SharePermission, Shares};
use crate::config;
use crate::domain::{SystemClock, SystemEntropy};
use crate::submissions::StoredTokens;
use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use std::path::Path;
use std::sync::Arc;

#[derive(Debug, Subcommand)]
pub enum AgenciesCommand {
    /// Connect the corporate account of an e-Gov agency: open the address that is printed, sign in, and paste here the
    /// address to which the browser was sent, within 60 seconds. Once in 180 days; nothing has to be restarted.
    Connect {
        /// The agency's name in the configuration.
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Which other gBizID accounts see the cases of an e-Gov agency's account (アカウント間情報共有).
    #[command(subcommand)]
    Shares(SharesCommand),
}

#[derive(Debug, Subcommand)]
pub enum SharesCommand {
    /// List the accounts that see the cases, and what they may do with documents.
    List {
        /// The agency's name in the configuration.
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Let an account see the cases.
    Add(Setting),
    /// Let an account do something else with documents.
    Change(Setting),
    /// Let an account see the cases no longer.
    Remove(Whom),
    /// Answer an account that offers its cases to this one.
    Confirm {
        #[command(flatten)]
        whom: Whom,
        /// The answer.
        #[arg(long)]
        answer: Answer,
    },
}

/// Another account.
#[derive(Debug, Args)]
pub struct Whom {
    /// The agency's name in the configuration.
    name: String,
    /// The other account's id: a mail address.
    #[arg(long, value_name = "ADDRESS")]
    account: String,
    #[command(flatten)]
    place: Place,
}

/// What another account may do.
#[derive(Debug, Args)]
pub struct Setting {
    #[command(flatten)]
    whom: Whom,
    /// With official documents (公文書).
    #[arg(long, default_value = "read")]
    official_documents: May,
    /// With documents that were sent to the account (電子送達).
    #[arg(long, default_value = "read")]
    electronic_deliveries: May,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum May {
    Read,
    Download,
}

/// Whether an offer is taken.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Answer {
    /// Take it.
    Accept,
    /// Do not take it.
    Deny,
}

impl May {
    const fn permission(self) -> SharePermission {
        match self {
            Self::Read => SharePermission::Read,
            Self::Download => SharePermission::Download,
        }
    }
}

/// Runs one of the commands.
pub async fn run(command: AgenciesCommand) -> anyhow::Result<()> {
    match command {
        AgenciesCommand::Connect { name, place } => connect(&name, place.config.as_deref()).await,
        AgenciesCommand::Shares(command) => share(command).await,
    }
}

fn agency<'a>(agencies: &'a [AgencySettings], name: &str) -> anyhow::Result<&'a AgencySettings> {
    let settings = agencies.iter().find(|agency| agency.name == name);
    settings.with_context(|| format!("the configuration names no agency {name:?}"))
}

async fn connect(name: &str, config: Option<&Path>) -> anyhow::Result<()> {
    let config = config::load::load(config)?;
    let settings = agency(&config.agencies, name)?;
    let egov = settings.egov.as_ref().with_context(|| format!("{name:?} is not of the kind \"egov\""))?;
    let account = egov::account(settings, Arc::new(SystemClock))?;
    let connecting = account.connect(&SystemEntropy);
    say(&format!(
        "open this address, sign in with the company's account, and let the software in:\n\n{}\n",
        connecting.address
    ));
    say("then paste the address to which the browser was sent:");
    let typed = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|_| line)
    });
    let token = account.connected(&connecting, &typed.await??).await?;
    write_private(&egov.refresh_token_file, token.expose())?;
    say(&format!("connected; the refresh token is in {}", egov.refresh_token_file.display()));
    Ok(())
}

/// The sharing of an agency's account, by the refresh token that this installation was given last.
async fn shares(name: &str, place: &Place) -> anyhow::Result<Shares> {
    let mut config = config::load::load(place.config.as_deref())?;
    let settings = agency(&config.agencies, name)?.clone();
    anyhow::ensure!(settings.egov.is_some(), "{name:?} is not of the kind \"egov\"");
    let ground = serve::ground(&mut config).await?;
    let parts = (Arc::clone(&ground.store), Arc::clone(&ground.master), Arc::clone(&ground.entropy));
    let tokens = StoredTokens::new(parts.0, parts.1, parts.2);
    Ok(Shares::new(&settings, Arc::clone(&ground.clock), Some(Arc::new(tokens)))?)
}

async fn share(command: SharesCommand) -> anyhow::Result<()> {
    let set = |setting: &Setting| Share {
        gbiz_id: setting.whom.account.clone(),
        official_doc_permission: setting.official_documents.permission(),
        post_doc_permission: setting.electronic_deliveries.permission(),
    };
    let whom = match command {
        SharesCommand::List { name, place } => {
            for one in shares(&name, &place).await?.list().await? {
                let (official, post) = (one.official_doc_permission, one.post_doc_permission);
                say(&format!("{}\tofficial documents {official:?}\telectronic deliveries {post:?}", one.gbiz_id));
            }
            return Ok(());
        }
        SharesCommand::Add(setting) => {
            shares(&setting.whom.name, &setting.whom.place).await?.add(&set(&setting)).await?;
            setting.whom
        }
        SharesCommand::Change(setting) => {
            shares(&setting.whom.name, &setting.whom.place).await?.change(&set(&setting)).await?;
            setting.whom
        }
        SharesCommand::Remove(whom) => {
            shares(&whom.name, &whom.place).await?.remove(&whom.account).await?;
            whom
        }
        SharesCommand::Confirm { whom, answer } => {
            let answer = match answer {
                Answer::Accept => ShareAnswer::Accept,
                Answer::Deny => ShareAnswer::Deny,
            };
            shares(&whom.name, &whom.place).await?.confirm(&whom.account, answer).await?;
            whom
        }
    };
    say(&format!("{}: e-Gov has it so", whom.account));
    Ok(())
}
