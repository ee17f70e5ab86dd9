//! Whether the process lives (`/healthz`) and whether it can serve (`/readyz`), for the operator's load balancer.

use super::problem::Problem;
use crate::store::Store;
use actix_web::{HttpResponse, web};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What readiness depends on.
pub struct Health {
    store: Arc<dyn Store>,
    is_draining: AtomicBool,
}

impl Health {
    /// Ready while `store` answers.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, is_draining: AtomicBool::new(false) }
    }

    /// From now on not ready: the process is about to stop.
    pub fn drain(&self) {
        self.is_draining.store(true, Ordering::SeqCst);
    }
}

/// Its addresses.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/healthz").route(web::get().to(live)));
    cfg.service(web::resource("/readyz").route(web::get().to(ready)));
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

async fn ready(health: web::Data<Health>) -> Result<HttpResponse, Problem> {
    if health.is_draining.load(Ordering::SeqCst) {
        return Err(Problem::plain("temporarily_unavailable"));
    }
    health.store.ping().await?;
    Ok(live().await)
}
