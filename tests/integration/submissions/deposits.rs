//! Deposits: filed while the data stays in the company's cloud, referenced by their agency alone, verified byte by byte.

mod cloud;
mod notices;
mod rules;
mod shares;

use super::Payroll;
use crate::support::app::{App, spawn_app};
use crate::support::played::third_party::Answer;
use madoguchi::sandbox::cloud::CloudMood;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub const ALL: &str = "/v1/deposits";
pub const PROCEDURE: &str = "tax-withholding-statements-by-cloud";
/// Bytes of a piece.
const PIECE: usize = 1024 * 1024;

/// A company, the tax office, and the company's cloud.
pub struct Parties {
    pub app: App,
    pub company: Payroll,
    pub office: Payroll,
    /// Where the cloud is.
    pub origin: String,
}

pub async fn parties() -> Parties {
    let app = spawn_app().await;
    let directory = app.directory();
    let company = Payroll::open_for(&directory, "payroll", "deposits submissions").await;
    let office = Payroll::open_for(&directory, "tax_office", "agency_deposits").await;
    let origin = app.dev.sandbox.public_url.clone();
    Parties { app, company, office, origin }
}

pub fn told(answer: &Answer) -> (u16, Option<&str>, Option<&str>) {
    (answer.status, answer.body["code"].as_str(), answer.body["pointer"].as_str())
}

impl Parties {
    pub fn mood(&self, mood: CloudMood) {
        self.app.dev.sandbox.own.as_ref().unwrap().cloud().set_mood(mood);
    }

    pub fn declaration(&self) -> Value {
        json!({"agency": "tax", "procedure": PROCEDURE, "cloud_origin": self.origin})
    }

    pub async fn declare(&self, key: &str, body: &Value) -> Answer {
        self.company.send((Method::POST, ALL), &[("idempotency-key", key)], Some(body)).await
    }

    /// What a company files of a ledger of this size: its own cloud's digests.
    pub async fn filing(&self, size: usize) -> Value {
        let location = format!("{}/cloud/ledgers/{size}.csv", self.origin);
        let manifest = reqwest::get(format!("{location}/manifest")).await.unwrap();
        let manifest: Value = manifest.json().await.unwrap();
        json!({
            "location": location, "size": size, "media_type": "text/csv", "schema": "https://schemas.example/wages",
            "sha256": manifest["sha256"], "pieces": manifest["pieces"],
        })
    }

    pub async fn file(&self, id: &str, key: &str, body: &Value) -> Answer {
        let path = format!("{ALL}/{id}/file");
        self.company.send((Method::POST, &path), &[("idempotency-key", key)], Some(body)).await
    }

    /// The id of a deposit of this size that is filed.
    pub async fn filed(&self, size: usize) -> String {
        let declared = self.declare(&format!("declare {size}").replace(' ', "-"), &self.declaration()).await;
        assert_eq!(declared.status, 201, "{}", declared.body);
        let id = declared.body["id"].as_str().unwrap().to_owned();
        let filed = self.file(&id, "file", &self.filing(size).await).await;
        assert_eq!((filed.status, &filed.body["state"]), (200, &json!("filed")), "{}", filed.body);
        id
    }

    /// The office asks for the content.
    pub async fn content(&self, id: &str, headers: &[(&str, &str)]) -> Answer {
        let path = format!("/agency/v1/deposits/{id}/content?purpose=audit");
        self.office.send((Method::GET, &path), headers, None).await
    }

    pub async fn references(&self, id: &str) -> Vec<Value> {
        let answer = self.company.get(&format!("{ALL}/{id}/references")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["items"].as_array().unwrap().clone()
    }

    /// The last reference, once it ended.
    pub async fn last_reference(&self, id: &str) -> Value {
        for _ in 0..200 {
            let last = self.references(id).await.remove(0);
            if last["outcome"] != "begun" {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        unreachable!("it never ended");
    }

    /// What the company was told of its deposits.
    pub async fn news(&self) -> Vec<String> {
        let events = self.company.get("/v1/events?limit=100").await.body;
        let news = events["events"].as_array().unwrap().iter().filter_map(|event| event["deposit_news"].as_str());
        news.map(str::to_owned).collect()
    }
}

/// The sandbox's ledger of this size, as it is.
pub fn ledger(size: usize) -> String {
    let row = |row: usize| format!("{row:010},sample,{:012}\r\n", row * 1000);
    (0..=size / 32).map(row).collect::<String>()[..size].to_owned()
}
