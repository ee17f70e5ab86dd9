//! The pretend search web service of ぴったりサービス: lists and details of what pretend municipalities offer, with the real
//! one's manners: 200 with `NG`, a password's digest in each body, pseudo-tables, dates as digits.
//!
//! How it flows: [`Services::new`] makes every row once of `offers.toml` and the standard procedures; the two calls answer
//! from them. [`Services::change`] gives a row another version, as a municipality that edits its page would.
//!
//! How to add one more: a municipality is an entry of `offers.toml`.
//!
//! What it must never do: pass for a real municipality's word.

mod rows;

use super::server::Sandbox;
use actix_web::{HttpResponse, web};
use rows::Row;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};

use crate::catalog::services::Standards;
use crate::domain::Digest;

/// Where it is under the sandbox's address.
pub const PATH: &str = "/Application/api/v1/ws/";
/// Who may call.
pub const ID: &str = "madoguchi";
/// Its password.
pub const PASSWORD: &str = "sandbox-service-search";

/// The municipalities with procedures here.
#[must_use]
pub fn municipalities() -> Vec<String> {
    rows::offers().map(|offers| offers.into_iter().map(|one| one.code).collect()).unwrap_or_default()
}

/// What is offered, and what was asked.
#[derive(Default)]
pub struct Services {
    rows: RwLock<Vec<Row>>,
    password: String,
    lists: AtomicU32,
    details: AtomicU32,
    is_broken: AtomicBool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListAsked {
    #[serde(default)]
    id: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    city_code: String,
    #[serde(default)]
    keyword: Vec<String>,
    service_code: Option<String>,
    is_e_applicable: Option<bool>,
}

#[derive(Deserialize)]
struct DetailAsked {
    #[serde(default)]
    id: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    psid: String,
}

/// The two calls.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(format!("{PATH}eLinkServProcListSearch")).route(web::post().to(list)));
    cfg.service(web::resource(format!("{PATH}eLinkServProcDetailSearch")).route(web::post().to(detail)));
}

impl Services {
    /// Every row of every pretend municipality.
    ///
    /// # Errors
    /// What is wrong with `offers.toml`.
    pub(super) fn new(standards: &Standards) -> Result<Self, String> {
        let password = Digest::of(PASSWORD).hex();
        Ok(Self { rows: RwLock::new(rows::all(standards)?), password, ..Self::default() })
    }

    /// Gives a row another summary and version; false when there is none.
    pub fn change(&self, psid: &str, summary: &str) -> bool {
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        let found = rows.iter_mut().find(|row| row.psid == psid);
        found.map(|row| row.change(summary)).is_some()
    }

    /// From now on it fails (200 with `NG` and `EE001`), or does not.
    pub fn break_down(&self, is_broken: bool) {
        self.is_broken.store(is_broken, Ordering::SeqCst);
    }

    /// How many lists and details were asked for.
    #[must_use]
    pub fn asked(&self) -> (u32, u32) {
        (self.lists.load(Ordering::SeqCst), self.details.load(Ordering::SeqCst))
    }

    fn refusal(&self, id: &str, password: &str) -> Option<HttpResponse> {
        let no = |code: &str| {
            HttpResponse::Ok()
                .json(json!({"result": {"resultName": "NG", "errors": [{"errorCode": code}], "hitCount": 0}}))
        };
        if self.is_broken.load(Ordering::SeqCst) {
            return Some(no("EE001"));
        }
        (id != ID || password != self.password).then(|| no("EE002"))
    }
}

async fn list(sandbox: web::Data<Sandbox>, asked: web::Json<ListAsked>) -> HttpResponse {
    let services = &sandbox.services;
    services.lists.fetch_add(1, Ordering::SeqCst);
    if let Some(refusal) = services.refusal(&asked.id, &asked.password) {
        return refusal;
    }
    let rows = services.rows.read().unwrap_or_else(PoisonError::into_inner);
    let fits = |row: &&Row| {
        row.municipality == asked.city_code
            && asked.keyword.iter().all(|word| row.name.contains(word) || row.summary.contains(word))
            && asked.service_code.as_ref().is_none_or(|code| *code == row.service_code)
            && asked.is_e_applicable.is_none_or(|wanted| row.is_e_applicable == wanted)
    };
    let found: Vec<Value> = rows.iter().filter(fits).map(Row::listed).collect();
    HttpResponse::Ok().json(json!({
        "result": {"resultName": "OK", "errors": [], "hitCount": found.len()},
        "eLinkServProcInfoList": found,
    }))
}

async fn detail(sandbox: web::Data<Sandbox>, asked: web::Json<DetailAsked>) -> HttpResponse {
    let services = &sandbox.services;
    services.details.fetch_add(1, Ordering::SeqCst);
    if let Some(refusal) = services.refusal(&asked.id, &asked.password) {
        return refusal;
    }
    let rows = services.rows.read().unwrap_or_else(PoisonError::into_inner);
    match rows.iter().find(|row| row.psid == asked.psid) {
        Some(row) => HttpResponse::Ok().json(json!({
            "result": {"resultName": "OK", "errors": [], "hitCount": 1},
            "eLinkServProcInfo": row.detailed(),
        })),
        None => HttpResponse::Ok().json(json!({
            "result": {"resultName": "NG", "errors": [{"errorCode": "EE003"}], "hitCount": 0},
        })),
    }
}
