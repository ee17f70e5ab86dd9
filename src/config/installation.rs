//! The configuration, read and checked.

use super::certificates::{self, CertificateSettings};
use super::companies::{self, CompanyClient};
use super::reader::{ConfigFaults, Reader};
use super::{agencies, file_drops, health_insurance, linked_services, payments, provision_records, register};
use super::{service_search, signatures, witnesses};
use crate::adapters::agency::AgencySettings;
use crate::adapters::file_drop::FileDropSettings;
use crate::adapters::linkage::LinkedServiceSettings;
use crate::adapters::payment::PaymentSettings;
use crate::adapters::selfinfo::BackendSettings;
use crate::adapters::servicesearch::ServiceSearchSettings;
use crate::adapters::signatures::SignatureSettings;
use crate::adapters::{provisionrecords::ProvisionRecordSettings, qualification::QualificationSettings};
use crate::domain::profile::KeyManagement;
use crate::domain::{Environment, MasterKey, Secret};
use crate::evidence::WitnessSettings;
use crate::protocol::registration::Register;
use crate::telemetry::{LogFormat, LogSettings};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// The certificate and key of our own TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, PEM.
    pub certificate: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
}

/// How connections come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listener {
    /// We terminate TLS ourselves.
    Tls(TlsFiles),
    /// A proxy in front terminates TLS.
    BehindProxy,
}

/// Where and how the counter listens.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// The address that everybody sees, and the issuer.
    pub public_url: Url,
    /// Whom it serves.
    pub environment: Environment,
    /// The address listened on.
    pub listen: SocketAddr,
    /// TLS, or a proxy that did it.
    pub listener: Listener,
    /// Who may name the caller for us.
    pub trusted_proxies: Vec<String>,
    /// Threads; 0 for one for each core.
    pub workers: usize,
    /// How long calls in hand may take to end.
    pub drain: Duration,
}

/// Who we are at the citizens' identity provider.
#[derive(Clone, Debug)]
pub struct IdentityClient {
    /// The provider.
    pub issuer: Url,
    /// Our client id there.
    pub client_id: String,
    /// Our key's name there.
    pub key_id: String,
    /// Our key there, PEM.
    pub private_key: Secret<String>,
}

/// One installation.
#[derive(Debug)]
pub struct Config {
    /// Where and how it listens.
    pub server: ServerSettings,
    /// Whether and how clients show certificates.
    pub client_certificates: Option<CertificateSettings>,
    /// The store's URL.
    pub store_url: Secret<String>,
    /// The hot state's URL.
    pub hot_url: Secret<String>,
    /// What everything sealed hangs on.
    pub master_key: Arc<MasterKey>,
    /// The files that hold it and its predecessors.
    pub master_key_files: Vec<PathBuf>,
    /// How long a key of ours is in use.
    pub key_period: Duration,
    /// How clients may encrypt request objects to us.
    pub request_object_encryption: Vec<KeyManagement>,
    /// Rules, rate plans and data sets.
    pub policies: PathBuf,
    /// Who we are at the identity provider.
    pub identity: IdentityClient,
    /// The system that discloses records of exchanges.
    pub provision_records: Option<ProvisionRecordSettings>,
    /// The systems of オンライン資格確認, likewise.
    pub health_insurance: Option<QualificationSettings>,
    /// Where electronic signatures are made, and what they are held against.
    pub signatures: Option<SignatureSettings>,
    /// Where the catalogue of procedures is read from.
    pub service_search: Option<ServiceSearchSettings>,
    /// Who takes money.
    pub payments: Option<PaymentSettings>,
    /// Who we are at the companies' identity provider, where companies can sign in.
    pub companies: Option<CompanyClient>,
    /// The systems that hold the data.
    pub backends: Vec<BackendSettings>,
    /// The agencies that take filings.
    pub agencies: Vec<AgencySettings>,
    /// What citizens can link their accounts with.
    pub linked_services: Vec<LinkedServiceSettings>,
    /// The folders into which municipalities' applications are put.
    pub file_drops: Vec<FileDropSettings>,
    /// Who may vouch for third parties that register themselves.
    pub register: Option<Arc<Register>>,
    /// Leaves that may wait for the log of evidence.
    pub most_pending: u64,
    /// Who signs the log's heads beside it.
    pub witnesses: Vec<WitnessSettings>,
    /// How many of them an audit demands.
    pub witness_quorum: usize,
    /// Whether a broken clause of the security profile keeps it from being ready.
    pub is_strict: bool,
    /// How it logs.
    pub log: LogSettings,
    /// Where it tells its figures.
    pub metrics: Option<SocketAddr>,
}

impl Config {
    /// Reads a file's text with `variables` laid over it; relative paths start at `base`.
    ///
    /// # Errors
    /// [`ConfigFaults`]: every fault at once.
    pub fn parse(text: &str, variables: &[(String, String)], base: &Path) -> Result<Self, ConfigFaults> {
        let mut reader = Reader::new(text, variables, base);
        let config = Self::read(&mut reader);
        match config {
            Some(config) if !reader.has_faults() => Ok(config),
            _ => Err(reader.into_faults()),
        }
    }

    /// Every part is read before the first missing one ends it, so that every fault is noted.
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let server = read_server(reader);
        let (listener, proxies) = server.as_ref().map(|s| (&s.listener, s.trusted_proxies.as_slice())).unzip();
        let client_certificates = certificates::read(reader, listener, proxies.unwrap_or_default());
        let store_url = url_secret(reader, "store.url", &["sqlite:", "postgres://", "postgresql://"]);
        let hot_url = url_secret(reader, "hot.url", &["memory:", "redis://", "rediss://"]);
        let master_key = read_master_key(reader);
        let master_key_files = master_key_files(reader);
        let key_period = read_key_period(reader);
        let request_object_encryption = read_encryption(reader);
        let policies = reader.text("policies.directory").map(|path| reader.resolve(&path));
        let environment = server.as_ref().map_or(Environment::Production, |server| server.environment);
        let identity = read_identity(reader, environment);
        let companies = companies::read(reader, environment);
        let (provision_records, health_insurance) = (provision_records::read(reader), health_insurance::read(reader));
        let (service_search, signatures) = (service_search::read(reader), signatures::read(reader));
        let payments = payments::read(reader);
        let leaves = |text: &str| text.parse().ok().filter(|leaves| (1..=10_000_000).contains(leaves));
        let most_pending = reader.parsed("evidence.most_pending", "a number from 1 to 10000000", leaves);
        let witnesses = witnesses::read(reader, environment);
        let is_strict = reader.parsed("conformance.strict", "true or false", |text| text.parse::<bool>().ok());
        let log = read_log(reader);
        let metrics = read_metrics(reader);
        let backends = read_backends(reader);
        let agencies = agencies::read(reader);
        let linked_services = linked_services::read(reader);
        let file_drops = file_drops::read(reader);
        let register = register::read(reader);
        Some(Self {
            server: server?,
            client_certificates,
            store_url: store_url?,
            hot_url: hot_url?,
            master_key: Arc::new(master_key?),
            master_key_files,
            key_period: key_period?,
            request_object_encryption: request_object_encryption?,
            policies: policies?,
            identity: identity?,
            companies,
            provision_records,
            health_insurance,
            signatures,
            payments,
            service_search,
            backends,
            agencies,
            linked_services,
            file_drops,
            register,
            most_pending: most_pending?,
            witness_quorum: witnesses.as_ref()?.1,
            witnesses: witnesses?.0,
            is_strict: is_strict?,
            log: log?,
            metrics,
        })
    }
}

fn read_server(reader: &mut Reader<'_>) -> Option<ServerSettings> {
    let public_url = reader.url("server.public_url").filter(|url| {
        // RFC 8414 §2: the issuer is https, without query or fragment; ours has no path either.
        let is_issuer =
            url.scheme() == "https" && url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !is_issuer {
            reader.fault("server.public_url", &format!("{url} is no issuer"), "https, a host, and nothing after it");
        }
        is_issuer
    });
    let environment = reader.parsed("server.environment", "production or sandbox", Environment::parse);
    let listen = reader.parsed("server.listen", "an address and a port, e.g. 0.0.0.0:8443", |text| text.parse().ok());
    let listener = read_listener(reader);
    let trusted_proxies = read_proxies(reader);
    let workers = reader.parsed("server.workers", "a number from 0 to 1024", |text| number(text, 1024));
    let drain = reader.parsed("server.drain_seconds", "a number from 0 to 600", |text| number(text, 600));
    Some(ServerSettings {
        public_url: public_url?,
        environment: environment?,
        listen: listen?,
        listener: listener?,
        trusted_proxies,
        workers: workers?,
        drain: Duration::from_secs(u64::try_from(drain?).ok()?),
    })
}

fn number(text: &str, most: usize) -> Option<usize> {
    text.parse().ok().filter(|number| *number <= most)
}

fn read_listener(reader: &mut Reader<'_>) -> Option<Listener> {
    let is_behind = reader.parsed("server.behind_tls_proxy", "true or false", |text| text.parse::<bool>().ok())?;
    let certificate = reader.text("server.tls_certificate_file").map(|path| reader.resolve(&path));
    let key = reader.text("server.tls_key_file").map(|path| reader.resolve(&path));
    match (is_behind, certificate, key) {
        (true, None, None) => Some(Listener::BehindProxy),
        (false, Some(certificate), Some(key)) => Some(Listener::Tls(TlsFiles { certificate, key })),
        (true, ..) => {
            reader.fault("server.behind_tls_proxy", "is true, but TLS files are named too", "keep one of the two");
            None
        }
        (false, ..) => {
            let fix = "name server.tls_certificate_file and server.tls_key_file, or set server.behind_tls_proxy = true";
            reader.fault("server", "nothing terminates TLS", fix);
            None
        }
    }
}

fn read_proxies(reader: &mut Reader<'_>) -> Vec<String> {
    let mut networks = reader.list("server.trusted_proxies");
    networks.retain(|text| {
        let (address, prefix) = text.split_once('/').unwrap_or((text, "0"));
        let longest = match address.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) => 32,
            Ok(IpAddr::V6(_)) => 128,
            Err(_) => -1,
        };
        let is_network = prefix.parse::<i16>().is_ok_and(|prefix| (0..=longest).contains(&prefix));
        if !is_network {
            reader.fault("server.trusted_proxies", &format!("{text:?} is no network"), "e.g. 192.0.2.7 or 10.0.0.0/8");
        }
        is_network
    });
    networks
}

fn read_backends(reader: &mut Reader<'_>) -> Vec<BackendSettings> {
    let tables = reader.backends();
    if tables.is_empty() {
        reader.fault("backends", "there is none", "add a [[backends]] table");
    }
    let mut read = Vec::new();
    for (number, table) in tables.into_iter().enumerate() {
        let key = format!("backends[{number}]");
        match table.try_into::<BackendSettings>() {
            Ok(mut backend) => {
                if let Err(invalid) = backend.check() {
                    reader.fault(&key, &invalid.fault, "see `madoguchi config example`");
                }
                backend.key_file = reader.resolve(&backend.key_file);
                backend.authorities_file = backend.authorities_file.map(|file| reader.resolve(&file));
                read.push(backend);
            }
            Err(error) => reader.fault(&key, error.message(), "see `madoguchi config example`"),
        }
    }
    read
}

fn url_secret(reader: &mut Reader<'_>, key: &str, schemes: &[&str]) -> Option<Secret<String>> {
    let secret = reader.secret(key)?;
    if schemes.iter().any(|scheme| secret.expose().starts_with(scheme)) {
        return Some(secret);
    }
    reader.fault(key, "is of no kind that we have", &format!("it must start with one of {}", schemes.join(" ")));
    None
}

fn read_master_key(reader: &mut Reader<'_>) -> Option<MasterKey> {
    let former: Vec<_> = reader.list(FORMER).into_iter().filter_map(|path| read_former(reader, &path)).collect();
    let text = reader.secret("keys.master_key")?;
    let present = key_bytes(reader, "keys.master_key", &text)?;
    if former.contains(&present) {
        reader.fault(FORMER, "names the present master key, too", "leave the present one out");
    }
    Some(MasterKey::new(present).with_former(former))
}

const FORMER: &str = "keys.former_master_key_files";

fn read_former(reader: &mut Reader<'_>, path: &str) -> Option<[u8; 32]> {
    let text = reader.read_secret(FORMER, path)?;
    key_bytes(reader, FORMER, &text)
}

fn key_bytes(reader: &mut Reader<'_>, key: &str, text: &Secret<String>) -> Option<[u8; 32]> {
    let bytes = URL_SAFE_NO_PAD.decode(text.expose().trim_end_matches('=')).ok();
    let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    if bytes.is_none() {
        reader.fault(key, "does not read", "it must be 32 bytes in base64url: 43 characters");
    }
    bytes
}

/// The files of master keys, present and former, as the configuration names them.
fn master_key_files(reader: &mut Reader<'_>) -> Vec<PathBuf> {
    let files = reader.given("keys.master_key_file").into_iter().chain(reader.list(FORMER)).collect::<Vec<_>>();
    files.iter().map(|file| reader.resolve(file)).collect()
}

fn read_key_period(reader: &mut Reader<'_>) -> Option<Duration> {
    let days = |text: &str| text.parse::<u32>().ok().filter(|days| (2..=3650).contains(days));
    let days = reader.parsed("keys.rotation_days", "a number of days from 2 to 3650", days)?;
    Some(Duration::from_hours(24) * days)
}

fn read_encryption(reader: &mut Reader<'_>) -> Option<Vec<KeyManagement>> {
    let algorithms = |text: &str| text.split_whitespace().map(KeyManagement::parse).collect();
    let form = "ECDH-ES, RSA-OAEP-256, or both with a space between them";
    reader.parsed("keys.request_object_encryption", form, algorithms)
}

fn read_identity(reader: &mut Reader<'_>, environment: Environment) -> Option<IdentityClient> {
    let is_sandbox = environment == Environment::Sandbox;
    let issuer = reader.url("identity.issuer").filter(|url| {
        let is_safe = url.scheme() == "https" || (is_sandbox && is_loopback_http(url));
        if !is_safe {
            let fix =
                "give the provider's https address; http on a loopback host only where server.environment is sandbox";
            reader.fault("identity.issuer", &format!("{url} is not https"), fix);
        }
        is_safe
    });
    let client_id = reader.text("identity.client_id");
    let key_id = reader.text("identity.key_id");
    let private_key = reader.secret("identity.private_key");
    Some(IdentityClient { issuer: issuer?, client_id: client_id?, key_id: key_id?, private_key: private_key? })
}

pub(super) fn is_loopback_http(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && is_loopback
}

fn read_log(reader: &mut Reader<'_>) -> Option<LogSettings> {
    let format = reader.parsed("log.format", "json or text", |text| match text {
        "json" => Some(LogFormat::Json),
        "text" => Some(LogFormat::Text),
        _ => None,
    });
    Some(LogSettings { format: format?, filter: reader.text("log.filter")? })
}

fn read_metrics(reader: &mut Reader<'_>) -> Option<SocketAddr> {
    reader.text("metrics.listen")?;
    reader.parsed("metrics.listen", "an address and a port, e.g. 127.0.0.1:9464", |text| text.parse().ok())
}

#[cfg(test)]
mod tests;
