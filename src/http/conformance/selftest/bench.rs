//! An authorization server and a gateway like the installation's, with a store and a clock of their own.

use super::super::ConformanceParts;
use crate::adapters::outward::Outward;
use crate::domain::Environment;
use crate::domain::acr::Acr;
use crate::domain::client::{Client, ClientClass, ClientStatus, Contact};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::grant::{Authentication, Grant, GrantStatus};
use crate::domain::ids::{ClientId, GrantId, InteractionId, SubjectId};
use crate::domain::profile::ClientProfile;
use crate::domain::refusal::Failure;
use crate::domain::scope::ScopeSet;
use crate::domain::subject::UpstreamAccount;
use crate::domain::time::ManualClock;
use crate::domain::{Clock, Digest, Entropy, MasterKey, Timestamp, Words};
use crate::evidence::Witness;
use crate::gateway::{Gateway, GatewayParts};
use crate::hot::Hot;
use crate::issuer::interaction::PushedRequests as _;
use crate::issuer::{ClientCall, Issuer, IssuerFailure, IssuerParts, IssuerSettings, PushedResponse, Rotation, Told};
use crate::limits::{Limits, Tally};
use crate::protocol::client_assertion::ASSERTION_TYPE;
use crate::protocol::form::Form;
use crate::protocol::jose::{Es256Signer, Signer as _, sign};
use crate::protocol::nonce::Nonces;
use crate::protocol::token_response::{Introspection, TokenResponse};
use crate::store::{CODE_LIFE, Decision, HeldCode, HeldInteraction, Store};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const REDIRECT_URI: &str = "https://bank.example/callback";

/// Wide enough that no probe meets a limit.
const PLANS: &str = "default_plan = \"any\"\n[address]\nrequests = 100000\nseconds = 1\n[plans.any]\nconcurrent_jobs = 1\n\
                     client = { requests = 100000, seconds = 1 }\ncitizen = { requests = 100000, seconds = 1 }\n\
                     day = { requests = 1000000 }\n";

/// A form's parameters.
pub type Pairs<'a> = Vec<(&'a str, String)>;

/// A made-up third party.
pub struct Party {
    pub id: &'static str,
    pub key: Es256Signer,
    pub proof_key: Es256Signer,
}

/// The bench.
pub struct Bench {
    pub issuer: Arc<Issuer>,
    pub gateway: Gateway,
    pub store: Arc<dyn Store>,
    pub clock: Arc<ManualClock>,
    pub entropy: Arc<dyn Entropy>,
    /// The installation's own address.
    pub url: String,
    pub bank: Party,
    pub app: Party,
    _scratch: Scratch,
}

/// The made-up store's files; gone with the bench.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The code of a refusal.
pub fn code_of(failure: IssuerFailure) -> String {
    match failure {
        IssuerFailure::Failed(Failure::Refused(refusal)) => refusal.code.to_owned(),
        IssuerFailure::Failed(Failure::Broken(fault)) => format!("a fault ({fault})"),
        IssuerFailure::Limited(_) => "rate_limited".to_owned(),
    }
}

impl Bench {
    /// Puts it together.
    ///
    /// # Errors
    /// What hindered it, in words.
    pub async fn open(parts: &ConformanceParts) -> Result<Self, String> {
        let mut key = [0_u8; 32];
        parts.entropy.fill(&mut key);
        let master = Arc::new(MasterKey::new(key));
        let (store, scratch) = made_up_store(parts, &master).await?;
        let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(parts.clock.now().seconds())));
        let hot = crate::hot::open("memory:", clock.now(), true).await.map_err(said)?;
        let url = parts.issuer.public_url().to_owned();
        let limits = Arc::new(Limits::parse(PLANS, Arc::clone(&hot)).map_err(said)?);
        let issuer_parts = IssuerParts {
            store: Arc::clone(&store),
            hot: Arc::clone(&hot),
            clock: Arc::clone(&clock) as _,
            entropy: Arc::clone(&parts.entropy),
            master: Arc::clone(&master),
            catalog: Arc::clone(&parts.catalog),
            policies: Arc::clone(&parts.policies),
            limits: Arc::clone(&limits),
        };
        let settings = IssuerSettings {
            public_url: url.clone(),
            rotation: Rotation::default(),
            // An RSA key takes seconds to make, and no probe encrypts.
            request_object_encryption: Vec::new(),
            register: None,
            outward: Outward::default(),
            certificates: parts.gateway.settings().certificates.clone(),
            environment: Environment::Production,
        };
        let issuer = Arc::new(Issuer::open(settings, issuer_parts).await.map_err(said)?);
        let ground = (Arc::clone(&store), hot, Arc::clone(&clock) as Arc<dyn Clock>, limits);
        let gateway = gateway(parts, ground, (&issuer, &master))?;
        let (bank, app) = (party("self-test-bank")?, party("self-test-app")?);
        for party in [&bank, &app] {
            let client = registration(party)?;
            store.put_client(&client, clock.now()).await.map_err(said)?;
        }
        let entropy = Arc::clone(&parts.entropy);
        Ok(Self { issuer, gateway, store, clock, entropy, url, bank, app, _scratch: scratch })
    }

    pub fn seconds(&self) -> i64 {
        self.clock.now().seconds()
    }

    /// A client assertion, with some claims replaced.
    pub fn assertion(&self, party: &Party, changes: &Value) -> Result<String, String> {
        let now = self.seconds();
        let mut claims = json!({
            "iss": party.id, "sub": party.id, "aud": self.url, "jti": self.entropy.handle(), "iat": now, "exp": now + 60,
        });
        replace(&mut claims, changes);
        sign(&party.key, "JWT", &claims).map_err(said)
    }

    /// The two parameters by which a client authenticates.
    pub fn authentication(&self, party: &Party, changes: &Value) -> Result<Pairs<'static>, String> {
        let assertion = self.assertion(party, changes)?;
        Ok(vec![("client_assertion_type", ASSERTION_TYPE.to_owned()), ("client_assertion", assertion)])
    }

    /// A DPoP proof, with some claims and header members replaced.
    pub fn proof(&self, key: &Es256Signer, target: (&str, &str), changes: (&Value, &Value)) -> Result<String, String> {
        let mut jwk = key.public_jwk().clone();
        if let Some(members) = jwk.as_object_mut() {
            members.retain(|name, _| matches!(name.as_str(), "kty" | "crv" | "x" | "y"));
        }
        let mut header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk});
        let mut claims = json!({
            "jti": self.entropy.handle(), "htm": target.0, "htu": format!("{}{}", self.url, target.1), "iat": self.seconds(),
        });
        replace(&mut claims, changes.0);
        replace(&mut header, changes.1);
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(&claims));
        let signature = key.sign(message.as_bytes()).map_err(said)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The parameters of a right push.
    pub fn pushed(&self, party: &Party) -> Result<Pairs<'static>, String> {
        let mut pairs = self.authentication(party, &json!({}))?;
        pairs.extend([
            ("client_id", party.id.to_owned()),
            ("response_type", "code".to_owned()),
            ("redirect_uri", REDIRECT_URI.to_owned()),
            ("scope", "openid offline_access catalog".to_owned()),
            ("state", "self-test".to_owned()),
            ("nonce", "self-test".to_owned()),
            ("code_challenge", CHALLENGE.to_owned()),
            ("code_challenge_method", "S256".to_owned()),
        ]);
        Ok(pairs)
    }

    /// Pushes; the code of the refusal when it is refused.
    pub async fn push(&self, pairs: &Pairs<'_>, dpop: Option<&str>) -> Result<PushedResponse, String> {
        let form = form(pairs)?;
        self.issuer.push(&call(&form, dpop)).await.map(|answered| answered.value).map_err(code_of)
    }

    /// What a right push and a citizen's consent end in.
    pub async fn code(&self, party: &Party, dpop: Option<&str>) -> Result<String, String> {
        let pushed = self.push(&self.pushed(party)?, dpop).await?;
        self.agree(party, &pushed.request_uri).await
    }

    /// What the citizen's pages do.
    pub async fn agree(&self, party: &Party, request_uri: &str) -> Result<String, String> {
        let found = self.issuer.find_authorization(party.id, request_uri).await;
        let (client, request, digest) = found.map_err(|failure| code_of(failure.into()))?;
        let now = self.clock.now();
        let account = UpstreamAccount { issuer: "https://idp.invalid".into(), subject: "self-test".into() };
        let person = SubjectId::generate(&*self.entropy);
        let person = self.store.find_or_insert_subject(&account, &person).await.map_err(said)?;
        let grant = Grant {
            id: GrantId::generate(&*self.entropy),
            client: client.id,
            subject: Some(person.id),
            scope: request.scope,
            consent: None,
            resources: Vec::new(),
            updated_at: None,
            acting: None,
            authentication: Some(Authentication { acr: Acr::Aal3, at: now, certificate: None }),
            created_at: now,
            expires_at: now.plus(Duration::from_hours(24)),
            status: GrantStatus::Active,
        };
        let code = self.entropy.handle();
        let held = HeldCode {
            digest: Digest::of(&code),
            grant: grant.id.clone(),
            body: serde_json::to_string(&request).map_err(said)?,
            expires_at: now.plus(CODE_LIFE),
        };
        let id = InteractionId::generate(&*self.entropy);
        let interaction =
            HeldInteraction { id, step: 1, body: "{}".into(), expires_at: now.plus(Duration::from_mins(5)) };
        self.store.insert_interaction(&interaction).await.map_err(said)?;
        let granted = Some((&grant, &held));
        let decision = Decision { interaction: &interaction.id, step: 1, request_uri: digest, granted, sign_in: None };
        let is_first = self.store.take_decision(&decision, now).await.map_err(said)?;
        if is_first { Ok(code) } else { Err("the decision did not count".to_owned()) }
    }

    /// The parameters of a right code exchange.
    pub fn exchange(&self, party: &Party, code: &str) -> Result<Pairs<'static>, String> {
        let mut pairs = self.authentication(party, &json!({}))?;
        pairs.extend([
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", REDIRECT_URI.to_owned()),
            ("code_verifier", VERIFIER.to_owned()),
        ]);
        Ok(pairs)
    }

    /// A token request with this proof; the code of the refusal when it is refused.
    pub async fn token(&self, pairs: &Pairs<'_>, dpop: Option<&str>) -> Result<TokenResponse, String> {
        let form = form(pairs)?;
        self.issuer.token(&call(&form, dpop)).await.map(|answered| answered.value).map_err(code_of)
    }

    /// A token request with a right proof.
    pub async fn proved(&self, party: &Party, pairs: &Pairs<'_>) -> Result<TokenResponse, String> {
        let proof = self.proof(&party.proof_key, ("POST", "/oauth/token"), (&json!({}), &json!({})))?;
        self.token(pairs, Some(&proof)).await
    }

    /// Tokens of a right flow.
    pub async fn tokens(&self, party: &Party) -> Result<TokenResponse, String> {
        let code = self.code(party, None).await?;
        self.proved(party, &self.exchange(party, &code)?).await
    }

    /// A right refresh.
    pub async fn refresh(
        &self,
        party: &Party,
        refresh_token: &str,
        scope: Option<&str>,
    ) -> Result<TokenResponse, String> {
        let mut pairs = self.authentication(party, &json!({}))?;
        pairs.extend([("grant_type", "refresh_token".to_owned()), ("refresh_token", refresh_token.to_owned())]);
        pairs.extend(scope.map(|scope| ("scope", scope.to_owned())));
        self.proved(party, &pairs).await
    }

    /// Introspects a token as `party`: whether it is active to it.
    pub async fn is_active(&self, party: &Party, token: &str) -> Result<bool, String> {
        let mut pairs = self.authentication(party, &json!({}))?;
        pairs.push(("token", token.to_owned()));
        let form = form(&pairs)?;
        let answered = self.issuer.introspect(&call(&form, None), false).await.map_err(code_of)?;
        Ok(matches!(answered.value, Told::Json(Introspection::Active(_))))
    }

    /// Revokes a token as `party`.
    pub async fn revoke(&self, party: &Party, token: &str) -> Result<(), String> {
        let mut pairs = self.authentication(party, &json!({}))?;
        pairs.push(("token", token.to_owned()));
        let form = form(&pairs)?;
        self.issuer.revoke(&call(&form, None)).await.map(|_| ()).map_err(code_of)
    }
}

/// What the bench stands on.
type Ground = (Arc<dyn Store>, Arc<dyn Hot>, Arc<dyn Clock>, Arc<Limits>);

/// A store of its own, in a folder that goes with it.
async fn made_up_store(parts: &ConformanceParts, master: &Arc<MasterKey>) -> Result<(Arc<dyn Store>, Scratch), String> {
    let folder = parts.deployment.scratch.join(format!("madoguchi-self-test-{}", parts.entropy.short_handle()));
    std::fs::create_dir(&folder).map_err(|error| format!("no folder for made-up records: {error}"))?;
    let scratch = Scratch(folder);
    let store = crate::store::open(&format!("sqlite:{}", scratch.0.join("store.db").display()), master).await;
    Ok((store.map_err(said)?, scratch))
}

/// The installation's gateway, on another ground.
fn gateway(
    parts: &ConformanceParts,
    (store, hot, clock, limits): Ground,
    (issuer, master): (&Issuer, &MasterKey),
) -> Result<Gateway, String> {
    let witness = Witness::new(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&parts.entropy));
    let gateway_parts = GatewayParts {
        store,
        hot,
        clock,
        keys: issuer.published_keys(),
        nonces: Arc::new(Nonces::new(master).map_err(said)?),
        limits,
        policies: Arc::clone(&parts.policies),
        catalog: Arc::clone(&parts.catalog),
        witness: Arc::new(witness),
    };
    Ok(Gateway::new(parts.gateway.settings().clone(), gateway_parts))
}

/// The form, as it would come over the wire.
pub fn form(pairs: &Pairs<'_>) -> Result<Form, String> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Form::parse(body.as_bytes()).map_err(|refusal| refusal.public)
}

pub fn call<'a>(form: &'a Form, dpop: Option<&'a str>) -> ClientCall<'a> {
    ClientCall { form, dpop, certificate: None, has_authorization: false, tally: Tally::default() }
}

/// The pairs with one replaced, or taken away.
pub fn with<'a>(mut pairs: Pairs<'a>, name: &'a str, value: Option<&str>) -> Pairs<'a> {
    pairs.retain(|(known, _)| *known != name);
    pairs.extend(value.map(|value| (name, value.to_owned())));
    pairs
}

fn replace(members: &mut Value, changes: &Value) {
    if let (Value::Object(members), Value::Object(changes)) = (members, changes) {
        members.extend(changes.clone());
        members.retain(|_, value| !value.is_null());
    }
}

fn party(id: &'static str) -> Result<Party, String> {
    let key = || Es256Signer::generate().map(|(key, _)| key).map_err(said);
    Ok(Party { id, key: key()?, proof_key: key()? })
}

fn registration(party: &Party) -> Result<Client, String> {
    let name = Words { ja: "自己試験（架空）".into(), en: "Self-test (made up)".into() };
    Ok(Client {
        id: ClientId::parse(party.id).map_err(said)?,
        class: ClientClass::Bank,
        status: ClientStatus::Production,
        name,
        corporate_number: CorporateNumber::parse("7000012050002").map_err(said)?,
        contact: Contact { email: "desk@bank.example".into(), phone: "000".into() },
        redirect_uris: vec![REDIRECT_URI.into()],
        jwks: json!({"keys": [party.key.public_jwk()]}),
        scope: ScopeSet::parse("openid offline_access self_information catalog").map_err(said)?,
        purposes: Vec::new(),
        rate_plan: "any".into(),
        dpop_nonce_required: false,
        sector: "bank.example".into(),
        profile: ClientProfile::default(),
    })
}
