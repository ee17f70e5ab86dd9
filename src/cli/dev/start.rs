//! Starts gateway and sandbox together; `dev` and the integration tests come here.

use super::super::ground::{Ground, Rules};
use super::super::metrics;
use super::super::server::{self, Server};
use super::super::wire::{Counter, Plan};
use super::clients::{self, Listed};
use super::directory::Directory;
use super::{key, linkage, signatures};
use crate::adapters::agency::AgencySettings;
use crate::adapters::asserting::AssertingSettings;
use crate::adapters::assertion::AssertionSigner;
use crate::adapters::file_drop::FileDropSettings;
use crate::adapters::identity::{CompanySettings, IdentitySettings};
use crate::adapters::outward::Reach;
use crate::adapters::payment::PaymentSettings;
use crate::adapters::provisionrecords::ProvisionRecordSettings;
use crate::adapters::qualification::QualificationSettings;
use crate::adapters::selfinfo::BackendSettings;
use crate::adapters::servicesearch::ServiceSearchSettings;
use crate::adapters::signatures::CALLBACK;
use crate::catalog::municipalities::MunicipalityCode;
use crate::domain::company_scope::CompanyScope;
use crate::domain::lifecycle::TABLE;
use crate::domain::profile::KeyManagement;
use crate::domain::{Clock, Entropy, Environment, Secret};
use crate::http::conformance::Deployment;
use crate::issuer::Rotation;
use crate::protocol::certificate::CertificateRules;
use crate::protocol::jose::KeySet;
use crate::protocol::registration::Register;
use crate::sandbox::tax_site::TaxSiteSettings;
use crate::sandbox::{self, RelyingParty};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Our secret at the sandbox's provider of companies: it guards made-up companies, on this machine.
const COMPANY_SECRET: &str = "made-up-companies-only";
/// Where that provider sends browsers back to.
const COMPANY_CALLBACK: &str = "/company/sign-in/callback";
/// Our client id at the sandbox's identity provider.
const IDENTITY_CLIENT_ID: &str = "madoguchigateway";

/// Our client id at the sandbox's IF001.
const INQUIRY_CLIENT_ID: &str = "SP12345678_AB1234";

/// Who vouches for third parties in `dev`: made up, like everybody there.
pub const REGISTER_ISSUER: &str = "https://register.example";

/// What `dev` is told.
#[derive(Clone, Debug)]
pub struct DevSettings {
    /// Port of the counter; 0 takes a free one.
    pub port: u16,
    /// Port of the sandbox; 0 takes a free one.
    pub sandbox_port: u16,
    /// Where files are kept.
    pub directory: PathBuf,
    /// The address that everybody uses; `http://localhost` and the port when not given.
    pub public_url: Option<Url>,
    /// Rules, rate plans and data sets.
    pub policies: PathBuf,
    /// The store's URL; a file in the directory when not given.
    pub store_url: Option<String>,
    /// The hot state's URL.
    pub hot_url: String,
    /// Threads of the counter.
    pub workers: usize,
    /// A sandbox that runs elsewhere (`madoguchi sandbox`); one is started here when not given.
    pub sandbox_url: Option<Url>,
    /// Port of the figures; 0 takes a free one. They are not told when not given.
    pub metrics_port: Option<u16>,
    /// Whether the catalogue of procedures is read from the sandbox.
    pub reads_services: bool,
    /// The folders into which municipalities' applications are put.
    pub file_drops: Vec<FileDropSettings>,
}

/// The pretend government behind the counter.
pub struct Government {
    /// The address that callers see, without a slash at its end.
    pub public_url: String,
    identity_issuer: String,
    company_issuer: String,
    inquiry_base: String,
    /// The one started here, if it was.
    pub own: Option<sandbox::Running>,
}

impl Government {
    fn own(running: sandbox::Running) -> Self {
        Self {
            public_url: running.public_url.as_str().trim_end_matches('/').to_owned(),
            company_issuer: running.corporate_issuer().to_owned(),
            identity_issuer: running.identity_issuer().to_owned(),
            inquiry_base: running.inquiry_base().to_owned(),
            own: Some(running),
        }
    }

    fn apart(url: &Url) -> Self {
        let public_url = url.as_str().trim_end_matches('/').to_owned();
        Self {
            company_issuer: format!("{public_url}{}", sandbox::COMPANY_PATH),
            identity_issuer: format!("{public_url}{}", sandbox::IDENTITY_PATH),
            inquiry_base: format!("{public_url}{}", sandbox::INQUIRY_PATH),
            public_url,
            own: None,
        }
    }
}

/// A gateway and a pretend government, both listening.
pub struct Dev {
    /// The address of the counter, without a slash at its end: also the issuer.
    pub public_url: String,
    /// The counter.
    pub server: Server,
    /// The pretend government.
    pub sandbox: Government,
    /// The ready-made third parties.
    pub clients: Vec<Listed>,
    /// Where figures are told.
    pub metrics: Option<SocketAddr>,
}

/// Starts both; they are answering when this returns. Call it inside a tokio runtime.
///
/// # Errors
/// One line for a taken port; else what kept either from starting.
pub async fn start(settings: DevSettings, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> anyhow::Result<Dev> {
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = server::bind(loopback(settings.port), "--port")?;
    let public_url = match &settings.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://localhost:{}", listener.local_addr()?.port()),
    };
    // Looked at now so that a taken port is told before any file is made; the sandbox binds it again.
    let sandbox_port = match settings.sandbox_url {
        None => server::bind(loopback(settings.sandbox_port), "--sandbox-port")?.local_addr()?.port(),
        Some(_) => 0,
    };
    let directory = Directory::open(&settings.directory)?;
    let gateway_key = directory.gateway_key()?;
    let jwk = key::public_jwk(&gateway_key)?;
    directory.write_gateway_jwks(&json!({"keys": [jwk]}))?;
    let master = Arc::new(directory.master_key(&*entropy)?);
    let store_url = settings.store_url.clone().unwrap_or_else(|| directory.store_url());
    let ground =
        Ground::open((&store_url, &settings.hot_url), master, Arc::clone(&clock), Arc::clone(&entropy)).await?;
    let rules = Rules::load(&settings.policies, Arc::clone(&ground.hot))?;
    let sandbox = if let Some(url) = &settings.sandbox_url {
        Government::apart(url)
    } else {
        let mut told = sandbox_settings((loopback(sandbox_port), sandbox_port), &public_url, &jwk)?;
        told.procedures = Arc::clone(&rules.procedures);
        told.standards = Arc::clone(&rules.standards);
        told.tax_site = Some(TaxSiteSettings { issuer: public_url.clone(), client_id: linkage::TAX_CLIENT.to_owned() });
        Government::own(sandbox::start(&told, &rules.catalog, clock, entropy)?)
    };
    let clients = clients::register(&directory, &public_url, &*ground.store, ground.clock.now()).await?;
    let backends: Vec<String> = rules.catalog.backends().iter().map(|name| (*name).to_owned()).collect();
    let e_gov = super::egov::agency(&sandbox.public_url, sandbox.own.is_some(), directory.path())?;
    let mut plan = plan(&public_url, &sandbox, (&gateway_key, &key::kid(&jwk)), (&backends, e_gov))?;
    plan.service_search = settings.reads_services.then(|| service_search(&sandbox.public_url)).transpose()?;
    plan.file_drops = settings.file_drops;
    plan.register = Some(Arc::new(register(&directory)?));
    if let Some(own) = &sandbox.own {
        // Its key is made at each start, and so it is registered at each start.
        let client = linkage::tax_client(&sandbox.public_url, own.tax_site().jwks())?;
        ground.store.put_client(&client, ground.clock.now()).await?;
        plan.linked_services.push(linkage::tax_site(&sandbox.public_url)?);
    }
    let counter = Arc::new(Counter::build(ground, rules, plan).await?);
    let metrics = metrics::start(settings.metrics_port.map(loopback), "--metrics-port", &counter.ground().store)?;
    let server = server::start(counter, listener, settings.workers, None)?;
    Ok(Dev { public_url, server, sandbox, clients, metrics })
}

fn sandbox_settings(
    (listen, port): (SocketAddr, u16),
    gateway: &str,
    jwk: &Value,
) -> anyhow::Result<sandbox::Settings> {
    let party = relying_party(json!({"keys": [jwk]}), format!("{gateway}/sign-in/callback"));
    let mut settings = sandbox::Settings::new(listen, vec![party]);
    settings.public_url = Some(Url::parse(&format!("http://localhost:{port}/"))?);
    Ok(settings)
}

/// The made-up register, whose statements `madoguchi clients statement` makes.
fn register(directory: &Directory) -> anyhow::Result<Register> {
    let keys = KeySet::parse(&json!({"keys": [key::public_jwk(&directory.register_key()?)?]}))?;
    Ok(Register { issuer: REGISTER_ISSUER.to_owned(), keys })
}

/// The gateway as the sandbox has it registered.
pub fn relying_party(jwks: Value, redirect_uri: String) -> RelyingParty {
    let company = redirect_uri.replace("/sign-in/callback", COMPANY_CALLBACK);
    let links = redirect_uri.replace("/sign-in/callback", linkage::CALLBACK);
    let signing = redirect_uri.replace("/sign-in/callback", CALLBACK);
    RelyingParty {
        identity_client_id: IDENTITY_CLIENT_ID.to_owned(),
        inquiry_client_id: INQUIRY_CLIENT_ID.to_owned(),
        jwks,
        redirect_uris: vec![redirect_uri, company, links, signing],
        corporate_client_secret: Some(Secret::new(COMPANY_SECRET.to_owned())),
    }
}

/// The sandbox stands for every backend that the catalogue names.
fn plan(
    public_url: &str,
    sandbox: &Government,
    (key, kid): (&Secret<String>, &str),
    (backends, e_gov): (&[String], AgencySettings),
) -> anyhow::Result<Plan> {
    let backend = |name: &String| -> anyhow::Result<(BackendSettings, Secret<String>)> {
        // The rest has defaults that only reading gives.
        let settings = json!({
            "name": name,
            "base_url": sandbox.inquiry_base,
            "client_id": INQUIRY_CLIENT_ID,
            "key_file": "gateway-key.pem",
            "kid": kid,
            "callback_base": public_url,
            "forwards_scenario": true,
        });
        Ok((serde_json::from_value(settings)?, key.clone()))
    };
    Ok(Plan {
        lifecycle: TABLE,
        agencies: agencies(&sandbox.public_url)?.into_iter().chain([e_gov]).collect(),
        linked_services: linkage::linked_services(&sandbox.public_url, IDENTITY_CLIENT_ID, (key, kid))?,
        file_drops: Vec::new(),
        rotation: Rotation::default(),
        // An RSA key would take too long to make at a start.
        request_object_encryption: vec![KeyManagement::EcdhEs],
        public_url: public_url.to_owned(),
        identity: IdentitySettings {
            issuer: sandbox.identity_issuer.clone(),
            client_id: IDENTITY_CLIENT_ID.to_owned(),
            redirect_uri: format!("{public_url}/sign-in/callback"),
        },
        identity_key: AssertionSigner::from_pem(key, kid)?,
        companies: Some(CompanySettings {
            issuer: sandbox.company_issuer.clone(),
            client_id: IDENTITY_CLIENT_ID.to_owned(),
            client_secret: Secret::new(COMPANY_SECRET.to_owned()),
            redirect_uri: format!("{public_url}{COMPANY_CALLBACK}"),
            scopes: CompanyScope::ALL.to_vec(),
        }),
        backends: backends.iter().map(backend).collect::<anyhow::Result<_>>()?,
        provision_records: Some(provision_records(&sandbox.public_url, (key, kid))?),
        health_insurance: Some(health_insurance(&sandbox.public_url, (key, kid))?),
        // Who vouches for certificates is known of a sandbox of this process alone.
        signatures: sandbox.own.as_ref().map(|_| signatures::settings(&sandbox.public_url)).transpose()?,
        trusted_proxies: Vec::new(),
        certificates: CertificateRules::default(),
        certificate_field: None,
        register: None,
        // Whoever develops a third party does so on this machine.
        reach: Reach { this_machine: true, ..Reach::default() },
        service_search: None,
        payments: Some(payments(&sandbox.public_url)?),
        most_pending: 100_000,
        witnesses: Vec::new(),
        deployment: Deployment::local(std::env::temp_dir()),
        environment: Environment::Sandbox,
    })
}

/// Who the gateway is where it asks by assertions: known as at IF001.
fn inquirer((key, kid): (&Secret<String>, &str)) -> AssertingSettings {
    AssertingSettings {
        client_id: INQUIRY_CLIENT_ID.to_owned(),
        key_id: kid.to_owned(),
        private_key: key.clone(),
        authorities_file: None,
        call_timeout: Duration::from_secs(5),
    }
}

/// The pretend system that discloses records of exchanges; the gateway is known there as at IF001.
///
/// # Errors
/// When the address cannot be read.
pub fn provision_records(sandbox: &str, key: (&Secret<String>, &str)) -> anyhow::Result<ProvisionRecordSettings> {
    Ok(ProvisionRecordSettings {
        base_url: Url::parse(&format!("{}{}", sandbox.trim_end_matches('/'), sandbox::records::PATH))?,
        account: inquirer(key),
    })
}

/// The pretend systems of オンライン資格確認; the gateway is known there as at IF001.
///
/// # Errors
/// When an address cannot be read.
pub fn health_insurance(sandbox: &str, key: (&Secret<String>, &str)) -> anyhow::Result<QualificationSettings> {
    let base = sandbox.trim_end_matches('/');
    Ok(QualificationSettings {
        insurers_url: Url::parse(&format!("{base}{}", sandbox::qualification::INSURERS_PATH))?,
        base_url: Url::parse(&format!("{base}{}", sandbox::qualification::PATH))?,
        account: inquirer(key),
    })
}

/// The pretend payment service.
///
/// # Errors
/// When the address cannot be read.
pub fn payments(sandbox: &str) -> anyhow::Result<PaymentSettings> {
    let base = sandbox.trim_end_matches('/');
    Ok(PaymentSettings {
        base_url: Url::parse(&format!("{base}{}", sandbox::payment::PATH))?,
        shop: sandbox::payment::SHOP.to_owned(),
        secret: Secret::new(sandbox::payment::SECRET.to_owned()),
        authorities_file: None,
        call_timeout: Duration::from_secs(5),
    })
}

/// The pretend search web service.
///
/// # Errors
/// When the address cannot be read.
pub fn service_search(sandbox: &str) -> anyhow::Result<ServiceSearchSettings> {
    let base = sandbox.trim_end_matches('/');
    let codes = sandbox::services::municipalities();
    let municipalities = codes.iter().map(|code| MunicipalityCode::parse(code)).collect::<Result<_, _>>()?;
    Ok(ServiceSearchSettings {
        base_url: Url::parse(&format!("{base}{}", sandbox::services::PATH))?,
        id: sandbox::services::ID.to_owned(),
        password: Secret::new(sandbox::services::PASSWORD.to_owned()),
        authorities_file: None,
        municipalities,
        // So that a change at the pretend municipality is soon seen.
        every: Duration::from_secs(3),
        call_timeout: Duration::from_secs(5),
    })
}

/// The pretend government's agencies. They are asked more often than real ones like to be, so that one sees something.
///
/// # Errors
/// When the address cannot be read.
pub fn agencies(sandbox: &str) -> anyhow::Result<Vec<AgencySettings>> {
    let agency = |(name, repeats): &(&str, &str)| {
        Ok(serde_json::from_value(json!({
            "name": name,
            "base_url": format!("{sandbox}{}/{name}", sandbox::agencies::PATH),
            "procedures": sandbox::agencies::procedures_of(name),
            "repeats": repeats,
            "corporate_number": sandbox::agencies::NUMBERS.iter().find(|(own, _)| own == name).map(|(_, number)| number),
            "call_timeout_seconds": 2,
            "look_up_after_seconds": 3,
            "look_every_seconds": 1,
            "first_pause_millis": 200,
            "longest_pause_seconds": 5,
        }))?)
    };
    let pension_office = serde_json::from_value(json!({
        "name": sandbox::agencies::PENSION_OFFICE,
        "kind": "pension",
        "base_url": format!("{sandbox}{}/{}", sandbox::agencies::PATH, sandbox::agencies::PENSION_OFFICE),
        "procedures": sandbox::agencies::FORMS,
        "repeats": "by_key",
        "largest_content": 16 * 1024 * 1024,
        "call_timeout_seconds": 10,
        "look_up_after_seconds": 12,
        "look_every_seconds": 1,
        "first_pause_millis": 200,
        "longest_pause_seconds": 5,
    }))?;
    sandbox::agencies::AGENCIES
        .iter()
        .chain(&sandbox::agencies::FOUNDING)
        .map(agency)
        .chain([Ok(pension_office)])
        .collect()
}

impl Dev {
    /// Stops both, in less than `drain` and a second.
    pub async fn stop(self, drain: Duration) {
        let sandbox = async {
            if let Some(own) = self.sandbox.own {
                own.stop().await;
            }
        };
        tokio::join!(self.server.stop(drain), sandbox);
    }
}
