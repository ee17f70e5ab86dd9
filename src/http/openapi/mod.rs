//! The description of the API (OpenAPI 3.1), made from the code that serves it.
//!
//! What for: programs and people read the same thing that runs; `openapi/madoguchi.json` is its committed copy and a
//! test compares the two.
//!
//! How it flows: `utoipa` reads the handlers' attributes and the bodies' types; [`document`] adds what every operation
//! shares (the errors, by the problem table) and settles the form: every body a named schema, constants as `const`.
//!
//! How to add one more: the attribute on the handler, its name in [`Api`]'s list.
//!
//! What it must never do: describe what is not served; leave an error out.

mod citizen_problems;
mod problems;
mod webhooks;

pub use self::webhooks::webhooks;

use self::citizen_problems::OF_CITIZENS;
use self::problems::{EVERYWHERE, OF_OPERATION};
use super::oauth::OauthApi;
use super::problem::{self, Kind};
use super::{conformance, evidence, statistics, status, v1};
use crate::catalog::DataSetRecord;
use crate::domain::lifecycle::{Retiring, TABLE, find};
use crate::http::problem::ProblemBody;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use utoipa::OpenApi;

/// What an operation ends in after its sunset.
const GONE: &[&str] = &["operation_gone"];

/// What utoipa collects.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "madoguchi",
        description = "One counter (窓口) through which a third party reaches a citizen's government services, with \
            that citizen's consent. Every call needs a DPoP-bound access token (RFC 9449); errors outside /oauth are \
            problem+json (RFC 9457) with stable codes.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        v1::catalogue::list, v1::catalogue::find, v1::account::get, v1::usage::get, v1::linked_services::list, v1::private_documents::list,
        v1::private_documents::year_end, v1::private_documents::find, v1::private_documents::content,
        v1::consent::get, v1::consent_receipts::list,
        v1::requests::create, v1::requests::read, v1::requests::cancel, v1::provision_records::list,
        v1::health_insurance::register, v1::health_insurance::get, v1::health_insurance::deregister, v1::receipts::get,
        v1::submissions::create, v1::submissions::list, v1::submissions::find, v1::submissions::cancel,
        v1::submissions::withdraw, v1::submissions::amend, v1::submissions::agencies, v1::delegations::list, v1::delegations::delete,
        v1::delegations::software, v1::delegations::create_software,
        v1::documents::list, v1::documents::get,
        v1::documents::collect, v1::electronic_deliveries::list, v1::electronic_deliveries::find, v1::procedures::list,
        v1::procedures::find, v1::events::list,
        v1::drafts::create, v1::drafts::list, v1::drafts::find, v1::drafts::put, v1::drafts::delete, v1::drafts::submit,
        v1::life_events::create, v1::bulk_submissions::create, v1::bulk_submissions::append, v1::bulk_submissions::find,
        v1::bulk_submissions::submit, v1::bulk_submissions::cancel, v1::bulk_submissions::outcomes,
        v1::webhooks::put, v1::webhooks::get, v1::webhooks::delete, v1::webhooks::list, v1::webhooks::replay,
        v1::webhooks::keys, v1::employment_certificates::forms, v1::employment_certificates::form,
        v1::employment_certificates::check, v1::employment_certificates::create, v1::employment_certificates::list,
        v1::employment_certificates::find, v1::employment_certificates::revoke, v1::employment_certificates::open,
        v1::employment_certificates::prefill, v1::certificate_requests::create, v1::certificate_requests::list,
        v1::certificate_requests::find, v1::certificate_requests::answer, v1::certificate_requests::decline,
        v1::agency_payments::create, v1::agency_payments::list, v1::agency_payments::find, v1::agency_payments::cancel,
        v1::agency_payments::settlements,
        v1::establishments::plan, v1::establishments::create, v1::establishments::list, v1::establishments::find,
        v1::establishments::cancel,
        v1::deposits::procedures, v1::deposits::create, v1::deposits::list, v1::deposits::find, v1::deposits::file,
        v1::deposits::withdraw, v1::deposits::references, v1::deposit_shares::create, v1::deposit_shares::list,
        v1::deposit_shares::delete, v1::deposit_shares::shared, v1::deposit_shares::content, v1::agency_deposits::list, v1::agency_deposits::find,
        v1::agency_deposits::content, v1::dispositions::list, v1::dispositions::find, v1::dispositions::content,
        v1::dispositions::create, v1::dispositions::list_put, v1::dispositions::find_put,
        v1::municipalities::list, v1::municipalities::find, v1::municipalities::coverage, v1::service_procedures::search,
        v1::service_procedures::standards, v1::service_procedures::compare, v1::service_procedures::find,
        v1::mcp::call,
        v1::notices::list, v1::notices::find, v1::notices::attachment, v1::notices::mark, v1::notices::unmark,
        v1::agency_notices::create, v1::agency_notices::list, v1::agency_notices::find, v1::agency_notices::begin,
        v1::agency_notices::append, v1::agency_notices::find_bulk, v1::agency_notices::rejections,
        v1::applications::forms, v1::applications::form, v1::applications::prefill, v1::applications::check, v1::applications::create, v1::applications::list,
        v1::application_batches::create, v1::application_batches::find,
        v1::disasters::list, v1::disasters::list_own, v1::disasters::create, v1::disasters::find, v1::disasters::put,
        v1::disasters::close,
        v1::interviews::free, v1::interviews::book, v1::interviews::cancel, v1::interviews::publish, v1::interviews::list_own,
        v1::interviews::withdraw, v1::interviews::appointments, v1::interviews::record,
        v1::application_drafts::create, v1::application_drafts::list, v1::application_drafts::find, v1::application_drafts::put,
        v1::application_drafts::delete, v1::application_drafts::submit, v1::application_drafts::ask_signature,
        v1::application_drafts::delete_signature, v1::agency_applications::signature,
        v1::application_attachments::create, v1::application_attachments::append, v1::application_attachments::find,
        v1::application_attachments::delete, v1::application_attachments::content, v1::application_attachments::received,
        v1::applications::find, v1::applications::withdraw, v1::applications::amend, v1::agency_applications::list,
        v1::agency_applications::find, v1::agency_applications::review, v1::agency_applications::ask_amendment,
        v1::agency_applications::decide,
        evidence::checkpoint, evidence::keys, evidence::jwks, evidence::tile,
        v1::metadata::get, conformance::routes::get_json, status::get_json, status::get_feed,
        statistics::get_json, statistics::get_coverage, statistics::get_month, statistics::get_month_csv,
    ),
    components(schemas(ProblemBody<'static>, DataSetRecord, v1::answer::SignedAnswerClaims)),
    tags(
        (name = "self-information", description = "自己情報取得: data about a person within their consent."),
        (name = "provision-records", description = "情報提供等記録: which body asked which other for what about a citizen, and who read through here."),
        (name = "health insurance", description = "健康保険証利用: the citizen's card made known where a health insurance card is asked for."),
        (name = "submissions", description = "申請・届出: filed once, delivered to every agency exactly once in effect."),
        (name = "employment-certificates", description = "就労証明書: what a company says of an employee's work, signed, for a municipality."),
        (name = "payments", description = "公金決済: what agencies ask to be paid, by Pay-easy, mobile register or card, and what was."),
        (name = "establishments", description = "法人設立ワンストップ: a company founded by one form, signed by every founder."),
        (name = "deposits", description = "クラウド提出: filed while the data stays in the company's own cloud; each reference to it is logged."),
        (name = "notices", description = "お知らせ: what agencies tell citizens, posted once and read under a consent."),
        (name = "service-search", description = "ぴったりサービス: where people apply, for what, and what they bring."),
        (name = "applications", description = "電子申請: what citizens apply for at municipalities, and what those answer."),
        (name = "account", description = "What an access token stands for."),
        (name = "linked services", description = "もっとつながる: what a citizen's account is linked with."),
        (name = "private documents", description = "民間送達: certificates and statements that linked providers keep for a citizen."),
        (name = "catalogue", description = "Which data sets there are."),
        (name = "evidence", description = "The log of what was disclosed and decided, and receipts from it."),
        (name = "conformance", description = "How each clause of the security profile stands, now."),
        (name = "status", description = "稼働状況: how each part of the service stands, incidents and planned maintenance."),
        (name = "statistics", description = "統計: how many persons did what in a month, with noise, where they are many."),
    ),
)]
struct Api;

/// The document, as `madoguchi openapi print` prints it and `/openapi.json` serves it.
#[must_use]
pub fn document() -> Value {
    document_of(TABLE)
}

/// The same where these operations are to go.
#[must_use]
pub fn document_of(table: &'static [Retiring]) -> Value {
    // utoipa's own types always serialise.
    let mut document = serde_json::to_value(Api::openapi().merge_from(OauthApi::openapi())).unwrap_or_default();
    if let Some(components) = document.pointer_mut("/components").and_then(Value::as_object_mut) {
        components.insert(
            "securitySchemes".to_owned(),
            json!({"dpop": security_scheme(), "registration": registration_scheme()}),
        );
    }
    if let Some(paths) = document.pointer_mut("/paths").and_then(Value::as_object_mut) {
        for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
            add_problems(operation, table);
        }
    }
    if let Some(text) = document.pointer_mut("/components/schemas/SignedAnswerText").and_then(Value::as_object_mut) {
        // As JSON Schema 2020-12 §8.5 describes a JWT: its header, then its claims.
        let claims = json!({"$ref": "#/components/schemas/SignedAnswerClaims"});
        text.insert("contentMediaType".to_owned(), "application/jwt".into());
        let parts = json!([{"type": "object"}, claims]);
        text.insert("contentSchema".to_owned(), json!({"type": "array", "minItems": 2, "prefixItems": parts}));
    }
    settle(&mut document);
    document
}

fn registration_scheme() -> Value {
    json!({
        "type": "http",
        "scheme": "bearer",
        "description": "The registration access token of the latest answer (RFC 7592 §3): good for one call.",
    })
}

fn security_scheme() -> Value {
    json!({
        "type": "oauth2",
        "description": "Access tokens are bound to the client's key: send `Authorization: DPoP <token>` and a fresh \
            `DPoP` proof with each call (RFC 9449). Authorization requests are pushed (RFC 9126) with PKCE S256; clients \
            authenticate with private_key_jwt (RFC 7523). Bearer use is refused.",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "/oauth/authorize",
                "tokenUrl": "/oauth/token",
                "refreshUrl": "/oauth/token",
                "scopes": {
                    "openid": "An id_token with a pairwise subject.",
                    "offline_access": "A refresh token, for as long as the consent lasts.",
                    "self_information": "Self-information within the consent.",
                    "provision_records": "Who asked whom for what about the citizen, and who read through this service.",
                    "health_insurance": "Registering the citizen's card as their health insurance card.",
                    "account": "What the token stands for.",
                    "private_documents": "A citizen's documents from linked private delivery providers.",
                    "linked_services": "What a citizen's account is linked with.",
                    "notices": "The citizen's notices, and nothing else of theirs.",
                    "applications": "Applications to municipalities for whoever consents.",
                    "catalog": "The catalogue of data sets.",
                    "service_search": "Searching municipalities and what people apply for there.",
                },
            },
            "clientCredentials": {
                "tokenUrl": "/oauth/token",
                "scopes": {
                    "catalog": "The catalogue of data sets.",
                    "submissions": "Filings for the company behind the client.",
                    "establishments": "Establishing companies for their founders.",
                    "notices": "Being told that there is a notice; each is read under its citizen's consent.",
                    "agency_payments": "Payments that the agency behind the client asks for.",
                    "agency_notices": "Posting notices to citizens for the agency behind the client.",
                    "agency_applications": "Applications that were made to the municipality behind the client.",
                    "service_search": "Searching municipalities and what people apply for there.",
                },
            },
        },
    })
}

/// Each status with the codes that it may carry.
fn add_problems(operation: &mut Value, table: &'static [Retiring]) {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let id = id.as_str();
    let retiring = find(table, id);
    if let Some((members, retiring)) = operation.as_object_mut().zip(retiring) {
        members.insert("deprecated".to_owned(), true.into());
        members.insert("x-sunset".to_owned(), retiring.sunset().into());
        members.insert("x-successor".to_owned(), retiring.successor.into());
    }
    let Some((_, own)) = OF_OPERATION.iter().chain(OF_CITIZENS).find(|(name, _)| *name == id) else { return };
    let mut by_status: BTreeMap<u16, Vec<&Kind>> = BTreeMap::new();
    let gone = if retiring.is_some_and(|one| one.sunset_at.is_some()) { GONE } else { &[] };
    for row in EVERYWHERE.iter().chain(*own).chain(gone).filter_map(|code| problem::find(code)) {
        by_status.entry(row.status).or_default().push(row);
    }
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        responses.extend(by_status.into_iter().map(|(status, rows)| (status.to_string(), response(status, &rows))));
    }
}

fn response(status: u16, rows: &[&Kind]) -> Value {
    let words: Vec<String> = rows.iter().map(|row| format!("`{}`: {}.", row.code, row.title)).collect();
    let examples: Map<String, Value> = rows.iter().map(|row| (row.code.to_owned(), example(row))).collect();
    let field = |words: &str, kind: &str| json!({"description": words, "schema": {"type": kind}});
    let headers = match status {
        401 => json!({
            "WWW-Authenticate": field("What was wrong (RFC 6750 §3, RFC 9449 §7.1).", "string"),
            "DPoP-Nonce": field("The nonce to use, with use_dpop_nonce.", "string"),
        }),
        429 | 503 => json!({"Retry-After": field("Seconds.", "integer")}),
        _ => json!({}),
    };
    json!({
        "description": words.join(" "),
        "headers": headers,
        "content": {problem::CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
    })
}

fn example(row: &Kind) -> Value {
    json!({"value": {
        "type": format!("/problems/{}", row.code), "title": row.title, "title_ja": row.title_ja,
        "status": row.status, "code": row.code, "error_id": "e_w2d3Yw5bq0mF1n8vJt7fTg",
    }})
}

/// One value in an `enum` is a constant (JSON Schema 2020-12 §6.1.3): generators make a discriminator of it.
fn settle(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Array(values)) = members.get("enum")
                && let [only] = values.as_slice()
            {
                let only = only.clone();
                members.remove("enum");
                members.insert("const".to_owned(), only);
            }
            if let Some(constant) = members.remove("x-const") {
                members.insert("const".to_owned(), constant);
            }
            members.values_mut().for_each(settle);
            unite(members);
        }
        Value::Array(values) => values.iter_mut().for_each(settle),
        _ => {}
    }
}

/// utoipa writes a described constant as "a constant and an object with a description", which nothing satisfies: it
/// becomes the constant with the description.
fn unite(members: &mut Map<String, Value>) {
    let Some([constant, described]) = members.get("allOf").and_then(Value::as_array).map(Vec::as_slice) else { return };
    if constant.get("const").is_none() || described.get("properties").is_some() {
        return;
    }
    let (mut united, words) = (constant.clone(), described.get("description").cloned());
    if let (Value::Object(united), Some(words)) = (&mut united, words) {
        united.insert("description".to_owned(), words);
    }
    if let Value::Object(united) = united {
        *members = united;
    }
}

#[cfg(test)]
mod tests;
