//! The pretend government over HTTP: IF001, both identity providers, its pages.

mod conditions;
mod corporate;
mod identity;
mod if001;
mod pages;
mod scenarios;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use madoguchi::catalog::Catalog;
use madoguchi::domain::time::ManualClock;
use madoguchi::domain::{Clock, Secret, SystemEntropy, Timestamp};
use madoguchi::sandbox::{self, Pace, RelyingParty, Running, Settings};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub const CLIENT: &str = "SP12345678_AB1234";
pub const REDIRECT: &str = "https://counter.example/sign-in/callback?fixed=1";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// 2026-11-21 12:00 in Japan: the day that the persons' data is made for.
const START: i64 = 1_795_230_000;

/// A sandbox of a test's own, and a gateway registered there.
pub struct Bench {
    pub running: Running,
    pub http: Client,
    pub clock: Arc<ManualClock>,
    key: EncodingKey,
    stranger: EncodingKey,
    count: AtomicU64,
}

fn keys() -> (EncodingKey, Value) {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    let random = aws_lc_rs::rand::SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let key = EncodingKey::from_ec_der(der.as_ref());
    let mut public = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap()).unwrap();
    public["kid"] = json!("k1");
    public["use"] = json!("sig");
    (key, json!({ "keys": [public] }))
}

pub fn catalog() -> Catalog {
    Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/data-sets")).unwrap()
}

impl Bench {
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let (key, jwks) = keys();
        let party = RelyingParty {
            identity_client_id: "madoguchigateway".into(),
            inquiry_client_id: CLIENT.into(),
            jwks,
            redirect_uris: vec![REDIRECT.into()],
            corporate_client_secret: Some(Secret::new("s3cret/+ &:x".into())),
        };
        let mut settings = Settings::new("127.0.0.1:0".parse().unwrap(), vec![party]);
        settings.workers = 1;
        settings.pace = Pace {
            slow: Duration::from_secs(4),
            called_back: Duration::from_secs(1),
            notice: Duration::from_millis(20),
        };
        change(&mut settings);
        let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(START)));
        let running =
            sandbox::start(&settings, &catalog(), Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SystemEntropy))
                .unwrap();
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { running, http, clock, key, stranger: keys().0, count: AtomicU64::new(0) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.address)
    }

    fn jti(&self) -> String {
        format!("jti-{}", self.count.fetch_add(1, Ordering::SeqCst))
    }

    /// An assertion's claims as they should be; a test spoils one.
    pub fn claims(&self, client: &str, subject: &str, audience: &str) -> Value {
        let now = self.clock.now().seconds();
        json!({"iss": client, "sub": subject, "aud": audience, "iat": now, "exp": now + 60, "jti": self.jti()})
    }

    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some("k1".into());
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }

    pub fn sign_as_stranger(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some("k1".into());
        jsonwebtoken::encode(&header, claims, &self.stranger).unwrap()
    }

    pub async fn post_form(&self, url: &str, form: &[(&str, &str)]) -> Response {
        self.http.post(url).form(form).send().await.unwrap()
    }

    /// The subject that this gateway has for a person: signs in as them by the test-card substitute.
    pub async fn subject(&self, person: &str) -> String {
        let code = self.sign_in_by_choice(person).await;
        let tokens: Value = self.exchange(&code).await.json().await.unwrap();
        let payload = tokens["id_token"].as_str().unwrap().split('.').nth(1).unwrap().to_owned();
        let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload).unwrap();
        serde_json::from_slice::<Value>(&claims).unwrap()["sub"].as_str().unwrap().to_owned()
    }

    /// Starts a sign-in and gives the handle in the page's address.
    pub async fn transaction(&self) -> String {
        let answer = self.http.get(self.authorize_url(&[])).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        let page = answer.headers()["location"].to_str().unwrap().to_owned();
        let url = url::Url::parse(&self.url(&page)).unwrap();
        url.query_pairs().find(|(name, _)| name == "transaction").unwrap().1.into_owned()
    }

    pub fn authorize_url(&self, changes: &[(&str, Option<&str>)]) -> String {
        let mut pairs = vec![
            ("client_id", "madoguchigateway"),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("scope", "openid"),
            ("state", "st"),
            ("nonce", "no"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            pairs.retain(|(known, _)| known != name);
            pairs.extend(value.map(|v| (*name, v)));
        }
        let query = serde_urlencoded::to_string(pairs).unwrap();
        format!("{}/protocol/openid-connect/auth?{query}", self.running.identity_issuer())
    }

    pub async fn submit(&self, transaction: &str, fields: &[(&str, &str)]) -> Response {
        let mut form = vec![("transaction", transaction), ("lang", "en")];
        form.extend_from_slice(fields);
        self.post_form(&format!("{}/login-actions/authenticate", self.running.identity_issuer()), &form).await
    }

    pub async fn sign_in_by_choice(&self, person: &str) -> String {
        let fields = [("method", "test_card"), ("person", person), ("outcome", "normal")];
        let answer = self.submit(&self.transaction().await, &fields).await;
        parameter(&answer, "code").expect("a code")
    }

    pub async fn exchange(&self, code: &str) -> Response {
        self.exchange_with(code, &[]).await
    }

    pub async fn exchange_with(&self, code: &str, changes: &[(&str, &str)]) -> Response {
        let endpoint = format!("{}/protocol/openid-connect/token", self.running.identity_issuer());
        let assertion = self.sign(&self.claims("madoguchigateway", "madoguchigateway", &endpoint));
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
            ("client_id", "madoguchigateway"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ];
        for (name, value) in changes {
            form.retain(|(known, _)| known != name);
            form.push((name, value));
        }
        self.post_form(&endpoint, &form).await
    }

    /// The form of a token call of IF001.
    pub fn token_form(grant: String, client: String) -> Vec<(&'static str, String)> {
        vec![
            ("grant_type", GRANT.to_owned()),
            ("assertion", grant),
            ("client_id", CLIENT.to_owned()),
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
            ("client_assertion", client),
        ]
    }

    /// A token of IF001 for a person.
    pub async fn token(&self, person: &str) -> String {
        let subject = self.subject(person).await;
        let base = self.running.inquiry_base();
        let grant = self.sign(&self.claims(CLIENT, &subject, base));
        let client = self.sign(&self.claims(CLIENT, CLIENT, base));
        let form = Self::token_form(grant, client);
        let answer = self.http.post(format!("{base}/oauth/token")).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned()
    }

    pub async fn call(
        &self,
        path: &str,
        token: &str,
        body: &Value,
        scenario: Option<&str>,
    ) -> reqwest::Result<Response> {
        let mut call = self.http.post(format!("{}{path}", self.running.inquiry_base())).bearer_auth(token);
        if let Some(scenario) = scenario {
            call = call.header("x-sandbox-scenario", scenario);
        }
        let body = json!({"commonHeader": {"clientId": CLIENT, "requestId": "r-1"}, "reqBody": body});
        call.json(&body).send().await
    }

    pub async fn request(&self, token: &str, number: u32, condition: Value) -> Value {
        let body = json!({"personInfoNameCd": format!("TM{number:014}"), "inquiryCond": condition});
        self.call("/request", token, &body, None).await.unwrap().json().await.unwrap()
    }

    pub async fn result(&self, token: &str, process: &Value) -> Value {
        let body = json!({ "process_id": process["process_id"] });
        self.call("/result", token, &body, None).await.unwrap().json().await.unwrap()
    }

    /// Asks and fetches.
    pub async fn ask(&self, token: &str, number: u32, condition: Value) -> Value {
        let process = self.request(token, number, condition).await;
        assert_eq!(process["resultCode"], "0000", "{process}");
        self.result(token, &process).await
    }
}

/// A parameter of the address that an answer redirects to.
pub fn parameter(answer: &Response, name: &str) -> Option<String> {
    let location = answer.headers().get("location")?.to_str().ok()?;
    let url = url::Url::parse(location).ok()?;
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// The contents of one item, in order.
pub fn contents(answer: &Value, code: &str) -> Vec<String> {
    let list = answer["selfPersonalData"]["resultList"].as_array().cloned().unwrap_or_default();
    let items = list.iter().flat_map(|entry| entry["personInfoNameDetailList"].as_array().cloned().unwrap());
    items
        .filter(|item| item["personInitemCd"] == code)
        .map(|item| item["personInitemContent"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn it_stops_at_once_with_a_connection_open() {
    let bench = Bench::start();
    let mut open = TcpStream::connect(bench.running.address).await.unwrap();
    let call = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", bench.running.address);
    open.write_all(call.as_bytes()).await.unwrap();
    let mut start = [0; 12];
    open.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    // Far under a second alone; the other tests of this binary share the machine.
    let stopped = tokio::time::timeout(Duration::from_secs(2), bench.running.stop()).await;
    assert!(stopped.is_ok());
    // Its own connection is closed. Asking its address again would tell nothing: the port may be another test's by now.
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(2), open.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "the connection is still open");
}

#[tokio::test]
async fn a_taken_address_or_a_bad_registration_is_said_plainly() {
    let bench = Bench::start();
    let clock: Arc<dyn Clock> = bench.clock.clone();
    let settings = Settings::new(bench.running.address, vec![]);
    let taken = sandbox::start(&settings, &catalog(), Arc::clone(&clock), Arc::new(SystemEntropy)).err().unwrap();
    assert!(taken.to_string().contains("cannot listen on"), "{taken}");
    let party = RelyingParty {
        identity_client_id: "gw".into(),
        inquiry_client_id: CLIENT.into(),
        jwks: json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "d": "secret", "kid": "k"}]}),
        redirect_uris: vec![],
        corporate_client_secret: None,
    };
    let settings = Settings::new("127.0.0.1:0".parse().unwrap(), vec![party]);
    let refused = sandbox::start(&settings, &catalog(), clock, Arc::new(SystemEntropy)).err().unwrap();
    assert!(refused.to_string().contains("private member"), "{refused}");
}

#[tokio::test]
async fn persons_of_a_directory_are_served_and_every_fault_of_theirs_is_told() {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox/persons/reiji-so.json");
    let text = std::fs::read_to_string(built_in).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("one.json"), &text).unwrap();
    let bench = Bench::with(|settings| settings.persons = Some(folder.path().to_owned()));
    assert_eq!(bench.running.persons.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["reiji-so"]);

    let spoiled =
        text.replace("\"8901\"", "\"89\"").replace("0200000010", "0299999999").replace("1000000000000008", "8");
    std::fs::write(folder.path().join("two.json"), spoiled).unwrap();
    std::fs::write(folder.path().join("three.json"), "{").unwrap();
    let mut settings = Settings::new("127.0.0.1:0".parse().unwrap(), vec![]);
    settings.persons = Some(folder.path().to_owned());
    let clock: Arc<dyn Clock> = bench.clock.clone();
    let told = sandbox::start(&settings, &catalog(), clock, Arc::new(SystemEntropy)).err().unwrap().to_string();
    for part in ["two.json: id reiji-so", "card.pin", "card.number", "0299999999", "three.json"] {
        assert!(told.contains(part), "{part} is not in: {told}");
    }
}
