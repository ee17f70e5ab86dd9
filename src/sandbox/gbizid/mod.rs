//! An identity provider of the gBizID shape (法人共通認証基盤): companies and sole proprietors sign in.
//!
//! How it flows: `authorize` checks the client and shows the sign-in page ([`sign_in`]); a right password gives a code
//! of 22 letters and digits for five minutes; `token` ([`token`]) takes it with `client_secret_basic` and gives an
//! RS256 JWT of an hour, an id_token without personal data, and with `offline_access` a refresh token that is
//! rotated at each use; `userinfo` tells of the account as far as the scope goes.
//!
//! Publicly known, as an implementer read them, are these lifetimes, scopes and errors. The addresses of discovery and
//! keys are not; the ones here are where OpenID Connect Discovery puts them. Of the scopes that are given on application
//! (`role`, `delegation_info`, `jp_gbizid_v1_ida`), which every client here has, the words are known; where they stand in
//! userinfo was decided here.
//!
//! How to add one more company: a file in `companies/` and a line in [`BUILT_IN`].
//!
//! What it must never do: send a browser to an address that is not registered; put anything of the account into an
//! id_token or an access token.

mod authorize;
mod sign_in;
mod token;

use super::expiring::Expiring;
use super::settings::StartError;
use super::signing::SigningKey;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::words::Words;
use crate::domain::{Digest, Entropy, Timestamp};
use actix_web::web;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;
use std::time::Duration;

/// How long a sign-in may take.
const TRANSACTION_LIFE: Duration = Duration::from_mins(10);
/// How long a code counts.
const CODE_LIFE: Duration = Duration::from_mins(5);
/// How long an access token counts.
const TOKEN_LIFE: Duration = Duration::from_hours(1);
/// How long a refresh token counts; not publicly known, decided here.
const REFRESH_LIFE: Duration = Duration::from_hours(720);
/// The scopes that may be asked for.
const SCOPES: [&str; 9] =
    ["openid", "profile", "user", "mandate", "email", "offline_access", "role", "delegation_info", "jp_gbizid_v1_ida"];
/// The built-in company files.
const BUILT_IN: [(&str, &str); 4] = [
    ("mihon-kogyo.json", include_str!("../companies/mihon-kogyo.json")),
    ("shiken-somu.json", include_str!("../companies/shiken-somu.json")),
    ("reiji-design.json", include_str!("../companies/reiji-design.json")),
    ("mihon-romu.json", include_str!("../companies/mihon-romu.json")),
];

/// One account as its file says it, in the names that the scopes have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "`account_type` is the claim's own name")]
pub(super) struct Account {
    /// The account's id: a mail address under `.example`.
    pub(super) id: String,
    pub(super) password: String,
    pub(super) story: Words,
    /// 1 entry, 2 prime, 3 member.
    account_type: String,
    /// 1 corporation, 2 sole proprietor.
    corp_type: String,
    /// 法人番号; a sole proprietor has none.
    corporate_number: Option<CorporateNumber>,
    pub(super) name: String,
    prefecture_name: String,
    address1: String,
    address2: String,
    rep_last_nm: String,
    rep_first_nm: String,
    rep_last_nm_kana: String,
    rep_first_nm_kana: String,
    birthday_ymd: Option<String>,
    /// The prime account above a member's.
    parent_id: Option<String>,
    user_last_nm: String,
    user_first_nm: String,
    /// `ial1` or `ial2`, and by what the company was checked: `document`, `online` or `one_stop`.
    assurance_level: String,
    checked_by: String,
    /// Its place in the company, and `jp_gbizid_prime`, `…_administrator` or `…_member`; an entry account has none.
    role: Option<Role>,
    /// Which companies gave its company a mandate.
    mandates: Vec<Mandate>,
}

/// An account's role in its company.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Role {
    levels: Vec<String>,
    permission: String,
}

/// A mandate from another company.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mandate {
    corporate_number: CorporateNumber,
    name: String,
    /// The first and last day: `20260401`.
    from: String,
    until: String,
    /// Which procedures it covers.
    procedures: Vec<String>,
}

/// What the provider remembers.
pub(super) struct Corporate {
    key: OnceLock<Option<SigningKey>>,
    pub(super) accounts: Vec<Account>,
    transactions: Expiring<String, Transaction>,
    codes: Expiring<Digest, Grant>,
    tokens: Expiring<Digest, Grant>,
    refresh: Expiring<Digest, Grant>,
}

/// A sign-in under way.
#[derive(Clone)]
struct Transaction {
    party: usize,
    redirect_uri: String,
    state: Option<String>,
    nonce: Option<String>,
    challenge: Option<String>,
    scope: String,
}

/// What a code or a token stands for.
#[derive(Clone)]
struct Grant {
    transaction: Transaction,
    account: usize,
    signed_in: Timestamp,
}

impl Grant {
    fn has(&self, scope: &str) -> bool {
        self.transaction.scope.split(' ').any(|s| s == scope)
    }
}

impl Corporate {
    /// The provider with its built-in accounts.
    ///
    /// # Errors
    /// [`StartError::Files`] with every fault of every file.
    pub(super) fn new() -> Result<Self, StartError> {
        let mut faults = Vec::new();
        let mut accounts: Vec<Account> = Vec::new();
        for (name, text) in BUILT_IN {
            match serde_json::from_str(text) {
                Ok(account) => accounts.push(account),
                Err(e) => faults.push(format!("{name}: {e}")),
            }
        }
        if !faults.is_empty() {
            return Err(StartError::Files(faults));
        }
        Ok(Self {
            key: OnceLock::new(),
            accounts,
            transactions: Expiring::new(10_000),
            codes: Expiring::new(10_000),
            tokens: Expiring::new(50_000),
            refresh: Expiring::new(50_000),
        })
    }

    /// The RSA key, made when it is first needed: making one takes longer than everything else at start.
    fn key(&self) -> Option<&SigningKey> {
        self.key.get_or_init(|| SigningKey::rs256().ok()).as_ref()
    }

    pub(super) fn sweep(&self, now: Timestamp) {
        self.transactions.sweep(now);
        self.codes.sweep(now);
        self.tokens.sweep(now);
        self.refresh.sweep(now);
    }
}

/// `count` unguessable letters and digits, each as likely as the others.
fn letters(entropy: &dyn Entropy, count: usize) -> String {
    const SET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut out = String::with_capacity(count);
    while out.len() < count {
        let mut bytes = [0_u8; 64];
        entropy.fill(&mut bytes);
        // 248 is the largest multiple of 62 that a byte holds: what is above would favour the first letters.
        let chosen = bytes.iter().filter(|b| **b < 248).filter_map(|b| SET.get(usize::from(*b % 62)));
        out.extend(chosen.take(count - out.len()).map(|b| char::from(*b)));
    }
    out
}

/// Everything below `/gbizid/oauth/`.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    let at = |name: &str| format!("/gbizid/oauth/{name}");
    config
        .service(web::resource(at(".well-known/openid-configuration")).route(web::get().to(authorize::metadata)))
        .service(web::resource(at("certs")).route(web::get().to(authorize::certs)))
        .service(web::resource(at("authorize")).route(web::get().to(authorize::authorize)))
        .service(
            web::resource(at("sign-in")).route(web::get().to(sign_in::page)).route(web::post().to(sign_in::submit)),
        )
        .service(web::resource(at("token")).route(web::post().to(token::token)))
        .service(web::resource(at("userinfo")).route(web::get().to(token::userinfo)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SystemEntropy;

    #[test]
    fn the_built_in_accounts_read_and_are_plainly_made_up() {
        let corporate = Corporate::new().unwrap();
        assert_eq!(corporate.accounts.len(), BUILT_IN.len());
        for account in &corporate.accounts {
            assert!(account.id.ends_with(".example"), "{}", account.id);
            assert_eq!(account.corp_type == "1", account.corporate_number.is_some(), "{}", account.id);
            assert_eq!(account.account_type == "3", account.parent_id.is_some(), "{}", account.id);
            let parent = account.parent_id.as_ref();
            assert!(parent.is_none_or(|p| corporate.accounts.iter().any(|a| a.id == *p)), "{}", account.id);
        }
    }

    #[test]
    fn a_code_is_22_letters_and_digits() {
        let code = letters(&SystemEntropy, 22);
        assert!(code.len() == 22 && code.bytes().all(|b| b.is_ascii_alphanumeric()), "{code}");
        assert_ne!(code, letters(&SystemEntropy, 22));
    }
}
