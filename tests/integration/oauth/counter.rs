//! A counter of one's own for each test: the real routes over the engine under test, a clock that stands still, two
//! registered clients, and a citizen who agrees at once.

use super::banks::registration;
use super::parts::replace;
use crate::support::engines::{TestStore, hot_url, new_store};
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::{App, test, web};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use madoguchi::catalog::Catalog;
use madoguchi::domain::acr::Acr;
use madoguchi::domain::amendment::Amendment;
use madoguchi::domain::client::Client;
use madoguchi::domain::consent::{Choice, Consent};
use madoguchi::domain::data_set::{DataSetCode, ItemCode};
use madoguchi::domain::grant::{Authentication, Grant, GrantStatus};
use madoguchi::domain::ids::{ClientId, GrantId, InteractionId, SignInId, SubjectId};
use madoguchi::domain::profile::KeyManagement;
use madoguchi::domain::sealed::MasterKey;
use madoguchi::domain::subject::UpstreamAccount;
use madoguchi::domain::time::ManualClock;
use madoguchi::domain::{Clock, Digest, SystemClock, SystemEntropy, Timestamp};
use madoguchi::hot::Hot;
use madoguchi::issuer::interaction::PushedRequests;
use madoguchi::issuer::{Issuer, IssuerParts, IssuerSettings};
use madoguchi::limits::Limits;
use madoguchi::policy::Policies;
use madoguchi::protocol::authorization_request::GrantManagement;
use madoguchi::protocol::client_assertion::ASSERTION_TYPE;
use madoguchi::protocol::jose::{Es256Signer, Signer, sign};
use madoguchi::store::{Amended, Decision, HeldCode, HeldInteraction, SignIn, Store};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub const ISSUER: &str = "https://madoguchi.example";
pub const REDIRECT_URI: &str = "https://bank.example/callback";
/// RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub use super::parts::{claims, details, handle, item, with};

/// A form's parameters.
pub type Pairs<'a> = Vec<(&'a str, String)>;

/// A third party: its registration's id, the key of its assertions, the key of its proofs.
pub struct Party {
    pub id: &'static str,
    pub key: Es256Signer,
    pub dpop: Es256Signer,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub json: Value,
    pub body: String,
}

impl Reply {
    pub fn error(&self) -> (u16, &str) {
        (self.status, self.json["error"].as_str().unwrap_or_default())
    }

    pub fn text(&self, name: &str) -> String {
        self.json[name].as_str().expect(name).to_owned()
    }
}

/// The counter under test.
pub struct Counter {
    pub issuer: Arc<Issuer>,
    pub parts: IssuerParts,
    pub clock: Arc<ManualClock>,
    pub bank: Party,
    pub app: Party,
    held: TestStore,
}

fn party(id: &'static str) -> Party {
    Party { id, key: Es256Signer::generate().unwrap().0, dpop: Es256Signer::generate().unwrap().0 }
}

pub async fn hot(now: Timestamp, first_start: bool) -> Arc<dyn Hot> {
    madoguchi::hot::open(&hot_url(), now, first_start).await.unwrap()
}

/// What is kept of a sign-in in the one browser.
fn sign_in(grant: &Grant, code: &HeldCode) -> SignIn {
    SignIn {
        id: SignInId::generate(&SystemEntropy),
        client: grant.client.clone(),
        subject: grant.subject.clone().unwrap(),
        grant: grant.id.clone(),
        browser: Some(Digest::of("the one browser")),
        code: Some(code.digest),
        created_at: grant.created_at,
        expires_at: grant.expires_at,
    }
}

impl Counter {
    pub async fn open() -> Self {
        Self::open_on(new_store().await).await
    }

    pub async fn open_on(held: TestStore) -> Self {
        // Redis measures by its own clock, so the clock that stands still must stand near the present.
        let now = Timestamp::from_seconds(SystemClock.now().seconds());
        let clock = Arc::new(ManualClock::at(now));
        let hot = hot(now, true).await;
        let parts = IssuerParts {
            store: Arc::clone(&held.store),
            hot: Arc::clone(&hot),
            clock: clock.clone(),
            entropy: Arc::new(SystemEntropy),
            master: Arc::new(MasterKey::new([7; 32])),
            catalog: Arc::new(Catalog::load(Path::new("policies/data-sets")).unwrap()),
            policies: Arc::new(Policies::load(Path::new("policies")).unwrap()),
            limits: Arc::new(Limits::load(Path::new("policies/rate-plans.toml"), hot).unwrap()),
        };
        let (bank, app) = (party("bank"), party("app"));
        for party in [&bank, &app] {
            parts.store.put_client(&registration(party.id, &party.key), now).await.unwrap();
        }
        let issuer = open(&parts).await;
        Self { issuer, parts, clock, bank, app, held }
    }

    /// The same counter as another process would open it.
    pub async fn reopen(&mut self, parts: IssuerParts) {
        self.issuer = open(&parts).await;
        self.parts = parts;
    }

    /// Where an embedded store keeps its files.
    pub fn directory(&self) -> &Path {
        self.held.directory.as_ref().expect("an embedded store").path()
    }

    /// The one citizen.
    pub async fn subject(&self) -> SubjectId {
        self.subject_called("1").await
    }

    /// Some citizen.
    pub async fn subject_called(&self, name: &str) -> SubjectId {
        let account = UpstreamAccount { issuer: "https://idp.example".into(), subject: name.into() };
        let id = SubjectId::generate(&SystemEntropy);
        self.store().find_or_insert_subject(&account, &id).await.unwrap().id
    }

    pub fn store(&self) -> &dyn Store {
        &*self.parts.store
    }

    pub async fn change_bank(&self, change: impl FnOnce(&mut Client)) {
        let id = ClientId::parse("bank").unwrap();
        let mut client = self.store().find_client(&id).await.unwrap().unwrap();
        change(&mut client);
        self.store().put_client(&client, self.now()).await.unwrap();
        self.clock.advance(Duration::from_secs(1));
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A client assertion, with some claims replaced.
    pub fn assertion(&self, party: &Party, changes: Value) -> String {
        let now = self.now().seconds();
        let mut claims = json!({
            "iss": party.id, "sub": party.id, "aud": ISSUER, "jti": handle(), "iat": now, "exp": now + 60
        });
        replace(&mut claims, changes);
        sign(&party.key, "JWT", &claims).unwrap()
    }

    /// The two parameters by which a client authenticates.
    pub fn authentication(&self, party: &Party) -> Pairs<'static> {
        vec![("client_assertion_type", ASSERTION_TYPE.into()), ("client_assertion", self.assertion(party, json!({})))]
    }

    /// A DPoP proof, with some claims replaced.
    pub fn proof(&self, key: &Es256Signer, method: &str, path: &str, changes: Value) -> String {
        let mut jwk = key.public_jwk().clone();
        jwk.as_object_mut().unwrap().retain(|name, _| matches!(name.as_str(), "kty" | "crv" | "x" | "y"));
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk});
        let mut claims =
            json!({"jti": handle(), "htm": method, "htu": format!("{ISSUER}{path}"), "iat": self.now().seconds()});
        replace(&mut claims, changes);
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(&claims));
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()).unwrap()))
    }

    /// Sends a request through the routes.
    pub async fn send(&self, request: test::TestRequest) -> Reply {
        let issuer = web::Data::from(Arc::clone(&self.issuer));
        let app = App::new().app_data(issuer).configure(madoguchi::http::oauth::routes);
        let service = test::init_service(app).await;
        let response = test::call_service(&service, request.to_request()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = String::from_utf8(test::read_body(response).await.to_vec()).unwrap();
        Reply { status, headers, json: serde_json::from_str(&body).unwrap_or(Value::Null), body }
    }

    pub async fn post(&self, path: &str, pairs: &Pairs<'_>, dpop: Option<String>) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let mut request = test::TestRequest::post().uri(path).set_payload(body);
        request = request.insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"));
        if let Some(proof) = dpop {
            request = request.insert_header(("DPoP", proof));
        }
        self.send(request).await
    }

    /// The parameters of a right pushed request.
    pub fn pushed(&self, party: &Party) -> Pairs<'static> {
        let mut pairs = self.authentication(party);
        pairs.extend([
            ("client_id", party.id.to_owned()),
            ("response_type", "code".to_owned()),
            ("redirect_uri", REDIRECT_URI.to_owned()),
            ("scope", "openid offline_access self_information".to_owned()),
            ("state", "abc".to_owned()),
            ("nonce", "n-1".to_owned()),
            ("code_challenge", CHALLENGE.to_owned()),
            ("code_challenge_method", "S256".to_owned()),
            ("authorization_details", details().to_string()),
        ]);
        pairs
    }

    /// What the citizen's pages do: signs in and agrees to everything.
    pub async fn agree(&self, party: &Party, request_uri: &str) -> String {
        let (code, amended) = self.agree_as(party, request_uri, self.subject().await).await;
        assert_eq!(amended, Amended::Done);
        code
    }

    /// The same by a citizen of one's choice; what becomes of it, since it may change a grant of another.
    pub async fn agree_as(&self, party: &Party, request_uri: &str, subject: SubjectId) -> (String, Amended) {
        self.agree_to(party, request_uri, (subject, BTreeSet::new())).await
    }

    /// The same, with some items refused.
    pub async fn agree_to(
        &self,
        party: &Party,
        request_uri: &str,
        (subject, refused): (SubjectId, BTreeSet<(DataSetCode, ItemCode)>),
    ) -> (String, Amended) {
        let (client, request, digest) = self.issuer.find_authorization(party.id, request_uri).await.unwrap();
        let now = self.now();
        let consent = request.ask.as_ref().map(|ask| {
            let choice = Choice { access_days: ask.access_days, refused: refused.clone(), ..Choice::default() };
            Consent::decide(ask, client.purpose(&ask.purpose).unwrap(), &choice).unwrap()
        });
        let days = request.ask.as_ref().map_or(30, |ask| u64::from(ask.access_days));
        let grant = Grant {
            id: request.grant_management.grant().cloned().unwrap_or_else(|| GrantId::generate(&SystemEntropy)),
            client: client.id.clone(),
            subject: Some(subject),
            scope: request.scope,
            consent,
            resources: request.resources.clone(),
            authentication: Some(Authentication { acr: Acr::Aal3, at: now, certificate: None }),
            created_at: now,
            updated_at: None,
            acting: None,
            expires_at: now.plus(Duration::from_hours(24 * days)),
            status: GrantStatus::Active,
        };
        let code = handle();
        let held = HeldCode {
            digest: Digest::of(&code),
            grant: grant.id.clone(),
            body: serde_json::to_string(&request).unwrap(),
            expires_at: now.plus(Duration::from_mins(1)),
        };
        let interaction = HeldInteraction {
            id: InteractionId::generate(&SystemEntropy),
            step: 1,
            body: "{}".into(),
            expires_at: now.plus(Duration::from_mins(5)),
        };
        self.store().insert_interaction(&interaction).await.unwrap();
        let sign_in = client.profile.logout.is_told().then(|| sign_in(&grant, &held));
        let decision = Decision {
            interaction: &interaction.id,
            step: 1,
            request_uri: digest,
            granted: Some((&grant, &held)),
            sign_in: sign_in.as_ref(),
        };
        let how = match request.grant_management {
            GrantManagement::Create => {
                assert!(self.store().take_decision(&decision, now).await.unwrap());
                return (code, Amended::Done);
            }
            GrantManagement::Merge { .. } => Amendment::Merge,
            GrantManagement::Replace { .. } => Amendment::Replace,
        };
        (code, self.store().take_amendment(&decision, how, now).await.unwrap())
    }

    /// A code for `party`, from a right request.
    pub async fn code(&self, party: &Party) -> String {
        let pushed = self.post("/oauth/par", &self.pushed(party), None).await;
        assert_eq!(pushed.status, 201, "{pushed:?}");
        self.agree(party, &pushed.text("request_uri")).await
    }

    /// The parameters of a right code exchange.
    pub fn exchange(&self, party: &Party, code: &str) -> Pairs<'static> {
        let mut pairs = self.authentication(party);
        pairs.extend([
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", REDIRECT_URI.to_owned()),
            ("code_verifier", VERIFIER.to_owned()),
        ]);
        pairs
    }

    /// Sends a token request with a right proof.
    pub async fn token(&self, party: &Party, pairs: &Pairs<'_>) -> Reply {
        let proof = self.proof(&party.dpop, "POST", "/oauth/token", json!({}));
        self.post("/oauth/token", pairs, Some(proof)).await
    }

    /// Tokens for `party`, from a right request.
    pub async fn tokens(&self, party: &Party) -> Reply {
        let code = self.code(party).await;
        let reply = self.token(party, &self.exchange(party, &code)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply
    }

    /// Tokens for the bank, from a request for so many days.
    pub async fn tokens_for_days(&self, days: u32) -> Reply {
        let mut asked = details();
        asked[0]["access_days"] = json!(days);
        let pairs = with(self.pushed(&self.bank), "authorization_details", Some(&asked.to_string()));
        let pushed = self.post("/oauth/par", &pairs, None).await;
        assert_eq!(pushed.status, 201, "{pushed:?}");
        let code = self.agree(&self.bank, &pushed.text("request_uri")).await;
        self.token(&self.bank, &self.exchange(&self.bank, &code)).await
    }

    /// The parameters of a right refresh.
    pub fn refreshing(&self, party: &Party, refresh_token: &str) -> Pairs<'static> {
        let mut pairs = self.authentication(party);
        pairs.extend([("grant_type", "refresh_token".to_owned()), ("refresh_token", refresh_token.to_owned())]);
        pairs
    }

    /// Calls one of the issuer's resources with a right proof.
    pub async fn call(&self, party: &Party, method: &str, path: &str, token: &str) -> Reply {
        let ath = Digest::of(token).base64url();
        let proof = self.proof(&party.dpop, method, path, json!({"ath": ath}));
        let request = test::TestRequest::with_uri(path).method(method.parse().unwrap());
        let request = request.insert_header(("Authorization", format!("DPoP {token}")));
        self.send(request.insert_header(("DPoP", proof))).await
    }

    /// Introspects a token as `party`.
    pub async fn introspect(&self, party: &Party, token: &str) -> Reply {
        let mut pairs = self.authentication(party);
        pairs.push(("token", token.to_owned()));
        self.post("/oauth/introspect", &pairs, None).await
    }
}

async fn open(parts: &IssuerParts) -> Arc<Issuer> {
    let settings = IssuerSettings {
        public_url: ISSUER.into(),
        request_object_encryption: vec![KeyManagement::EcdhEs],
        ..IssuerSettings::default()
    };
    Arc::new(Issuer::open(settings, parts.clone()).await.unwrap())
}
