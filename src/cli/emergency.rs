//! `madoguchi emergency`: two operators open data in a disaster.

use super::arguments::StorePlace;
use super::dev::write_private;
use super::{clients, ground, say};
use crate::catalog::Catalog;
use crate::config;
use crate::domain::data_set::DataSetCode;
use crate::domain::ids::{ClientId, RepresentationId, SubjectId};
use crate::domain::representation::{RepresentationEnd, Turn};
use crate::domain::{Clock as _, Secret, SystemClock, SystemEntropy};
use crate::evidence::note::Signer;
use crate::issuer::emergency::{Ground, Needed, Operators, make_key};
use crate::policy::RepresentationLimits;
use crate::store::Store;
use anyhow::Context as _;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most lines of the list.
const LISTED: u32 = 1000;

#[derive(Debug, Subcommand)]
pub enum EmergencyCommand {
    /// Make an operator's key; print its public half for operators.toml.
    Key {
        /// Under which name its owner acts.
        #[arg(long, value_name = "NAME")]
        make: String,
        /// Where the private half goes.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// Ask for data of one person for one third party; another operator must approve it.
    Request(Box<RequestOptions>),
    /// Approve what another operator asked for; print the refresh token for the third party.
    Approve(OneOptions),
    /// End what is open.
    End(OneOptions),
    /// List every request and what became of it.
    List {
        #[command(flatten)]
        place: StorePlace,
    },
}

#[derive(Debug, Args)]
pub struct RequestOptions {
    /// The person's number at the counter.
    #[arg(long)]
    person: String,
    /// The third party.
    #[arg(long)]
    client: String,
    /// The code of one of its registered purposes.
    #[arg(long)]
    purpose: String,
    /// A data set; may be given several times.
    #[arg(long = "data-set", required = true)]
    data_sets: Vec<String>,
    /// For how many hours.
    #[arg(long)]
    hours: u32,
    /// Why, in a line.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
pub struct OneOptions {
    /// The request's id.
    id: String,
    #[command(flatten)]
    by: By,
}

/// Who acts, and where.
#[derive(Debug, Args)]
pub struct By {
    /// The operator's private key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The rules, where the store is that of `madoguchi dev`.
    #[arg(long, default_value = "policies")]
    policies: PathBuf,
    #[command(flatten)]
    place: StorePlace,
}

/// What the command works on.
struct Desk {
    store: Arc<dyn Store>,
    catalog: Catalog,
    limits: RepresentationLimits,
    operators: Operators,
    signer: Signer,
}

impl By {
    async fn open(&self) -> anyhow::Result<Desk> {
        let policies = match &self.place.dev {
            Some(_) => self.policies.clone(),
            None => config::load::load(self.place.config.as_deref())?.policies,
        };
        Ok(Desk {
            store: clients::open(&self.place).await?,
            catalog: ground::catalog(&policies)?,
            limits: ground::in_order(RepresentationLimits::load(&policies))?,
            operators: Operators::load(&policies).map_err(anyhow::Error::msg)?,
            signer: signer(&self.key)?,
        })
    }
}

impl Desk {
    fn ground(&self) -> Ground<'_> {
        let Self { store, catalog, limits, operators, .. } = self;
        Ground { store: &**store, catalog, limits, operators, entropy: &SystemEntropy, now: SystemClock.now() }
    }
}

fn signer(file: &Path) -> anyhow::Result<Signer> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = Secret::new(text);
    Signer::parse(text.expose()).with_context(|| format!("{} holds no key", file.display()))
}

/// Runs one of the commands.
pub async fn run(command: EmergencyCommand) -> anyhow::Result<()> {
    match command {
        EmergencyCommand::Key { make, key } => {
            anyhow::ensure!(!key.exists(), "{} is there already", key.display());
            let (private, public) = make_key(&make, &SystemEntropy)?;
            write_private(&key, private.expose())?;
            say(&public);
            Ok(())
        }
        EmergencyCommand::Request(options) => request(&options).await,
        EmergencyCommand::Approve(options) => approve(&options).await,
        EmergencyCommand::End(options) => end(&options).await,
        EmergencyCommand::List { place } => list(&place).await,
    }
}

async fn request(options: &RequestOptions) -> anyhow::Result<()> {
    let sets = options.data_sets.iter().map(|text| DataSetCode::parse(text).with_context(|| format!("{text:?}")));
    let needed = Needed {
        person: SubjectId::parse(&options.person).context("person: no number at this counter")?,
        client: ClientId::parse(&options.client).context("client: no id")?,
        purpose: options.purpose.clone(),
        data_sets: sets.collect::<anyhow::Result<_>>()?,
        hours: options.hours,
        reason: options.reason.clone(),
    };
    let desk = options.by.open().await?;
    let id = desk.ground().request(&needed, &desk.signer).await?;
    say(&format!("{id} waits for another operator"));
    Ok(())
}

fn id(text: &str) -> anyhow::Result<RepresentationId> {
    RepresentationId::parse(text).with_context(|| format!("{text:?} is no request's id"))
}

async fn approve(options: &OneOptions) -> anyhow::Result<()> {
    let desk = options.by.open().await?;
    let token = desk.ground().approve(&id(&options.id)?, &desk.signer).await?;
    say(&format!("open; the third party's refresh token, shown once: {}", token.expose()));
    Ok(())
}

async fn end(options: &OneOptions) -> anyhow::Result<()> {
    let desk = options.by.open().await?;
    let name = desk.operators.know(&desk.signer)?.name();
    let (id, turn) = (id(&options.id)?, Turn::End(RepresentationEnd::Operator));
    anyhow::ensure!(desk.store.find_emergency(&id).await?.is_some(), "there is no such request");
    let turned = desk.store.turn_representation(&id, turn, Some(name), SystemClock.now()).await?;
    anyhow::ensure!(turned.is_done(), "nothing was changed: {id} is not open");
    say(&format!("{id} is ended"));
    Ok(())
}

async fn list(place: &StorePlace) -> anyhow::Result<()> {
    let store = clients::open(place).await?;
    for one in store.list_emergencies(LISTED).await? {
        let state = match &one.approval {
            Some((by, _)) => format!("opened by {by}"),
            None if SystemClock.now() >= one.expires_at => "never opened".to_owned(),
            None => "waits".to_owned(),
        };
        let (at, by) = (one.created_at.rfc3339(), &one.requested_by);
        say(&format!("{}\t{}\trequested {at} by {by}\t{state}", one.id, one.client));
    }
    Ok(())
}
