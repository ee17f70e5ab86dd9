//! An installation of one or more gateways and the pretend government, each link of which can be cut.
//!
//! Every gateway is put together by the composition root that `serve` uses. Store, hot state and backend are reached
//! through a [`Proxy`] where they are reached over a network at all.

use super::clock::ShiftedClock;
use super::engines::{TestStore, hot_url, master, new_store};
use super::mutual::Mutual;
use super::proxy::Proxy;
use super::registered::registration;
use crate::support::played::citizen::Citizen;
use crate::support::played::third_party::ThirdParty;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use madoguchi::adapters::assertion::AssertionSigner;
use madoguchi::adapters::identity::IdentitySettings;
use madoguchi::adapters::outward::Reach;
use madoguchi::catalog::services::Standards;
use madoguchi::cli::ground::{Ground, Rules};
use madoguchi::cli::install_cryptography;
use madoguchi::cli::server::{self, Door, Server};
use madoguchi::cli::wire::{Counter, Plan};
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::profile::KeyManagement;
use madoguchi::domain::{Clock, Entropy, Environment, Secret, SystemEntropy};
use madoguchi::http::conformance::Deployment;
use madoguchi::issuer::Rotation;
use madoguchi::protocol::certificate::CertificateRules;
use madoguchi::protocol::jose::{Es256Signer, Signer as _};
use madoguchi::sandbox::{self, RelyingParty, Running};
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use url::Url;

const IDENTITY_CLIENT_ID: &str = "madoguchigateway";
const INQUIRY_CLIENT_ID: &str = "SP12345678_AB1234";

/// The links that can be cut; an embedded engine has none.
pub struct Links {
    /// To the store.
    pub store: Option<Proxy>,
    /// To the hot state.
    pub hot: Option<Proxy>,
    /// To the pretend government, for gateways and browsers alike.
    pub government: Proxy,
}

/// One gateway.
pub struct Node {
    /// Its own address; the installation's public address is the first one's.
    pub url: String,
    _server: Server,
}

/// A running installation.
pub struct Installation {
    /// What everybody calls it: the issuer.
    pub public_url: String,
    /// What can be cut.
    pub links: Links,
    /// Its gateways.
    pub nodes: Vec<Node>,
    /// The time of its gateways.
    pub clock: Arc<ShiftedClock>,
    /// The pretend government.
    pub sandbox: Running,
    /// Its store, reached directly.
    pub store: TestStore,
    /// Its second door, if it has one.
    pub mutual: Option<Mutual>,
}

/// Our key at the pretend government.
struct GatewayKey {
    pem: Secret<String>,
    signer: Es256Signer,
}

impl GatewayKey {
    fn generate() -> Self {
        let (signer, document) = Es256Signer::generate().expect("a key");
        Self { pem: Secret::new(pem_of(document.expose())), signer }
    }
}

/// A PKCS#8 document as PEM (RFC 7468 §10).
fn pem_of(document: &[u8]) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(document))
}

fn free_listener() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).expect("a free port")
}

fn port_of(listener: &TcpListener) -> u16 {
    listener.local_addr().expect("an address").port()
}

/// The URL with a proxy's address for its server's, and the proxy; an embedded engine's URL as it is.
async fn linked(url: &str) -> (String, Option<Proxy>) {
    let Some((_, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let address = authority.rsplit('@').next().unwrap_or(authority);
    let proxy = Proxy::to(address).await;
    (url.replacen(address, &proxy.address.to_string(), 1), Some(proxy))
}

impl Installation {
    /// Starts `count` gateways on one store and one hot state.
    pub async fn start(count: usize) -> Self {
        Self::start_with(count, None, |_| ()).await
    }

    /// Starts one gateway with a second door, which asks for client certificates.
    pub async fn start_mutual() -> Self {
        Self::start_with(1, Some(Mutual::open()), |_| ()).await
    }

    /// Starts `count` gateways, each planned otherwise by `change`.
    pub async fn start_changed(count: usize, change: impl Fn(&mut Plan)) -> Self {
        Self::start_with(count, None, change).await
    }

    async fn start_with(count: usize, mutual: Option<(Mutual, Door)>, change: impl Fn(&mut Plan)) -> Self {
        install_cryptography();
        let store = new_store().await;
        let (store_url, store_link) = linked(&store.url).await;
        let (hot_url, hot_link) = linked(&hot_url()).await;
        let clock = Arc::new(ShiftedClock::default());
        let listeners: Vec<TcpListener> = (0..count).map(|_| free_listener()).collect();
        let public_url = format!("http://localhost:{}", port_of(&listeners[0]));
        let key = GatewayKey::generate();
        let (sandbox, government) = government(&public_url, &key, Arc::clone(&clock) as _).await;
        let master = master();
        let (mutual, mut second) = mutual.unzip();
        let mut nodes = Vec::new();
        for listener in listeners {
            let url = format!("http://localhost:{}", port_of(&listener));
            let urls = (store_url.as_str(), hot_url.as_str());
            let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
            let ground = Ground::open(urls, Arc::clone(&master), Arc::clone(&clock) as _, entropy).await;
            let ground = ground.expect("the engines open");
            let rules = Rules::load(Path::new("policies"), Arc::clone(&ground.hot)).expect("the rules load");
            let mut plan = plan(&public_url, &sandbox, &key, &rules);
            plan.certificates = mutual.as_ref().map(Mutual::rules).unwrap_or_default();
            change(&mut plan);
            let counter = Arc::new(Counter::build(ground, rules, plan).await.expect("a counter"));
            let server = server::start(counter, listener, 1, second.take()).expect("a server");
            nodes.push(Node { url, _server: server });
        }
        let links = Links { store: store_link, hot: hot_link, government };
        Self { public_url, links, nodes, clock, sandbox, store, mutual }
    }

    /// Registers a third party under a rate plan, and gives its own software.
    pub async fn party(&self, id: &str, class: ClientClass, rate_plan: &str) -> ThirdParty {
        let (signer, document) = Es256Signer::generate().expect("a key");
        let mut client = registration(id, class, signer.public_jwk());
        client.rate_plan = rate_plan.to_owned();
        self.store.store.put_client(&client, self.clock.now()).await.expect("a registration");
        let file = json!({
            "client_id": id,
            "issuer": self.public_url,
            "redirect_uri": client.redirect_uris[0],
            "scope": "openid offline_access catalog self_information",
            "purpose": client.purposes[0].code,
            "alg": "ES256",
            "kid": signer.kid(),
            "private_key_pem": pem_of(document.expose()),
        });
        ThirdParty::open(serde_json::from_value(file).expect("a client file")).await.expect("a third party")
    }

    /// Somebody with a card, at a browser.
    pub fn citizen(&self) -> Citizen {
        let person = self.sandbox.persons.iter().find(|person| !person.is_suspended).expect("a person");
        Citizen::new(&person.card_number, &person.pin).expect("a browser")
    }
}

async fn government(public_url: &str, key: &GatewayKey, clock: Arc<dyn Clock>) -> (Running, Proxy) {
    // Let go of before the sandbox takes it: it binds its address itself.
    let listen: SocketAddr = ([127, 0, 0, 1], port_of(&free_listener())).into();
    let link = Proxy::to(&listen.to_string()).await;
    let party = RelyingParty {
        identity_client_id: IDENTITY_CLIENT_ID.to_owned(),
        inquiry_client_id: INQUIRY_CLIENT_ID.to_owned(),
        jwks: json!({"keys": [key.signer.public_jwk()]}),
        redirect_uris: ["sign-in", "links", "signatures"].map(|what| format!("{public_url}/{what}/callback")).to_vec(),
        corporate_client_secret: None,
    };
    let mut settings = sandbox::Settings::new(listen, vec![party]);
    let seen_as = format!("http://localhost:{}/", link.address.port());
    settings.public_url = Some(Url::parse(&seen_as).expect("an address"));
    let standards = Standards::load(Path::new("policies/services")).expect("the standards load");
    settings.standards = Arc::new(standards);
    let client_id = madoguchi::cli::dev::TAX_CLIENT.to_owned();
    settings.tax_site = Some(sandbox::tax_site::TaxSiteSettings { issuer: public_url.to_owned(), client_id });
    let catalog = madoguchi::catalog::Catalog::load(Path::new("policies/data-sets")).expect("the catalogue loads");
    let running = sandbox::start(&settings, &catalog, clock, Arc::new(SystemEntropy)).expect("the sandbox starts");
    (running, link)
}

fn plan(public_url: &str, sandbox: &Running, key: &GatewayKey, rules: &Rules) -> Plan {
    let backend = |name: &&str| {
        let settings: Value = json!({
            "name": name,
            "base_url": sandbox.inquiry_base(),
            "client_id": INQUIRY_CLIENT_ID,
            "key_file": "gateway-key.pem",
            "kid": key.signer.kid(),
            "callback_base": public_url,
            "deadline_seconds": 20,
            "call_timeout_seconds": 3,
            "forwards_scenario": true,
        });
        (serde_json::from_value(settings).expect("a backend"), key.pem.clone())
    };
    let agencies = sandbox.public_url.as_str().trim_end_matches('/').to_owned();
    let us = (&key.pem, key.signer.kid());
    let linked = madoguchi::cli::dev::linked_services(&agencies, IDENTITY_CLIENT_ID, us);
    Plan {
        lifecycle: madoguchi::domain::lifecycle::TABLE,
        linked_services: linked.expect("linked services"),
        file_drops: Vec::new(),
        agencies: madoguchi::cli::dev::agencies(&agencies).expect("agencies"),
        rotation: Rotation::default(),
        // An RSA key would take too long to make at a start.
        request_object_encryption: vec![KeyManagement::EcdhEs],
        public_url: public_url.to_owned(),
        identity: IdentitySettings {
            issuer: sandbox.identity_issuer().to_owned(),
            client_id: IDENTITY_CLIENT_ID.to_owned(),
            redirect_uri: format!("{public_url}/sign-in/callback"),
        },
        companies: None,
        identity_key: AssertionSigner::from_pem(&key.pem, key.signer.kid()).expect("a key"),
        backends: rules.catalog.backends().iter().map(backend).collect(),
        provision_records: Some(
            madoguchi::cli::dev::provision_records(&agencies, (&key.pem, key.signer.kid())).expect("records"),
        ),
        health_insurance: Some(
            madoguchi::cli::dev::health_insurance(&agencies, (&key.pem, key.signer.kid())).expect("a system"),
        ),
        signatures: None,
        trusted_proxies: Vec::new(),
        certificates: CertificateRules::default(),
        certificate_field: None,
        register: None,
        reach: Reach::default(),
        service_search: None,
        payments: Some(madoguchi::cli::dev::payments(&agencies).expect("a payment service")),
        most_pending: 100_000,
        witnesses: Vec::new(),
        deployment: Deployment::local(std::env::temp_dir()),
        environment: Environment::Production,
    }
}
