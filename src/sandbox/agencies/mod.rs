//! Agencies that take filings, served: three of them, as different as agencies are when a call is made twice, and a pension
//! office that reads the real files.
//!
//! How it flows:
//! 1. `POST /agencies/{name}/applications` hands in. `pension` does a call with the same `Idempotency-Key` once; `labour`
//!    and `city` do what they are asked as often as they are asked. Every effect is written into the agency's ledger.
//! 2. `GET /agencies/{name}/applications?reference=` says whether something was handed in; `city` does not answer it.
//! 3. `GET /agencies/{name}/applications/{number}` says how it stands: a review queue that moves on with each look.
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
mod serve;

pub use ledger::{Agencies, Effect, Moment, Mood};
pub(super) use ledger::{Application, Asked};
pub(super) use serve::routes;

/// The agencies there are, with what they allow when nobody knows whether a call had its effect.
pub const AGENCIES: [(&str, &str); 4] =
    [("pension", "by_key"), ("labour", "after_look_up"), ("city", "never"), ("tax", "by_key")];
/// The procedures that each of them takes: made-up ones, whose content is whatever it is.
pub const PROCEDURES: [&str; 3] = ["9990001", "9990002", "9990003"];
/// The described procedures that each of them takes besides, by its kind: what no agency here takes in its real format yet.
const DESCRIBED: [(&str, &[&str]); 4] = [
    (
        "pension",
        &[
            "4950013520996000",
            "4950013520873000",
            "pension-name-change",
            "pension-address-change",
            "pension-maternity-leave",
            "pension-child-care-leave",
        ],
    ),
    ("labour", &["employment-name-change", "labour-insurance-annual"]),
    ("city", &["municipal-salary-earner-change", "municipal-salary-report", "municipal-special-collection"]),
    ("tax", &["tax-withholding-leaving", "tax-withholding-statements"]),
];

/// The procedures that one of [`AGENCIES`] takes.
#[must_use]
pub fn procedures_of(name: &str) -> Vec<&'static str> {
    let described = DESCRIBED.iter().filter(|(known, _)| *known == name).flat_map(|(_, codes)| codes.iter());
    PROCEDURES.iter().chain(described).copied().collect()
}

/// The pension office that reads `SHFD0006.CSV`: it does a call with the same `Idempotency-Key` once.
pub const PENSION_OFFICE: &str = "pension-office";
/// The forms that it takes.
pub const FORMS: [&str; 5] = ["2200700", "2201700", "2225700", "2221700", "2265700"];
/// Path of the agencies under the sandbox's address.
pub const PATH: &str = "/agencies";
