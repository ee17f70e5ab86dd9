//! A third party's OAuth client: `openidconnect` and `oauth2`, with PAR, PKCE, private_key_jwt and DPoP.

use super::files::ClientFile;
use super::keys::{Key, unguessable};
use anyhow::{Context, bail};
use oauth2::{
    AsyncHttpClient, AuthorizationCode, ClientId, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RefreshToken,
};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType,
    CoreIdTokenVerifier, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse,
};
use openidconnect::{
    AdditionalProviderMetadata, IssuerUrl, Nonce, OAuth2TokenResponse as _, ProviderMetadata, TokenResponse as _,
};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::pin::Pin;
use std::sync::Mutex;
use url::Url;

/// What FAPI adds to discovery.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct FapiMetadata {
    #[serde(rename = "pushed_authorization_request_endpoint")]
    par: String,
    #[serde(rename = "introspection_endpoint")]
    introspection: String,
    #[serde(rename = "revocation_endpoint")]
    revocation: String,
}

impl AdditionalProviderMetadata for FapiMetadata {}

type Metadata = ProviderMetadata<
    FapiMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// A third party's software.
pub struct ThirdParty {
    pub file: ClientFile,
    metadata: Metadata,
    pub identity: Key,
    pub binding: Key,
    pub http: reqwest::Client,
    nonce: Mutex<Option<String>>,
}

/// What the third party must remember while the citizen decides.
pub struct Pending {
    /// The address to send the citizen to.
    pub address: String,
    state: String,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

/// What the third party holds after the citizen agreed.
#[derive(Clone)]
pub struct Tokens {
    pub access: String,
    pub refresh: Option<String>,
    pub subject: Option<String>,
    pub id_token: Option<String>,
}

/// An answer of the API.
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Pending {
    /// The PKCE verifier, for a test that exchanges by hand.
    pub fn verifier(&self) -> &str {
        self.verifier.secret()
    }
}

impl ThirdParty {
    /// Reads the client file and the counter's metadata.
    pub async fn open(file: ClientFile) -> anyhow::Result<Self> {
        let http = super::http()?;
        let fetch = |request: HttpRequest| send(&http, request);
        let metadata = Metadata::discover_async(IssuerUrl::new(file.issuer.clone())?, &fetch)
            .await
            .with_context(|| format!("no counter answers at {}; run `cargo run -- dev` first", file.issuer))?;
        let identity = Key::from_pem(&file.private_key_pem, &file.kid)?;
        Ok(Self { identity, binding: Key::generate()?, metadata, file, http, nonce: Mutex::new(None) })
    }

    /// Pushes an authorization request (RFC 9126) for `details` (RFC 9396); for the scope alone where they are null.
    pub async fn push(&self, scope: &str, details: &Value) -> anyhow::Result<Pending> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (state, nonce, assertion) = (unguessable(), Nonce::new_random(), self.assertion()?);
        let endpoint = &self.metadata.additional_metadata().par;
        let details = (!details.is_null()).then(|| details.to_string());
        let mut form = vec![
            ("response_type", "code"),
            ("client_id", &self.file.client_id),
            ("redirect_uri", &self.file.redirect_uri),
            ("scope", scope),
            ("state", &state),
            ("nonce", nonce.secret()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
            ("dpop_jkt", self.binding.thumbprint()),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ];
        form.extend(details.as_deref().map(|details| ("authorization_details", details)));
        let response = self.http.post(endpoint).form(&form).send().await?;
        let (status, body) = (response.status(), response.json::<Value>().await?);
        let Some(request_uri) = body["request_uri"].as_str() else { bail!("PAR was refused ({status}): {body}") };
        let mut address = self.metadata.authorization_endpoint().url().clone();
        address
            .query_pairs_mut()
            .append_pair("client_id", &self.file.client_id)
            .append_pair("request_uri", request_uri);
        Ok(Pending { address: address.into(), state, nonce, verifier })
    }

    /// Checks the answer that the browser brought (RFC 9207, state) and exchanges its code.
    pub async fn exchange(&self, pending: Pending, answer: &Url) -> anyhow::Result<Tokens> {
        let get = |name: &str| answer.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
        if get("iss").as_deref() != Some(self.file.issuer.as_str()) || get("state") != Some(pending.state) {
            bail!("the answer does not come from our own request: iss or state differs");
        }
        if let Some(error) = get("error") {
            bail!("the citizen or the counter said no: {error}");
        }
        let code = AuthorizationCode::new(get("code").context("the answer carries no code")?);
        let client = CoreClient::from_provider_metadata(self.metadata.clone(), self.client_id(), None)
            .set_redirect_uri(RedirectUrl::new(self.file.redirect_uri.clone())?);
        let assertion = self.assertion()?;
        let tokens: CoreTokenResponse = client
            .exchange_code(code)?
            .set_pkce_verifier(pending.verifier)
            .add_extra_param("client_assertion_type", ASSERTION_TYPE)
            .add_extra_param("client_assertion", assertion)
            .request_async(self)
            .await
            .map_err(told)?;
        let verifier: CoreIdTokenVerifier<'_> = client.id_token_verifier();
        // Whoever decided for another said nothing of who anybody is: `openid` is then not in the granted scope.
        let says_who = tokens.scopes().is_none_or(|scopes| scopes.iter().any(|scope| scope.as_str() == "openid"));
        if !says_who {
            return Ok(read(&tokens, None));
        }
        let id_token = tokens.id_token().context("no id_token came")?;
        let subject = id_token.claims(&verifier, &pending.nonce)?.subject().to_string();
        Ok(read(&tokens, Some(subject)))
    }

    /// A new access token for a refresh token, which stays the same.
    pub async fn refresh(&self, tokens: &Tokens) -> anyhow::Result<Tokens> {
        let refresh = RefreshToken::new(tokens.refresh.clone().context("no refresh token")?);
        let client = CoreClient::from_provider_metadata(self.metadata.clone(), self.client_id(), None);
        let assertion = self.assertion()?;
        let renewed: CoreTokenResponse = client
            .exchange_refresh_token(&refresh)?
            .add_extra_param("client_assertion_type", ASSERTION_TYPE)
            .add_extra_param("client_assertion", assertion)
            .request_async(self)
            .await
            .map_err(told)?;
        let mut next = read(&renewed, tokens.subject.clone());
        next.refresh = next.refresh.or_else(|| tokens.refresh.clone());
        Ok(next)
    }

    /// One call of the API that waits for a result; see [`Self::call_with`].
    pub async fn call(
        &self,
        tokens: &Tokens,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        self.call_with("wait=20", tokens, (method, path), body).await
    }

    /// One call of the API with its `Prefer`, and a fresh proof; answers a `use_dpop_nonce` challenge once (RFC 9449 §9).
    pub async fn call_with(
        &self,
        prefer: &str,
        tokens: &Tokens,
        (method, path): (Method, &str),
        body: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        let url = format!("{}{path}", self.file.issuer);
        for _ in 0..2 {
            let proof =
                self.binding.proof(method.as_str(), &url, Some(&tokens.access), self.last_nonce().as_deref())?;
            let mut request = self
                .http
                .request(method.clone(), &url)
                .header("authorization", format!("DPoP {}", tokens.access))
                .header("dpop", proof)
                .header("prefer", prefer)
                .header("accept-language", "en");
            if let Some(body) = body {
                request = request.header("idempotency-key", unguessable()).json(body);
            }
            let response = request.send().await?;
            let is_challenge = self.keep_nonce(response.headers()) && response.status() == 401;
            if !is_challenge {
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                return Ok(Answer { status, headers, body: response.json().await.unwrap_or(Value::Null) });
            }
        }
        bail!("the counter keeps asking for another nonce")
    }

    /// Where tokens are issued.
    pub fn token_endpoint(&self) -> anyhow::Result<String> {
        Ok(self.metadata.token_endpoint().context("no token endpoint")?.to_string())
    }

    /// Where tokens are told of.
    pub fn introspection_endpoint(&self) -> &str {
        &self.metadata.additional_metadata().introspection
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.file.client_id.clone())
    }

    /// Puts its clock so many seconds ahead of the machine's.
    pub fn set_ahead(&self, seconds: i64) {
        self.identity.set_ahead(seconds);
        self.binding.set_ahead(seconds);
    }

    /// A fresh client assertion.
    pub fn assertion(&self) -> anyhow::Result<String> {
        self.identity.assertion(&self.file.client_id, &self.file.issuer)
    }

    /// A certificate of employment, signed by the registered key.
    pub fn certificate(&self, content: &Value) -> anyhow::Result<String> {
        self.identity.certificate(content)
    }

    /// The newest server nonce, if one ever came.
    pub fn last_nonce(&self) -> Option<String> {
        self.nonce.lock().ok()?.clone()
    }

    /// Keeps a nonce that came; true when there was one.
    pub fn keep_nonce(&self, headers: &reqwest::header::HeaderMap) -> bool {
        let Some(nonce) = headers.get("dpop-nonce").and_then(|v| v.to_str().ok()) else { return false };
        self.nonce.lock().is_ok_and(|mut kept| {
            let is_new = kept.as_deref() != Some(nonce);
            *kept = Some(nonce.to_owned());
            is_new
        })
    }

    /// The token endpoint with a proof; a nonce challenge is answered once, with the same assertion never twice.
    async fn send_with_proof(&self, mut request: HttpRequest) -> Result<HttpResponse, Failed> {
        let url = request.uri().to_string();
        let proof = self.binding.proof("POST", &url, None, self.last_nonce().as_deref()).map_err(Failed::from)?;
        let value = http::HeaderValue::from_str(&proof).map_err(|e| Failed(e.to_string()))?;
        request.headers_mut().insert("dpop", value);
        let again = request.clone();
        let response = send(&self.http, request).await?;
        if response.status() != 400 || !self.keep_nonce(response.headers()) {
            return Ok(response);
        }
        let mut again = self.with_fresh_assertion(again)?;
        let proof = self.binding.proof("POST", &url, None, self.last_nonce().as_deref()).map_err(Failed::from)?;
        let value = http::HeaderValue::from_str(&proof).map_err(|e| Failed(e.to_string()))?;
        again.headers_mut().insert("dpop", value);
        send(&self.http, again).await
    }

    fn with_fresh_assertion(&self, request: HttpRequest) -> Result<HttpRequest, Failed> {
        let (parts, body) = request.into_parts();
        let mut fields: Vec<(String, String)> =
            serde_urlencoded::from_bytes(&body).map_err(|e| Failed(e.to_string()))?;
        let fresh = self.assertion().map_err(Failed::from)?;
        fields.iter_mut().filter(|(n, _)| n == "client_assertion").for_each(|(_, v)| v.clone_from(&fresh));
        let body = serde_urlencoded::to_string(&fields).map_err(|e| Failed(e.to_string()))?;
        let mut request = HttpRequest::from_parts(parts, body.into_bytes());
        request.headers_mut().remove("content-length");
        Ok(request)
    }
}

/// Lets `oauth2` send its token requests with our proofs.
impl<'c> AsyncHttpClient<'c> for ThirdParty {
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Failed>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send_with_proof(request))
    }
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn read(tokens: &CoreTokenResponse, subject: Option<String>) -> Tokens {
    use oauth2::TokenResponse as _;
    Tokens {
        access: tokens.access_token().secret().clone(),
        refresh: tokens.refresh_token().map(|t| t.secret().clone()),
        subject,
        id_token: tokens.extra_fields().id_token().map(ToString::to_string),
    }
}

/// Why an HTTP exchange failed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failed(String);

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<reqwest::Error> for Failed {
    fn from(error: reqwest::Error) -> Self {
        Self(error.to_string())
    }
}

fn told(error: impl std::fmt::Debug) -> anyhow::Error {
    anyhow::anyhow!("the token endpoint said no: {error:?}")
}

/// The eight lines that let `oauth2` and `openidconnect` use our HTTP client.
async fn send(http: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, Failed> {
    let response = http.execute(request.try_into()?).await?;
    let mut built = http::Response::builder().status(response.status());
    for (name, value) in response.headers() {
        built = built.header(name, value);
    }
    built.body(response.bytes().await?.to_vec()).map_err(|e| Failed(e.to_string()))
}
