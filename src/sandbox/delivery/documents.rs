//! The papers of an account: listed, and signed when they are fetched.

use super::keys::{Hand, keys};
use super::papers::{ISSUERS, Paper, newest_year, papers};
use super::{Account, DeliveryMood, Shared, missing};
use crate::domain::Digest;
use crate::domain::xml::{Document, Element, Placing, Target};
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

/// Papers of a page.
const PAGE: usize = 3;
/// More than anybody reads.
const FLOOD: usize = 4 * 1024 * 1024;

fn account(sandbox: &Shared, provider: &str, request: &HttpRequest) -> Result<Account, Box<HttpResponse>> {
    let mood = sandbox.delivery.mood(provider);
    match mood {
        DeliveryMood::Down => return Err(Box::new(HttpResponse::ServiceUnavailable().finish())),
        DeliveryMood::Garbage => {
            return Err(Box::new(HttpResponse::Ok().content_type("application/xml").body("{\"documents\"")));
        }
        DeliveryMood::Floods => {
            return Err(Box::new(HttpResponse::Ok().content_type("application/xml").body(" ".repeat(FLOOD))));
        }
        _ => {}
    }
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = header.strip_prefix("Bearer ").map(Digest::of);
    let account = token.and_then(|mark| sandbox.delivery.tokens.get(&mark, sandbox.clock.now()));
    account.filter(|one| one.provider == provider).ok_or_else(|| Box::new(HttpResponse::Unauthorized().finish()))
}

fn of(sandbox: &Shared, account: &Account) -> Vec<Paper> {
    let holder = sandbox.people.get(account.person).map(|person| person.file.name.full.as_str());
    let year = newest_year(sandbox.clock.now());
    papers(&account.provider, (account.person, holder.unwrap_or_default()), year)
}

/// `GET …/documents`.
pub(super) async fn list(sandbox: Shared, provider: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let account = match account(&sandbox, &provider, &request) {
        Ok(account) => account,
        Err(answer) => return *answer,
    };
    let all = of(&sandbox, &account);
    let after = request.query_string().strip_prefix("after=");
    let begin = after.and_then(|id| all.iter().position(|paper| paper.id == id)).map_or(0, |place| place + 1);
    let page: Vec<&Paper> = all.iter().skip(begin).take(PAGE).collect();
    let next = page.last().filter(|_| begin + PAGE < all.len()).map(|paper| paper.id.clone());
    let told = |paper: &&Paper| -> Value {
        let size = signed(&sandbox, &account.provider, paper).map_or(0, |bytes| bytes.len());
        json!({
            "id": paper.id, "kind": paper.kind, "tax_year": paper.year,
            "title": format!("{}年分 {}", paper.year, paper.name), "issuer": paper.issuer,
            "issued_on": format!("{}-10-15", paper.year), "media_type": "application/xml", "size": size,
        })
    };
    HttpResponse::Ok().json(json!({"documents": page.iter().map(told).collect::<Vec<_>>(), "next": next}))
}

/// `GET …/documents/{id}`.
pub(super) async fn fetch(sandbox: Shared, path: web::Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let (provider, id) = path.into_inner();
    let account = match account(&sandbox, &provider, &request) {
        Ok(account) => account,
        Err(answer) => return *answer,
    };
    let all = of(&sandbox, &account);
    let Some(paper) = all.iter().find(|paper| paper.id == id) else { return missing() };
    match signed(&sandbox, &provider, paper) {
        Some(bytes) => HttpResponse::Ok().content_type("application/xml").body(bytes),
        None => HttpResponse::InternalServerError().finish(),
    }
}

fn signed(sandbox: &Shared, provider: &str, paper: &Paper) -> Option<Vec<u8>> {
    let mood = sandbox.delivery.mood(provider);
    let other = ISSUERS.iter().find(|issuer| **issuer != paper.issuer)?;
    let (issuer, hand) = match mood {
        DeliveryMood::WrongIssuer => (*other, Hand::Right),
        DeliveryMood::Expired => (paper.issuer, Hand::Over),
        DeliveryMood::Untrusted => (paper.issuer, Hand::Own),
        _ => (paper.issuer, Hand::Right),
    };
    let root = Element::with_children("電子的控除証明書等", vec![paper.part.clone()]);
    let mut document = Document { instructions: Vec::new(), root };
    let placing = Placing { after: &[0], inside: "署名情報", id: "seal" };
    keys()?.signer(issuer, hand)?.sign(&mut document, &[Target::Element("証明書")], &placing).ok()?;
    let bytes = document.to_bytes();
    if mood != DeliveryMood::Altered {
        return Some(bytes);
    }
    let text = String::from_utf8(bytes).ok()?;
    Some(text.replacen("000</", "001</", 1).into_bytes())
}
