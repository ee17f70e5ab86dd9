//! e-Gov, served: its account service, and the calls of 電子申請 API version 2.
//!
//! How it flows:
//! 1. `account`: `GET /egov/auth/auth` lets the made-up company's software in at once, `POST …/token` gives tokens for the
//!    code (60 seconds) or the refresh token (180 days).
//! 2. `forms`: `GET /egov/shinsei/v2/procedure/{id}` gives the blank forms; they are made up, in the real ones' shape, and
//!    `blanks` holds what comes back against them.
//! 3. `package` unpacks what is sent, verifies the signature of its configuration (`separate`: those of its configurations),
//!    and looks at its fields.
//! 4. `apply` takes it: bundles and their reports, amendments, withdrawals; effects go into the ledger of
//!    [`agencies`](super::agencies) under [`NAME`]. `inquiry` tells how it stands, each look moving it on, with notices and official documents.
//! 5. `posts` sends to the account without a filing (電子送達).
//! 6. `shares` says which other accounts see the company's cases (アカウント間情報共有).
//! 7. `rest` answers calls that are real here without a life of their own: announcements, banks.
//!
//! `keys` makes the keys of the company, the office and the authorities at start: none lies in the source.
//!
//! The form's 備考 asks for a mood: `sandbox:amend` and so on ([`Mood`](super::agencies::Mood)).
//!
//! Publicly known, as implementers read them, are paths, members and lengths; not all states and no rate limits.
//!
//! How to add one more procedure: its number and form in `blanks`.
//!
//! What it must never do: take a package whose signature it did not verify; give an answer that real e-Gov cannot.

mod account;
mod answer;
mod apply;
mod blanks;
mod books;
mod document;
mod forms;
mod inquiry;
mod keys;
mod package;
mod posts;
mod rest;
mod separate;
mod shares;

pub(super) use books::Egov;
pub use keys::{Keys, keys};
pub use shares::OFFERS;

use crate::sandbox::server::Sandbox;
use actix_web::web;

/// Path of the API under the sandbox's address.
pub const PATH: &str = "/egov/shinsei/v2";
/// Path of the account service.
pub const ACCOUNT_PATH: &str = "/egov/auth";
/// Where the account service sends browsers back to.
pub const REDIRECT_PATH: &str = "/egov/connected";
/// Its name in the agencies' ledger.
pub const NAME: &str = "e-gov";
/// The procedures that it takes.
pub fn procedures() -> impl Iterator<Item = &'static str> {
    blanks::BLANKS.iter().map(|blank| blank.procedure)
}

/// The procedures that ask for 電子送達 (利用申込み).
pub const DELIVERY_PROCEDURES: [&str; 1] = ["900A990000000001"];

/// The software that is registered.
pub const SOFTWARE_ID: &str = "sandbox-software";
/// Its API key.
pub const API_KEY: &str = "sandbox-api-key-of-nobody";
/// A refresh token of the made-up company's account that is always good, so that nobody has to connect it first.
pub const REFRESH_TOKEN: &str = "sandbox-refresh-token-of-nobody";

/// Larger packages are refused with 413.
const LARGEST_BODY: usize = 24 * 1024 * 1024;

/// Everything below `/egov`.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    let at = |path: &str| web::resource(format!("{PATH}{path}")).app_data(web::PayloadConfig::new(LARGEST_BODY));
    account::routes(config);
    config
        .service(at("/procedure/{id}").route(web::get().to(forms::procedure)))
        .service(at("/preprint").route(web::post().to(forms::preprint)))
        .service(at("/apply").route(web::post().to(apply::apply)))
        .service(at("/bulk-apply").route(web::post().to(apply::bulk)))
        .service(at("/apply/check").route(web::post().to(apply::check)))
        .service(at("/apply/amend").route(web::post().to(apply::amend)))
        .service(at("/apply/withdraw").route(web::post().to(apply::withdraw)))
        .service(at("/apply/report").route(web::get().to(apply::report)))
        .service(at("/apply/lists").route(web::get().to(inquiry::lists)))
        .service(at("/apply/{id}").route(web::get().to(inquiry::detail)))
        .service(at("/notice/lists").route(web::get().to(inquiry::notices)))
        .service(at("/notice/{id}/{number}").route(web::get().to(inquiry::notice)))
        .service(at("/official_document").route(web::post().to(document::done)))
        .service(at("/official_document/verify").route(web::post().to(document::verify)))
        .service(at("/official_document/{id}/{number}").route(web::get().to(document::fetch)));
    posts::routes(config);
    shares::routes(config);
    rest::routes(config);
}

/// What every handler shares.
type Shared = web::Data<Sandbox>;
