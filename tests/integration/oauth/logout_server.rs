//! Where third parties hear that a citizen signed out: a server over TLS that answers as the test wants, and what the
//! test needs to play a citizen and to check what came.

use crate::support::installation::Installation;
use crate::support::played::browser::{Browser, Page};
use crate::support::played::third_party::{ThirdParty, Tokens};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use madoguchi::adapters::outward::Reach;
use madoguchi::cli::install_cryptography;
use madoguchi::domain::Clock as _;
use madoguchi::domain::client::{Client, ClientClass};
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::profile::Logout;
use madoguchi::protocol::jose::{Algorithm, Compact, RawJwk, decode_part};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde::Deserialize as _;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Where a citizen is sent back to.
pub const BYE: &str = "https://bank.example/bye";

/// What was posted to the server, and the statuses that it answers with, 200 when there is none left.
#[derive(Default)]
struct Heard {
    posts: Mutex<Vec<(String, String, String)>>,
    answers: Mutex<VecDeque<u16>>,
    fields: Mutex<Vec<[String; 3]>>,
}

/// A server of third parties, and the authority that its certificate is by.
pub struct LogoutServer {
    heard: Arc<Heard>,
    port: u16,
    authority: Vec<u8>,
}

impl LogoutServer {
    /// Starts one that answers the first calls so.
    pub fn start(answers: &[u16]) -> Self {
        install_cryptography();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority);
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let tls = rustls::ServerConfig::builder().with_no_client_auth();
        let tls = tls.with_single_cert(vec![certificate.unwrap().der().clone()], key).unwrap();
        let heard = Arc::new(Heard { answers: Mutex::new(answers.iter().copied().collect()), ..Heard::default() });
        let data = web::Data::from(Arc::clone(&heard));
        let server =
            HttpServer::new(move || App::new().app_data(data.clone()).route("/{client}", web::post().to(hear)));
        let server = server.workers(1).disable_signals().bind_rustls_0_23(("127.0.0.1", 0), tls).unwrap();
        let port = server.addrs()[0].port();
        actix_web::rt::spawn(server.run());
        Self { heard, port, authority: authority.der().to_vec() }
    }

    /// The logout tokens heard so far, by the client's path.
    pub fn tokens(&self) -> Vec<(String, String)> {
        let posts = self.heard.posts.lock().unwrap().clone();
        let token = |(client, kind, body): (String, String, String)| {
            assert_eq!(kind, "application/x-www-form-urlencoded");
            let pairs: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            let [(name, token)] = <[_; 1]>::try_from(pairs).unwrap();
            assert_eq!(name, "logout_token", "nothing else is told");
            (client, token)
        };
        posts.into_iter().map(token).collect()
    }

    /// Waits until so many were heard.
    pub async fn hears(&self, count: usize) -> Vec<(String, String)> {
        let mut tokens = self.tokens();
        for _ in 0..1500 {
            if tokens.len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            tokens = self.tokens();
        }
        assert_eq!(tokens.len(), count, "{tokens:?}");
        tokens
    }

    /// What a counter must be allowed to call it.
    pub fn reach(&self) -> Reach {
        let authorities = vec![self.authority.clone()];
        // A busy machine is no failure of the client's.
        Reach { this_machine: true, authorities, deadline: Some(Duration::from_secs(45)) }
    }

    /// Everything heard, once it is so much: path, media type, body.
    pub async fn posts(&self, count: usize) -> Vec<(String, String, String)> {
        for _ in 0..1500 {
            if self.heard.posts.lock().unwrap().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let posts = self.heard.posts.lock().unwrap().clone();
        assert_eq!(posts.len(), count, "{posts:?}");
        posts
    }

    /// Id, timestamp and signature (Standard Webhooks) of everything heard.
    pub fn fields(&self) -> Vec<[String; 3]> {
        self.heard.fields.lock().unwrap().clone()
    }

    /// From now on it answers 200.
    pub fn answer_well(&self) {
        self.heard.answers.lock().unwrap().clear();
    }

    /// The address of a client.
    pub fn uri(&self, client: &str) -> String {
        format!("https://localhost:{}/{client}", self.port)
    }
}

async fn hear(request: HttpRequest, client: web::Path<String>, body: String, heard: web::Data<Heard>) -> HttpResponse {
    let kind = request.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let field = |name| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    heard.fields.lock().unwrap().push(["webhook-id", "webhook-timestamp", "webhook-signature"].map(field));
    heard.posts.lock().unwrap().push((client.into_inner(), kind.to_owned(), body));
    let status = heard.answers.lock().unwrap().pop_front().unwrap_or(200);
    HttpResponse::build(status.try_into().unwrap()).finish()
}

/// A counter whose clients are at the server.
pub struct Scene {
    pub installation: Installation,
    pub server: LogoutServer,
}

impl Scene {
    pub async fn open(answers: &[u16]) -> Self {
        let server = LogoutServer::start(answers);
        let installation = Installation::start_changed(1, |plan| plan.reach = server.reach()).await;
        Self { installation, server }
    }

    /// A third party that is told of logouts.
    pub async fn told(&self, id: &str) -> ThirdParty {
        let party = self.installation.party(id, ClientClass::Bank, "measurement").await;
        let backchannel_logout_uri = Some(self.server.uri(id));
        self.change(id, |client| {
            client.sector = format!("{id}.example");
            client.profile.logout = Logout { post_logout_redirect_uris: vec![BYE.into()], backchannel_logout_uri };
        })
        .await;
        party
    }

    /// Changes a registration.
    pub async fn change(&self, id: &str, change: impl FnOnce(&mut Client)) {
        let store = &self.installation.store.store;
        let mut client = store.find_client(&ClientId::parse(id).unwrap()).await.unwrap().unwrap();
        change(&mut client);
        store.put_client(&client, self.installation.clock.now()).await.unwrap();
        self.installation.clock.advance(Duration::from_secs(2));
    }

    pub fn url(&self) -> &str {
        &self.installation.public_url
    }

    /// The n-th person with a card.
    async fn sign_in(&self, browser: &mut Browser, page: Page, person: usize) -> Page {
        let mut persons = self.installation.sandbox.persons.iter().filter(|person| !person.is_suspended);
        let person = persons.nth(person).unwrap();
        let mut form = page.form_with("pin").unwrap();
        form.set("card_number", &person.card_number);
        form.set("pin", &person.pin);
        browser.submit(&page, &form, "").await.unwrap()
    }

    /// Lets a person sign in for `party` and agree; gives the answer's address and what it must be exchanged with.
    pub async fn agree(
        &self,
        party: &ThirdParty,
        browser: &mut Browser,
        person: usize,
    ) -> (crate::support::played::third_party::Pending, url::Url) {
        let details = json!([{
            "type": "self_information",
            "purpose": party.file.purpose,
            "data_sets": [{"code": "TM00000000000002", "items": ["0200000010"]}],
            "access_days": 30,
        }]);
        let pending = party.push("openid self_information", &details).await.unwrap();
        let page = browser.open(&pending.address, "").await.unwrap();
        let consent = self.sign_in(browser, page, person).await;
        let mut form = consent.form_with("decision").unwrap();
        form.set("decision", "agree");
        let back = browser.submit(&consent, &form, &party.file.redirect_uri).await.unwrap();
        (pending, back.url)
    }

    /// The same to the end; gives the tokens.
    pub async fn tokens(&self, party: &ThirdParty, browser: &mut Browser, person: usize) -> Tokens {
        let (pending, answer) = self.agree(party, browser, person).await;
        party.exchange(pending, &answer).await.unwrap()
    }

    /// Opens the dashboard, signing in where that is asked.
    pub async fn dashboard(&self, browser: &mut Browser, person: usize) -> Page {
        let page = browser.open(&format!("{}/dashboard", self.url()), "").await.unwrap();
        if page.form_with("pin").is_ok() { self.sign_in(browser, page, person).await } else { page }
    }

    /// Opens the end-session endpoint with these parameters; stops at the third party's.
    pub async fn logout(&self, browser: &mut Browser, pairs: &[(&str, &str)]) -> Page {
        let url = url::Url::parse_with_params(&format!("{}/oauth/logout", self.url()), pairs).unwrap();
        browser.open(url.as_str(), "https://bank.example/").await.unwrap()
    }

    /// Presses the button.
    pub async fn confirm(&self, browser: &mut Browser, page: &Page) -> Page {
        let form = page.form_to("/oauth/logout/confirm").unwrap();
        browser.submit(page, &form, "https://bank.example/").await.unwrap()
    }

    /// The claims of a logout token, after its signature and type were checked by the published keys.
    pub async fn verified(&self, token: &str) -> Value {
        self.verified_as("logout+jwt", token).await
    }

    /// The claims of a token of the type `typ`.
    pub async fn verified_as(&self, typ: &str, token: &str) -> Value {
        let parts = Compact::split(token).unwrap();
        let header: Value = serde_json::from_slice(&decode_part(parts.header).unwrap()).unwrap();
        assert_eq!((header["typ"].as_str(), header["alg"].as_str()), (Some(typ), Some("ES256")));
        let keys = reqwest::get(format!("{}/oauth/jwks", self.url())).await.unwrap();
        let keys: Value = serde_json::from_str(&keys.text().await.unwrap()).unwrap();
        let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap();
        let key = RawJwk::deserialize(key).unwrap().parse().unwrap();
        parts.verify(Algorithm::Es256, &key).unwrap();
        serde_json::from_slice(&decode_part(parts.claims).unwrap()).unwrap()
    }
}

/// The claims of an id_token, verified by the third party's own library already.
pub fn told_in(tokens: &Tokens) -> Value {
    super::counter::claims(tokens.id_token.as_deref().unwrap())
}
