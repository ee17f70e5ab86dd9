//! `madoguchi serve`: one installation.

use super::deployment;
use super::ground::{self, Ground, Rules};
use super::metrics;
use super::reload::ReloadSignal;
use super::server::{self, Door};
use super::tls::{self, Asks};
use super::wire::{Counter, Plan};
use crate::adapters::assertion::AssertionSigner;
use crate::adapters::identity::{CompanySettings, IdentitySettings};
use crate::adapters::linkage::{LinkedServicePlan, LinkedServiceSettings};
use crate::adapters::outward::Reach;
use crate::adapters::selfinfo::BackendSettings;
use crate::config::{self, CertificateSettings, Config, Listener};
use crate::domain::chain::Anchors;
use crate::domain::lifecycle::TABLE;
use crate::domain::{Environment, Secret, SystemClock, SystemEntropy};
use crate::http::conformance::State;
use crate::http::edge::Network;
use crate::issuer::Rotation;
use crate::protocol::certificate::{Authorities, CertificateRules};
use crate::telemetry;
use anyhow::Context as _;
use std::path::Path;
use std::sync::Arc;

/// Serves until it is asked to stop.
///
/// # Errors
/// Every fault of the configuration, or the one that kept it from starting.
pub async fn run(path: Option<&Path>) -> anyhow::Result<()> {
    let config = config::load::load(path)?;
    telemetry::start(&config.log)?;
    let stop = server::StopSignal::listen()?;
    let reload = ReloadSignal::listen()?;
    let (door, second) = doors(&config)?;
    let (drain, workers, metrics) = (config.server.drain, workers(config.server.workers), config.metrics);
    let counter = Arc::new(counter(config).await?);
    let looked_at = Arc::clone(&counter);
    let metrics = metrics::start(metrics, "metrics.listen", &counter.ground().store)?;
    let running = server::start(counter, door, workers, second)?;
    let [second, metrics] = [running.second, metrics].map(|address| address.map(tracing::field::display));
    tracing::info!(
        address = %running.address, certificates.address = second, metrics.address = metrics, workers, "the counter is open"
    );
    tokio::spawn(async move { tell_conformance(&looked_at).await });
    tokio::spawn(reload.follow(Arc::clone(running.counter().policies())));
    stop.requested().await?;
    tracing::info!("the counter closes");
    running.stop(drain).await;
    Ok(())
}

/// Where callers come in: clients with certificates at a door of their own when they have one, else where all do.
fn doors(config: &Config) -> anyhow::Result<(Door, Option<Door>)> {
    let own = config.client_certificates.as_ref().map(|certificates| certificates.listen);
    let tls = |asks| match &config.server.listener {
        Listener::Tls(files) => tls::config(&files.certificate, &files.key, asks).map(Some),
        Listener::BehindProxy => Ok(None),
    };
    let asks = if own == Some(None) { Asks::Everybody } else { Asks::Nobody };
    let door = Door { listener: server::bind(config.server.listen, "server.listen")?, tls: tls(asks)? };
    let second = match own.flatten() {
        Some(listen) => {
            let listener = server::bind(listen, "client_certificates.listen")?;
            Some(Door { listener, tls: tls(Asks::Everybody)? })
        }
        None => None,
    };
    Ok((door, second))
}

/// Puts the build to its test while it begins to serve, and says what is broken.
async fn tell_conformance(counter: &Counter) {
    let report = counter.conformance().report().await;
    for clause in report.broken() {
        let saw = clause.findings.iter().find(|finding| finding.state == State::Broken);
        let saw = saw.map_or("", |finding| finding.saw.as_str());
        tracing::warn!(clause.id = %clause.id, saw, "a clause of the security profile is broken");
    }
}

/// One worker for each core when the operator says 0.
fn workers(said: usize) -> usize {
    if said > 0 { said } else { std::thread::available_parallelism().map_or(2, std::num::NonZero::get) }
}

/// The engines that the configuration names.
pub async fn ground(config: &mut Config) -> anyhow::Result<Ground> {
    let urls = (config.store_url.expose().as_str(), config.hot_url.expose().as_str());
    Ground::open(urls, Arc::clone(&config.master_key), Arc::new(SystemClock), Arc::new(SystemEntropy)).await
}

async fn counter(mut config: Config) -> anyhow::Result<Counter> {
    let ground = ground(&mut config).await?;
    ground::prove(&config.policies)?;
    let rules = Rules::load(&config.policies, Arc::clone(&ground.hot))?;
    Counter::build(ground, rules, plan(config)?).await
}

/// What the configuration says besides engines and rules.
pub fn plan(config: Config) -> anyhow::Result<Plan> {
    let deployment = deployment::of(&config);
    let public_url = config.server.public_url.as_str().trim_end_matches('/').to_owned();
    let identity = IdentitySettings {
        issuer: config.identity.issuer.as_str().trim_end_matches('/').to_owned(),
        client_id: config.identity.client_id,
        redirect_uri: format!("{public_url}/sign-in/callback"),
    };
    let identity_key = AssertionSigner::from_pem(&config.identity.private_key, &config.identity.key_id)
        .context("identity.private_key")?;
    let companies = config.companies.map(|us| CompanySettings {
        // As it is: this provider's issuer ends with a slash.
        issuer: us.issuer,
        client_id: us.client_id,
        client_secret: us.client_secret,
        redirect_uri: format!("{public_url}/company/sign-in/callback"),
        scopes: us.scopes,
    });
    let backends = config.backends.into_iter().map(with_key).collect::<anyhow::Result<_>>()?;
    let proxies = config.server.trusted_proxies.iter();
    let trusted_proxies = proxies.filter_map(|address| Network::parse(address)).collect();
    let certificates = certificate_rules(config.client_certificates.as_ref())?;
    let certificate_field = config.client_certificates.and_then(|certificates| certificates.proxy_field);
    // A third party that is tried among made-up persons may run beside us.
    let this_machine = config.server.environment == Environment::Sandbox;
    Ok(Plan {
        lifecycle: TABLE,
        public_url,
        agencies: config.agencies,
        linked_services: config.linked_services.into_iter().map(linked_service).collect::<anyhow::Result<_>>()?,
        file_drops: config.file_drops,
        rotation: Rotation { period: config.key_period, ..Rotation::default() },
        request_object_encryption: config.request_object_encryption,
        identity,
        identity_key,
        companies,
        backends,
        provision_records: config.provision_records,
        health_insurance: config.health_insurance,
        signatures: config.signatures,
        trusted_proxies,
        certificates,
        certificate_field,
        register: config.register,
        reach: Reach { this_machine, ..Reach::default() },
        service_search: config.service_search,
        payments: config.payments,
        most_pending: config.most_pending,
        witnesses: config.witnesses,
        deployment,
        environment: config.server.environment,
    })
}

fn certificate_rules(settings: Option<&CertificateSettings>) -> anyhow::Result<CertificateRules> {
    let Some(settings) = settings else { return Ok(CertificateRules::default()) };
    let authorities = match &settings.authorities {
        Some(path) => {
            let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            Some(Authorities::from_pem(&text).map_err(|error| anyhow::anyhow!("the file {} {error}", path.display()))?)
        }
        None => None,
    };
    let public_url = settings.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
    Ok(CertificateRules { is_offered: true, public_url, authorities })
}

/// A linked service, with what its files hold.
fn linked_service(settings: LinkedServiceSettings) -> anyhow::Result<LinkedServicePlan> {
    match settings {
        LinkedServiceSettings::SignOn(site) => Ok(LinkedServicePlan::SignOn(site)),
        LinkedServiceSettings::PrivateDelivery(provider) => {
            let read = |file: &Path| {
                let context = || format!("linked service {}: cannot read {}", provider.code, file.display());
                std::fs::read_to_string(file).with_context(context)
            };
            let key = Secret::new(read(&provider.key_file)?);
            let anchors = Anchors::from_pem(&read(&provider.anchors_file)?);
            let anchors =
                anchors.with_context(|| format!("{} holds no certificate in PEM", provider.anchors_file.display()))?;
            Ok(LinkedServicePlan::Delivery(provider, key, anchors))
        }
    }
}

fn with_key(settings: BackendSettings) -> anyhow::Result<(BackendSettings, Secret<String>)> {
    let key = std::fs::read_to_string(&settings.key_file)
        .with_context(|| format!("backend {:?}: cannot read {}", settings.name, settings.key_file.display()))?;
    Ok((settings, Secret::new(key)))
}
