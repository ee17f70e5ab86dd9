//! `/evidence`: the log as anyone may read it, in the form that existing verifiers read (C2SP tlog-tiles).
//!
//! Heads and tiles hold hashes only: there is nothing to hide and nobody to ask.

use super::problem::Problem;
use crate::evidence::EvidenceLog;
use crate::evidence::tiles::TilePath;
use crate::issuer::Issuer;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};

/// A head changes within a second.
const BRIEFLY: &str = "public, max-age=1";
/// A tile that was served once is the same for ever.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const PLAIN: &str = "text/plain; charset=utf-8";

/// Its addresses.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/evidence/checkpoint").route(web::get().to(checkpoint)));
    cfg.service(web::resource("/evidence/keys").route(web::get().to(keys)));
    cfg.service(web::resource("/evidence/jwks").route(web::get().to(jwks)));
    cfg.service(web::resource("/evidence/tile/{path:.*}").route(web::get().to(tile)));
}

/// Gives the log's newest signed head (C2SP tlog-checkpoint).
///
/// The log's tiles and entries are below `/evidence/tile/` as C2SP tlog-tiles names them, such as
/// `/evidence/tile/0/000.p/5` and `/evidence/tile/entries/000.p/5`.
#[utoipa::path(
    get, path = "/evidence/checkpoint", operation_id = "get_evidence_checkpoint", tag = "evidence",
    responses(
        (status = 200, description = "A signed note.", body = String, content_type = "text/plain"),
        (status = 503, description = "`temporarily_unavailable`: nothing is signed yet."),
    )
)]
pub(super) async fn checkpoint(log: web::Data<EvidenceLog>) -> Result<HttpResponse, Problem> {
    let note = log.checkpoint().await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, BRIEFLY)).content_type(PLAIN).body(note))
}

/// Gives the log's public keys, one a line, the newest first (C2SP signed-note's vkey form).
#[utoipa::path(
    get, path = "/evidence/keys", operation_id = "get_evidence_keys", tag = "evidence",
    responses((status = 200, description = "The keys.", body = String, content_type = "text/plain"))
)]
pub(super) async fn keys(log: web::Data<EvidenceLog>) -> Result<HttpResponse, Problem> {
    let keys: String = log.verifiers().await?.iter().map(|key| key.vkey() + "\n").collect();
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, BRIEFLY)).content_type(PLAIN).body(keys))
}

/// Gives the keys that signed answers and consent receipts are verified with (RFC 7517).
///
/// A former key stays, with `exp`: until when it can have signed. Whoever keeps a signed answer can keep this set beside
/// it, and needs nothing of the counter afterwards.
#[utoipa::path(
    get, path = "/evidence/jwks", operation_id = "get_evidence_jwks", tag = "evidence",
    responses((status = 200, description = "A JWK Set.", body = Object, content_type = "application/jwk-set+json"))
)]
pub(super) async fn jwks(issuer: web::Data<Issuer>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .content_type("application/jwk-set+json")
        .body(issuer.statement_keys().to_string())
}

/// Gives a tile of the log, or a bundle of its entries (C2SP tlog-tiles).
///
/// `{path}` is `LEVEL/INDEX` or `entries/INDEX`, with `.p/WIDTH` behind it while it is not full; its slashes are not
/// escaped. A tile is 256 hashes of 32 bytes or fewer; a bundle is entries, each behind its length in two bytes. What was
/// served once stays the same for ever.
#[utoipa::path(
    get, path = "/evidence/tile/{path}", operation_id = "get_evidence_tile", tag = "evidence",
    params(("path" = String, Path, description = "Which tile.", example = "0/000.p/1")),
    responses(
        (status = 200, description = "Its bytes.", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, description = "`not_found`: the log has not so much of it, or there is no such tile."),
    )
)]
pub(super) async fn tile(path: web::Path<String>, log: web::Data<EvidenceLog>) -> Result<HttpResponse, Problem> {
    let path = TilePath::parse(&path).ok_or_else(|| Problem::plain("not_found"))?;
    let bytes = log.tile(&path).await?.ok_or_else(|| Problem::plain("not_found"))?;
    let mut response = HttpResponse::Ok();
    Ok(response.insert_header((CACHE_CONTROL, FOR_EVER)).content_type("application/octet-stream").body(bytes))
}
