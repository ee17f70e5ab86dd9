//! Whether the process lives (`/healthz`, `/livez`) and whether it can serve (`/readyz`), for the operator's load
//! balancer, by `GET` or by `HEAD`.

use super::conformance::Conformance;
use super::problem::Problem;
use crate::domain::Refusal;
use crate::evidence::EvidenceLog;
use crate::policy::Policies;
use crate::store::Store;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpResponse, web};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// When to ask again a process that is about to stop: by then another answers at its address, or none.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// The field that tells which rules are in force.
const RULES: HeaderName = HeaderName::from_static("madoguchi-policy");

/// What readiness depends on.
pub struct Health {
    store: Arc<dyn Store>,
    conformance: Option<web::Data<Conformance>>,
    policies: Option<Arc<Policies>>,
    evidence: Option<Arc<EvidenceLog>>,
    is_draining: AtomicBool,
}

impl Health {
    /// Ready while `store` answers.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, conformance: None, policies: None, evidence: None, is_draining: AtomicBool::new(false) }
    }

    /// The same, and not ready while a clause is broken, where that is asked for.
    #[must_use]
    pub fn held_to(mut self, conformance: web::Data<Conformance>) -> Self {
        self.conformance = conformance.is_strict().then_some(conformance);
        self
    }

    /// The same, telling by the digest which rules are in force, so that it can be seen whether every node has them.
    #[must_use]
    pub fn governed_by(mut self, policies: Arc<Policies>) -> Self {
        self.policies = Some(policies);
        self
    }

    /// The same, and not ready while the log of evidence takes no more.
    #[must_use]
    pub fn witnessed_by(mut self, evidence: Arc<EvidenceLog>) -> Self {
        self.evidence = Some(evidence);
        self
    }

    /// From now on not ready: the process is about to stop.
    pub fn drain(&self) {
        self.is_draining.store(true, Ordering::SeqCst);
    }
}

/// Its addresses.
pub fn routes(cfg: &mut web::ServiceConfig) {
    for path in ["/healthz", "/livez"] {
        cfg.service(web::resource(path).route(web::get().to(live)).route(web::head().to(live)));
    }
    cfg.service(web::resource("/readyz").route(web::get().to(ready)).route(web::head().to(ready)));
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

async fn ready(health: web::Data<Health>) -> Result<HttpResponse, Problem> {
    if health.is_draining.load(Ordering::SeqCst) {
        let words = "This process is about to stop. Ask another, or this address again.";
        return Err(Refusal::new("temporarily_unavailable", words).retry_after(ASK_AGAIN).into());
    }
    health.store.ping().await?;
    if let Some(evidence) = &health.evidence {
        evidence.intake().check()?;
    }
    if let Some(conformance) = &health.conformance {
        let report = conformance.report().await;
        if !report.is_sound() {
            let broken: Vec<&str> = report.broken().map(|clause| clause.id.as_str()).collect();
            let words = format!("Broken: {}. See /conformance.", broken.join("; "));
            return Err(Refusal::new("not_conformant", words).retry_after(ASK_AGAIN).into());
        }
    }
    let mut answer = live().await;
    let digest = health.policies.as_ref().map(|policies| policies.now().digest().base64url());
    if let Some(digest) = digest.and_then(|digest| HeaderValue::from_str(&digest).ok()) {
        answer.headers_mut().insert(RULES, digest);
    }
    Ok(answer)
}
