//! The pages over a real store, with an identity provider and a pushed request that the test holds in its hand.

use crate::support::engines::{TestStore, new_store};
use actix_web::{App, HttpServer, web};
use async_trait::async_trait;
use madoguchi::adapters::identity::{
    AccountRank, Ceremony, CompanyProvider, IdentityError, IdentityErrorKind, IdentityProvider, Recognition,
    RecognizedCompany,
};
use madoguchi::adapters::notification::Notifier;
use madoguchi::adapters::outward::OutwardError;
use madoguchi::catalog::Catalog;
use madoguchi::catalog::procedures::Procedures;
use madoguchi::domain::acr::Acr;
use madoguchi::domain::client::{Client, ClientClass, ClientStatus, Contact, Purpose};
use madoguchi::domain::consent::{Ask, AskedDataSet, AskedItem, Need, Period};
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::data_set::{DataSetCode, ItemCode};
use madoguchi::domain::decoupled::Notification;
use madoguchi::domain::entropy::{Entropy, SystemEntropy};
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::profile::{ClientProfile, ResponseMode};
use madoguchi::domain::representation::{Coverage, RepresentationProof};
use madoguchi::domain::scope::ScopeSet;
use madoguchi::domain::sealed::MasterKey;
use madoguchi::domain::subject::UpstreamAccount;
use madoguchi::domain::terms::Terms;
use madoguchi::domain::time::ManualClock;
use madoguchi::domain::{Clock, Digest, Environment, Failure, Lang, Refusal, Timestamp, Words};
use madoguchi::evidence::{EvidenceLog, LogParts, LogSettings};
use madoguchi::hot::memory::MemoryHot;
use madoguchi::hot::{Hot, Invalidations};
use madoguchi::http::pages::{self, Pages};
use madoguchi::issuer::companies::{Companies, CompaniesParts};
use madoguchi::issuer::interaction::{InteractionParts, Interactions, PushedRequests, SignedResponses};
use madoguchi::issuer::representations::RuledCoverage;
use madoguchi::limits::Limits;
use madoguchi::policy::{Policies, RepresentationLimits};
use madoguchi::protocol::authorization_request::{AuthorizationRequest, GrantManagement};
use madoguchi::protocol::authorization_response::Answer;
use madoguchi::services::account::{Account, Invitable};
use madoguchi::services::confirmations::{ConfirmationParts, Confirmations};
use madoguchi::services::linked_services::{Linkage, LinkageParts};
use madoguchi::store::{Held, Store};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use url::Url;

/// The client's address.
pub const REDIRECT: &str = "https://bank.example/callback";
/// Income and local tax, with one required and two optional items in the request.
pub const INCOME: &str = "TM00000000000002";
/// The master key.
pub const MASTER: [u8; 32] = [3; 32];
/// Where the browser is sent to sign in.
pub const PROVIDER: &str = "https://provider.example/auth";

/// A provider of companies that recognises the account that the code names: `{account_type}:{corporate_number}`.
pub struct FakeCompanies;

#[async_trait]
impl CompanyProvider for FakeCompanies {
    fn issuer(&self) -> &'static str {
        "https://companies.example/oauth/"
    }

    async fn start(&self, ceremony: &Ceremony) -> Result<Url, IdentityError> {
        let mut url = Url::parse("https://companies.example/oauth/authorize").unwrap();
        url.query_pairs_mut().append_pair("state", &ceremony.state);
        Ok(url)
    }

    async fn finish(&self, code: &str, _: &Ceremony) -> Result<RecognizedCompany, IdentityError> {
        if code == "contradictory" {
            return Err(IdentityError::new(IdentityErrorKind::Contradictory, "role is not account_type's"));
        }
        let refused = || IdentityError::new(IdentityErrorKind::CodeRefused, "the code is not accepted");
        let (rank, number) = code.split_once(':').ok_or_else(refused)?;
        let rank = match rank {
            "1" => AccountRank::Entry,
            "2" => AccountRank::Prime,
            _ => AccountRank::Member,
        };
        let number = CorporateNumber::parse(number).ok();
        Ok(RecognizedCompany { number, name: "株式会社見本工業".into(), rank, mandates: Vec::new(), at: now() })
    }
}

/// A provider that recognises whoever the code names: `person:{sub}`, once per code.
#[derive(Default)]
pub struct FakeProvider {
    spent: Mutex<BTreeSet<String>>,
}

#[async_trait]
impl IdentityProvider for FakeProvider {
    fn issuer(&self) -> &'static str {
        "https://provider.example"
    }

    async fn start(&self, ceremony: &Ceremony) -> Result<Url, IdentityError> {
        let lang = ceremony.lang.tag();
        Ok(Url::parse_with_params(PROVIDER, [("state", ceremony.state.as_str()), ("ui_locales", lang)]).unwrap())
    }

    async fn finish(&self, code: &str, ceremony: &Ceremony) -> Result<Recognition, IdentityError> {
        let fail = |kind| Err(IdentityError::new(kind, "as the test wants"));
        let subject = match code {
            "weak" => return fail(IdentityErrorKind::TooWeak),
            "old" => return fail(IdentityErrorKind::TooOld),
            "away" => return fail(IdentityErrorKind::Unreachable),
            "forged" => return fail(IdentityErrorKind::NotVerified),
            code => code.strip_prefix("person:").unwrap_or("someone"),
        };
        let is_new = self.spent.lock().unwrap().insert(format!("{code} {}", ceremony.state));
        if !is_new {
            return fail(IdentityErrorKind::CodeRefused);
        }
        let account = UpstreamAccount { issuer: self.issuer().into(), subject: subject.into() };
        Ok(Recognition { account, acr: Acr::Aal3, at: now(), certificate: None })
    }
}

/// Finds pushed requests as the issuer does.
struct Requests {
    store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
}

#[async_trait]
impl PushedRequests for Requests {
    async fn find_authorization(
        &self,
        client_id: &str,
        request_uri: &str,
    ) -> Result<(Client, AuthorizationRequest, Digest), Failure> {
        let unknown = || Refusal::new("invalid_request_uri", "unknown or over");
        let digest = Digest::of(request_uri);
        let held = self.store.find_pushed_request(digest, self.clock.now()).await?.ok_or_else(unknown)?;
        let request: AuthorizationRequest = serde_json::from_str(&held.body).unwrap();
        if request.client_id.as_str() != client_id {
            return Err(unknown().into());
        }
        let client = self.store.find_client(&request.client_id).await?.ok_or_else(unknown)?;
        Ok((client, request, digest))
    }
}

/// Names the answer instead of signing it.
struct Unsigned;

#[async_trait]
impl SignedResponses for Unsigned {
    async fn sign_response(&self, request: &AuthorizationRequest, answer: &Answer<'_>) -> Result<String, Failure> {
        if request.state.as_deref() == Some("unsignable") {
            return Err(Refusal::new("invalid_client_metadata", "no key of the client").into());
        }
        Ok(answer.iter().map(|(name, value)| format!("{name}.{value}")).collect::<Vec<_>>().join("."))
    }
}

/// Writes down whom it would call: endpoint, question, bearer token.
#[derive(Default)]
pub struct Called(pub Mutex<Vec<(String, String, String)>>);

#[async_trait]
impl Notifier for Called {
    async fn notify(&self, endpoint: &str, notification: &Notification) -> Result<(), OutwardError> {
        let (id, token) = (notification.auth_req_id.expose().clone(), notification.token.expose().clone());
        self.0.lock().unwrap().push((endpoint.to_owned(), id, token));
        Ok(())
    }
}

/// The moment at which every test starts: 21 November 2026, 12:00 in Japan.
pub fn now() -> Timestamp {
    Timestamp::from_seconds(1_795_230_000)
}

/// A running counter, its pages only.
pub struct Counter {
    pub address: String,
    pub store: Arc<dyn Store>,
    pub hot: Arc<MemoryHot>,
    pub clock: Arc<ManualClock>,
    pub called: Arc<Called>,
    pub log: web::Data<EvidenceLog>,
    _engine: TestStore,
}

/// By the shipped rules.
fn invitable() -> Invitable {
    let rules = RepresentationLimits::load(Path::new("policies")).unwrap();
    Arc::new(move |kind, days| {
        rules.check((kind, RepresentationProof::OwnSignIn), days, None).map_err(|told| told.to_string())
    })
}

/// The companies' use cases, with a provider that the test holds in its hand.
fn companies(store: &Arc<dyn Store>, clock: &Arc<ManualClock>) -> web::Data<Companies> {
    web::Data::new(Companies::new(CompaniesParts {
        store: Arc::clone(store),
        provider: Some(Arc::new(FakeCompanies)),
        policies: Arc::new(Policies::load(Path::new("policies")).unwrap()),
        procedures: Arc::new(Procedures::load(Path::new("policies/procedures")).unwrap()),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        entropy: Arc::new(SystemEntropy),
    }))
}

fn log(address: &str, store: &Arc<dyn Store>, clock: &Arc<ManualClock>) -> web::Data<EvidenceLog> {
    let parts = LogParts {
        store: Arc::clone(store),
        master: Arc::new(MasterKey::new(MASTER)),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        entropy: Arc::new(SystemEntropy),
    };
    web::Data::new(EvidenceLog::new(LogSettings::of(address, 10_000), parts))
}

fn coverage(catalog: &Arc<Catalog>) -> Arc<dyn Coverage> {
    let policies = Arc::new(Policies::load(Path::new("policies")).unwrap());
    Arc::new(RuledCoverage { policies, catalog: Arc::clone(catalog) })
}

/// Nothing can be linked.
fn linkage(store: &Arc<dyn Store>, clock: &Arc<ManualClock>) -> web::Data<Linkage> {
    web::Data::new(Linkage::new(LinkageParts {
        linked: Arc::default(),
        store: Arc::clone(store),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        hot: Arc::new(MemoryHot::new(now(), true)),
    }))
}

impl Counter {
    /// Starts on a free port.
    pub async fn start() -> Self {
        // Told again by every test: the first to tell wins.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let engine = new_store().await;
        let store = Arc::clone(&engine.store);
        let clock = Arc::new(ManualClock::at(now()));
        let hot = Arc::new(MemoryHot::new(now(), true));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let catalog = Arc::new(Catalog::load(Path::new("policies/data-sets")).unwrap());
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let coverage = coverage(&catalog);
        let parts = InteractionParts {
            store: Arc::clone(&store),
            requests: Arc::new(Requests { store: Arc::clone(&store), clock: Arc::clone(&clock) }),
            responses: Arc::new(Unsigned),
            linked: Arc::default(),
            identity: Arc::new(FakeProvider::default()),
            hot: Arc::clone(&hot) as Arc<dyn Hot>,
            catalog: Arc::clone(&catalog),
            coverage: Arc::clone(&coverage),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            entropy: Arc::clone(&entropy),
            issuer: address.clone(),
            environment: Environment::Sandbox,
        };
        let interactions = web::Data::new(Interactions::new(parts));
        let heat = Arc::clone(&hot) as Arc<dyn Hot>;
        let account =
            Account::new(Arc::clone(&store), heat, Arc::clone(&clock) as Arc<dyn Clock>, Arc::clone(&entropy));
        let account = web::Data::new(account.inviting(invitable()));
        let companies = companies(&store, &clock);
        let linkage = linkage(&store, &clock);
        let called = Arc::new(Called::default());
        let limits = Limits::load(Path::new("policies/rate-plans.toml"), Arc::clone(&hot) as Arc<dyn Hot>).unwrap();
        let confirmations = Confirmations::new(ConfirmationParts {
            environment: Environment::Sandbox,
            store: Arc::clone(&store),
            coverage,
            visits: Arc::new(Policies::load(Path::new("policies")).unwrap()),
            limits: Arc::new(limits),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            entropy: Arc::clone(&entropy),
            master: Arc::new(MasterKey::new(MASTER)),
            notifier: Arc::clone(&called) as Arc<dyn Notifier>,
        });
        let confirmations = web::Data::new(confirmations);
        let log = log(&address, &store, &clock);
        let served = log.clone();
        let shared = web::Data::new(Pages::new(&address, catalog, entropy).unwrap());
        let server = HttpServer::new(move || {
            let app = App::new().app_data(interactions.clone()).app_data(account.clone()).app_data(shared.clone());
            let app = app.app_data(companies.clone()).app_data(confirmations.clone()).app_data(served.clone());
            let app = app.app_data(linkage.clone());
            app.configure(pages::routes).configure(madoguchi::http::evidence::routes)
        });
        let server = server.workers(2).disable_signals().listen(listener).unwrap().run();
        tokio::spawn(server);
        store.put_client(&bank(), now()).await.unwrap();
        Self { address, store, hot, clock, called, log, _engine: engine }
    }

    /// Pushes a request; gives the path by which the browser begins.
    pub async fn push(&self, name: &str, request: &AuthorizationRequest) -> String {
        let request_uri = format!("urn:ietf:params:oauth:request_uri:{name}");
        let held = Held {
            digest: Digest::of(&request_uri),
            body: serde_json::to_string(request).unwrap(),
            expires_at: self.clock.now().plus(Duration::from_secs(90)),
        };
        self.store.insert_pushed_request(&held).await.unwrap();
        format!("/oauth/authorize?client_id=loan-bank&request_uri={request_uri}")
    }

    /// Hears what is told to the other nodes.
    pub fn word(&self) -> tokio::sync::broadcast::Receiver<madoguchi::hot::Invalidation> {
        self.hot.subscribe()
    }
}

fn words(ja: &str, en: &str) -> Words {
    Words { ja: ja.into(), en: en.into() }
}

/// A bank that asks for income and residence.
pub fn bank() -> Client {
    Client {
        id: ClientId::parse("loan-bank").unwrap(),
        class: ClientClass::Bank,
        status: ClientStatus::Production,
        name: words("株式会社例示銀行", "Reiji Bank, Ltd."),
        corporate_number: CorporateNumber::parse("7000012050002").unwrap(),
        contact: Contact { email: "desk@bank.example".into(), phone: "+81-3-0000-0000".into() },
        redirect_uris: vec![REDIRECT.into()],
        jwks: serde_json::json!({"keys": []}),
        scope: ScopeSet::parse("openid offline_access self_information catalog").unwrap(),
        purposes: vec![Purpose {
            code: "loan_examination".into(),
            words: words("住宅ローンの審査で収入を確かめるため", "To verify your income when examining a home loan"),
            if_refused: words(
                "オンラインでの審査ができません。課税証明書を窓口に持参する方法に変わります。",
                "The loan cannot be examined online; you would bring a tax certificate to a branch instead.",
            ),
            retention_days: 1825,
            recipients: vec![words("例示信用保証株式会社", "Reiji Credit Guarantee, Ltd.")],
            max_access_days: 90,
        }],
        rate_plan: "standard".into(),
        dpop_nonce_required: false,
        sector: "bank.example".into(),
        profile: ClientProfile::default(),
    }
}

/// What the bank asks.
pub fn request() -> AuthorizationRequest {
    let item = |code: &str, need| AskedItem { code: ItemCode::parse(code).unwrap(), need };
    let date = |text: &str| text.parse().unwrap();
    AuthorizationRequest {
        client_id: ClientId::parse("loan-bank").unwrap(),
        redirect_uri: REDIRECT.into(),
        scope: ScopeSet::parse("openid self_information").unwrap(),
        state: Some("st ate&1".into()),
        nonce: Some("n".into()),
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into(),
        dpop_jkt: None,
        ask: Some(Ask {
            purpose: "loan_examination".into(),
            data_sets: vec![AskedDataSet {
                code: DataSetCode::parse(INCOME).unwrap(),
                items: vec![
                    item("0200000010", Need::Required),
                    item("0200000020", Need::Required),
                    item("0200000030", Need::Optional),
                    item("0200000040", Need::Optional),
                ],
                period: Some(Period { from: date("2024-01-01"), to: Some(date("2025-12-31")) }),
                predicates: vec![],
            }],
            access_days: 30,
            terms: Terms::default(),
        }),
        acr: None,
        max_age: None,
        hand_over: None,
        resources: vec![],
        grant_management: GrantManagement::Create,
        lang: None,
        response_mode: ResponseMode::Query,
    }
}

/// The same request without a word that fixes its language.
pub fn request_in(lang: Lang) -> AuthorizationRequest {
    AuthorizationRequest { lang: Some(lang), ..request() }
}
