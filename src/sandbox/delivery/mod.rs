//! Two pretend private delivery providers (民間送達): OpenID providers that keep made-up certificates for every made-up person.
//!
//! How it flows: 1. `oidc` signs a person in on the provider's own page (whoever one picks), and gives a code, then an id_token
//! and a refresh token; 2. `documents` lists and gives what is kept, made when it is fetched and signed by `keys`; 3.
//! `POST …/mood` makes a provider ill, or what it delivers worthless.
//!
//! How to add one more mood: a variant of [`DeliveryMood`] and the place where it bites.

mod documents;
mod keys;
mod oidc;
mod papers;

pub use keys::anchors;
pub use papers::newest_year;

use super::expiring::Expiring;
use super::server::Sandbox;
use super::settings::StartError;
use super::signing::SigningKey;
use crate::domain::{Digest, Timestamp};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Path of the providers under the sandbox's address; each is below it, by its code.
pub const PATH: &str = "/delivery";
/// The providers: code, name in Japanese and in English.
pub const PROVIDERS: [(&str, &str, &str); 2] = [
    ("mihon-post", "見本電子私書箱（サンドボックス）", "Mihon e-Mailbox (sandbox)"),
    ("reiji-mailbox", "例示ポスト（サンドボックス）", "Reiji Post (sandbox)"),
];

/// How a provider feels, and what it delivers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryMood {
    /// All is right.
    #[default]
    Well,
    /// It is not itself.
    Down,
    /// It answers something that is no list and no document.
    Garbage,
    /// It answers more than anybody has room for.
    Floods,
    /// An amount was changed after it was signed.
    Altered,
    /// Documents are signed by another issuer than they name.
    WrongIssuer,
    /// Documents are signed by a certificate whose time is over.
    Expired,
    /// Documents are signed by somebody whom nobody vouches for.
    Untrusted,
    /// It gives another refresh token each time, and takes the one before no more.
    Renews,
}

/// What the providers remember.
pub struct Delivery {
    key: SigningKey,
    transactions: Expiring<String, Transaction>,
    codes: Expiring<Digest, Code>,
    tokens: Expiring<Digest, Account>,
    accounts: Mutex<HashMap<Digest, Account>>,
    moods: Mutex<HashMap<String, DeliveryMood>>,
}

/// A sign-in under way.
#[derive(Clone)]
struct Transaction {
    provider: String,
    client: String,
    redirect_uri: String,
    state: String,
    nonce: Option<String>,
    challenge: String,
}

/// What a code stands for.
struct Code {
    transaction: Transaction,
    person: usize,
}

/// What a token opens.
#[derive(Clone)]
struct Account {
    provider: String,
    client: String,
    person: usize,
}

impl Delivery {
    pub(super) fn new() -> Result<Self, StartError> {
        Ok(Self {
            key: SigningKey::es256()?,
            transactions: Expiring::new(50_000),
            codes: Expiring::new(50_000),
            tokens: Expiring::new(50_000),
            accounts: Mutex::default(),
            moods: Mutex::default(),
        })
    }

    pub(super) fn sweep(&self, now: Timestamp) {
        self.transactions.sweep(now);
        self.codes.sweep(now);
        self.tokens.sweep(now);
    }

    /// From now on a provider feels like this.
    pub fn set_mood(&self, provider: &str, mood: DeliveryMood) {
        self.moods.lock().unwrap_or_else(PoisonError::into_inner).insert(provider.to_owned(), mood);
    }

    /// How many refresh tokens are good at a provider.
    #[must_use]
    pub fn open_accounts(&self, provider: &str) -> usize {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.values().filter(|account| account.provider == provider).count()
    }

    /// Ends every link of a provider's, as if everybody had done so there.
    pub fn end_all(&self, provider: &str) {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, one| one.provider != provider);
    }

    fn mood(&self, provider: &str) -> DeliveryMood {
        self.moods.lock().unwrap_or_else(PoisonError::into_inner).get(provider).copied().unwrap_or_default()
    }
}

/// What every handler shares.
type Shared = web::Data<Sandbox>;

fn is_provider(code: &str) -> bool {
    PROVIDERS.iter().any(|(known, ..)| *known == code)
}

fn issuer(sandbox: &Sandbox, provider: &str) -> String {
    format!("{}/{provider}", sandbox.addresses.delivery)
}

fn missing() -> HttpResponse {
    HttpResponse::NotFound().json(json!({"error": "not_found"}))
}

#[derive(Deserialize)]
struct Feeling {
    mood: DeliveryMood,
}

async fn feel(sandbox: Shared, provider: web::Path<String>, body: web::Json<Feeling>) -> HttpResponse {
    if !is_provider(&provider) {
        return missing();
    }
    sandbox.delivery.set_mood(&provider, body.mood);
    HttpResponse::Ok().json(json!({"mood": body.mood}))
}

/// The providers' addresses.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    let at = |path: &str| web::resource(format!("{PATH}/{{provider}}{path}"));
    config
        .service(at("/.well-known/openid-configuration").route(web::get().to(oidc::metadata)))
        .service(at("/certs").route(web::get().to(oidc::certs)))
        .service(at("/auth").route(web::get().to(oidc::begin)))
        .service(at("/login").route(web::post().to(oidc::login)))
        .service(at("/token").route(web::post().to(oidc::token)))
        .service(at("/revoke").route(web::post().to(oidc::revoke)))
        .service(at("/documents").route(web::get().to(documents::list)))
        .service(at("/documents/{id}").route(web::get().to(documents::fetch)))
        .service(at("/mood").route(web::post().to(feel)));
}
