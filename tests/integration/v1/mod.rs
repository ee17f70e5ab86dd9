//! `/v1` black box: the real application, a bank that a citizen agreed with, and every way to call it wrongly.

mod access;
mod acting;
mod account;
mod catalogue;
mod input;
mod jobs;
mod limits;
mod questions;
mod retention;
mod scenarios;

use crate::support::app::{App, spawn_app};
use crate::support::played::citizen::Citizen;
use crate::support::played::files::ClientFile;
use crate::support::played::third_party::{Answer, ThirdParty, Tokens};
use reqwest::Method;
use serde_json::{Value, json};

pub const INCOME: &str = "TM00000000000002";
pub const REQUESTS: &str = "/v1/self-information-requests";

/// A bank with a citizen's consent.
pub struct Bank {
    pub app: App,
    pub party: ThirdParty,
    pub tokens: Tokens,
}

/// What is sent besides token and proof.
#[derive(Default)]
pub struct Sent<'a> {
    pub headers: &'a [(&'a str, &'a str)],
    pub body: Option<Vec<u8>>,
}

pub fn income(year: u16) -> Value {
    json!({"data_sets": [{"code": INCOME, "condition": {"kind": "tax_year", "year": year}}]})
}

impl Bank {
    pub async fn agreed(access_days: u32) -> Self {
        Self::agreed_with(access_days, &json!({})).await
    }

    /// The same, with more members in the authorization details.
    pub async fn agreed_with(access_days: u32, more: &Value) -> Self {
        let app = spawn_app().await;
        let party = ThirdParty::open(ClientFile::read(&app.directory(), "loan_bank").unwrap()).await.unwrap();
        let mut details = json!([{
            "type": "self_information",
            "purpose": party.file.purpose,
            "data_sets": [{
                "code": INCOME,
                "items": ["0200000010", "0200000020", "0200000050"],
                "period": {"from": "2024-01-01", "to": "2025-12-31"},
            }],
            "access_days": access_days,
        }]);
        let members = details[0].as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone())));
        let tokens = Self::agree(&party, &details).await;
        Self { app, party, tokens }
    }

    async fn agree(party: &ThirdParty, details: &Value) -> Tokens {
        let pending = party.push("openid self_information", details).await.unwrap();
        let mut citizen = Citizen::new("1000000000000001", "1234").unwrap();
        let page = citizen.arrive(&pending.address).await.unwrap();
        let answer = citizen.decide(&page, "agree", &party.file.redirect_uri).await.unwrap();
        party.exchange(pending, &answer).await.unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.app.url())
    }

    pub fn proof(&self, method: &Method, path: &str) -> String {
        let nonce = self.party.last_nonce();
        let url = self.url(path);
        self.party.binding.proof(method.as_str(), &url, Some(&self.tokens.access), nonce.as_deref()).unwrap()
    }

    /// Sends with a good token and a fresh proof; answers a nonce challenge once.
    pub async fn send(&self, method: Method, path: &str, sent: Sent<'_>) -> Answer {
        loop {
            let mut request = self.party.http.request(method.clone(), self.url(path));
            request = request.header("authorization", format!("DPoP {}", self.tokens.access));
            request = request.header("dpop", self.proof(&method, path));
            for (name, value) in sent.headers {
                request = request.header(*name, *value);
            }
            if let Some(body) = &sent.body {
                request = request.body(body.clone());
            }
            let response = request.send().await.unwrap();
            let is_challenge = self.party.keep_nonce(response.headers()) && response.status() == 401;
            if !is_challenge {
                return answer(response).await;
            }
        }
    }

    /// A request for self-information, with `headers` besides the content type.
    pub async fn ask(&self, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.send(Method::POST, REQUESTS, Sent { headers: &all, body: Some(body.to_string().into_bytes()) }).await
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, Sent { headers, body: None }).await
    }
}

pub async fn answer(response: reqwest::Response) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.json().await.unwrap_or(Value::Null) }
}

pub fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.body["code"].as_str().unwrap_or_default().to_owned())
}
