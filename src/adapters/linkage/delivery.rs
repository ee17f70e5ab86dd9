//! A private delivery provider as its client: linking, opening, ending.

use super::documents::{Opened, ProviderTrouble};
use super::settings::{DeliverySettings, InvalidLinkedService};
use crate::adapters::assertion::{ASSERTION_TYPE, AssertionSigner};
use crate::adapters::http;
use crate::adapters::identity::discovery::{Discovery, FRESH_FOR, Known, LEAST_BETWEEN_LOOKS, malformed};
use crate::adapters::identity::relying_party::{claims_of, client_assertion, not_verified, subject_of, token_error};
use crate::adapters::identity::{IdentityError, IdentityErrorKind};
use crate::domain::chain::Anchors;
use crate::domain::linkage::{LinkCredential, ServiceCode};
use crate::domain::{Clock, Entropy, Lang, Secret, Words};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenClaims, CoreTokenResponse};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, CsrfToken, LanguageTag, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, Scope, SignatureVerificationError, TokenResponse,
};
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use url::{Url, form_urlencoded};

/// Where browsers come back to, below the counter's public address.
pub const CALLBACK: &str = "/links/callback";
/// Most characters of a token that is kept.
const LONGEST_TOKEN: usize = 4096;

/// What binds one linking to the browser that began it; made by the caller, who can make it again for `finish`.
#[derive(Debug)]
pub struct LinkCeremony {
    /// Comes back untouched with the code (RFC 6749 §10.12).
    pub state: String,
    /// Comes back inside the id_token (OpenID Connect Core §3.1.2.1).
    pub nonce: Secret<String>,
    /// PKCE verifier (RFC 7636 §4.1).
    pub verifier: Secret<String>,
    /// The language the citizen reads.
    pub lang: Lang,
}

/// A citizen's account at a provider, as it was just linked.
#[derive(Clone, Debug)]
pub struct LinkedAccount {
    /// The citizen there: a pairwise subject.
    pub account: String,
    /// What opens the account.
    pub credential: LinkCredential,
}

type EndpointSetClient = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

/// One private delivery provider.
pub struct DeliveryProvider {
    settings: DeliverySettings,
    name: Words,
    redirect: RedirectUrl,
    key: AssertionSigner,
    anchors: Anchors,
    discovery: Discovery,
    client: Client,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl DeliveryProvider {
    /// One as configured; nothing is fetched before the first linking.
    ///
    /// # Errors
    /// [`InvalidLinkedService`] for settings, or a key, that cannot be used.
    pub fn new(
        settings: DeliverySettings,
        (key, anchors): (&Secret<String>, Anchors),
        public_url: &str,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
    ) -> Result<Self, InvalidLinkedService> {
        settings.check()?;
        let invalid = |words: String| InvalidLinkedService::new(&settings.code, words);
        let key = AssertionSigner::from_pem(key, &settings.kid).map_err(|error| invalid(error.to_string()))?;
        let discovery = Discovery::of(settings.issuer(), "issuer", Arc::clone(&clock));
        let discovery = discovery.map_err(|fault| invalid(fault.to_string()))?;
        let redirect = RedirectUrl::new(format!("{public_url}{CALLBACK}"));
        let redirect = redirect.map_err(|_| invalid("the counter's public address is none".to_owned()))?;
        let deadline = Duration::from_secs(settings.call_timeout_seconds);
        let client = http::client(&settings.documents_url, settings.authorities_file.as_deref(), deadline);
        let client = client.map_err(invalid)?;
        let name = Words { ja: settings.ja.clone(), en: settings.en.clone() };
        Ok(Self { settings, name, redirect, key, anchors, discovery, client, clock, entropy })
    }

    /// What it is called here.
    #[must_use]
    pub const fn code(&self) -> &ServiceCode {
        &self.settings.code
    }

    /// What people call it.
    #[must_use]
    pub const fn name(&self) -> &Words {
        &self.name
    }

    /// Its issuer identifier.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.settings.issuer()
    }

    /// Who vouches for whoever signs the documents that it delivers.
    #[must_use]
    pub const fn anchors(&self) -> &Anchors {
        &self.anchors
    }

    /// The address of the provider's own sign-in.
    ///
    /// # Errors
    /// [`IdentityError`] when the provider cannot be discovered, or signs people in elsewhere than on its issuer's origin, which
    /// is the one place that our pages let a form lead to.
    pub async fn start(&self, ceremony: &LinkCeremony) -> Result<Url, IdentityError> {
        let known = self.discovery.provider(FRESH_FOR).await?;
        let verifier = PkceCodeVerifier::new(ceremony.verifier.expose().clone());
        let (state, nonce) = (ceremony.state.clone(), ceremony.nonce.expose().clone());
        let scopes = self.settings.scope.split(' ').filter(|one| !one.is_empty() && *one != "openid");
        let (url, _, _) = self
            .party(&known)
            .set_redirect_uri(self.redirect.clone())
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes.map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_ui_locale(LanguageTag::new(ceremony.lang.tag().to_owned()))
            .url();
        if url.origin() == self.settings.issuer.origin() {
            Ok(url)
        } else {
            Err(malformed("its authorization endpoint is of another origin than its issuer"))
        }
    }

    /// Exchanges the code and verifies who came back.
    ///
    /// # Errors
    /// [`IdentityError`]; nothing is left at the provider then that opens the account, as far as the provider's own answer goes.
    pub async fn finish(&self, code: &str, ceremony: &LinkCeremony) -> Result<LinkedAccount, IdentityError> {
        let known = self.discovery.provider(FRESH_FOR).await?;
        let answer = self
            .party(&known)
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| malformed("no token_endpoint"))?
            .set_redirect_uri(Cow::Borrowed(&self.redirect))
            .set_pkce_verifier(PkceCodeVerifier::new(ceremony.verifier.expose().clone()))
            .add_extra_param("client_assertion_type", ASSERTION_TYPE)
            .add_extra_param("client_assertion", self.assertion(&token_endpoint(&known)?)?)
            .request_async(self.discovery.outbound())
            .await
            .map_err(|error| token_error(&error))?;
        let credential = credential_of(&answer).ok_or_else(|| malformed("no refresh_token that could be kept"))?;
        match self.account(&answer, ceremony, &known).await {
            Ok(account) => Ok(LinkedAccount { account, credential }),
            Err(error) => {
                self.revoke_or_tell(&credential).await;
                Err(error)
            }
        }
    }

    async fn account(
        &self,
        answer: &CoreTokenResponse,
        ceremony: &LinkCeremony,
        known: &Known,
    ) -> Result<String, IdentityError> {
        let token = answer.id_token().ok_or_else(|| malformed("no id_token"))?;
        let claims = match self.claims(token, known, ceremony) {
            // The provider may have begun to use a new key since we looked.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
            )) => {
                let renewed = self.discovery.provider(LEAST_BETWEEN_LOOKS).await?;
                self.claims(token, &renewed, ceremony)
            }
            other => other,
        };
        subject_of(claims.map_err(|error| not_verified(&error))?)
    }

    fn claims<'t>(
        &self,
        token: &'t CoreIdToken,
        known: &Known,
        ceremony: &LinkCeremony,
    ) -> Result<&'t CoreIdTokenClaims, ClaimsVerificationError> {
        let party = self.party(known);
        claims_of(token, party.id_token_verifier(), (&ceremony.nonce, self.clock.now()))
    }

    /// Opens an account that is linked, for a while. Gives the credential that is to be kept from now on, where the provider
    /// changed it.
    ///
    /// # Errors
    /// [`ProviderTrouble::Ended`] where the citizen, or the provider, ended it there; else what keeps the provider from it.
    pub async fn open(&self, credential: &LinkCredential) -> Result<(Opened, Option<LinkCredential>), ProviderTrouble> {
        let known = self.discovery.provider(FRESH_FOR).await.map_err(|error| trouble(&error))?;
        let endpoint = token_endpoint(&known).map_err(|error| trouble(&error))?;
        let assertion = self.assertion(&endpoint).map_err(|error| trouble(&error))?;
        let token = RefreshToken::new(credential.expose().to_owned());
        let party = self.party(&known);
        let answer = party
            .exchange_refresh_token(&token)
            .map_err(|_| ProviderTrouble::Unreadable("no token_endpoint"))?
            .add_extra_param("client_assertion_type", ASSERTION_TYPE)
            .add_extra_param("client_assertion", assertion)
            .request_async(self.discovery.outbound())
            .await
            .map_err(|error| trouble(&token_error(&error)))?;
        let renewed = credential_of(&answer).filter(|new| new != credential);
        let access = answer.access_token().secret();
        if access.is_empty() || access.len() > LONGEST_TOKEN {
            return Err(ProviderTrouble::Unreadable("no access_token that could be used"));
        }
        let base = self.settings.documents_url.clone();
        Ok((Opened::new(self.client.clone(), base, Secret::new(access.clone())), renewed))
    }

    /// Ends what opens an account, at the provider (RFC 7009).
    ///
    /// # Errors
    /// [`ProviderTrouble`] where the provider does not say that it did.
    pub async fn revoke(&self, credential: &LinkCredential) -> Result<(), ProviderTrouble> {
        let url = &self.settings.revocation_url;
        let assertion = self.assertion(url.as_str()).map_err(|error| trouble(&error))?;
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", credential.expose())
            .append_pair("token_type_hint", "refresh_token")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("client_assertion_type", ASSERTION_TYPE)
            .append_pair("client_assertion", &assertion)
            .finish();
        let request = self.client.post(url.clone()).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = request.body(body).send().await.map_err(|_| ProviderTrouble::Away)?;
        if answer.status().is_success() { Ok(()) } else { Err(ProviderTrouble::Away) }
    }

    /// The same, where nobody waits for it: what cannot be done is logged.
    pub async fn revoke_or_tell(&self, credential: &LinkCredential) {
        if let Err(trouble) = self.revoke(credential).await {
            let service = self.code().as_str();
            tracing::warn!(service, error = %trouble, "a provider was not told that a link has ended");
        }
    }

    fn party(&self, known: &Known) -> EndpointSetClient {
        CoreClient::from_provider_metadata(known.metadata.clone(), ClientId::new(self.settings.client_id.clone()), None)
    }

    /// A client assertion for one request (OpenID Connect Core §9): its audience is the endpoint.
    fn assertion(&self, audience: &str) -> Result<String, IdentityError> {
        client_assertion((&self.key, &self.settings.client_id), audience, (&*self.clock, &*self.entropy))
    }
}

fn token_endpoint(known: &Known) -> Result<String, IdentityError> {
    let endpoint = known.metadata.token_endpoint().ok_or_else(|| malformed("no token_endpoint"))?;
    Ok(endpoint.as_str().to_owned())
}

fn credential_of(answer: &CoreTokenResponse) -> Option<LinkCredential> {
    let token = answer.refresh_token()?.secret();
    (!token.is_empty() && token.len() <= LONGEST_TOKEN).then(|| LinkCredential::new(token.clone()))
}

fn trouble(error: &IdentityError) -> ProviderTrouble {
    match error.kind {
        IdentityErrorKind::CodeRefused => ProviderTrouble::Ended,
        IdentityErrorKind::Unreachable => ProviderTrouble::Away,
        _ => {
            tracing::warn!(%error, "a private delivery provider does not open an account");
            ProviderTrouble::Unreadable("its token endpoint")
        }
    }
}
