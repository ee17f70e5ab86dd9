//! `madoguchi agencies`: what connects this installation to agencies.

use super::dev::write_private;
use super::{arguments::Place, say};
use crate::adapters::agency::egov;
use crate::config;
use crate::domain::{SystemClock, SystemEntropy};
use anyhow::Context as _;
use clap::Subcommand;
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
}

/// Runs one of the commands.
pub async fn run(command: AgenciesCommand) -> anyhow::Result<()> {
    let AgenciesCommand::Connect { name, place } = command;
    let config = config::load::load(place.config.as_deref())?;
    let settings = config.agencies.iter().find(|agency| agency.name == name);
    let settings = settings.with_context(|| format!("the configuration names no agency {name:?}"))?;
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
