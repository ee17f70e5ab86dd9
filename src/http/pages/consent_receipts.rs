//! The citizen's copies of consent receipts, to be saved.

use super::dashboard::citizen;
use super::reply::Reply;
use super::visit::Visit;
use super::{Pages, failure};
use crate::domain::Fault;
use crate::domain::ids::GrantId;
use crate::issuer::{ConsentReceipt, Holder, Issuer};
use crate::services::account::{Account, CitizenSession};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// In which form it is saved.
#[derive(Clone, Copy)]
enum Form {
    /// JSON-LD, to be read.
    Plain,
    /// The same inside a JWS, to be shown to somebody.
    Signed,
}

impl Form {
    /// The form and the version, by when it was agreed to, of a file's name.
    fn of(file: &str) -> Option<(Self, i64)> {
        let (version, form) = file.split_once('.')?;
        let form = match form {
            "jsonld" => Self::Plain,
            "jwt" => Self::Signed,
            _ => return None,
        };
        Some((form, version.parse().ok()?))
    }
}

/// `GET /dashboard/grants/{id}/receipts/{version}.jsonld` and `.jwt`
pub(super) async fn file(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    pages: web::Data<Pages>,
    account: web::Data<Account>,
    issuer: web::Data<Issuer>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let session = match citizen(&pages, &visit, &account).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let (id, file) = path.into_inner();
    let asked = GrantId::parse(&id).ok().zip(Form::of(&file));
    let Some((id, (form, version))) = asked else { return failure::page(&pages, &visit, failure::NOT_FOUND) };
    match find(&session, (&id, version), &account, &issuer).await {
        Ok(Some((receipt, audience))) => match form {
            Form::Plain => {
                let text = serde_json::to_string_pretty(&receipt.document).unwrap_or_default() + "\n";
                Reply::new(&pages, &visit, StatusCode::OK).attached("consent.jsonld", "application/ld+json", text)
            }
            Form::Signed => match issuer.sign_consent_receipt(&receipt, &audience) {
                Ok(text) => Reply::new(&pages, &visit, StatusCode::OK).attached("consent.jwt", "application/jwt", text),
                Err(fault) => failure::fault(&pages, &visit, &fault),
            },
        },
        Ok(None) => failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

/// The receipt of one decision of the person's own, and what the third party knows them by.
async fn find(
    session: &CitizenSession,
    (id, version): (&GrantId, i64),
    account: &Account,
    issuer: &Issuer,
) -> Result<Option<(ConsentReceipt, String)>, Fault> {
    let Some(listed) = account.grant(session, id).await? else { return Ok(None) };
    let Some(client) = listed.client else { return Ok(None) };
    let receipts = issuer.consent_receipts(&listed.grant, &client, Holder::Principal).await?;
    let found = receipts.into_iter().find(|receipt| receipt.agreed_at.millis() == version);
    Ok(found.map(|receipt| (receipt, issuer.subject_of(&client, &listed.grant))))
}
