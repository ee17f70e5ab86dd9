//! The corporate account: its access token, kept until shortly before it ends, and how it is connected (OAuth 2.0).

use super::calls::retry_after;
use super::tokens::{KeptToken, RefreshTokens};
use crate::adapters::agency::{AgencySettings, InvalidAgency};
use crate::adapters::http;
use crate::domain::{Clock, Digest, Entropy, Secret, Timestamp};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Url};
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// A token this near to its end is not used any more.
const MARGIN: Duration = Duration::from_mins(1);
/// Tokens are short for most of a day, whatever the account service says.
const LONGEST_LIFE: Duration = Duration::from_hours(1);
/// How long a renewal may take.
const RENEWAL: Duration = Duration::from_secs(5);

struct Held {
    text: Secret<String>,
    good_until: Timestamp,
}

/// One corporate account.
pub struct Account {
    client: Client,
    agency: String,
    base: String,
    software_id: String,
    api_key: Secret<String>,
    redirect_uri: String,
    refresh_token_file: PathBuf,
    /// Where the tokens that it is given are kept; only the one of the file is used when none.
    tokens: Option<Arc<dyn RefreshTokens>>,
    clock: Arc<dyn Clock>,
    held: Mutex<Option<Arc<Held>>>,
    renewing: Semaphore,
}

/// A connection under way: the address that a person opens, and what the answer is held against.
#[derive(Debug)]
pub struct Connecting {
    /// To be opened in a browser.
    pub address: String,
    state: String,
    verifier: Secret<String>,
}

/// Why an account was not connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectFault {
    /// What was typed is neither a code nor the address with one.
    #[error("this holds no code; paste the whole address to which the browser was sent")]
    NoCode,
    /// The address is of another attempt.
    #[error("this is the answer to another attempt")]
    OtherState,
    /// The account service said no: a code lasts 60 seconds.
    #[error("the account service did not take the code (it lasts 60 seconds), the software id or the API key")]
    Refused,
    /// It gave no refresh token.
    #[error("the account service gave no refresh token: the software may not ask for `offline_access`")]
    NoRefreshToken,
    /// It could not be reached, or answered nonsense.
    #[error("the account service did not answer")]
    NoAnswer,
}

/// No token, and when to ask again.
pub(super) struct NoToken(pub Option<Duration>);

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    #[serde(default)]
    expires_in: u64,
    refresh_token: Option<String>,
}

impl Account {
    /// The account as configured.
    ///
    /// # Errors
    /// [`InvalidAgency`] when the API key cannot be read. The refresh token is read each time that it is needed.
    pub fn new(settings: &AgencySettings, client: Client, clock: Arc<dyn Clock>) -> Result<Self, InvalidAgency> {
        let fault = |fault: String| InvalidAgency { name: settings.name.clone(), fault };
        let egov = settings.egov.as_ref().ok_or_else(|| fault("it is no account of e-Gov".into()))?;
        let key = std::fs::read_to_string(&egov.api_key_file);
        let key = key.map_err(|e| fault(format!("{}: {e}", egov.api_key_file.display())))?;
        Ok(Self {
            client,
            agency: settings.name.clone(),
            tokens: None,
            base: egov.account_url.as_str().trim_end_matches('/').to_owned(),
            software_id: egov.software_id.clone(),
            api_key: Secret::new(key.trim().to_owned()),
            redirect_uri: egov.redirect_uri.as_str().to_owned(),
            refresh_token_file: egov.refresh_token_file.clone(),
            clock,
            held: Mutex::new(None),
            renewing: Semaphore::new(1),
        })
    }

    /// The same, keeping the refresh tokens that it is given.
    #[must_use]
    pub(super) fn keeping(mut self, tokens: Option<Arc<dyn RefreshTokens>>) -> Self {
        self.tokens = tokens;
        self
    }

    /// A good token: the kept one, or a new one; of many callers one renews it.
    pub(super) async fn token(&self) -> Result<Secret<String>, NoToken> {
        if let Some(text) = self.kept() {
            return Ok(text);
        }
        let _turn = self.renewing.acquire().await.map_err(|_| NoToken(None))?;
        if let Some(text) = self.kept() {
            return Ok(text);
        }
        // Read anew each time: `madoguchi agencies connect` may have written another meanwhile.
        let refresh = std::fs::read_to_string(&self.refresh_token_file).map_err(|error| {
            tracing::warn!(%error, "e-Gov's account is not connected: run `madoguchi agencies connect`");
            NoToken(None)
        })?;
        let answer = self.renewed(&Secret::new(refresh.trim().to_owned())).await.map_err(|(fault, pause)| {
            if fault == ConnectFault::Refused {
                tracing::warn!("e-Gov's account has to be connected anew: run `madoguchi agencies connect`");
            }
            NoToken(pause)
        })?;
        let life = Duration::from_secs(answer.expires_in).min(LONGEST_LIFE);
        let good_until = self.clock.now().plus(life.saturating_sub(MARGIN));
        let text = Secret::new(answer.access_token);
        *self.lock() = Some(Arc::new(Held { text: text.clone(), good_until }));
        Ok(text)
    }

    /// A new access token by the last refresh token, and what else it came with kept.
    async fn renewed(&self, connected: &Secret<String>) -> Result<TokenAnswer, (ConnectFault, Option<Duration>)> {
        let mut seen = self.last(connected).await?;
        let mut answer = self.exchange_refresh(&seen.token).await;
        if matches!(answer, Err((ConnectFault::Refused, _))) {
            // Another process was faster: its token counts now. Where none was, only the one of the file is left.
            let last = self.last(connected).await?;
            let next = if last.version == seen.version { KeptToken { token: connected.clone(), ..last } } else { last };
            if next.token.expose() != seen.token.expose() {
                answer = self.exchange_refresh(&next.token).await;
            }
            seen = next;
        }
        let answer = answer?;
        let next = answer.refresh_token.clone().map(Secret::new).filter(|next| next.expose() != seen.token.expose());
        if let (Some(tokens), Some(next)) = (&self.tokens, next) {
            match tokens.replace((self.agency.as_str(), connected), &seen, &next).await {
                Ok(true) => {}
                Ok(false) => tracing::debug!(agency = self.agency, "another process kept a refresh token first"),
                Err(fault) => tracing::warn!(agency = self.agency, %fault, "a refresh token could not be kept"),
            }
        }
        Ok(answer)
    }

    async fn last(&self, connected: &Secret<String>) -> Result<KeptToken, (ConnectFault, Option<Duration>)> {
        let Some(tokens) = &self.tokens else { return Ok(KeptToken { token: connected.clone(), version: 0 }) };
        tokens.last(&self.agency, connected).await.map_err(|fault| {
            tracing::warn!(agency = self.agency, %fault, "the last refresh token could not be read");
            (ConnectFault::NoAnswer, None)
        })
    }

    async fn exchange_refresh(&self, token: &Secret<String>) -> Result<TokenAnswer, (ConnectFault, Option<Duration>)> {
        self.exchange(&[("grant_type", "refresh_token"), ("refresh_token", token.expose())]).await
    }

    /// Forgets the token: e-Gov does not take it any more.
    pub(super) fn drop_token(&self) {
        *self.lock() = None;
    }

    fn kept(&self) -> Option<Secret<String>> {
        let held = self.lock().clone()?;
        (self.clock.now() < held.good_until).then(|| held.text.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<Held>>> {
        // The value is always whole.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to connect the account: who opens the address signs in and lets the software in.
    #[must_use]
    pub fn connect(&self, entropy: &dyn Entropy) -> Connecting {
        let (state, verifier) = (entropy.handle(), entropy.handle());
        let challenge = Digest::of(&verifier).base64url();
        let query = [
            ("response_type", "code"),
            ("client_id", &self.software_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", "openid offline_access"),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        Connecting { address: format!("{}/auth?{query}", self.base), state, verifier: Secret::new(verifier) }
    }

    /// Ends it: `typed` is the code, or the whole address to which the browser was sent. Gives the refresh token.
    ///
    /// # Errors
    /// [`ConnectFault`].
    pub async fn connected(&self, connecting: &Connecting, typed: &str) -> Result<Secret<String>, ConnectFault> {
        let typed = typed.trim();
        let code = match Url::parse(typed) {
            Ok(address) => {
                let get = |wanted: &str| {
                    address.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
                };
                let code = get("code").ok_or(ConnectFault::NoCode)?;
                if get("state").as_deref() != Some(connecting.state.as_str()) {
                    return Err(ConnectFault::OtherState);
                }
                code
            }
            Err(_) => typed.to_owned(),
        };
        if !(1..=2048).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(ConnectFault::NoCode);
        }
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", connecting.verifier.expose()),
        ];
        let answer = self.exchange(&form).await.map_err(|(fault, _)| fault)?;
        answer.refresh_token.map(Secret::new).ok_or(ConnectFault::NoRefreshToken)
    }

    async fn exchange(&self, form: &[(&str, &str)]) -> Result<TokenAnswer, (ConnectFault, Option<Duration>)> {
        let none = |_| (ConnectFault::NoAnswer, None);
        let body = serde_urlencoded::to_string(form).map_err(|_| (ConnectFault::NoAnswer, None))?;
        let basic = STANDARD.encode(format!("{}:{}", self.software_id, self.api_key.expose()));
        let request = self
            .client
            .post(format!("{}/token", self.base))
            .timeout(RENEWAL)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, format!("Basic {basic}"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let answer = request.send().await.map_err(none)?;
        let (status, pause) = (answer.status().as_u16(), retry_after(answer.headers()));
        match status {
            200 => {}
            400 | 401 | 403 => return Err((ConnectFault::Refused, pause)),
            _ => return Err((ConnectFault::NoAnswer, pause)),
        }
        let bytes = http::whole(answer, 64 * 1024).await.map_err(|_| (ConnectFault::NoAnswer, None))?;
        let answer: TokenAnswer = serde_json::from_slice(&bytes).map_err(|_| (ConnectFault::NoAnswer, None))?;
        let is_token = |text: &str| (1..=8192).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        let is_usable = is_token(&answer.access_token) && answer.refresh_token.as_deref().is_none_or(is_token);
        if is_usable { Ok(answer) } else { Err((ConnectFault::NoAnswer, None)) }
    }
}
