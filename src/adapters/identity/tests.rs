//! The relying party against a provider that speaks the protocol, and against one that breaks it.

use super::{Ceremony, IdentityErrorKind, IdentityParts, IdentityProvider, IdentitySettings, RelyingParty};
use crate::adapters::assertion::AssertionSigner;
use crate::domain::acr::Acr;
use crate::domain::entropy::SeededEntropy;
use crate::domain::time::ManualClock;
use crate::domain::{Clock, Lang, Secret, Timestamp};
use actix_web::{App, HttpResponse, HttpServer, web};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the provider does next.
#[derive(Clone)]
struct Mood {
    claims: Value,
    kid: &'static str,
    published: Vec<&'static str>,
    alg: Algorithm,
    answer: Option<(u16, Value)>,
    discovery: Option<u16>,
}

struct Provider {
    issuer: String,
    keys: HashMap<&'static str, EcdsaKeyPair>,
    client: EcdsaKeyPair,
    mood: Mutex<Mood>,
    looks: Mutex<u32>,
    clock: Arc<ManualClock>,
}

fn point(pair: &EcdsaKeyPair) -> (String, String) {
    let bytes = pair.public_key().as_ref();
    (URL_SAFE_NO_PAD.encode(&bytes[1..33]), URL_SAFE_NO_PAD.encode(&bytes[33..65]))
}

fn pem(pair: &EcdsaKeyPair) -> String {
    let der: aws_lc_rs::encoding::EcPrivateKeyRfc5915Der<'_> = pair.private_key().as_der().unwrap();
    let text = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
    format!("-----BEGIN EC PRIVATE KEY-----\n{text}\n-----END EC PRIVATE KEY-----\n")
}

async fn discovery(provider: web::Data<Provider>) -> HttpResponse {
    *provider.looks.lock().unwrap() += 1;
    if let Some(status) = provider.mood.lock().unwrap().discovery {
        return HttpResponse::build(status.try_into().unwrap()).finish();
    }
    let at = |path: &str| format!("{}/{path}", provider.issuer);
    HttpResponse::Ok().json(json!({
        "issuer": provider.issuer, "authorization_endpoint": at("auth"), "token_endpoint": at("token"),
        "jwks_uri": at("certs"), "response_types_supported": ["code"], "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    }))
}

async fn certs(provider: web::Data<Provider>) -> HttpResponse {
    let published = provider.mood.lock().unwrap().published.clone();
    let key = |kid: &&'static str| {
        let (x, y) = point(&provider.keys[kid]);
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": x, "y": y})
    };
    HttpResponse::Ok().json(json!({"keys": published.iter().map(key).collect::<Vec<_>>()}))
}

async fn token(provider: web::Data<Provider>, form: web::Form<HashMap<String, String>>) -> HttpResponse {
    let mood = provider.mood.lock().unwrap().clone();
    if let Some((status, body)) = mood.answer {
        return HttpResponse::build(status.try_into().unwrap()).json(body);
    }
    assert_eq!(form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assert_eq!((form["grant_type"].as_str(), form["code"].as_str()), ("authorization_code", "c"));
    assert_eq!(form["redirect_uri"], "http://localhost:8080/sign-in/callback");
    assert_eq!(form["code_verifier"], ceremony().verifier.expose().as_str());
    assert!(!form.contains_key("client_secret"));
    let (x, y) = point(&provider.client);
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[format!("{}/token", provider.issuer)]);
    validation.validate_exp = false;
    let key = DecodingKey::from_ec_components(&x, &y).unwrap();
    let claims = jsonwebtoken::decode::<Value>(&form["client_assertion"], &key, &validation).unwrap().claims;
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("madoguchigateway"), &json!("madoguchigateway")));
    assert_eq!(claims["exp"], json!(provider.clock.now().seconds() + 60));
    let mut header = Header::new(mood.alg);
    header.kid = Some(mood.kid.into());
    let key = match mood.alg {
        Algorithm::ES256 => EncodingKey::from_ec_der(&pkcs8(&provider.keys[mood.kid])),
        _ => EncodingKey::from_secret(b"madoguchigateway"),
    };
    let id_token = jsonwebtoken::encode(&header, &mood.claims, &key).unwrap();
    HttpResponse::Ok()
        .json(json!({"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": id_token}))
}

fn pkcs8(pair: &EcdsaKeyPair) -> Vec<u8> {
    pair.to_pkcs8v1().unwrap().as_ref().to_vec()
}

fn ceremony() -> Ceremony {
    Ceremony {
        state: "s".into(),
        nonce: Secret::new("n".into()),
        verifier: Secret::new("v".repeat(43)),
        least: Acr::Aal3,
        max_age: None,
        oldest: None,
        with_certificate: false,
        lang: Lang::Ja,
    }
}

fn generate() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

/// A running provider in a good mood, and a relying party of it.
fn start() -> (web::Data<Provider>, RelyingParty) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_795_230_000)));
    let now = clock.now().seconds();
    let claims = json!({"iss": issuer, "aud": "madoguchigateway", "sub": "ppid-1", "iat": now, "exp": now + 60,
        "auth_time": now - 30, "nonce": "n", "acr": "aal3 crl"});
    let mood = Mood { claims, kid: "k1", published: vec!["k1"], alg: Algorithm::ES256, answer: None, discovery: None };
    let provider = web::Data::new(Provider {
        issuer: issuer.clone(),
        keys: HashMap::from([("k1", generate()), ("k2", generate())]),
        client: generate(),
        mood: Mutex::new(mood),
        looks: Mutex::new(0),
        clock: Arc::clone(&clock),
    });
    let shared = provider.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .route("/.well-known/openid-configuration", web::get().to(discovery))
            .route("/certs", web::get().to(certs))
            .route("/token", web::post().to(token))
    });
    actix_web::rt::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
    let settings = IdentitySettings {
        issuer,
        client_id: "madoguchigateway".into(),
        redirect_uri: "http://localhost:8080/sign-in/callback".into(),
    };
    let key = AssertionSigner::from_pem(&Secret::new(pem(&provider.client)), "gateway").unwrap();
    let parts = IdentityParts { settings, key, clock, entropy: Arc::new(SeededEntropy::new(7)) };
    (provider, RelyingParty::new(parts).unwrap())
}

#[actix_web::test]
async fn the_browser_is_sent_with_everything_that_binds_it() {
    let (provider, party) = start();
    let url = party.start(&ceremony()).await.unwrap();
    let sent: HashMap<_, _> = url.query_pairs().into_owned().collect();
    let wanted = [
        ("response_type", "code"),
        ("client_id", "madoguchigateway"),
        ("redirect_uri", "http://localhost:8080/sign-in/callback"),
        ("scope", "openid"),
        ("state", "s"),
        ("nonce", "n"),
        ("acr_values", "aal3 crl"),
        ("code_challenge_method", "S256"),
        ("ui_locales", "ja"),
    ];
    for (name, value) in wanted {
        assert_eq!(sent.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(url.as_str().starts_with(&format!("{}/auth?", provider.issuer)));
    assert!(!url.as_str().contains(ceremony().verifier.expose().as_str()));
    // The document is looked up once for many sign-ins.
    party.start(&ceremony()).await.unwrap();
    assert_eq!(*provider.looks.lock().unwrap(), 1);
}

#[actix_web::test]
async fn a_person_is_recognised() {
    let (provider, party) = start();
    let found = party.finish("c", &ceremony()).await.unwrap();
    assert_eq!((found.account.subject.as_str(), found.account.issuer.as_str()), ("ppid-1", party.issuer()));
    assert_eq!((found.acr, found.at), (Acr::Aal3, provider.clock.now().minus(Duration::from_secs(30))));
}

#[actix_web::test]
async fn an_id_token_that_does_not_fit_is_refused() {
    use IdentityErrorKind::{Malformed, NotVerified, TooOld, TooWeak};
    let (provider, party) = start();
    let (good, now) = (provider.mood.lock().unwrap().claims.clone(), provider.clock.now().seconds());
    let cases = [
        ("iss", json!("https://other.example"), NotVerified),
        ("aud", json!("another"), NotVerified),
        ("aud", json!(["madoguchigateway", "another"]), NotVerified),
        ("nonce", json!("m"), NotVerified),
        ("nonce", Value::Null, NotVerified),
        ("exp", json!(now - 11), NotVerified),
        ("iat", json!(now + 60), NotVerified),
        ("acr", json!("aal2"), TooWeak),
        ("acr", Value::Null, TooWeak),
        ("acr", json!("aal33"), TooWeak),
        ("auth_time", json!(now - 3600), TooOld),
        ("auth_time", json!(now + 60), TooOld),
        ("sub", json!("x".repeat(256)), Malformed),
        ("sub", json!("仮名"), Malformed),
    ];
    for (claim, value, kind) in cases {
        let mut claims = good.clone();
        claims[claim] = value.clone();
        provider.mood.lock().unwrap().claims = claims;
        let error = party.finish("c", &ceremony()).await.unwrap_err();
        assert_eq!(error.kind, kind, "{claim}={value}: {error}");
        assert!(!error.to_string().contains("ppid-1"), "{error}");
    }
}

#[actix_web::test]
async fn only_es256_counts() {
    let (provider, party) = start();
    provider.mood.lock().unwrap().alg = Algorithm::HS256;
    assert_eq!(party.finish("c", &ceremony()).await.unwrap_err().kind, IdentityErrorKind::NotVerified);
}

#[actix_web::test]
async fn a_new_key_is_looked_up_but_not_hammered() {
    let (provider, party) = start();
    party.finish("c", &ceremony()).await.unwrap();
    provider.mood.lock().unwrap().kid = "k2";
    // Signed with a key that nobody published, again and again: not one more look within ten seconds.
    for _ in 0..3 {
        assert_eq!(party.finish("c", &ceremony()).await.unwrap_err().kind, IdentityErrorKind::NotVerified);
    }
    assert_eq!(*provider.looks.lock().unwrap(), 1);
    provider.mood.lock().unwrap().published = vec!["k1", "k2"];
    provider.clock.advance(Duration::from_secs(11));
    party.finish("c", &ceremony()).await.unwrap();
    assert_eq!(*provider.looks.lock().unwrap(), 2);
}

#[actix_web::test]
async fn whose_fault_it_is_is_told() {
    use super::Blame;
    let (provider, party) = start();
    let cases = [
        (400, json!({"error": "invalid_grant"}), IdentityErrorKind::CodeRefused, Blame::Caller),
        (401, json!({"error": "invalid_client"}), IdentityErrorKind::ClientRefused, Blame::Ours),
        (400, json!({"error": "secret words"}), IdentityErrorKind::Malformed, Blame::Backend),
        (200, json!({"access_token": "a", "token_type": "Bearer"}), IdentityErrorKind::Malformed, Blame::Backend),
        (200, json!("nonsense"), IdentityErrorKind::Malformed, Blame::Backend),
        (302, json!({}), IdentityErrorKind::Malformed, Blame::Backend),
        (503, json!({}), IdentityErrorKind::Unreachable, Blame::Backend),
    ];
    for (status, body, kind, blame) in cases {
        provider.mood.lock().unwrap().answer = Some((status, body));
        let error = party.finish("c", &ceremony()).await.unwrap_err();
        assert_eq!((error.kind, error.blame()), (kind, blame), "{status}: {error}");
        assert!(!error.to_string().contains("secret words"));
    }
    let large = json!({"access_token": "a".repeat(300 * 1024), "token_type": "Bearer"});
    provider.mood.lock().unwrap().answer = Some((200, large));
    assert_eq!(party.finish("c", &ceremony()).await.unwrap_err().kind, IdentityErrorKind::Malformed);
}

#[actix_web::test]
async fn a_provider_that_is_away_is_said_to_be() {
    let (provider, party) = start();
    provider.mood.lock().unwrap().discovery = Some(500);
    let error = party.start(&ceremony()).await.unwrap_err();
    assert_eq!(error.kind, IdentityErrorKind::Unreachable);
    assert!(error.is_worth_retrying());
    provider.mood.lock().unwrap().discovery = Some(404);
    assert_eq!(party.start(&ceremony()).await.unwrap_err().kind, IdentityErrorKind::Malformed);
    provider.mood.lock().unwrap().discovery = None;
    party.start(&ceremony()).await.unwrap();
}

#[test]
fn plain_http_is_for_loopback_only() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    for (issuer, is_fine) in [
        ("https://idp.example/realms/main", true),
        ("http://localhost:8090/idp", true),
        ("http://127.0.0.1:8090", true),
        ("http://idp.example", false),
        ("ftp://localhost", false),
        ("nonsense", false),
    ] {
        let settings = IdentitySettings {
            issuer: issuer.into(),
            client_id: "c".into(),
            redirect_uri: "http://localhost:8080/sign-in/callback".into(),
        };
        let key = AssertionSigner::from_pem(&Secret::new(pem(&generate())), "k").unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(0)));
        let parts = IdentityParts { settings, key, clock, entropy: Arc::new(SeededEntropy::new(1)) };
        assert_eq!(RelyingParty::new(parts).is_ok(), is_fine, "{issuer}");
    }
}
