//! What can be typed, and the help that explains it.

use super::agencies::AgenciesCommand;
use super::bar::Looks;
use super::emergency::EmergencyCommand;
use super::policy::PolicyCommand;
use super::representatives::RepresentativesCommand;
use super::status::StatusCommand;
use super::submissions::SubmissionsCommand;
use super::webhooks::WebhooksCommand;
use crate::adapters::file_drop::FileDropSettings;
use crate::domain::Lang;
use crate::issuer::KeyUse;
use clap::{Args, Parser, Subcommand};
use std::net::IpAddr;
use std::path::PathBuf;
use url::Url;

/// madoguchi (窓口): one counter through which programs reach a person's government services, with consent.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a counter and a pretend government here, to develop against (plain HTTP, loopback only).
    Dev(DevOptions),
    /// Serve one installation, as its configuration file says.
    Serve(Place),
    /// Deliver filings beside the nodes that serve, on any machine that reaches the same PostgreSQL store.
    Worker(Place),
    /// Start the pretend government alone, in a process of its own.
    Sandbox(SandboxOptions),
    /// Bring the store to this version's shape, then end.
    Migrate(Place),
    /// Read configuration, policies, rate plans and data sets, and tell every fault; changes nothing.
    Check(Place),
    /// Tell how every clause of the security profile stands here, and look at the machine; fails when one is broken.
    Doctor {
        #[command(flatten)]
        place: Place,
        /// `ja` or `en`.
        #[arg(long, default_value = "en", value_parser = language)]
        lang: Lang,
    },
    /// The operator's rules.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// The description of the API.
    #[command(subcommand)]
    Openapi(OpenapiCommand),
    /// The counter's own keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// What is kept about persons: for how long, how much of it is due, and erasing that now.
    #[command(subcommand)]
    Retention(RetentionCommand),
    /// The log of evidence: read it again, prove what is in it, take it out, let a second key sign it.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Registered third parties.
    #[command(subcommand)]
    Clients(ClientsCommand),
    /// Who may act for whom.
    #[command(subcommand)]
    Representatives(RepresentativesCommand),
    /// Data that two operators open in a disaster.
    #[command(subcommand)]
    Emergency(EmergencyCommand),
    /// What everybody is told of incidents and planned maintenance.
    #[command(subcommand)]
    Status(StatusCommand),
    /// Filings: what waits for a person, and what that person decides.
    #[command(subcommand)]
    Submissions(SubmissionsCommand),
    /// The agencies that take filings.
    #[command(subcommand)]
    Agencies(AgenciesCommand),
    /// What clients could not be told.
    #[command(subcommand)]
    Webhooks(WebhooksCommand),
    /// The configuration file.
    #[command(subcommand)]
    Config(ConfigCommand),
}

pub(super) fn language(text: &str) -> Result<Lang, String> {
    match text {
        "ja" => Ok(Lang::Ja),
        "en" => Ok(Lang::En),
        _ => Err("ja or en".to_owned()),
    }
}

/// Which installation.
#[derive(Debug, Args)]
pub struct Place {
    /// The configuration file; else `$MADOGUCHI_CONFIG`, else `madoguchi.toml` here.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Which store.
#[derive(Debug, Args)]
pub struct StorePlace {
    /// The configuration file; else `$MADOGUCHI_CONFIG`, else `madoguchi.toml` here.
    #[arg(long, value_name = "FILE", conflicts_with = "dev")]
    pub config: Option<PathBuf>,
    /// The directory of `madoguchi dev`, instead.
    #[arg(long, value_name = "DIRECTORY")]
    pub dev: Option<PathBuf>,
}

/// Who decides, and why.
#[derive(Debug, Args)]
pub struct Reason {
    /// Under which name you act; it is written down.
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// Why; it is written down too.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub note: String,
}

#[derive(Debug, Args)]
pub struct DevOptions {
    /// Port of the counter.
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// Port of the pretend government.
    #[arg(long, default_value_t = 8090)]
    pub sandbox_port: u16,
    /// Where the store, the keys and the clients' files are kept.
    #[arg(long, default_value = ".madoguchi")]
    pub directory: PathBuf,
    /// The address that browsers and programs use; http://localhost and the port when not given.
    #[arg(long)]
    pub public_url: Option<Url>,
    /// Rules, rate plans and data sets.
    #[arg(long, default_value = "policies")]
    pub policies: PathBuf,
    /// The store: `sqlite:PATH` or `postgres://…`; a file in the directory when not given.
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
    /// The hot state: `memory:` or `redis://…`.
    #[arg(long, value_name = "URL", default_value = "memory:")]
    pub hot: String,
    /// Threads of the counter that answer requests.
    #[arg(long, default_value_t = 2)]
    pub workers: usize,
    /// Use a sandbox that runs elsewhere on this machine (`madoguchi sandbox`) instead of starting one.
    #[arg(long, value_name = "URL", conflicts_with = "sandbox_port")]
    pub sandbox_url: Option<Url>,
    /// Tell figures to Prometheus at `/metrics` on this port, too.
    #[arg(long, value_name = "PORT")]
    pub metrics_port: Option<u16>,
    /// Put a municipality's applications into a folder, too, as archives: "CLIENT FOLDER", as "nursery-desk ./drop"
    #[arg(long)]
    pub file_drop: Vec<FileDropSettings>,
    /// Which log lines: `warn`, `info`, or directives such as `info,madoguchi::issuer=debug`.
    #[arg(long, default_value = "warn")]
    pub log: String,
}

#[derive(Debug, Args)]
pub struct SandboxOptions {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    pub listen: IpAddr,
    /// Port to listen on.
    #[arg(long, default_value_t = 8090)]
    pub port: u16,
    /// The address that callers see; http://localhost and the port when not given.
    #[arg(long)]
    pub public_url: Option<Url>,
    /// The public key file (JWK Set) of the gateway that is registered here.
    #[arg(long, value_name = "FILE")]
    pub gateway_jwks: PathBuf,
    /// Where the gateway's browsers come back to.
    #[arg(long, value_name = "URL", default_value = "http://localhost:8080/sign-in/callback")]
    pub redirect_uri: String,
    /// The data sets that the pretend government knows.
    #[arg(long, default_value = "policies")]
    pub policies: PathBuf,
}

#[derive(Debug, Subcommand)]
pub enum OpenapiCommand {
    /// Print the document, as served at `/openapi.json`.
    Print {
        /// The document of what the counter calls, instead.
        #[arg(long)]
        webhooks: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the keys by use, and when each is used.
    List(Place),
    /// Make the next key now; the present one is kept until nothing needs it.
    Rotate {
        /// Of this use only: signing, messages, statements, webhooks, encryption-ecdh-es or encryption-rsa-oaep-256.
        #[arg(long = "use", value_name = "USE", value_parser = key_use)]
        usage: Option<KeyUse>,
        #[command(flatten)]
        place: Place,
    },
    /// Wrap the data key of every key in the store under the present master key, while nodes serve; may be stopped and
    /// run again.
    Reseal(Place),
}

#[derive(Debug, Subcommand)]
pub enum RetentionCommand {
    /// List each kind of record by the rules' retention.toml: for how many days it is kept, and how many are due.
    Show(Place),
    /// Erase what is due now, some at a time, while nodes serve; may be stopped and run again. It cannot be undone.
    Run {
        /// Say how much would be erased, and erase nothing.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        looks: Looks,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Read the log: signatures, growth, tiles, leaves, and the records that are kept; fails when anything is not whole.
    Verify {
        /// Read every leaf and grow the tree anew; else the newest leaves only.
        #[arg(long)]
        full: bool,
        /// A public key of the log that you kept, instead of those in the store. May be given more than once.
        #[arg(long = "key", value_name = "KEY")]
        keys: Vec<String>,
        /// The public key of a witness who must have signed.
        #[arg(long, value_name = "KEY")]
        witness: Option<String>,
        /// A checkpoint that you kept: the log must still follow from it.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        /// Check this receipt with --key alone; no store is opened.
        #[arg(long, value_name = "FILE", conflicts_with_all = ["full", "witness", "checkpoint", "config", "dev"])]
        receipt: Option<PathBuf>,
        #[command(flatten)]
        looks: Looks,
        #[command(flatten)]
        place: StorePlace,
    },
    /// Print a receipt with its proof, as a third party gets it.
    Prove {
        /// Its id, or its place in the log.
        what: String,
        /// Prove too that the log grew from this many leaves.
        #[arg(long, value_name = "SIZE")]
        from: Option<u64>,
        #[command(flatten)]
        place: StorePlace,
    },
    /// Write the log below a directory: tiles as they are served (C2SP tlog-tiles), leaves as lines of JSON.
    Export {
        /// The directory; made when it is not there.
        directory: PathBuf,
        #[command(flatten)]
        looks: Looks,
        #[command(flatten)]
        place: StorePlace,
    },
    /// Print the log's public keys, the newest first.
    Keys(StorePlace),
    /// Make the log's next key; former signatures stay good.
    Rotate(StorePlace),
    /// Sign the newest checkpoint with a second key, if the log is whole and follows from what that key signed last.
    Witness {
        /// The witness's private key; beside it, with the ending `.seen`, is kept what it signed last.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Make the key under this name, print its public half, and sign nothing.
        #[arg(long, value_name = "NAME")]
        make: Option<String>,
        #[command(flatten)]
        place: StorePlace,
    },
}

#[derive(Debug, Subcommand)]
pub enum ClientsCommand {
    /// List the registered third parties.
    List(Place),
    /// Register a third party, or change one, from a file.
    Put {
        /// The registration, TOML or JSON.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Show one registration: its metadata, its state, and who moved it there when.
    Show {
        /// The client's id.
        client_id: String,
        #[command(flatten)]
        place: StorePlace,
    },
    /// Tell who calls what, by client and operation: how often, and on which day last.
    Usage {
        /// This client alone.
        #[arg(long = "client", value_name = "ID")]
        client: Option<String>,
        /// Only what is deprecated.
        #[arg(long)]
        deprecated: bool,
        /// How many days, today among them.
        #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=400))]
        days: u32,
        #[command(flatten)]
        place: StorePlace,
    },
    /// Move a registration on: draft, under_review, sandbox, production; one step when --to is not given.
    Approve {
        /// The client's id.
        client_id: String,
        /// The state to come.
        #[arg(long, value_name = "STATE")]
        to: Option<String>,
        #[command(flatten)]
        reason: Reason,
        #[command(flatten)]
        place: StorePlace,
    },
    /// Stop a client: within a second it may do nothing.
    Suspend {
        /// The client's id.
        client_id: String,
        #[command(flatten)]
        reason: Reason,
        #[command(flatten)]
        place: StorePlace,
    },
    /// Make a software statement (RFC 7591) as a register does, and print it.
    Statement {
        /// What is vouched for: client metadata, JSON.
        file: PathBuf,
        /// The made-up register of `madoguchi dev`, by its directory.
        #[arg(long, value_name = "DIRECTORY", default_value = ".madoguchi", conflicts_with_all = ["key", "issuer"])]
        dev: PathBuf,
        /// The register's private key: P-256, PKCS#8, PEM.
        #[arg(long, value_name = "FILE", requires = "issuer")]
        key: Option<PathBuf>,
        /// The register's name (`iss`).
        #[arg(long, value_name = "URL", requires = "key")]
        issuer: Option<String>,
        /// For how many days it is good.
        #[arg(long, default_value_t = 30)]
        days: u16,
    },
    /// Register the third parties of a file of client metadata (RFC 7591): one object or a list. All of them, or none.
    Import {
        /// The metadata, JSON.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print a configuration file to start from, with every key and its meaning.
    Example,
}

fn key_use(text: &str) -> Result<KeyUse, String> {
    let known = || KeyUse::ALL.map(KeyUse::as_str).join(", ");
    KeyUse::parse(text).ok_or_else(|| format!("it must be one of {}", known()))
}
