//! Receipts of the citizen's own, and the page that checks one in their browser.
//!
//! The page of checking is the only one with a script of ours. It sends nothing: what it asks the log for is public and
//! the same for everyone. Without script, and for whoever trusts no page of ours, it says how to check by command; saved
//! as one file it works without the counter.

use super::dashboard::citizen;
use super::reply::{Reply, Shell};
use super::visit::Visit;
use super::{Pages, assets, failure};
use crate::domain::{Digest, Failure, Fault};
use crate::evidence::note::Verifier;
use crate::evidence::receipt::Receipt;
use crate::evidence::{EvidenceLog, Reader};
use crate::services::account::Account;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Why a step of the check ends as it does, as the script names it; each has its words in both languages.
pub(super) const REASONS: [&str; 17] = [
    "not-json",
    "not-receipt",
    "other-receipt",
    "key-form",
    "no-ed25519",
    "no-crypto",
    "checkpoint-form",
    "unsigned",
    "forged",
    "other-log",
    "not-in-tree",
    "proof-length",
    "not-logged",
    "offline",
    "log-shrunk",
    "log-forked",
    "not-reached",
];

struct Proof {
    leaf: u64,
    json: String,
}

#[derive(Template)]
#[template(path = "receipt.html", config = "src/http/pages/askama.toml")]
struct ReceiptPage<'p> {
    shell: Shell<'p>,
    id: String,
    /// None while the event is on its way into the log.
    proof: Option<Proof>,
}

#[derive(Template)]
#[template(path = "verify.html", config = "src/http/pages/askama.toml")]
struct Verify<'p> {
    shell: Shell<'p>,
    keys: String,
}

#[derive(Template)]
#[template(path = "verify_file.html", config = "src/http/pages/askama.toml")]
struct VerifyFile<'p> {
    shell: Shell<'p>,
    keys: String,
    script_hash: String,
}

/// The receipt, if it is the visitor's own; with the answer to send where it is not.
async fn own(
    (pages, visit): (&Pages, &Visit),
    id: &str,
    account: &Account,
    log: &EvidenceLog,
) -> Result<(Option<Receipt>, String), HttpResponse> {
    let session = citizen(pages, visit, account).await?;
    match log.receipt(id, Reader::Subject(session.subject()), None).await {
        Ok(receipt) => Ok((Some(receipt), session.form_token())),
        Err(Failure::Refused(refusal)) if refusal.code == "receipt_pending" => Ok((None, session.form_token())),
        Err(Failure::Refused(_)) => Err(failure::page(pages, visit, failure::NOT_FOUND)),
        Err(Failure::Broken(fault)) => Err(failure::fault(pages, visit, &fault)),
    }
}

/// `GET /dashboard/receipts/{id}`
pub(super) async fn show(
    request: HttpRequest,
    id: web::Path<String>,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
    log: web::Data<EvidenceLog>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (receipt, token) = match own((&pages, &visit), &id, &account, &log).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let mut shell = Shell::new(&pages, &visit);
    shell.sign_out = Some(token);
    let proof = receipt
        .map(|kept| Proof { leaf: kept.leaf_index, json: serde_json::to_string_pretty(&kept).unwrap_or_default() });
    Reply::new(&pages, &visit, StatusCode::OK).page(&ReceiptPage { shell, id: id.into_inner(), proof })
}

/// `GET /dashboard/receipts/{id}/file`
pub(super) async fn file(
    request: HttpRequest,
    id: web::Path<String>,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
    log: web::Data<EvidenceLog>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    match own((&pages, &visit), &id, &account, &log).await {
        Ok((Some(receipt), _)) => {
            let text = serde_json::to_string_pretty(&receipt).unwrap_or_default() + "\n";
            Reply::new(&pages, &visit, StatusCode::OK).attached("receipt.json", "application/json", text)
        }
        Ok((None, _)) => {
            Reply::new(&pages, &visit, StatusCode::SEE_OTHER).see_other(&format!("/dashboard/receipts/{id}"))
        }
        Err(answer) => answer,
    }
}

async fn keys(log: &EvidenceLog) -> Result<String, Fault> {
    let keys = log.verifiers().await?;
    Ok(keys.iter().map(Verifier::vkey).collect::<Vec<_>>().join("\n"))
}

/// `GET /verify`: for anyone who holds a receipt.
pub(super) async fn verify(request: HttpRequest, pages: web::Data<Pages>, log: web::Data<EvidenceLog>) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    match keys(&log).await {
        Ok(keys) => {
            let page = Verify { shell: Shell::new(&pages, &visit), keys };
            Reply::new(&pages, &visit, StatusCode::OK).with_script().page(&page)
        }
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

/// `GET /verify/file`: the same as one file to keep.
pub(super) async fn verify_file(
    request: HttpRequest,
    pages: web::Data<Pages>,
    log: web::Data<EvidenceLog>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let keys = match keys(&log).await {
        Ok(keys) => keys,
        Err(fault) => return failure::fault(&pages, &visit, &fault),
    };
    let hash = STANDARD.encode(Digest::of(assets::VERIFY).as_bytes());
    let page = VerifyFile { shell: Shell::new(&pages, &visit), keys, script_hash: format!("'sha256-{hash}'") };
    match page.render() {
        Ok(html) => {
            let html = html.replacen("/*style*/", assets::CSS, 1).replacen("/*script*/", assets::VERIFY, 1);
            Reply::new(&pages, &visit, StatusCode::OK).attached("verify.html", "text/html; charset=utf-8", html)
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            HttpResponse::InternalServerError().insert_header((header::CACHE_CONTROL, "no-store")).finish()
        }
    }
}
