//! A payroll software that files for its own company.

use crate::support::played::files::ClientFile;
use crate::support::played::third_party::{Answer, ThirdParty};
use reqwest::Method;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The software with a token.
pub struct Payroll {
    pub party: ThirdParty,
    pub token: String,
    scope: &'static str,
}

impl Payroll {
    /// The ready-made one below this directory.
    pub async fn open(directory: &Path) -> Self {
        Self::open_as(directory, "payroll").await
    }

    /// Another of the ready-made ones that file.
    pub async fn open_as(directory: &Path, name: &str) -> Self {
        Self::open_for(directory, name, "submissions").await
    }

    /// The same for something else than filings.
    pub async fn open_for(directory: &Path, name: &str, scope: &'static str) -> Self {
        let file = ClientFile::read(directory, name).expect("a client file");
        let party = ThirdParty::open(file).await.expect("metadata");
        let mut own = Self { party, token: String::new(), scope };
        own.renew().await;
        own
    }

    /// Whoever holds a token that a person gave.
    pub const fn holding(party: ThirdParty, token: String) -> Self {
        Self { party, token, scope: "" }
    }

    /// A new token.
    pub async fn renew(&mut self) {
        self.renew_with(&[("scope", self.scope)]).await;
    }

    /// A new token that is bound to the file with this digest.
    pub async fn bind(&mut self, digest: &str) {
        self.bind_to(&serde_json::json!({"type": "bulk_submission", "digest": digest})).await;
    }

    /// A new token with this authorization detail.
    pub async fn bind_to(&mut self, detail: &Value) {
        let details = serde_json::json!([detail]).to_string();
        self.renew_with(&[("authorization_details", &details)]).await;
    }

    /// What asking for a token with this authorization detail comes to.
    pub async fn ask_bound(&self, detail: &Value) -> (u16, Value) {
        let details = serde_json::json!([detail]).to_string();
        self.ask_with(&[("authorization_details", &details)]).await
    }

    async fn ask_with(&self, more: &[(&str, &str)]) -> (u16, Value) {
        let assertion = self.party.assertion().expect("an assertion");
        let own = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        self.party.token_form(&[&own, more].concat()).await
    }

    async fn renew_with(&mut self, more: &[(&str, &str)]) {
        let (status, body) = self.ask_with(more).await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().expect("a token").clone_into(&mut self.token);
    }

    /// A call with header fields and body; none when there was no answer.
    pub async fn try_send(&self, to: (Method, &str), headers: &[(&str, &str)], body: Option<&str>) -> Option<Answer> {
        let response = self.respond(to, headers, body).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.ok()?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Some(Answer { status, headers, body })
    }

    /// The same, before its body is read.
    pub async fn respond(
        &self,
        (method, path): (Method, &str),
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Option<reqwest::Response> {
        let url = format!("{}{path}", self.party.file.issuer);
        loop {
            let bare = url.split('?').next().expect("an address");
            let nonce = self.party.last_nonce();
            let proof = self.party.binding.proof(method.as_str(), bare, Some(&self.token), nonce.as_deref());
            let mut request = self.party.http.request(method.clone(), &url);
            request = request.header("authorization", format!("DPoP {}", self.token));
            request = request.header("dpop", proof.expect("a proof"));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            if let Some(body) = body {
                if headers.iter().all(|(name, _)| *name != "content-type") {
                    request = request.header("content-type", "application/json");
                }
                request = request.body(body.to_owned());
            }
            let response = request.send().await.ok()?;
            if self.party.keep_nonce(response.headers()) && response.status() == 401 {
                continue;
            }
            return Some(response);
        }
    }

    pub async fn send(&self, target: (Method, &str), headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let body = body.map(ToString::to_string);
        self.try_send(target, headers, body.as_deref()).await.expect("an answer")
    }

    /// Hands in under this key.
    pub async fn file(&self, key: &str, body: &Value) -> Answer {
        self.send((Method::POST, "/v1/submissions"), &[("idempotency-key", key)], Some(body)).await
    }

    /// Hands in, and gives the filing's id.
    pub async fn filed(&self, key: &str, body: &Value) -> String {
        let answer = self.file(key, body).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        answer.body["id"].as_str().expect("an id").to_owned()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send((Method::GET, path), &[], None).await
    }

    pub async fn post(&self, path: &str, body: Option<&Value>) -> Answer {
        self.send((Method::POST, path), &[], body).await
    }

    /// Says that a document was collected; gives the status alone.
    pub async fn post_quietly(&self, own: &str) -> u16 {
        self.post(&format!("{own}/collected"), None).await.status
    }

    /// Looks at a filing until it is as wanted.
    pub async fn until(&self, id: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/v1/submissions/{id}");
        let mut last = Value::Null;
        for _ in 0..400 {
            last = self.get(&path).await.body;
            if is_so(&last) {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        unreachable!("{what} never came: {last}");
    }

    /// Looks at a filing until it stands so.
    pub async fn until_state(&self, id: &str, state: &str) -> Value {
        self.until(id, state, |filing| filing["state"] == state).await
    }
}
