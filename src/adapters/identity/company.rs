//! Companies: the counter as a relying party of a provider of the gBizID shape (法人共通認証基盤).
//!
//! It differs from the citizens' provider: we prove ourselves by `client_secret_basic` (RFC 6749 §2.3.1), id_tokens are
//! signed with RS256 and say nothing of the company, and who it is comes from userinfo under the scope `profile`, and
//! under those that were given on application. Its issuer ends with a slash, and is compared as it is.

use super::Ceremony;
use super::company_claims::{Claims, Mandate, Profiled, mandates, rank, shown};
use super::discovery::{Discovery, FRESH_FOR, Known, LEAST_BETWEEN_LOOKS, malformed, outbound_error};
use super::error::{IdentityError, IdentityErrorKind};
use super::outbound::OutboundError;
use super::relying_party::{LEEWAY, not_verified, token_error};
use crate::domain::company_scope::CompanyScope;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::{Clock, Fault, Secret, Timestamp};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreIdTokenClaims, CoreJwsSigningAlgorithm,
    CoreTokenResponse,
};
use openidconnect::{
    AdditionalClaims, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, LanguageTag, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, SignatureVerificationError, TokenResponse as _, UserInfoClaims, UserInfoError,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The oldest sign-in that counts: a code is good for five minutes.
const OLDEST_SIGN_IN: Duration = Duration::from_mins(10);

/// Which provider, and as whom.
#[derive(Clone, Debug)]
pub struct CompanySettings {
    /// The provider's issuer identifier, its slash included; https, or http on a loopback host.
    pub issuer: String,
    /// Our `client_id` there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: Secret<String>,
    /// Our redirect URI there: `{public_url}/company/sign-in/callback`.
    pub redirect_uri: String,
    /// What else is asked for: what the provider gave us on application.
    pub scopes: Vec<CompanyScope>,
}

/// What an account may do for its company (`account_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountRank {
    /// Made without any check of who it is (エントリー).
    Entry,
    /// The head of the company, checked (プライム).
    Prime,
    /// Somebody whom the head let in (メンバー).
    Member,
}

/// An account, recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecognizedCompany {
    /// Which company; a sole proprietor has none.
    pub number: Option<CorporateNumber>,
    /// Its name, for its own page.
    pub name: String,
    /// What the account may do.
    pub rank: AccountRank,
    /// Who gave its company a mandate that is in force, where that was asked for.
    pub mandates: Vec<Mandate>,
    /// When the sign-in was.
    pub at: Timestamp,
}

/// An identity provider of companies.
#[async_trait]
pub trait CompanyProvider: Send + Sync {
    /// Its issuer identifier.
    fn issuer(&self) -> &str;
    /// The address to send the browser to.
    ///
    /// # Errors
    /// [`IdentityError`] when the provider cannot be discovered.
    async fn start(&self, ceremony: &Ceremony) -> Result<Url, IdentityError>;
    /// Exchanges the code, verifies what came, and asks who it is.
    ///
    /// # Errors
    /// [`IdentityError`] naming whose fault it is and whether a new attempt can help.
    async fn finish(&self, code: &str, ceremony: &Ceremony) -> Result<RecognizedCompany, IdentityError>;
}

/// The claims of `profile`; a provider may send numbers as numbers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Profile {
    #[serde(default)]
    account_type: Value,
    #[serde(default)]
    corporate_number: Value,
    #[serde(flatten)]
    more: Claims,
}

impl AdditionalClaims for Profile {}

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;
type Told = UserInfoClaims<Profile, CoreGenderClaim>;

/// A relying party of a provider of companies.
pub struct CompanyParty {
    settings: CompanySettings,
    redirect: RedirectUrl,
    clock: Arc<dyn Clock>,
    discovery: Discovery,
}

impl CompanyParty {
    /// A relying party; nothing is fetched before the first sign-in.
    ///
    /// # Errors
    /// [`Fault::Internal`] when an address of the settings does not read, or the issuer is plain http elsewhere than on
    /// a loopback host.
    pub fn new(settings: CompanySettings, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        let discovery = Discovery::of(&settings.issuer, "companies.issuer", Arc::clone(&clock))?;
        let redirect = RedirectUrl::new(settings.redirect_uri.clone())
            .map_err(|_| Fault::Internal("the companies' redirect_uri is no address".into()))?;
        Ok(Self { settings, redirect, clock, discovery })
    }

    fn client(&self, known: &Known) -> Client {
        let secret = ClientSecret::new(self.settings.client_secret.expose().clone());
        CoreClient::from_provider_metadata(
            known.metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            Some(secret),
        )
    }

    async fn exchange(&self, code: &str, ceremony: &Ceremony) -> Result<CoreTokenResponse, IdentityError> {
        let known = self.discovery.provider(FRESH_FOR).await?;
        self.client(&known)
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| malformed("no token_endpoint"))?
            .set_redirect_uri(Cow::Borrowed(&self.redirect))
            .set_pkce_verifier(PkceCodeVerifier::new(ceremony.verifier.expose().clone()))
            .request_async(self.discovery.outbound())
            .await
            .map_err(|error| token_error(&error))
    }

    fn verify(
        &self,
        tokens: &CoreTokenResponse,
        known: &Known,
        ceremony: &Ceremony,
    ) -> Result<Option<CoreIdTokenClaims>, ClaimsVerificationError> {
        let now = self.clock.now();
        let client = self.client(known);
        let verifier = client
            .id_token_verifier()
            // With a secret at hand the library would take HS256, too: the provider signs with RS256 and nothing else.
            .set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256])
            .set_time_fn(move || utc(now.minus(LEEWAY)))
            .set_issue_time_verifier_fn(move |iat: DateTime<Utc>| {
                if iat <= utc(now.plus(LEEWAY)) { Ok(()) } else { Err("issued in the future".into()) }
            });
        let nonce = Nonce::new(ceremony.nonce.expose().clone());
        tokens.id_token().map(|token| token.claims(&verifier, &nonce).cloned()).transpose()
    }

    /// When the sign-in was; an old one is none.
    fn moment(&self, claims: &CoreIdTokenClaims) -> Result<Timestamp, IdentityError> {
        let at = claims.auth_time().unwrap_or_else(|| claims.issue_time());
        let (at, now) = (Timestamp::from_millis(at.timestamp_millis()), self.clock.now());
        if at > now.plus(LEEWAY) || now.since(at) > OLDEST_SIGN_IN {
            return Err(IdentityError::new(IdentityErrorKind::TooOld, "auth_time is too far from now"));
        }
        Ok(at.min(now))
    }

    /// What userinfo says of the very account that the id_token is about (OpenID Connect Core §5.3.2).
    async fn ask(&self, tokens: &CoreTokenResponse, claims: &CoreIdTokenClaims) -> Result<Told, IdentityError> {
        let known = self.discovery.provider(FRESH_FOR).await?;
        let client = self.client(&known);
        let asked = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone()));
        let asked = asked.map_err(|_| malformed("no userinfo_endpoint"))?;
        asked.request_async(self.discovery.outbound()).await.map_err(|error| userinfo_error(&error))
    }
}

#[async_trait]
impl CompanyProvider for CompanyParty {
    fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    async fn start(&self, ceremony: &Ceremony) -> Result<Url, IdentityError> {
        let known = self.discovery.provider(FRESH_FOR).await?;
        let client = self.client(&known).set_redirect_uri(self.redirect.clone());
        let verifier = PkceCodeVerifier::new(ceremony.verifier.expose().clone());
        let (state, nonce) = (ceremony.state.clone(), ceremony.nonce.expose().clone());
        let request = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        );
        let more = self.settings.scopes.iter().map(|scope| Scope::new(scope.as_str().to_owned()));
        let (url, _, _) = request
            .add_scope(Scope::new("profile".to_owned()))
            .add_scopes(more)
            // Whoever sits at the browser now, and not whoever did before.
            .add_prompt(CoreAuthPrompt::Login)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_ui_locale(LanguageTag::new(ceremony.lang.tag().to_owned()))
            .url();
        Ok(url)
    }

    async fn finish(&self, code: &str, ceremony: &Ceremony) -> Result<RecognizedCompany, IdentityError> {
        let tokens = self.exchange(code, ceremony).await?;
        let known = self.discovery.provider(FRESH_FOR).await?;
        let claims = match self.verify(&tokens, &known, ceremony) {
            // The provider may have begun to use a new key since we looked.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
            )) => {
                let renewed = self.discovery.provider(LEAST_BETWEEN_LOOKS).await?;
                self.verify(&tokens, &renewed, ceremony)
            }
            other => other,
        };
        let claims = claims.map_err(|error| not_verified(&error))?.ok_or_else(|| malformed("no id_token"))?;
        let at = self.moment(&claims)?;
        let told = self.ask(&tokens, &claims).await?;
        let profile = told.additional_claims();
        let known = match text(&profile.account_type).as_deref() {
            Some("1") => AccountRank::Entry,
            Some("2") => AccountRank::Prime,
            Some("3") => AccountRank::Member,
            _ => return Err(malformed("account_type is none that is known")),
        };
        let number = text(&profile.corporate_number).filter(|number| !number.is_empty());
        let number = number.map(|number| CorporateNumber::parse(&number)).transpose();
        let number = number.map_err(|_| malformed("corporate_number is none"))?;
        let name = told.name().and_then(|names| names.get(None)).map(|name| name.as_str()).unwrap_or_default();
        let (asked, claims) = (&self.settings.scopes, &profile.more);
        let profiled = Profiled { number: number.as_ref(), rank: known, today: at.date_in_japan() };
        let (rank, mandates) = (rank(asked, claims, profiled)?, mandates(asked, claims, profiled)?);
        Ok(RecognizedCompany { name: shown(name), rank, mandates, at, number })
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn utc(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.millis()).unwrap_or_default()
}

fn userinfo_error(error: &UserInfoError<OutboundError>) -> IdentityError {
    match error {
        UserInfoError::Request(error) => outbound_error(error),
        UserInfoError::Response(status, ..) => malformed(&format!("userinfo answered {status}")),
        UserInfoError::ClaimsVerification(_) => {
            IdentityError::new(IdentityErrorKind::NotVerified, "userinfo is about another account")
        }
        _ => malformed("userinfo does not read"),
    }
}
