//! A payroll software: files for the company behind it, by tokens of its own (client credentials) that are bound to its key.

use super::files::ClientFile;
use super::third_party::ThirdParty;
use anyhow::{Context, bail, ensure};
use reqwest::{Method, Response};
use serde_json::Value;
use std::path::Path;
use std::sync::RwLock;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The software with its token.
pub struct Payroll {
    pub party: ThirdParty,
    scope: &'static str,
    token: RwLock<String>,
}

impl Payroll {
    /// The ready-made one of this name, with a token.
    pub async fn open(directory: &Path, name: &str) -> anyhow::Result<Self> {
        Self::open_for(directory, name, "submissions").await
    }

    /// The same for something else than filings.
    pub async fn open_for(directory: &Path, name: &str, scope: &'static str) -> anyhow::Result<Self> {
        let party = ThirdParty::open(ClientFile::read(directory, name)?).await?;
        let own = Self { party, scope, token: RwLock::default() };
        own.renew().await?;
        Ok(own)
    }

    /// A new token, so that a long run does not end with the first one.
    pub async fn renew(&self) -> anyhow::Result<()> {
        let endpoint = self.party.token_endpoint()?;
        for _ in 0..2 {
            let assertion = self.party.assertion()?;
            let form = [
                ("grant_type", "client_credentials"),
                ("scope", self.scope),
                ("client_assertion_type", ASSERTION_TYPE),
                ("client_assertion", assertion.as_str()),
            ];
            let proof = self.party.binding.proof("POST", &endpoint, None, self.party.last_nonce().as_deref())?;
            let response = self.party.http.post(&endpoint).header("dpop", proof).form(&form).send().await?;
            // RFC 9449 §8: the counter may ask for its nonce once.
            let is_nonce_new = self.party.keep_nonce(response.headers());
            let (status, body) = (response.status(), response.json::<Value>().await?);
            if is_nonce_new && body["error"] == "use_dpop_nonce" {
                continue;
            }
            ensure!(status == 200, "no token ({status}): {body}");
            let token = body["access_token"].as_str().context("no token came")?.to_owned();
            *self.token.write().map_err(|_| anyhow::anyhow!("poisoned"))? = token;
            return Ok(());
        }
        bail!("the counter keeps asking for another nonce")
    }

    /// Reads something.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call((Method::GET, path), &[], Vec::new()).await
    }

    /// Says something in JSON.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> anyhow::Result<Value> {
        let headers: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
        self.call((Method::POST, path), &headers, body.to_string().into_bytes()).await
    }

    /// Says something in JSON, and gets the answer as a file of this media type.
    pub async fn file(&self, path: &str, media_type: &str, body: &Value) -> anyhow::Result<Vec<u8>> {
        let headers = [("content-type", "application/json"), ("accept", media_type)];
        let body = body.to_string().into_bytes();
        Ok(self.answered((Method::POST, path), &headers, body).await?.bytes().await?.to_vec())
    }

    /// One call, whose answer must be a success; with a new token, when the present one is over.
    pub async fn call(&self, to: (Method, &str), headers: &[(&str, &str)], body: Vec<u8>) -> anyhow::Result<Value> {
        Ok(self.answered(to, headers, body).await?.json().await?)
    }

    async fn answered(
        &self,
        (method, path): (Method, &str),
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> anyhow::Result<Response> {
        let mut is_renewed = false;
        for _ in 0..3 {
            let response = self.send((method.clone(), path), headers, body.clone()).await?;
            // RFC 9449 §9: the counter may ask for its nonce once.
            let status = response.status();
            if status == 401 && self.party.keep_nonce(response.headers()) {
                continue;
            }
            if status == 401 && !is_renewed {
                self.renew().await?;
                is_renewed = true;
                continue;
            }
            if status.is_success() {
                return Ok(response);
            }
            bail!("{method} {path} was refused ({status}): {:#}", response.json::<Value>().await?);
        }
        bail!("the counter keeps asking for another nonce or token")
    }

    /// One call with a fresh proof, whatever comes of it.
    pub async fn send(
        &self,
        (method, path): (Method, &str),
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> anyhow::Result<Response> {
        let url = format!("{}{path}", self.party.file.issuer);
        let token = self.token.read().map_err(|_| anyhow::anyhow!("poisoned"))?.clone();
        let nonce = self.party.last_nonce();
        let proof = self.party.binding.proof(method.as_str(), &url, Some(&token), nonce.as_deref())?;
        let mut request = self.party.http.request(method, &url).header("authorization", format!("DPoP {token}"));
        request = request.header("dpop", proof);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Ok(request.body(body).send().await?)
    }
}
