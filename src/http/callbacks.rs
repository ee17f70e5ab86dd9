//! Call-backs of backends (IF001-05): they only wake whoever waits.
//!
//! The handle in the address is unguessable and the body is never read, so a stranger can achieve nothing here but a
//! second look at a result. An unknown handle gets the same answer as a known one.

use crate::adapters::selfinfo::SelfInformationSource;
use actix_web::{HttpResponse, web};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The backends that may be called back for, by name.
pub type Sources = BTreeMap<String, Arc<dyn SelfInformationSource>>;

/// Its address.
pub fn routes(cfg: &mut web::ServiceConfig) {
    let place = web::resource("/backends/{backend}/if001/callbacks/{handle}");
    cfg.service(place.route(web::post().to(called)));
}

async fn called(path: web::Path<(String, String)>, sources: web::Data<Sources>) -> HttpResponse {
    let (backend, handle) = path.into_inner();
    if let Some(source) = sources.get(&backend) {
        source.wake(&handle);
    }
    HttpResponse::NoContent().finish()
}
