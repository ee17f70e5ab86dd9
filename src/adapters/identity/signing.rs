//! Having something signed with the card (署名用電子証明書) at the identity provider.
//!
//! 1. With a token of our own (client credentials, scope `sign`) the provider is given the digest of what is to be signed, and
//!    gives a transaction. 2. The browser goes there with the scopes `openid sign` and the transaction. 3. The person enters the
//!    password of that certificate; the browser comes back with a code. 4. The code's id_token says who signed, in which
//!    transaction, with which certificate; its access token fetches the signature. Publicly known of デジタル認証アプリ are the
//!    scope, `private_key_jwt` and that client credentials are used; how the calls look is decided here.

use super::discovery::{FRESH_FOR, malformed, outbound_error};
use super::error::{IdentityError, IdentityErrorKind};
use super::relying_party::{RelyingParty, own_claims};
use super::{Ceremony, Recognition};
use crate::adapters::assertion::ASSERTION_TYPE;
use crate::domain::health_insurance::CertificateSerial;
use crate::domain::{Digest, Secret};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, StatusCode};
use openidconnect::{AsyncHttpClient as _, HttpRequest, RedirectUrl};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use url::Url;

/// The scope by which something is signed.
const SIGN: &str = "sign";
/// The parameter that names the transaction to the provider's page.
const TRANSACTION: &str = "signing_transaction";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
/// Most characters of a transaction's name.
const LONGEST: usize = 128;
/// Most certificates that are looked at.
const MOST_CERTIFICATES: usize = 8;

/// What the provider says was signed, of which nothing is verified yet but who signed.
#[derive(Debug)]
pub struct Signed {
    /// Who was recognised in the same session.
    pub recognition: Recognition,
    /// With which certificate, as the provider says.
    pub serial: CertificateSerial,
    /// The signature.
    pub signature: Vec<u8>,
    /// The certificate, and those that lead up to an authority; DER.
    pub certificates: Vec<Vec<u8>>,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
struct Begun {
    transaction: String,
}

#[derive(Deserialize)]
struct Answer {
    signature: String,
    certificates: Vec<String>,
}

#[derive(Deserialize)]
struct Claims {
    signing_transaction: String,
    signing_certificate_serial: CertificateSerial,
}

impl RelyingParty {
    /// Begins to have `digest` signed: the transaction, and the address to send the browser to.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub(in crate::adapters) async fn begin_signing(
        &self,
        (service, redirect): (&Url, &RedirectUrl),
        digest: &Digest,
        ceremony: &Ceremony,
    ) -> Result<(String, Url), IdentityError> {
        let token = self.own_token().await?;
        let asked = json!({"hash_algorithm": "SHA-256", "hash": STANDARD.encode(digest.as_bytes())}).to_string();
        let request = authorized(Method::POST, service, &token).header(CONTENT_TYPE, JSON).body(asked.into_bytes());
        let begun: Begun = self.call(request, StatusCode::CREATED).await?;
        let is_name = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
        if !(1..=LONGEST).contains(&begun.transaction.len()) || !begun.transaction.bytes().all(is_name) {
            return Err(malformed("a transaction's name is none"));
        }
        let mut address = self.address((ceremony, redirect), &[SIGN]).await?;
        address.query_pairs_mut().append_pair(TRANSACTION, &begun.transaction);
        Ok((begun.transaction, address))
    }

    /// Fetches what was signed in a transaction, by the code that the browser brought.
    ///
    /// # Errors
    /// [`IdentityError`]; also where the provider speaks of another transaction.
    pub(in crate::adapters) async fn finish_signing(
        &self,
        (service, redirect): (&Url, &RedirectUrl),
        (code, transaction): (&str, &str),
        ceremony: &Ceremony,
    ) -> Result<Signed, IdentityError> {
        let (id_token, access) = self.exchange(code, (ceremony, redirect)).await?;
        let recognition = self.recognized(&id_token, ceremony).await?;
        let claims: Claims =
            own_claims(&id_token).ok_or_else(|| malformed("the id_token says nothing of a signature"))?;
        if claims.signing_transaction != transaction {
            let words = "the id_token speaks of another signature";
            return Err(IdentityError::new(IdentityErrorKind::NotVerified, words));
        }
        let mut address = service.clone();
        let segments = address.path_segments_mut();
        segments.map_err(|()| malformed("the signing service has no path"))?.pop_if_empty().push(transaction);
        let request = authorized(Method::GET, &address, &access).body(Vec::new());
        let answer: Answer = self.call(request, StatusCode::OK).await?;
        let decoded = |text: &String| STANDARD.decode(text).map_err(|_| malformed("a signature is not in Base64"));
        let certificates = answer.certificates.iter().take(MOST_CERTIFICATES).map(decoded);
        Ok(Signed {
            recognition,
            serial: claims.signing_certificate_serial,
            signature: decoded(&answer.signature)?,
            certificates: certificates.collect::<Result<_, _>>()?,
        })
    }

    /// A token of our own (RFC 6749 §4.4), by `private_key_jwt`.
    async fn own_token(&self) -> Result<Secret<String>, IdentityError> {
        let known = self.provider(FRESH_FOR).await?;
        let endpoint = known.metadata.token_endpoint().ok_or_else(|| malformed("no token_endpoint"))?;
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", SIGN),
            ("client_id", &self.settings.client_id),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &self.assertion(endpoint.as_str())?),
        ];
        let body = serde_urlencoded::to_string(form).map_err(|_| malformed("a form does not write"))?;
        let request = Request::builder().method(Method::POST).uri(endpoint.as_str());
        let request = request.header(ACCEPT, JSON).header(CONTENT_TYPE, FORM).body(body.into_bytes());
        Ok(Secret::new(self.call::<Token>(request, StatusCode::OK).await?.access_token))
    }

    async fn call<T: DeserializeOwned>(
        &self,
        request: http::Result<HttpRequest>,
        wanted: StatusCode,
    ) -> Result<T, IdentityError> {
        let request = request.map_err(|_| malformed("a request cannot be written"))?;
        let answer = self.outbound().call(request).await.map_err(|error| outbound_error(&error))?;
        if answer.status() != wanted {
            let words = format!("the signing service answered {}", answer.status());
            return Err(IdentityError::new(IdentityErrorKind::ClientRefused, words));
        }
        serde_json::from_slice(answer.body()).map_err(|_| malformed("the signing service's answer does not read"))
    }
}

fn authorized(method: Method, address: &Url, token: &Secret<String>) -> http::request::Builder {
    let request = Request::builder().method(method).uri(address.as_str()).header(ACCEPT, JSON);
    request.header(AUTHORIZATION, format!("Bearer {}", token.expose()))
}
