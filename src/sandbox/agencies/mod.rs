//! Agencies that take filings, served: three of them, as different as agencies are when a call is made twice, and a pension
//! office that reads the real files.
//!
//! How it flows:
//! 1. `POST /agencies/{name}/applications` hands in. `pension` does a call with the same `Idempotency-Key` once; `labour`
//!    and `city` do what they are asked as often as they are asked. Every effect is written into the agency's ledger.
//! 2. `GET /agencies/{name}/applications?reference=` says whether something was handed in; `city` does not answer it.
//! 3. `GET /agencies/{name}/applications/{number}` says how it stands: a review queue that moves on with each look.
//!
//! 4. `GET /agencies/legal-affairs/applications/{number}/outcome` tells what the registry has of a company whose
//!    registration is completed ([`registry`]); the offices of [`FOUNDING`] are those that a new company meets first.
//!
//! `pension-office` takes `SHFD0006.CSV` files in place of a content, each once for its reference, and answers the rows and
//! columns that are wrong ([`pension`]).
//!
//! The content's member `sandbox_scenario` asks for a mood ([`Mood`]). [`Agencies`] is how whoever started the sandbox
//! sees the ledgers, is told of each step, and makes the agencies hang.
//!
//! How to add one more mood: a variant of [`Mood`] and the place where it bites.
//!
//! What it must never do: lose an effect, or count one that it did not have.

mod ledger;
pub mod pension;
mod registry;
mod serve;

pub use ledger::{Agencies, Effect, Moment, Mood};
pub(super) use ledger::{Application, Asked};
pub(super) use serve::routes;

/// The agencies there are, with what they allow when nobody knows whether a call had its effect.
pub const AGENCIES: [(&str, &str); 4] =
    [("pension", "by_key"), ("labour", "after_look_up"), ("city", "never"), ("tax", "by_key")];
/// Those that a company meets which is founded, likewise; its `tax`, `city` and `pension` are those of every other.
pub const FOUNDING: [(&str, &str); 6] = [
    ("notary", "by_key"),
    (REGISTRY, "after_look_up"),
    ("gbizid-desk", "by_key"),
    ("prefectural-tax", "by_key"),
    ("labour-standards", "after_look_up"),
    ("employment-desk", "by_key"),
];
/// The legal affairs bureau.
pub const REGISTRY: &str = "legal-affairs";
/// The procedures that each of them takes: made-up ones, whose content is whatever it is.
pub const PROCEDURES: [&str; 3] = ["9990001", "9990002", "9990003"];
/// The described procedures that each of them takes besides, by its kind: what no agency here takes in its real format yet.
const DESCRIBED: [(&str, &[&str]); 10] = [
    (
        "pension",
        &[
            "4950013520996000",
            "4950013520873000",
            "pension-name-change",
            "pension-address-change",
            "pension-maternity-leave",
            "pension-child-care-leave",
            "pension-new-application",
            "pension-acquisition-new-office",
        ],
    ),
    ("labour", &["employment-name-change", "labour-insurance-annual"]),
    (
        "city",
        &[
            "municipal-salary-earner-change",
            "municipal-salary-report",
            "municipal-special-collection",
            "municipal-company-establishment",
        ],
    ),
    (
        "tax",
        &[
            "tax-withholding-leaving",
            "tax-withholding-statements",
            "tax-company-establishment",
            "tax-salary-office",
            "tax-blue-return",
            "tax-withholding-dates",
            "tax-inventory-method",
            "tax-depreciation-method",
            "tax-consumption-tax-choice",
            "tax-qualified-invoices",
            "tax-later-returns",
        ],
    ),
    ("notary", &["notary-articles-certification"]),
    (REGISTRY, &[registry::PROCEDURE]),
    ("gbizid-desk", &["gbizid-prime-issue"]),
    ("prefectural-tax", &["prefectural-company-establishment"]),
    ("labour-standards", &["labour-insurance-relation", "labour-insurance-estimate"]),
    ("employment-desk", &["employment-office-installation", "employment-acquisition-new-office"]),
];

/// The procedures that they take by reference: their data stays in the company's cloud.
const BY_CLOUD: [(&str, &str); 2] =
    [("tax", "tax-withholding-statements-by-cloud"), ("labour", "labour-wage-ledger-by-cloud")];
/// The corporate numbers of those that have software of their own here: made up, with right check digits.
pub const NUMBERS: [(&str, &str); 2] = [("tax", "4000000990005"), ("labour", "3000000990006")];

/// The procedures that one of [`AGENCIES`] or [`FOUNDING`] takes.
#[must_use]
pub fn procedures_of(name: &str) -> Vec<&'static str> {
    let described = DESCRIBED.iter().filter(|(known, _)| *known == name).flat_map(|(_, codes)| codes.iter());
    let by_cloud = BY_CLOUD.iter().filter(|(known, _)| *known == name).map(|(_, code)| code);
    PROCEDURES.iter().chain(described).chain(by_cloud).copied().collect()
}

/// The pension office that reads `SHFD0006.CSV`: it does a call with the same `Idempotency-Key` once.
pub const PENSION_OFFICE: &str = "pension-office";
/// The forms that it takes.
pub const FORMS: [&str; 5] = ["2200700", "2201700", "2225700", "2221700", "2265700"];
/// Path of the agencies under the sandbox's address.
pub const PATH: &str = "/agencies";
