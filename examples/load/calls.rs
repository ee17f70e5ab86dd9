//! The calls that are measured, each a whole one: fresh proof, fresh assertion where one is due.

use crate::filings;
use crate::support::citizen::Citizen;
use crate::support::files::ClientFile;
use crate::support::payroll::Payroll;
use crate::support::third_party::{ThirdParty, Tokens};
use anyhow::Context;
use clap::ValueEnum;
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::json;
use std::path::Path;
use std::sync::RwLock;
use std::time::Duration;

/// A kind of call.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Token endpoint, client credentials.
    ClientCredentials,
    /// Token endpoint, refresh token.
    Refresh,
    /// A whole retrieval of income data: POST with wait, answered by the sandbox.
    Retrievals,
    /// A consent-checked read without a backend call.
    Reads,
    /// Introspection of one's own token, answered by a signed JWT where the counter signs (RFC 9701).
    Introspections,
    /// Everything from the pushed request over sign-in and consent to the tokens.
    Flows,
    /// A filing of one part: durable and receipted when it is answered; it is delivered later, at its agency's pace.
    Filings,
    /// A search of procedures (service search), answered whole.
    Searches,
    /// The same, by a caller that has the answer already (`If-None-Match`).
    KnownSearches,
}

/// Which of the session's tokens is introspected.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Introspected {
    /// The access token.
    Access,
    /// The refresh token.
    Refresh,
}

impl Kind {
    /// Filings come last: what they leave in the queue is worked off beside what is measured.
    pub const ALL: [Self; 9] = [
        Self::ClientCredentials,
        Self::Refresh,
        Self::Retrievals,
        Self::Reads,
        Self::Introspections,
        Self::Flows,
        Self::Searches,
        Self::KnownSearches,
        Self::Filings,
    ];

    pub const fn title(self) -> &'static str {
        match self {
            Self::ClientCredentials => "(a) token endpoint, client_credentials",
            Self::Refresh => "(a) token endpoint, refresh_token",
            Self::Retrievals => "(b) whole retrieval (POST, Prefer: wait=10)",
            Self::Reads => "(c) consent-checked read, no backend",
            Self::Introspections => "(d) introspection, signed answer",
            Self::Flows => "(e) whole flow: PAR, sign-in, consent, token",
            Self::Filings => "(f) filing accepted: durable, receipted",
            Self::Searches => "(g) search, answered whole",
            Self::KnownSearches => "(g) the same search, 304 Not Modified",
        }
    }
}

const ASSERTION_TYPE: (&str, &str) =
    ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");

/// The data set that the load client was given consent for: 地方税関係情報.
const INCOME: &str = "TM00000000000002";

/// The ready-made client with the rate plan for measurements.
pub const CLIENT: &str = "load_test";

/// The sandbox's first person.
const CARD: (&str, &str) = ("1000000000000001", "1234");

/// What is searched for: 児童手当 in the sandbox's municipalities.
const SEARCH: &str = "/v1/service-procedures?keyword=%E5%85%90%E7%AB%A5%E6%89%8B%E5%BD%93";

/// A consented third party, ready to call.
pub struct Session {
    party: ThirdParty,
    payroll: Payroll,
    searching: Payroll,
    /// The entity tag of what was found last.
    tag: RwLock<String>,
    introspected: Introspected,
    token_endpoint: String,
    tokens: RwLock<Tokens>,
    nonce: RwLock<Option<String>>,
}

impl Session {
    /// Goes through consent once.
    pub async fn open(directory: &Path, introspected: Introspected) -> anyhow::Result<Self> {
        let party = ThirdParty::open(ClientFile::read(directory, CLIENT)?).await?;
        let payroll = Payroll::open(directory, CLIENT).await?;
        let searching = Payroll::open_for(directory, CLIENT, "service_search").await?;
        let tokens = flow(&party).await?;
        let token_endpoint = party.token_endpoint()?;
        let nonce = RwLock::new(party.last_nonce());
        Ok(Self {
            token_endpoint,
            introspected,
            tokens: RwLock::new(tokens),
            nonce,
            party,
            payroll,
            searching,
            tag: RwLock::default(),
        })
    }

    /// The gateway's port.
    pub fn port(&self) -> u16 {
        self.party.file.port()
    }

    /// A new access token, so that a long run does not end with the first one.
    pub async fn renew(&self) -> anyhow::Result<()> {
        let tokens = self.tokens.read().map_err(|_| anyhow::anyhow!("poisoned"))?.clone();
        let renewed = self.party.refresh(&tokens).await?;
        *self.tokens.write().map_err(|_| anyhow::anyhow!("poisoned"))? = renewed;
        self.searching.renew().await?;
        self.search(false).await?;
        self.payroll.renew().await
    }

    /// One call; whether it succeeded. A nonce challenge is remembered for the next one and counts as refused.
    pub async fn call(&self, kind: Kind) -> bool {
        if kind == Kind::Flows {
            return flow(&self.party).await.is_ok();
        }
        if kind == Kind::Filings {
            return filings::file(&self.payroll).await.is_ok();
        }
        if matches!(kind, Kind::Searches | Kind::KnownSearches) {
            return self.search(kind == Kind::KnownSearches).await.unwrap_or_default();
        }
        let Ok(request) = self.request(kind) else { return false };
        let Ok(response) = request.send().await else { return false };
        self.remember_nonce(response.headers());
        let is_ok = response.status() == StatusCode::OK;
        response.bytes().await.is_ok() && is_ok
    }

    fn request(&self, kind: Kind) -> anyhow::Result<RequestBuilder> {
        match kind {
            Kind::ClientCredentials => self.token(&[("grant_type", "client_credentials"), ("scope", "catalog")]),
            Kind::Refresh => {
                let tokens = self.tokens.read().map_err(|_| anyhow::anyhow!("poisoned"))?.clone();
                let refresh = tokens.refresh.context("no refresh token")?;
                self.token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)])
            }
            Kind::Retrievals => {
                let body = json!({"data_sets": [{"code": INCOME, "condition": {"kind": "tax_year", "year": 2025}}]});
                Ok(self.api("POST", "/v1/self-information-requests")?.header("prefer", "wait=10").json(&body))
            }
            Kind::Reads => self.api("GET", "/v1/consent"),
            Kind::Introspections => self.introspection(),
            Kind::Flows | Kind::Filings | Kind::Searches | Kind::KnownSearches => {
                anyhow::bail!("another function makes these")
            }
        }
    }

    /// One search; whether it was answered as it has to be: whole, or that nothing changed.
    async fn search(&self, is_known: bool) -> anyhow::Result<bool> {
        let known = self.tag.read().map_err(|_| anyhow::anyhow!("poisoned"))?.clone();
        let headers = [("if-none-match", known.as_str())];
        let headers = if is_known { headers.as_slice() } else { &[] };
        let response = self.searching.send((Method::GET, SEARCH), headers, Vec::new()).await?;
        self.searching.party.keep_nonce(response.headers());
        let tag = response.headers().get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default().to_owned();
        let wanted = if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let is_ok = response.status() == wanted;
        if !is_known && is_ok {
            *self.tag.write().map_err(|_| anyhow::anyhow!("poisoned"))? = tag;
        }
        Ok(response.bytes().await.is_ok() && is_ok)
    }

    fn introspection(&self) -> anyhow::Result<RequestBuilder> {
        let tokens = self.tokens.read().map_err(|_| anyhow::anyhow!("poisoned"))?.clone();
        let token = match self.introspected {
            Introspected::Access => tokens.access,
            Introspected::Refresh => tokens.refresh.context("no refresh token")?,
        };
        let assertion = self.party.assertion()?;
        let form = [("token", token.as_str()), ASSERTION_TYPE, ("client_assertion", &assertion)];
        let request = self.party.http.post(self.party.introspection_endpoint()).form(&form);
        Ok(request.header("accept", "application/token-introspection+jwt"))
    }

    fn token(&self, grant: &[(&str, &str)]) -> anyhow::Result<RequestBuilder> {
        let assertion = self.party.assertion()?;
        let mut form = grant.to_vec();
        form.push(ASSERTION_TYPE);
        form.push(("client_assertion", &assertion));
        let proof = self.party.binding.proof("POST", &self.token_endpoint, None, self.nonce().as_deref())?;
        Ok(self.party.http.post(&self.token_endpoint).header("dpop", proof).form(&form))
    }

    fn api(&self, method: &str, path: &str) -> anyhow::Result<RequestBuilder> {
        let url = format!("{}{path}", self.party.file.issuer);
        let tokens = self.tokens.read().map_err(|_| anyhow::anyhow!("poisoned"))?;
        let proof = self.party.binding.proof(method, &url, Some(&tokens.access), self.nonce().as_deref())?;
        let request = self.party.http.request(method.parse()?, &url).timeout(Duration::from_secs(30));
        Ok(request.header("authorization", format!("DPoP {}", tokens.access)).header("dpop", proof))
    }

    fn nonce(&self) -> Option<String> {
        self.nonce.read().ok()?.clone()
    }

    fn remember_nonce(&self, headers: &HeaderMap) {
        if let Some(nonce) = headers.get("dpop-nonce").and_then(|v| v.to_str().ok())
            && let Ok(mut kept) = self.nonce.write()
        {
            *kept = Some(nonce.to_owned());
        }
    }
}

/// One citizen's whole way: pushed request, sign-in and consent in a browser of its own, code, tokens.
async fn flow(party: &ThirdParty) -> anyhow::Result<Tokens> {
    let details = json!([{
        "type": "self_information",
        "purpose": party.file.purpose,
        "data_sets": [{"code": INCOME, "items": ["0200000010", "0200000020", "0200000030", "0200000050"]}],
        "access_days": 30,
    }]);
    let pending = party.push("openid offline_access self_information", &details).await?;
    let mut citizen = Citizen::new(CARD.0, CARD.1)?;
    let page = citizen.arrive(&pending.address).await?;
    let answer = citizen.decide(&page, "agree", &party.file.redirect_uri).await?;
    party.exchange(pending, &answer).await
}
