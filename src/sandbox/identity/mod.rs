//! An identity provider of the デジタル認証アプリ shape: OpenID Connect, card and PIN, nothing but the card's holder.
//!
//! How it flows:
//! 1. Discovery and keys ([`discovery`]).
//! 2. `GET …/auth` ([`authorize`]): a registered client, its exact redirect URI, PKCE S256; then the sign-in page.
//! 3. The page ([`sign_in`]): a card number and a PIN, or the substitute for a test card (テストカード代替) where a
//!    person and an end, 正常 or 異常, are picked; then back to the client with a code.
//! 4. `POST …/token` ([`token`]): `private_key_jwt`, the code once within a minute; an ES256 id_token.
//! 5. A card that is suspended, or may be used again, is told to the clients at once ([`events`]).
//! 6. `…/userinfo` ([`token::userinfo`]): the four items of the card, as far as the scope goes.
//! 7. What a client has signed by a person ([`signing`]), with the scope `sign`.
//! 8. With the scope `certificate` the id_token tells the serial number of the 利用者証明用電子証明書.
//!
//! Publicly known are the paths, `private_key_jwt` with the token endpoint as audience, ES256, PKCE S256 and `acr`
//! `aal3 crl`; lifetimes, error texts and how the
//! serial number is told are decided here.
//!
//! How to add one more card: a person's file; a blocked or suspended card is a state there.
//!
//! What it must never do: send a browser anywhere but to a registered redirect URI.

mod authorize;
mod discovery;
mod events;
mod sign_in;
mod signing;
mod token;

pub(super) use authorize::back_with_error;
pub(super) use events::switch_card;
pub(super) use token::without_nulls;

/// Where things are signed, below the realm.
pub const SIGNING_PATH: &str = signing::PATH;

use super::expiring::Expiring;
use super::settings::StartError;
use super::signing::SigningKey;
use crate::domain::{Digest, Timestamp};
use actix_web::web;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// Where the realm is, below the sandbox's address.
pub(super) const REALM: &str = super::IDENTITY_PATH;
/// How long a sign-in may take.
const TRANSACTION_LIFE: Duration = Duration::from_mins(10);
/// How long a code counts.
const CODE_LIFE: Duration = Duration::from_mins(1);
/// How long a token counts.
const TOKEN_LIFE: Duration = Duration::from_mins(5);
/// Wrong PINs after which a card is blocked; a real card does the same.
const MOST_WRONG_PINS: u8 = 3;

/// What the provider remembers.
pub(super) struct Identity {
    key: SigningKey,
    transactions: Expiring<String, Transaction>,
    codes: Expiring<Digest, Code>,
    /// Codes that were used, with the token each gave: a second use ends that token.
    spent: Expiring<Digest, Digest>,
    tokens: Expiring<Digest, Bearer>,
    wrong_pins: Vec<AtomicU8>,
    /// Tokens of clients' own, with whose each is.
    own_tokens: Expiring<Digest, usize>,
    orders: Expiring<String, signing::Order>,
    wrong_passwords: Vec<AtomicU8>,
}

/// A sign-in under way.
#[derive(Clone)]
struct Transaction {
    party: usize,
    redirect_uri: String,
    state: String,
    nonce: Option<String>,
    challenge: String,
    scope: String,
    /// What is to be signed in it, if anything is.
    signing: Option<String>,
}

/// What a code stands for.
struct Code {
    transaction: Transaction,
    person: usize,
    signed_in: Timestamp,
    session_state: String,
}

/// What a token stands for.
#[derive(Clone)]
struct Bearer {
    party: usize,
    person: usize,
    scope: String,
}

impl Identity {
    /// A provider with a fresh key; `cards` is how many there are.
    ///
    /// # Errors
    /// [`StartError::Machinery`] when no key can be made.
    pub(super) fn new(cards: usize) -> Result<Self, StartError> {
        Ok(Self {
            key: SigningKey::es256()?,
            transactions: Expiring::new(50_000),
            codes: Expiring::new(50_000),
            spent: Expiring::new(50_000),
            tokens: Expiring::new(50_000),
            wrong_pins: std::iter::repeat_with(AtomicU8::default).take(cards).collect(),
            own_tokens: Expiring::new(50_000),
            orders: Expiring::new(50_000),
            wrong_passwords: std::iter::repeat_with(AtomicU8::default).take(cards).collect(),
        })
    }

    pub(super) fn sweep(&self, now: Timestamp) {
        self.transactions.sweep(now);
        self.codes.sweep(now);
        self.spent.sweep(now);
        self.tokens.sweep(now);
        self.own_tokens.sweep(now);
        self.orders.sweep(now);
    }

    /// How many tries a card has left.
    fn tries_left(&self, person: usize) -> u8 {
        self.wrong_pins.get(person).map_or(0, |wrong| MOST_WRONG_PINS.saturating_sub(wrong.load(Ordering::SeqCst)))
    }

    /// Uses up one try before the PIN is compared, so that many tries at once cannot be more than three. False when
    /// none is left.
    fn use_try(&self, person: usize) -> bool {
        let one_more = |wrong: u8| (wrong < MOST_WRONG_PINS).then_some(wrong + 1);
        self.wrong_pins
            .get(person)
            .is_some_and(|wrong| wrong.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more).is_ok())
    }

    /// The PIN was right: all tries are there again.
    fn restore_tries(&self, person: usize) {
        if let Some(wrong) = self.wrong_pins.get(person) {
            wrong.store(0, Ordering::SeqCst);
        }
    }
}

/// Everything below the realm.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    let connect = |name: &str| format!("{REALM}/protocol/openid-connect/{name}");
    config
        .service(
            web::resource(format!("{REALM}/.well-known/openid-configuration"))
                .route(web::get().to(discovery::metadata)),
        )
        .service(web::resource(connect("certs")).route(web::get().to(discovery::certs)))
        .service(
            web::resource(connect("auth"))
                .route(web::get().to(authorize::by_query))
                .route(web::post().to(authorize::by_form)),
        )
        .service(web::resource(format!("{REALM}{}", signing::PATH)).route(web::post().to(signing::begin)))
        .service(web::resource(format!("{REALM}{}/{{id}}", signing::PATH)).route(web::get().to(signing::fetch)))
        .service(web::resource(connect("token")).route(web::post().to(token::token)))
        .service(
            web::resource(connect("userinfo"))
                .route(web::get().to(token::userinfo))
                .route(web::post().to(token::userinfo)),
        )
        .service(
            web::resource(format!("{REALM}/login-actions/authenticate"))
                .route(web::get().to(sign_in::page))
                .route(web::post().to(sign_in::submit)),
        );
}
