//! Calls to one gateway of an installation, one step at a time, so that any step can be done wrongly.

use super::installation::Installation;
use crate::support::played::third_party::{ThirdParty, Tokens};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// 地方税関係情報.
pub const INCOME: &str = "TM00000000000002";

/// RFC 7523 §2.2.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What came back.
#[derive(Debug)]
pub struct Told {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Told {
    /// Sends, and reads the answer.
    pub async fn by(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap_or_default();
        let body = serde_json::from_str(&text).unwrap_or(if text.is_empty() { Value::Null } else { json!(text) });
        Self { status, headers, body }
    }

    /// The stable code of an error of either family; empty when there is none.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().or_else(|| self.body["error"].as_str()).unwrap_or_default()
    }

    /// Status and code; a success has none, whatever a member of its body is called.
    pub fn brief(&self) -> (u16, &str) {
        (self.status, if self.status < 400 { "" } else { self.code() })
    }

    /// A header field; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Is it unavailable for the moment, as documented: 503, a code, and when to come again?
    #[track_caller]
    pub fn assert_unavailable(&self) {
        assert_eq!(self.brief(), (503, "temporarily_unavailable"), "{self:?}");
        assert!(self.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{self:?}");
    }
}

/// A third party that speaks to one gateway under the installation's public address.
pub struct Caller<'a> {
    pub party: &'a ThirdParty,
    /// The gateway's own address.
    pub at: &'a str,
}

impl<'a> Caller<'a> {
    pub fn new(party: &'a ThirdParty, installation: &'a Installation, node: usize) -> Self {
        Self { party, at: &installation.nodes[node].url }
    }

    /// A proof for a call of `path`: it names the public address, whichever gateway it goes to.
    pub fn proof(&self, method: &str, path: &str, token: Option<&str>) -> String {
        let target = format!("{}{path}", self.party.file.issuer);
        self.party.binding.proof(method, &target, token, self.party.last_nonce().as_deref()).expect("a proof")
    }

    /// A request without token and proof.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.party.http.request(method, format!("{}{path}", self.at))
    }

    /// A right call with a token; answers a nonce challenge once (RFC 9449 §9).
    pub async fn call(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Told {
        let told = self.call_once(token, method, path, body).await;
        if told.code() == "use_dpop_nonce" && self.party.keep_nonce(&told.headers) {
            return self.call_once(token, method, path, body).await;
        }
        told
    }

    async fn call_once(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Told {
        let mut request = self
            .request(method, path)
            .header("authorization", format!("DPoP {token}"))
            .header("dpop", self.proof(method, path, Some(token)))
            .header("prefer", "wait=0");
        if let Some(body) = body {
            request = request.header("idempotency-key", crate::support::played::keys::unguessable()).json(body);
        }
        Told::by(request).await
    }

    /// A form to an endpoint where clients authenticate, with a fresh assertion and a proof.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Told {
        let told = self.form_once(path, fields).await;
        if told.code() == "use_dpop_nonce" && self.party.keep_nonce(&told.headers) {
            return self.form_once(path, fields).await;
        }
        told
    }

    async fn form_once(&self, path: &str, fields: &[(&str, &str)]) -> Told {
        let assertion = self.party.assertion().expect("an assertion");
        let mut form = vec![("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str())];
        form.extend_from_slice(fields);
        Told::by(self.request("POST", path).header("dpop", self.proof("POST", path, None)).form(&form)).await
    }

    /// A new access token for a refresh token, narrowed to `scope`.
    pub async fn narrowed(&self, tokens: &Tokens, scope: &str) -> String {
        let refresh = tokens.refresh.as_deref().expect("a refresh token");
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", scope)];
        let told = self.form("/oauth/token", &fields).await;
        assert_eq!(told.status, 200, "{told:?}");
        told.body["access_token"].as_str().expect("a token").to_owned()
    }
}

/// A token of the client's own, for filings.
pub async fn filing_tokens(caller: &Caller<'_>) -> Tokens {
    let scope = "submissions employment_certificates agency_payments certificate_verification establishments deposits agency_deposits \
                 service_search agency_notices agency_applications";
    let told = caller.form("/oauth/token", &[("grant_type", "client_credentials"), ("scope", scope)]).await;
    assert_eq!(told.status, 200, "{told:?}");
    let access = told.body["access_token"].as_str().expect("a token").to_owned();
    Tokens { access, refresh: None, subject: None, id_token: None }
}

/// What is asked for in these tests: two items of income, for thirty days.
pub fn wanted() -> Value {
    json!([{
        "type": "self_information",
        "purpose": "loan_examination",
        "data_sets": [{"code": INCOME, "items": ["0200000010", "0200000020"]}],
        "access_days": 30,
    }])
}

/// A retrieval of it.
pub fn retrieval() -> Value {
    json!({"data_sets": [{"code": INCOME, "condition": {"kind": "tax_year", "year": 2025}}]})
}

/// The answer that the browser brings back, after somebody agreed to [`wanted`].
pub async fn agreed(
    installation: &Installation,
    party: &ThirdParty,
) -> (crate::support::played::third_party::Pending, url::Url) {
    agreed_to(installation, party, "openid offline_access self_information provision_records health_insurance notices")
        .await
}

/// The same, with this scope.
async fn agreed_to(
    installation: &Installation,
    party: &ThirdParty,
    scope: &str,
) -> (crate::support::played::third_party::Pending, url::Url) {
    let pending = party.push(scope, &wanted()).await.expect("a pushed request");
    let mut citizen = installation.citizen();
    let page = citizen.arrive(&pending.address).await.expect("the consent page");
    let answer = citizen.decide(&page, "agree", &party.file.redirect_uri).await.expect("an answer");
    (pending, answer)
}

/// Tokens of a consent to [`wanted`].
pub async fn consented(installation: &Installation, party: &ThirdParty) -> Tokens {
    let (pending, answer) = agreed(installation, party).await;
    party.exchange(pending, &answer).await.expect("tokens")
}

/// Tokens of a consent to [`wanted`], and to applications to municipalities.
pub async fn consented_to_apply(installation: &Installation, party: &ThirdParty) -> Tokens {
    let scope = "openid offline_access self_information provision_records health_insurance private_documents \
                 linked_services notices applications";
    let (pending, answer) = agreed_to(installation, party, scope).await;
    party.exchange(pending, &answer).await.expect("tokens")
}
