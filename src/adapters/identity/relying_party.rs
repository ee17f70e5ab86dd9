//! The relying party itself: discovery and keys kept fresh, the authorization address, the code exchange, the verdict.

use super::discovery::{Discovery, FRESH_FOR, Known, LEAST_BETWEEN_LOOKS, malformed, outbound_error};
use super::error::{IdentityError, IdentityErrorKind};
use super::outbound::{Outbound, OutboundError};
use super::{CardEvent, Ceremony, EventError, IdentityProvider, Recognition};
use crate::adapters::assertion::{ASSERTION_TYPE, Assertion, AssertionSigner};
use crate::adapters::breaker::Pulse;
use crate::domain::acr::Acr;
use crate::domain::health_insurance::CertificateSerial;
use crate::domain::subject::UpstreamAccount;
use crate::domain::{Clock, Entropy, Fault, Secret, Timestamp};
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreErrorResponseType, CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier,
    CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AuthenticationContextClass, AuthorizationCode, ClaimsVerificationError, ClientId, CsrfToken, LanguageTag, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, StandardErrorResponse, TokenResponse,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How far the provider's clock may be from ours.
pub(super) const LEEWAY: Duration = Duration::from_secs(10);
/// The scope that the serial number of the certificate is asked for by.
const CERTIFICATE: &str = "certificate";
/// The oldest `auth_time` that counts as this sign-in.
const OLDEST_SIGN_IN: Duration = Duration::from_mins(10);

/// Which provider, and as whom.
#[derive(Clone, Debug)]
pub struct IdentitySettings {
    /// The provider's issuer identifier; https, or http on a loopback host.
    pub issuer: String,
    /// Our `client_id` there.
    pub client_id: String,
    /// Our redirect URI there: `{public_url}/sign-in/callback`.
    pub redirect_uri: String,
}

/// What a relying party is made of.
pub struct IdentityParts {
    /// Which provider, and as whom.
    pub settings: IdentitySettings,
    /// The key that proves us (`private_key_jwt`, RFC 7523 §2.2).
    pub key: AssertionSigner,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

/// A relying party of one OpenID provider.
pub struct RelyingParty {
    pub(super) settings: IdentitySettings,
    redirect: RedirectUrl,
    key: AssertionSigner,
    pub(super) clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    discovery: Discovery,
}

pub(in crate::adapters) type TokenError =
    RequestTokenError<OutboundError, StandardErrorResponse<CoreErrorResponseType>>;

impl RelyingParty {
    /// A relying party; nothing is fetched before the first sign-in.
    ///
    /// # Errors
    /// [`Fault::Internal`] when an address of the settings does not read, or the issuer is plain http elsewhere than
    /// on a loopback host.
    pub fn new(parts: IdentityParts) -> Result<Self, Fault> {
        let IdentityParts { settings, key, clock, entropy } = parts;
        let discovery = Discovery::of(&settings.issuer, "identity.issuer", Arc::clone(&clock))?;
        let redirect = RedirectUrl::new(settings.redirect_uri.clone())
            .map_err(|_| Fault::Internal("identity.redirect_uri is no address".into()))?;
        Ok(Self { settings, redirect, key, clock, entropy, discovery })
    }

    /// How the provider did lately.
    #[must_use]
    pub fn pulse(&self) -> Pulse {
        self.discovery.outbound().pulse()
    }

    /// The provider's document and keys, looked up again when older than `younger_than`.
    pub(super) async fn provider(&self, younger_than: Duration) -> Result<Arc<Known>, IdentityError> {
        self.discovery.provider(younger_than).await
    }

    /// Exchanges a code that came to `redirect`; gives the id_token, not verified yet, and the access token.
    pub(super) async fn exchange(
        &self,
        code: &str,
        (ceremony, redirect): (&Ceremony, &RedirectUrl),
    ) -> Result<(CoreIdToken, Secret<String>), IdentityError> {
        let known = self.provider(FRESH_FOR).await?;
        let endpoint = known.metadata.token_endpoint().ok_or_else(|| malformed("no token_endpoint"))?;
        let assertion = self.assertion(endpoint.as_str())?;
        let client = self.client(&known);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| malformed("no token_endpoint"))?
            .set_redirect_uri(Cow::Borrowed(redirect))
            .set_pkce_verifier(PkceCodeVerifier::new(ceremony.verifier.expose().clone()))
            .add_extra_param("client_assertion_type", ASSERTION_TYPE)
            .add_extra_param("client_assertion", assertion)
            .request_async(self.discovery.outbound())
            .await
            .map_err(|error| token_error(&error))?;
        let id_token = answer.id_token().cloned().ok_or_else(|| malformed("no id_token"))?;
        Ok((id_token, Secret::new(answer.access_token().secret().clone())))
    }

    /// What an id_token says of whom, verified and judged.
    pub(super) async fn recognized(
        &self,
        token: &CoreIdToken,
        ceremony: &Ceremony,
    ) -> Result<Recognition, IdentityError> {
        let known = self.provider(FRESH_FOR).await?;
        let claims = match self.verify(token, &known, ceremony) {
            // The provider may have begun to use a new key since we looked.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
            )) => {
                let renewed = self.provider(LEAST_BETWEEN_LOOKS).await?;
                self.verify(token, &renewed, ceremony)
            }
            other => other,
        };
        self.judge(claims.map_err(|error| not_verified(&error))?, ceremony)
    }

    /// The address to send a browser to, which comes back to `redirect`; with these scopes beside `openid`.
    pub(super) async fn address(
        &self,
        (ceremony, redirect): (&Ceremony, &RedirectUrl),
        scopes: &[&str],
    ) -> Result<Url, IdentityError> {
        let known = self.provider(FRESH_FOR).await?;
        let client = self.client(&known).set_redirect_uri(redirect.clone());
        let verifier = PkceCodeVerifier::new(ceremony.verifier.expose().clone());
        let (state, nonce) = (ceremony.state.clone(), ceremony.nonce.expose().clone());
        let mut request = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        );
        if let Some(age) = ceremony.max_age {
            // A provider may not know the parameter; `auth_time` is judged whatever it does.
            request = request.set_max_age(age);
        }
        for scope in scopes {
            request = request.add_scope(Scope::new((*scope).to_owned()));
        }
        let (url, _, _) = request
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_auth_context_value(AuthenticationContextClass::new(format!("{} crl", ceremony.least.as_str())))
            .add_ui_locale(LanguageTag::new(ceremony.lang.tag().to_owned()))
            .url();
        Ok(url)
    }

    /// What calls the provider.
    pub(super) fn outbound(&self) -> &Outbound {
        self.discovery.outbound()
    }

    /// A client assertion for one request (OpenID Connect Core §9): its audience is the token endpoint.
    pub(super) fn assertion(&self, audience: &str) -> Result<String, IdentityError> {
        client_assertion((&self.key, &self.settings.client_id), audience, (&*self.clock, &*self.entropy))
    }

    fn client(
        &self,
        known: &Known,
    ) -> CoreClient<
        openidconnect::EndpointSet,
        openidconnect::EndpointNotSet,
        openidconnect::EndpointNotSet,
        openidconnect::EndpointNotSet,
        openidconnect::EndpointMaybeSet,
        openidconnect::EndpointMaybeSet,
    > {
        CoreClient::from_provider_metadata(known.metadata.clone(), ClientId::new(self.settings.client_id.clone()), None)
    }

    fn verify<'t>(
        &self,
        token: &'t CoreIdToken,
        known: &Known,
        ceremony: &Ceremony,
    ) -> Result<&'t CoreIdTokenClaims, ClaimsVerificationError> {
        let client = self.client(known);
        claims_of(token, client.id_token_verifier(), (&ceremony.nonce, self.clock.now()))
    }

    fn judge(&self, claims: &CoreIdTokenClaims, ceremony: &Ceremony) -> Result<Recognition, IdentityError> {
        let acr = claims.auth_context_ref().and_then(|acr| Acr::parse(acr.as_str()));
        let acr = acr.ok_or_else(|| IdentityError::new(IdentityErrorKind::TooWeak, "no known acr"))?;
        if acr < ceremony.least {
            let detail = format!("{} where {} was asked", acr.as_str(), ceremony.least.as_str());
            return Err(IdentityError::new(IdentityErrorKind::TooWeak, detail));
        }
        // `auth_time` is optional (OpenID Connect Core §2); without it the person signed in when the token was made.
        let at = claims.auth_time().unwrap_or_else(|| claims.issue_time());
        let at = Timestamp::from_millis(at.timestamp_millis());
        let now = self.clock.now();
        if at > now.plus(LEEWAY) || now.since(at) > OLDEST_SIGN_IN {
            return Err(IdentityError::new(IdentityErrorKind::TooOld, "auth_time is too far from now"));
        }
        if ceremony.oldest.is_some_and(|oldest| at < oldest.minus(LEEWAY)) {
            return Err(IdentityError::new(IdentityErrorKind::TooOld, "auth_time is longer ago than max_age"));
        }
        let account = UpstreamAccount { issuer: self.settings.issuer.clone(), subject: subject_of(claims)? };
        Ok(Recognition { account, acr, at: at.min(now), certificate: None })
    }
}

#[async_trait]
impl IdentityProvider for RelyingParty {
    fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    async fn start(&self, ceremony: &Ceremony) -> Result<Url, IdentityError> {
        let scopes: &[&str] = if ceremony.with_certificate { &[CERTIFICATE] } else { &[] };
        self.address((ceremony, &self.redirect), scopes).await
    }

    async fn finish(&self, code: &str, ceremony: &Ceremony) -> Result<Recognition, IdentityError> {
        let (token, _) = self.exchange(code, (ceremony, &self.redirect)).await?;
        let mut recognition = self.recognized(&token, ceremony).await?;
        if ceremony.with_certificate {
            recognition.certificate = serial_of(&token)?;
        }
        Ok(recognition)
    }

    async fn event(&self, token: &str) -> Result<CardEvent, EventError> {
        self.read_event(token).await
    }
}

/// The serial number of the certificate that the person signed in with, from an id_token that was verified already. None where
/// the provider does not tell.
fn serial_of(token: &CoreIdToken) -> Result<Option<CertificateSerial>, IdentityError> {
    #[derive(Deserialize)]
    struct Claims {
        #[serde(default)]
        certificate_serial: Option<CertificateSerial>,
    }
    let claims: Option<Claims> = own_claims(token);
    Ok(claims.ok_or_else(|| malformed("certificate_serial is no serial number"))?.certificate_serial)
}

/// Claims that only this kind of provider has, from an id_token that was verified already.
pub(super) fn own_claims<T: DeserializeOwned>(token: &CoreIdToken) -> Option<T> {
    let text = token.to_string();
    let bytes = text.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok())
}

/// A client assertion of ours for one request (OpenID Connect Core §9): its audience is the endpoint.
///
/// # Errors
/// [`IdentityErrorKind::ClientRefused`] when signing fails.
pub(in crate::adapters) fn client_assertion(
    (key, client): (&AssertionSigner, &str),
    audience: &str,
    (clock, entropy): (&dyn Clock, &dyn Entropy),
) -> Result<String, IdentityError> {
    let said = Assertion { issuer: client, subject: client, audience, now: clock.now(), id: entropy.handle() };
    key.assert(&said).map_err(|fault| IdentityError::new(IdentityErrorKind::ClientRefused, fault.to_string()))
}

/// The claims of an id_token that holds at `now`, for the sign-in with this nonce.
///
/// # Errors
/// What does not hold.
pub(in crate::adapters) fn claims_of<'t>(
    token: &'t CoreIdToken,
    verifier: CoreIdTokenVerifier<'_>,
    (nonce, now): (&Secret<String>, Timestamp),
) -> Result<&'t CoreIdTokenClaims, ClaimsVerificationError> {
    let verifier = verifier
        // The provider signs with ES256 and nothing else; whatever the header says.
        .set_allowed_algs([CoreJwsSigningAlgorithm::EcdsaP256Sha256])
        .set_time_fn(move || utc(now.minus(LEEWAY)))
        .set_issue_time_verifier_fn(move |iat: DateTime<Utc>| {
            if iat <= utc(now.plus(LEEWAY)) { Ok(()) } else { Err("issued in the future".into()) }
        });
    token.claims(&verifier, &Nonce::new(nonce.expose().clone()))
}

/// Whom the claims are about.
///
/// # Errors
/// [`IdentityErrorKind::Malformed`] for what is no `sub`.
pub(in crate::adapters) fn subject_of(claims: &CoreIdTokenClaims) -> Result<String, IdentityError> {
    let subject = claims.subject().as_str();
    // OpenID Connect Core §2: `sub` is at most 255 ASCII characters.
    if subject.is_empty() || subject.len() > 255 || !subject.is_ascii() {
        return Err(malformed("sub is not 1 to 255 ASCII characters"));
    }
    Ok(subject.to_owned())
}

fn utc(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.millis()).unwrap_or_default()
}

pub(in crate::adapters) fn token_error(error: &TokenError) -> IdentityError {
    match error {
        RequestTokenError::Request(error) => outbound_error(error),
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            CoreErrorResponseType::InvalidGrant => {
                IdentityError::new(IdentityErrorKind::CodeRefused, "the token endpoint answered invalid_grant")
            }
            // The provider's own word may hold anything; only the codes of RFC 6749 §5.2 are repeated.
            CoreErrorResponseType::Extension(_) => malformed("the token endpoint answered an unknown error"),
            code => IdentityError::new(
                IdentityErrorKind::ClientRefused,
                format!("the token endpoint answered {}", code.as_ref()),
            ),
        },
        _ => malformed("the token endpoint's answer does not read"),
    }
}

pub(in crate::adapters) fn not_verified(error: &ClaimsVerificationError) -> IdentityError {
    let what = match error {
        ClaimsVerificationError::Expired(_) => "expired",
        ClaimsVerificationError::InvalidAudience(_) => "meant for another client",
        ClaimsVerificationError::InvalidIssuer(_) => "from another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "for another sign-in (nonce)",
        ClaimsVerificationError::SignatureVerification(_) => "its signature does not verify",
        _ => "a claim is not acceptable",
    };
    IdentityError::new(IdentityErrorKind::NotVerified, format!("id_token: {what}"))
}
