//! What is published of the service itself: how its components stand, who calls what, and statistics.

use super::searching::Searching;
use crate::adapters::identity::RelyingParty;
use crate::adapters::maintenance::Closures;
use crate::cli::ground::{Ground, Rules};
use crate::domain::Words;
use crate::domain::lifecycle::Retiring;
use crate::domain::service_status::{ComponentCode, ComponentState};
use crate::evidence::EvidenceLog;
use crate::http::callbacks::Sources;
use crate::services::health_insurance::HealthInsurance;
use crate::services::payments::Payments;
use crate::services::provision_records::ProvisionRecords;
use crate::services::service_search::{ServiceSearch, Shelf};
use crate::services::statistics::{Statistics, StatisticsParts};
use crate::services::status::{Component, Sighting, Status, StatusParts, look_of};
use crate::services::usage::Usage;
use crate::submissions::Submissions;
use actix_web::web;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// What components are looked at.
pub(super) struct Watched<'a> {
    /// The citizens' identity provider.
    pub identity: Arc<RelyingParty>,
    /// The backends, by name.
    pub sources: &'a Arc<Sources>,
    /// The engine of filings, which knows its agencies.
    pub submissions: &'a Arc<Submissions>,
    /// The log of evidence.
    pub evidence: &'a Arc<EvidenceLog>,
    /// The search; none where it has no source.
    pub search: Option<web::Data<ServiceSearch>>,
    /// Payments.
    pub payments: &'a web::Data<Payments>,
    /// Records of exchanges.
    pub records: &'a web::Data<ProvisionRecords>,
    /// オンライン資格確認.
    pub insurance: &'a web::Data<HealthInsurance>,
}

impl<'a> Watched<'a> {
    /// All of these.
    pub fn of(
        (identity, sources): (Arc<RelyingParty>, &'a Arc<Sources>),
        (submissions, evidence): (&'a Arc<Submissions>, &'a Arc<EvidenceLog>),
        (searching, payments, records): (&Searching, &'a web::Data<Payments>, &'a web::Data<ProvisionRecords>),
        insurance: &'a web::Data<HealthInsurance>,
    ) -> Self {
        Self { identity, sources, submissions, evidence, search: searching.watched(), payments, records, insurance }
    }
}

/// What is published.
pub(super) struct Published {
    status: web::Data<Status>,
    usage: web::Data<Usage>,
    statistics: web::Data<Statistics>,
}

impl Published {
    /// # Errors
    /// When a name of the configuration is none that a component can have.
    pub fn new(
        ground: &Ground,
        (watched, rules, shelf): (Watched<'_>, &Rules, Arc<Shelf>),
        (closures, (public_url, lifecycle)): (&Arc<Closures>, (&str, &'static [Retiring])),
    ) -> anyhow::Result<Self> {
        let statistics = Statistics::new(StatisticsParts {
            store: Arc::clone(&ground.store),
            clock: Arc::clone(&ground.clock),
            entropy: Arc::clone(&ground.entropy),
            rules: rules.statistics,
            standards: Arc::clone(&rules.standards),
            municipalities: Arc::clone(&rules.municipalities),
            shelf,
            forms: Arc::clone(&rules.applications),
        });
        let usage = Usage::new(Arc::clone(&ground.store), Arc::clone(&ground.clock), lifecycle);
        let status = web::Data::new(status(ground, watched, (closures, public_url))?);
        Ok(Self { status, usage: web::Data::new(usage), statistics: web::Data::new(statistics) })
    }

    /// Hands it to a worker.
    pub fn configure(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(self.status.clone()).app_data(self.usage.clone()).app_data(self.statistics.clone());
    }

    /// Starts what runs beside the server.
    pub fn background(&self) -> [JoinHandle<()>; 3] {
        let (status, usage) = (self.status.clone().into_inner(), self.usage.clone().into_inner());
        let statistics = self.statistics.clone().into_inner().turn_forever();
        [tokio::spawn(status.look_forever()), tokio::spawn(usage.flush_forever()), tokio::spawn(statistics)]
    }

    /// Writes down what is only in memory still.
    pub async fn close(&self) {
        if let Err(fault) = self.usage.flush().await {
            tracing::warn!(%fault, "who called what in the last seconds is lost");
        }
        if let Err(fault) = self.statistics.flush().await {
            tracing::warn!(%fault, "what was used in the last minute is missing in the statistics");
        }
    }
}

/// The board of these.
fn status(
    ground: &Ground,
    watched: Watched<'_>,
    (closures, public_url): (&Arc<Closures>, &str),
) -> anyhow::Result<Status> {
    Ok(Status::new(StatusParts {
        store: Arc::clone(&ground.store),
        clock: Arc::clone(&ground.clock),
        closures: Arc::clone(closures),
        components: components(watched)?,
        public_url: public_url.trim_end_matches('/').to_owned(),
    }))
}

fn component(
    code: &str,
    (ja, en): (&str, &str),
    look: impl Fn() -> Sighting + Send + Sync + 'static,
) -> anyhow::Result<Component> {
    let code = ComponentCode::parse(code).map_err(anyhow::Error::msg)?;
    Ok(Component { code, name: Words { ja: ja.to_owned(), en: en.to_owned() }, look: Box::new(look) })
}

const fn nothing_known() -> Sighting {
    Sighting { state: ComponentState::Unknown, last_success: None }
}

const fn standing(is_well: bool) -> Sighting {
    Sighting { state: if is_well { ComponentState::Operational } else { ComponentState::Outage }, last_success: None }
}

fn components(watched: Watched<'_>) -> anyhow::Result<Vec<Component>> {
    let Watched { identity, sources, submissions, evidence, search, payments, records, insurance } = watched;
    let evidence = Arc::clone(evidence);
    let mut all = vec![
        // The board looks at the store and at the queue itself.
        component("counter", ("窓口（API・画面）", "The counter (API and pages)"), nothing_known)?,
        component("sign-in", ("利用者のサインイン", "Sign-in of citizens"), move || {
            look_of(&[identity.pulse()])
        })?,
        component("evidence", ("証跡ログ", "Log of evidence"), move || {
            standing(evidence.intake().check().is_ok())
        })?,
    ];
    for (name, source) in sources.iter() {
        let source = Arc::clone(source);
        let names = (format!("自己情報の照会先 {name}"), format!("Self-information from {name}"));
        all.push(component(&format!("backend:{name}"), (&names.0, &names.1), move || look_of(&source.pulses()))?);
    }
    if records.pulse().is_some() {
        let records = records.clone();
        let look = move || records.pulse().map_or(nothing_known(), |pulse| look_of(&[pulse]));
        all.push(component("provision-records", ("情報提供等記録の照会", "Records of exchanges"), look)?);
    }
    if insurance.pulse().is_some() {
        let insurance = insurance.clone();
        let look = move || insurance.pulse().map_or(nothing_known(), |pulse| look_of(&[pulse]));
        all.push(component(
            "health-insurance",
            ("オンライン資格確認（健康保険証利用の登録）", "Health insurance card registration"),
            look,
        )?);
    }
    if payments.pulse().is_some() {
        let payments = payments.clone();
        let look = move || payments.pulse().map_or(nothing_known(), |pulse| look_of(&[pulse]));
        all.push(component("payments", ("公金決済", "Payments"), look)?);
    }
    if let Some(search) = search {
        // Until the first catalogue is there, nobody knows whether the source answers.
        let look = move || if search.is_read() { standing(true) } else { nothing_known() };
        all.push(component("search", ("制度・手続検索", "Service and procedure search"), look)?);
    }
    let names: Vec<String> = submissions.agencies().map(|agency| agency.name.clone()).collect();
    if !names.is_empty() {
        all.push(component("deliveries", ("申請・届出の送達", "Delivery of filings"), nothing_known)?);
    }
    for name in names {
        let submissions = Arc::clone(submissions);
        let words = (format!("届出先 {name}"), format!("Filings to {name}"));
        let code = format!("agency:{name}");
        let look = move || {
            let pulse = submissions.pulses().find(|(agency, _)| *agency == name).map(|(_, pulse)| pulse);
            pulse.map_or(nothing_known(), |pulse| look_of(&[pulse]))
        };
        all.push(component(&code, (&words.0, &words.1), look)?);
    }
    Ok(all)
}
