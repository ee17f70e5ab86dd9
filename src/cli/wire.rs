//! The composition root: the one place where engines, adapters and use cases are put together.
//!
//! `dev`, `serve` and the integration tests all come here, so that what is tested is what runs.

mod background;
mod filing;
mod linkage;
mod notices;
mod parts;
mod payments;
mod publishing;
mod records;
mod seals;
mod searching;
mod settings;

pub use parts::worker;

use self::filing::FilingCases;
use self::linkage::Linking;
use self::publishing::{Published, Watched};
use self::searching::Searching;
use super::ground::{Ground, Rules};
use super::witnesses::Witnesses;
use crate::adapters::agency::AgencySettings;
use crate::adapters::assertion::AssertionSigner;
use crate::adapters::file_drop::FileDropSettings;
use crate::adapters::identity::{CompanySettings, IdentityParts, IdentitySettings, RelyingParty};
use crate::adapters::linkage::{LinkedServicePlan, LinkedServices};
use crate::adapters::outward::{Outward, Reach};
use crate::adapters::payment::PaymentSettings;
use crate::adapters::provisionrecords::ProvisionRecordSettings;
use crate::adapters::qualification::QualificationSettings;
use crate::adapters::selfinfo::BackendSettings;
use crate::adapters::servicesearch::ServiceSearchSettings;
use crate::adapters::signatures::SignatureSettings;
use crate::domain::lifecycle::Retiring;
use crate::domain::profile::KeyManagement;
use crate::domain::representation::Coverage;
use crate::domain::{Environment, Secret};
use crate::evidence::{EvidenceLog, Witness, WitnessSettings};
use crate::gateway::Gateway;
use crate::http::callbacks::Sources;
use crate::http::conformance::{Conformance, Deployment};
use crate::http::edge::{Edge, Network};
use crate::http::health::Health;
use crate::http::pages::Pages;
use crate::issuer::companies::Companies;
use crate::issuer::interaction::{InteractionParts, Interactions};
use crate::issuer::representations::RuledCoverage;
use crate::issuer::{Issuer, Rotation};
use crate::policy::Policies;
use crate::protocol::certificate::CertificateRules;
use crate::protocol::registration::Register;
use crate::services::account::Account;
use crate::services::confirmations::{ConfirmationParts, Confirmations};
use crate::services::data_sets::DataSets;
use crate::services::notices::Notices;
use crate::services::payments::Payments;
use crate::services::provision_records::ProvisionRecords;
use crate::services::self_information::{SelfInformation, SelfInformationParts, SelfInformationSettings};
use crate::submissions::Submissions;
use actix_web::web;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long results that nobody fetched wait, sealed.
const RESULTS_WAIT: Duration = Duration::from_mins(15);

/// How long a job is this process's own: after a crash another, or the next, takes it up that much later. A job that
/// runs longer is renewed by the process it runs in.
const LEASE: Duration = Duration::from_secs(10);

/// How much longer than the slowest backend a job keeps its place.
const PLACE_SLACK: Duration = Duration::from_secs(15);

/// Everything else that one counter is made of.
pub struct Plan {
    /// The address that everybody sees, without a slash at its end: the issuer and the audience of tokens.
    pub public_url: String,
    /// The citizens' identity provider, and who we are there.
    pub identity: IdentitySettings,
    /// The key that proves us there.
    pub identity_key: AssertionSigner,
    /// The companies' identity provider, and who we are there; none where companies cannot sign in.
    pub companies: Option<CompanySettings>,
    /// What citizens can link their accounts with.
    pub linked_services: Vec<LinkedServicePlan>,
    /// The folders into which municipalities' applications are put.
    pub file_drops: Vec<FileDropSettings>,
    /// The systems that hold the data, each with the text of its key file.
    pub backends: Vec<(BackendSettings, Secret<String>)>,
    /// The system that discloses records of exchanges; none where this installation is not connected.
    pub provision_records: Option<ProvisionRecordSettings>,
    /// The systems of オンライン資格確認, likewise.
    pub health_insurance: Option<QualificationSettings>,
    /// Where electronic signatures are made, and what they are held against; likewise.
    pub signatures: Option<SignatureSettings>,
    /// The agencies that take filings.
    pub agencies: Vec<AgencySettings>,
    /// Where the catalogue of procedures is read from.
    pub service_search: Option<ServiceSearchSettings>,
    /// Who takes money; none where nothing can be paid.
    pub payments: Option<PaymentSettings>,
    /// When the counter's keys change.
    pub rotation: Rotation,
    /// How request objects may be encrypted to us.
    pub request_object_encryption: Vec<KeyManagement>,
    /// Who may name the caller in `X-Forwarded-For`.
    pub trusted_proxies: Vec<Network>,
    /// What clients can do by certificates.
    pub certificates: CertificateRules,
    /// The field in which a trusted proxy passes a certificate on.
    pub certificate_field: Option<String>,
    /// Who may vouch for third parties that register themselves.
    pub register: Option<Arc<Register>>,
    /// How far calls to addresses that clients name may reach.
    pub reach: Reach,
    /// Leaves that may wait for the log of evidence before new disclosures are refused.
    pub most_pending: u64,
    /// Who signs its heads beside it.
    pub witnesses: Vec<WitnessSettings>,
    /// How the process was started, as the clauses of the security profile see it.
    pub deployment: Deployment,
    /// Whom it serves.
    pub environment: Environment,
    /// Which operations are to go.
    pub lifecycle: &'static [Retiring],
}

/// A counter, put together.
pub struct Counter {
    ground: Ground,
    policies: Arc<Policies>,
    edge: web::Data<Edge>,
    health: web::Data<Health>,
    sources: web::Data<Sources>,
    issuer: web::Data<Issuer>,
    interactions: web::Data<Interactions>,
    account: web::Data<Account>,
    companies: web::Data<Companies>,
    confirmations: web::Data<Confirmations>,
    pages: web::Data<Pages>,
    gateway: web::Data<Gateway>,
    conformance: web::Data<Conformance>,
    data_sets: web::Data<DataSets>,
    self_information: web::Data<SelfInformation>,
    records: web::Data<ProvisionRecords>,
    submissions: Arc<Submissions>,
    filing: FilingCases,
    notices: web::Data<Notices>,
    linking: Linking,
    payments: web::Data<Payments>,
    published: Published,
    searching: Searching,
    file_drops: Vec<FileDropSettings>,
    evidence: web::Data<EvidenceLog>,
    witnesses: Arc<Witnesses>,
}

impl Counter {
    /// Puts a counter together.
    ///
    /// # Errors
    /// When a key does not open, or a backend is not usable as configured.
    pub async fn build(ground: Ground, rules: Rules, plan: Plan) -> anyhow::Result<Self> {
        let (place, edge) = (settings::gateway(&plan), settings::edge(&plan, &ground)?);
        let issuer = Arc::new(Issuer::open(settings::issuer(&plan), parts::issuer(&ground, &rules)).await?);
        let linked = linkage::services(plan.linked_services, &plan.public_url, &ground)?;
        let (here, witness) = ((plan.public_url.as_str(), plan.environment, &issuer), parts::witness(&ground));
        let (identity, closures) = (identity(&ground, (plan.identity, plan.identity_key))?, Arc::default());
        let interactions = interactions(&ground, &rules, (&identity, &linked), here);
        let pages = Pages::new(&plan.public_url, Arc::clone(&rules.catalog), Arc::clone(&ground.entropy))?;
        let gateway = Arc::new(parts::gateway(&ground, &rules, (place, &issuer, Arc::clone(&witness)))?);
        let longest = plan.backends.iter().map(|(settings, _)| settings.deadline()).max().unwrap_or_default();
        let sources = Arc::new(parts::sources(plan.backends, &ground, &closures)?);
        let evidence = Arc::new(parts::evidence(&ground, &plan.public_url, plan.most_pending));
        let submissions = parts::submissions(&ground, (plan.agencies, &rules), (&issuer, &evidence), &closures)?;
        let webhooks = parts::webhooks(&ground, &plan.reach, plan.rotation).await?;
        let (filing, outward) = ((&submissions, &gateway, webhooks), Outward::new(plan.reach.clone()));
        let signing = (&rules, linkage::signatures(&ground, plan.signatures, (&identity, &plan.public_url))?);
        let filing = FilingCases::new(&ground, signing, filing, (&issuer, &evidence, outward));
        let logged = (&gateway, &witness, &evidence);
        let records = records::records(&ground, &rules, plan.provision_records, logged, &closures)?;
        let notices = notices::notices(&ground, &rules, logged, &plan.public_url);
        let payments = payments::payments(&ground, plan.payments.as_ref(), (&gateway, &issuer, &evidence), &closures)?;
        let linking = Linking::new(&ground, &linked, logged, (plan.health_insurance, &closures))?;
        let public = (plan.public_url.as_str(), plan.lifecycle);
        let searching = Searching::new(plan.service_search, &rules, (filing.applications(), public))?;
        let last = (&searching, &payments, &records);
        let watched = Watched::of((identity, &sources), (&submissions, &evidence), last, linking.insurance());
        let published = Published::new(&ground, (watched, &rules, searching.shelf()), (&closures, public))?;
        let parts = (Arc::clone(&gateway), Arc::clone(&sources), witness, Arc::clone(&evidence));
        let (issuer, gateway, pages) = (web::Data::from(issuer), web::Data::from(gateway), web::Data::new(pages));
        let looked_at = (issuer.clone(), gateway.clone(), pages.clone());
        let conformance = web::Data::new(parts::conformance(&ground, &rules, plan.deployment, looked_at)?);
        Ok(Self {
            edge: web::Data::new(edge),
            health: web::Data::new(parts::health(&ground, &rules, (&conformance, &evidence))),
            sources: web::Data::from(sources),
            issuer,
            interactions: web::Data::new(interactions),
            account: web::Data::new(parts::account(&ground, &rules)),
            companies: web::Data::new(parts::companies(&ground, &rules, plan.companies)?),
            confirmations: web::Data::new(confirmations(&ground, &rules, (plan.reach, plan.environment))),
            pages,
            gateway,
            conformance,
            data_sets: web::Data::new(DataSets::new(Arc::clone(&rules.catalog))),
            self_information: web::Data::new(self_information(&ground, &rules, parts, longest)),
            records,
            submissions,
            notices: web::Data::new(notices),
            payments,
            published,
            linking,
            searching,
            filing,
            file_drops: plan.file_drops,
            witnesses: Arc::new(Witnesses::new(&plan.witnesses, Arc::clone(&ground.store), Arc::clone(&evidence))?),
            evidence: web::Data::from(evidence),
            policies: rules.policies,
            ground,
        })
    }

    /// Hands every use case to a worker.
    pub fn configure(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(self.edge.clone())
            .app_data(self.health.clone())
            .app_data(self.sources.clone())
            .app_data(self.issuer.clone())
            .app_data(self.interactions.clone())
            .app_data(self.account.clone())
            .app_data(self.companies.clone())
            .app_data(self.confirmations.clone())
            .app_data(self.pages.clone())
            .app_data(self.gateway.clone())
            .app_data(self.conformance.clone())
            .app_data(self.data_sets.clone())
            .app_data(self.self_information.clone())
            .app_data(self.records.clone())
            .app_data(self.evidence.clone())
            .app_data(self.payments.clone())
            .app_data(self.notices.clone());
        self.published.configure(cfg);
        self.searching.configure(cfg);
        self.linking.configure(cfg);
        self.filing.configure(cfg);
    }

    /// How the clauses of the security profile stand.
    #[must_use]
    pub fn conformance(&self) -> &Conformance {
        &self.conformance
    }

    /// The operator's rules, which can be read again while it is open.
    #[must_use]
    pub const fn policies(&self) -> &Arc<Policies> {
        &self.policies
    }

    /// Who signs the log's heads beside it.
    #[must_use]
    pub fn witnesses(&self) -> &Witnesses {
        &self.witnesses
    }

    /// What the counter stands on.
    #[must_use]
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// From now on not ready.
    pub fn drain(&self) {
        self.health.drain();
    }

    /// Writes down what is only in memory still.
    pub async fn close(&self) {
        self.published.close().await;
    }

    /// Starts what runs beside the server.
    #[must_use]
    pub fn background(&self) -> Vec<JoinHandle<()>> {
        let (ground, issuer, teller) = (self.ground.clone(), self.issuer.clone(), self.issuer.clone());
        let (gateway, jobs) = (self.gateway.clone().into_inner(), self.self_information.clone().into_inner());
        let (evidence, notices) = (self.evidence.clone().into_inner(), self.notices.clone().into_inner());
        let (witnesses, retention) = (Arc::clone(&self.witnesses), parts::retention(&self.ground, &self.policies));
        let (submissions, webhooks) = (Arc::clone(&self.submissions), self.filing.webhooks());
        let mut tasks = vec![
            tokio::spawn(async move { background::look_after(&ground, &issuer).await }),
            tokio::spawn(async move { gateway.follow_revocations().await }),
            tokio::spawn(async move { jobs.resume_forever().await }),
            tokio::spawn(async move { background::tell_of_logouts(&teller).await }),
            tokio::spawn(async move { evidence.run_forever().await }),
            tokio::spawn(async move { witnesses.run_forever().await }),
            tokio::spawn(async move { retention.run_forever().await }),
            tokio::spawn(Arc::clone(&submissions).hand_on_forever()),
            tokio::spawn(Arc::clone(&submissions).establish_forever()),
            tokio::spawn(submissions.work_forever()),
            tokio::spawn(webhooks.tell_forever()),
            tokio::spawn(self.filing.deposits().warn_forever()),
            tokio::spawn(notices.work_forever()),
            tokio::spawn(self.payments.clone().into_inner().work_forever()),
        ];
        let applications = self.filing.applications().into_inner();
        tasks.extend(
            self.file_drops.iter().cloned().map(|drop| tokio::spawn(Arc::clone(&applications).put_down_forever(drop))),
        );
        tasks.extend(self.published.background());
        tasks.extend(self.searching.refresh().map(|refresh| tokio::spawn(refresh.run_forever())));
        tasks
    }
}

/// The citizens' identity provider; `settings` and `key` say who we are there.
fn identity(
    ground: &Ground,
    (settings, key): (IdentitySettings, AssertionSigner),
) -> anyhow::Result<Arc<RelyingParty>> {
    let (clock, entropy) = (Arc::clone(&ground.clock), Arc::clone(&ground.entropy));
    Ok(Arc::new(RelyingParty::new(IdentityParts { settings, key, clock, entropy })?))
}

fn interactions(
    ground: &Ground,
    rules: &Rules,
    (identity, linked): (&Arc<RelyingParty>, &Arc<LinkedServices>),
    (public_url, environment, issuer): (&str, Environment, &Arc<Issuer>),
) -> Interactions {
    Interactions::new(InteractionParts {
        store: Arc::clone(&ground.store),
        requests: Arc::clone(issuer) as _,
        responses: Arc::clone(issuer) as _,
        identity: Arc::clone(identity) as _,
        linked: Arc::clone(linked),
        hot: Arc::clone(&ground.hot),
        catalog: Arc::clone(&rules.catalog),
        coverage: coverage(rules),
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
        issuer: public_url.to_owned(),
        environment,
    })
}

fn coverage(rules: &Rules) -> Arc<dyn Coverage> {
    Arc::new(RuledCoverage { policies: Arc::clone(&rules.policies), catalog: Arc::clone(&rules.catalog) })
}

fn confirmations(ground: &Ground, rules: &Rules, (reach, environment): (Reach, Environment)) -> Confirmations {
    Confirmations::new(ConfirmationParts {
        environment,
        store: Arc::clone(&ground.store),
        coverage: coverage(rules),
        visits: Arc::clone(&rules.policies) as _,
        limits: Arc::clone(&rules.limits),
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
        master: Arc::clone(&ground.master),
        notifier: Arc::new(Outward::new(reach)),
    })
}

/// `longest` is the longest that a backend may take for one retrieval.
fn self_information(
    ground: &Ground,
    rules: &Rules,
    (gateway, sources, witness, evidence): (Arc<Gateway>, Arc<Sources>, Arc<Witness>, Arc<EvidenceLog>),
    longest: Duration,
) -> SelfInformation {
    let settings = SelfInformationSettings {
        node: ground.entropy.short_handle(),
        lease: LEASE,
        place: longest + PLACE_SLACK,
        keep: RESULTS_WAIT,
    };
    let parts = SelfInformationParts {
        store: Arc::clone(&ground.store),
        gateway,
        limits: Arc::clone(&rules.limits),
        catalog: Arc::clone(&rules.catalog),
        sources,
        witness,
        evidence,
        master_key: Arc::clone(&ground.master),
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
    };
    SelfInformation::new(settings, parts)
}
