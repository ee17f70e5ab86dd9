//! What a counter stands on: the engines, and the rules that the operator wrote as files.

use crate::catalog::Catalog;
use crate::catalog::application_forms::ApplicationForms;
use crate::catalog::certificate_forms::CertificateForms;
use crate::catalog::deposits::DepositRules;
use crate::catalog::municipalities::Municipalities;
use crate::catalog::notices::NoticeRules;
use crate::catalog::procedures::Procedures;
use crate::catalog::provision_records::RecordNames;
use crate::catalog::services::Standards;
use crate::catalog::statistics::StatisticsRules;
use crate::domain::{Clock, Entropy, MasterKey};
use crate::hot::Hot;
use crate::limits::Limits;
use crate::policy::{Policies, PolicyFault, RuleSet};
use crate::store::Store;
use anyhow::Context as _;
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

/// Which engines, and what everything sealed hangs on.
#[derive(Clone)]
pub struct Ground {
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// Short-lived shared state.
    pub hot: Arc<dyn Hot>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// The master key.
    pub master: Arc<MasterKey>,
}

/// What the operator decides as files.
#[derive(Clone)]
pub struct Rules {
    /// The data sets.
    pub catalog: Arc<Catalog>,
    /// Who may ask for what.
    pub policies: Arc<Policies>,
    /// What can be filed.
    pub procedures: Arc<Procedures>,
    /// What codes in records of exchanges are called.
    pub record_names: Arc<RecordNames>,
    /// The forms of certificates of employment.
    pub forms: Arc<CertificateForms>,
    /// The forms of applications.
    pub applications: Arc<ApplicationForms>,
    /// What is filed by cloud.
    pub deposits: Arc<DepositRules>,
    /// What agencies may post to citizens.
    pub notices: Arc<NoticeRules>,
    /// How statistics are made; none are where there is nothing.
    pub statistics: Option<StatisticsRules>,
    /// The municipalities.
    pub municipalities: Arc<Municipalities>,
    /// What people apply for there, the same everywhere.
    pub standards: Arc<Standards>,
    /// How often.
    pub limits: Arc<Limits>,
}

impl Ground {
    /// Opens the engines that the URLs name, and brings the store to this version's shape.
    ///
    /// # Errors
    /// When an engine does not answer.
    pub async fn open(
        (store, hot): (&str, &str),
        master: Arc<MasterKey>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        let store = crate::store::open(store, &master).await.context("the store does not open")?;
        // An installation without signing keys never ran: there is no proof that its memory could have forgotten.
        let is_first_start = store.list_keys("signing").await?.is_empty();
        let hot = crate::hot::open(hot, clock.now(), is_first_start).await.context("the hot state does not open")?;
        Ok(Self { store, hot, clock, entropy, master })
    }
}

impl Rules {
    /// Reads rules, rate plans, data sets and procedures.
    ///
    /// # Errors
    /// Every fault of the first kind of file that has any.
    pub fn load(directory: &Path, hot: Arc<dyn Hot>) -> anyhow::Result<Self> {
        let catalog = catalog(directory)?;
        let procedures = procedures(directory)?;
        let record_names = Arc::new(in_order(RecordNames::load(directory))?);
        let forms = in_order(CertificateForms::load(&directory.join("employment-certificates")))?;
        let deposits = Arc::new(in_order(DepositRules::load(directory))?);
        let notices = Arc::new(in_order(NoticeRules::load(directory))?);
        let statistics = in_order(StatisticsRules::load(directory))?;
        let services = directory.join("services");
        let municipalities = Arc::new(in_order(Municipalities::load(&services))?);
        let standards = standards(directory)?;
        let applications = applications(directory, &standards)?;
        let policies = in_order(Policies::load(directory))?;
        anyhow::ensure!(
            policies.now().details().names().next().is_some(),
            "{}: holds no authorization-details/*.json, so nothing could be asked for",
            directory.display()
        );
        tracing::info!(policy.digest = policies.now().digest().base64url(), "the rules are in force");
        let limits = Limits::load(&directory.join("rate-plans.toml"), hot)?;
        let (catalog, policies, limits) = (Arc::new(catalog), Arc::new(policies), Arc::new(limits));
        let forms = Arc::new(forms);
        Ok(Self {
            catalog,
            policies,
            procedures,
            record_names,
            forms,
            applications,
            deposits,
            notices,
            statistics,
            municipalities,
            standards,
            limits,
        })
    }
}

/// The data sets, as the operator's files say.
///
/// # Errors
/// Every fault of every file.
pub fn catalog(directory: &Path) -> anyhow::Result<Catalog> {
    in_order(Catalog::load(&directory.join("data-sets")))
}

/// What can be filed, as the operator's files say.
///
/// # Errors
/// Every fault of every file.
pub fn procedures(directory: &Path) -> anyhow::Result<Arc<Procedures>> {
    in_order(Procedures::load(&directory.join("procedures"))).map(Arc::new)
}

/// What people apply for at municipalities, the same everywhere, as the operator's files say.
///
/// # Errors
/// Every fault of every file.
pub fn standards(directory: &Path) -> anyhow::Result<Arc<Standards>> {
    in_order(Standards::load(&directory.join("services"))).map(Arc::new)
}

/// The forms of applications, as the operator's files say.
///
/// # Errors
/// Every fault of every file.
pub fn applications(directory: &Path, standards: &Standards) -> anyhow::Result<Arc<ApplicationForms>> {
    in_order(ApplicationForms::load(directory, standards)).map(Arc::new)
}

/// What was read of the operator's files, or every fault of them, one a line.
///
/// # Errors
/// The faults.
pub fn in_order<T, F: Display>(read: Result<T, Vec<F>>) -> anyhow::Result<T> {
    read.map_err(|faults| anyhow::anyhow!("{}", lines(&faults)))
}

/// Holds the operator's rules against their cases, and looks for any that can decide nothing; to be done once before a
/// counter opens.
///
/// # Errors
/// Every fault of [`RuleSet::load`] or [`RuleSet::prove`].
pub fn prove(directory: &Path) -> anyhow::Result<()> {
    let faults = RuleSet::load(directory).map_or_else(|faults| faults, |rules| rules.prove(directory));
    if faults.is_empty() { Ok(()) } else { Err(not_in_order(directory, &faults)) }
}

/// Every fault of the rules in a directory, one a line.
#[must_use]
pub fn not_in_order(directory: &Path, faults: &[PolicyFault]) -> anyhow::Error {
    anyhow::anyhow!("the rules of {} are not in order:\n  {}", directory.display(), lines(faults))
}

fn lines<F: Display>(faults: &[F]) -> String {
    faults.iter().map(F::to_string).collect::<Vec<_>>().join("\n  ")
}
