//! The command line: what an operator and a developer type.
//!
//! What for: one binary with sub-commands. `dev` is the whole counter with a pretend government on one machine;
//! `serve` is one installation; the rest look after it.
//!
//! How it flows: `arguments` says what can be typed; [`run`] chooses the cryptographic library, starts the runtime and
//! calls the sub-command's own file; [`wire`] is the only place that puts engines, adapters and use cases together, for
//! `dev`, `serve` and the integration tests alike; `bar` draws how far long work is; `server` listens, drains and stops; `retention` erases on schedule; `tls`
//! is how it is spoken to.
//!
//! How to add one more: a variant in `arguments` with its help, a file here, its line in `dispatch`.
//!
//! What it must never do: decide anything that a use case decides; print a secret (files only, mode 0600); let a second
//! place build a use case.

mod agencies;
mod arenas;
mod arguments;
mod audit;
mod bar;
mod clients;
mod deployment;
mod doctor;
mod emergency;
pub mod dev;
pub mod ground;
mod keys;
pub mod metrics;
mod operate;
mod policy;
mod representatives;
pub mod reload;
mod retain;
pub mod retention;
mod serve;
mod status;
pub mod server;
mod submissions;
mod webhooks;
pub mod tls;
pub mod wire;
pub mod witnesses;
mod worker;

use arguments::{
    Arguments, AuditCommand, ClientsCommand, Command, ConfigCommand, KeysCommand, OpenapiCommand, RetentionCommand,
};
use clap::Parser as _;
use std::process::ExitCode;

/// Chooses aws-lc for TLS and JOSE, once for the process, before anything needs either.
pub fn install_cryptography() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}

/// Runs the command line to its end.
#[must_use]
pub fn run() -> ExitCode {
    arenas::bound();
    install_cryptography();
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => {
            let ended = runtime.block_on(dispatch(arguments.command));
            // What still runs in the background must not hold the process.
            runtime.shutdown_timeout(std::time::Duration::from_millis(200));
            ended
        }
        Err(error) => Err(error.into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<policy::WouldCut>() => ExitCode::from(2),
        Err(error) => {
            complain(&format!("madoguchi: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Dev(options) => dev::command::run(options).await,
        Command::Serve(place) => Box::pin(serve::run(place.config.as_deref())).await,
        Command::Worker(place) => worker::run(place.config.as_deref()).await,
        Command::Sandbox(options) => dev::command::run_sandbox(options).await,
        Command::Migrate(place) => operate::migrate(place.config.as_deref()).await,
        Command::Doctor { place, lang } => doctor::run(place.config.as_deref(), lang).await,
        Command::Check(place) => operate::check(place.config.as_deref()).await,
        Command::Policy(command) => policy::run(command).await,
        Command::Openapi(OpenapiCommand::Print { webhooks }) => operate::openapi_print(webhooks),
        Command::Keys(KeysCommand::List(place)) => keys::list(place.config.as_deref()).await,
        Command::Keys(KeysCommand::Rotate { usage, place }) => keys::rotate(usage, place.config.as_deref()).await,
        Command::Keys(KeysCommand::Reseal(place)) => keys::reseal(place.config.as_deref()).await,
        Command::Retention(RetentionCommand::Show(place)) => retain::show(place.config.as_deref()).await,
        Command::Retention(RetentionCommand::Run { dry_run, looks, place }) => {
            retain::run(dry_run, looks, place.config.as_deref()).await
        }
        Command::Audit(command) => dispatch_audit(command).await,
        Command::Clients(ClientsCommand::List(place)) => clients::list(place.config.as_deref()).await,
        Command::Clients(ClientsCommand::Put { file, place }) => clients::put(&file, place.config.as_deref()).await,
        Command::Clients(ClientsCommand::Show { client_id, place }) => clients::show(&client_id, &place).await,
        Command::Clients(ClientsCommand::Usage { client, deprecated, days, place }) => {
            clients::usage(client.as_deref(), deprecated, days, &place).await
        }
        Command::Clients(ClientsCommand::Approve { client_id, to, reason, place }) => {
            clients::approve(&client_id, to.as_deref(), reason, &place).await
        }
        Command::Clients(ClientsCommand::Suspend { client_id, reason, place }) => {
            clients::suspend(&client_id, reason, &place).await
        }
        Command::Clients(ClientsCommand::Statement { file, dev, key, issuer, days }) => {
            clients::statement(&file, &dev, key.as_deref().zip(issuer.as_deref()), days)
        }
        Command::Clients(ClientsCommand::Import { file, place }) => {
            clients::import(&file, place.config.as_deref()).await
        }
        Command::Representatives(command) => representatives::run(command).await,
        Command::Emergency(command) => emergency::run(command).await,
        Command::Status(command) => status::run(command).await,
        Command::Submissions(command) => submissions::run(command).await,
        Command::Agencies(command) => agencies::run(command).await,
        Command::Webhooks(command) => webhooks::run(command).await,
        Command::Config(ConfigCommand::Example) => {
            say(crate::config::example().trim_end());
            Ok(())
        }
    }
}

async fn dispatch_audit(command: AuditCommand) -> anyhow::Result<()> {
    match command {
        AuditCommand::Verify { full, keys, witness, checkpoint, receipt, looks, place } => {
            audit::verify(audit::Wanted { is_full: full, keys, witness, checkpoint, receipt, looks }, &place).await
        }
        AuditCommand::Prove { what, from, place } => audit::prove(&what, from, &place).await,
        AuditCommand::Export { directory, looks, place } => audit::export(&directory, looks, &place).await,
        AuditCommand::Keys(place) => audit::keys(&place).await,
        AuditCommand::Rotate(place) => audit::rotate(&place).await,
        AuditCommand::Witness { key, make: Some(name), .. } => audit::make_witness(&key, &name),
        AuditCommand::Witness { key, make: None, place } => audit::witness(&key, &place).await,
    }
}

/// One line, or several, for whoever typed the command.
#[expect(clippy::print_stdout, reason = "the command's own output")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// Why the command failed.
#[expect(clippy::print_stderr, reason = "the command's own complaint")]
fn complain(text: &str) {
    eprintln!("{text}");
}
