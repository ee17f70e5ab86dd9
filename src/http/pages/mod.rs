//! The pages that citizens see: home, sign-in, consent, dashboard, and what went wrong. Server-rendered, no
//! script but the one by which a citizen checks a receipt, whose page also says how to do so without.
//!
//! What for: a person decides here, so everything must be readable, in two languages, with any browser, keyboard,
//! screen reader or printer (WCAG 2.2 AA), and nothing on the page may come from anywhere else.
//!
//! How it flows:
//! 1. A handler reads the visit (`visit`: language, cookies) and the form or query (`form`), strictly.
//! 2. It calls one use case: `Interactions`, `Account`, or, for a company, `Companies`.
//! 3. A view (`consent_view`, `dashboard_view`) turns what came into words; a template under `templates/` (askama,
//!    escaped always) turns the view into HTML; texts are in `locales/*.ftl`.
//! 4. `reply` sends it with the safety headers. Every redirect is 303.
//!
//! How to add one more: a template, a view struct, a handler, its line in [`routes`], its texts in both `.ftl` files, a
//! case in `tests/integration/pages/`.
//!
//! What it must never do: need a script; load anything from elsewhere; put a name, number or token into an address (but the
//! secret of a link that a company gives its employee, which is nothing else; the log knows routes alone); change anything on a GET but the way forward through sign-in; render text with `|safe`.

mod acting_view;
mod applications;
mod assets;
mod authorize;
mod certificate_requests;
mod certificates;
mod closing;
mod company;
mod company_deposits;
mod company_deposits_view;
mod company_view;
pub(in crate::http) mod conformance;
pub(in crate::http) mod service_status;
pub(in crate::http) mod statistics;
mod consent;
mod consent_receipts;
mod confirmation;
mod consent_sheet;
mod consent_view;
mod dashboard;
mod dashboard_view;
mod dashboard_words;
mod device;
mod difference_view;
mod erasure;
mod establishment_view;
mod establishments;
mod failure;
mod family;
mod form;
mod home;
mod linking_view;
mod links;
mod interviews;
mod invitations;
mod logout;
mod notices;
mod payments;
mod questions_view;
mod receipts;
mod records;
mod renewal;
mod reply;
mod representatives;
mod services;
mod signed_in;
mod signing;
mod terms_view;
mod texts;
mod visit;
mod wording;

use crate::adapters::signatures::CALLBACK;
use crate::catalog::Catalog;
use crate::domain::payment::LINK as PAY;
use crate::domain::{Entropy, Fault};
use crate::protocol::discovery::path;
use crate::services::employment_certificates::{ANSWERS, LINK, PAGE};
use crate::services::payments::RETURNS;
use crate::services::service_search::HAND_OVER_PATH;
use actix_web::web;
use assets::Assets;
use std::sync::Arc;
use texts::Texts;
use url::Url;
pub(in crate::http) use visit::accepted_lang;

/// The most that a posted form may weigh, in bytes: the longest consent form is a tenth of it.
const LARGEST_FORM: usize = 256 * 1024;

/// What the pages have in common.
pub struct Pages {
    texts: Texts,
    assets: Assets,
    catalog: Arc<Catalog>,
    entropy: Arc<dyn Entropy>,
    public_url: Url,
    is_https: bool,
}

impl Pages {
    /// The pages of the counter at `public_url`.
    ///
    /// # Errors
    /// [`Fault::Internal`] when `public_url` is no address or the embedded texts do not read.
    pub fn new(public_url: &str, catalog: Arc<Catalog>, entropy: Arc<dyn Entropy>) -> Result<Self, Fault> {
        let public_url = Url::parse(public_url).map_err(|_| Fault::Internal("public_url is no address".into()))?;
        let is_https = public_url.scheme() == "https";
        Ok(Self { texts: Texts::load()?, assets: Assets::new(), catalog, entropy, public_url, is_https })
    }
}

/// Every page's route. Needs `web::Data` of [`Pages`], [`Issuer`](crate::issuer::Issuer),
/// [`Interactions`](crate::issuer::interaction::Interactions),
/// [`Account`](crate::services::account::Account),
/// [`Companies`](crate::issuer::companies::Companies), [`EvidenceLog`](crate::evidence::EvidenceLog),
/// [`Confirmations`](crate::services::confirmations::Confirmations),
/// [`Establishments`](crate::services::establishments::Establishments),
/// [`Payments`](crate::services::payments::Payments),
/// [`ProvisionRecords`](crate::services::provision_records::ProvisionRecords),
/// [`Applications`](crate::services::applications::Applications),
/// [`Deposits`](crate::services::deposits::Deposits), [`Notices`](crate::services::notices::Notices),
/// [`Linkage`](crate::services::linked_services::Linkage),
/// [`ServiceSearch`](crate::services::service_search::ServiceSearch) and
/// [`EmploymentCertificates`](crate::services::employment_certificates::EmploymentCertificates).
pub fn routes(config: &mut web::ServiceConfig) {
    let page = |path: &str| web::resource(path.to_owned()).app_data(web::PayloadConfig::new(LARGEST_FORM));
    config
        .service(page("/").route(web::get().to(home::show)))
        .service(page("/assets/{name}").route(web::get().to(assets::serve)))
        .service(
            page("/oauth/authorize")
                .route(web::get().to(authorize::begin))
                .route(web::post().to(authorize::begin_posted)),
        )
        .service(page(path::LOGOUT).route(web::get().to(logout::show)).route(web::post().to(logout::show_posted)))
        .service(page(logout::CONFIRM).route(web::post().to(logout::confirm)))
        .service(page("/sign-in").route(web::get().to(authorize::sign_in)))
        .service(page("/sign-in/callback").route(web::get().to(authorize::callback)))
        .service(page("/consent").route(web::get().to(consent::show)).route(web::post().to(consent::decide)))
        .service(page("/dashboard").route(web::get().to(dashboard::show)))
        .service(page("/dashboard/grants/{id}").route(web::get().to(dashboard::show_grant)))
        .service(page("/dashboard/grants/{id}/receipts/{file}").route(web::get().to(consent_receipts::file)))
        .service(page("/dashboard/grants/{id}/revoke").route(web::post().to(dashboard::revoke)))
        .service(page("/dashboard/grants/{id}/renew").route(web::post().to(renewal::renew)))
        .service(page("/dashboard/grants/{id}/pause").route(web::post().to(dashboard::pause)))
        .service(page("/dashboard/grants/{id}/resume").route(web::post().to(dashboard::resume)))
        .service(page("/dashboard/erasure").route(web::get().to(erasure::show)).route(web::post().to(erasure::erase)))
        .service(page("/dashboard/account").route(web::get().to(closing::show)).route(web::post().to(closing::erase)))
        .configure(families)
        .service(page(HAND_OVER_PATH).route(web::get().to(services::apply)))
        .service(page("/dashboard/representatives").route(web::get().to(representatives::show)))
        .service(
            page("/dashboard/representatives/invitations")
                .route(web::get().to(invitations::show))
                .route(web::post().to(invitations::invite)),
        )
        .service(page("/dashboard/representatives/invitations/accept").route(web::post().to(invitations::accept)))
        .service(
            page("/dashboard/representatives/invitations/{id}/withdraw").route(web::post().to(invitations::withdraw)),
        )
        .service(page("/dashboard/representatives/{id}/end").route(web::post().to(representatives::end)))
        .service(page("/dashboard/representatives/{id}/unfreeze").route(web::post().to(representatives::unfreeze)))
        .service(
            page("/dashboard/requests/{id}")
                .route(web::get().to(confirmation::show))
                .route(web::post().to(confirmation::decide)),
        )
        .service(page("/device").route(web::get().to(device::show)).route(web::post().to(device::claim)))
        .service(page("/dashboard/receipts/{id}").route(web::get().to(receipts::show)))
        .service(page("/dashboard/receipts/{id}/file").route(web::get().to(receipts::file)))
        .service(page("/verify").route(web::get().to(receipts::verify)))
        .service(page("/verify/file").route(web::get().to(receipts::verify_file)))
        .service(page("/company").route(web::get().to(company::show)))
        .service(page("/company/sign-in").route(web::get().to(company::sign_in)))
        .service(page("/company/sign-in/callback").route(web::get().to(company::callback)))
        .service(page("/company/delegations").route(web::post().to(company::register)))
        .service(page("/company/delegations/{id}/pause").route(web::post().to(company::pause)))
        .service(page("/company/delegations/{id}/resume").route(web::post().to(company::resume)))
        .service(page("/company/delegations/{id}/end").route(web::post().to(company::end)))
        .service(page("/company/deposits").route(web::get().to(company_deposits::show)))
        .service(page("/company/deposits/{id}").route(web::get().to(company_deposits::one)))
        .service(page("/company/deposits/{id}/shares/{share}/end").route(web::post().to(company_deposits::end_share)))
        .service(page("/company/sign-out").route(web::post().to(company::sign_out)))
        .service(page("/dashboard/revoke-all").route(web::post().to(dashboard::revoke_all)))
        .service(page("/sign-out").route(web::post().to(dashboard::sign_out)));
}

/// Where references are verified, and employees ask.
fn certifying(config: &mut web::ServiceConfig) {
    let page = |path: &str| web::resource(path.to_owned()).app_data(web::PayloadConfig::new(LARGEST_FORM));
    let verify = page(PAGE).route(web::get().to(certificates::show)).route(web::post().to(certificates::verify));
    let ask = page(&format!("{LINK}{{secret}}")).route(web::get().to(certificate_requests::show));
    config
        .service(verify)
        .service(page(&format!("{ANSWERS}{{secret}}")).route(web::get().to(certificate_requests::answer)))
        .service(ask.route(web::post().to(certificate_requests::ask)));
}

/// Pages of single families.
fn families(config: &mut web::ServiceConfig) {
    config.configure(founding).configure(paying).configure(inbox).configure(applying);
    config.configure(linking).configure(recorded).configure(certifying);
    config.service(web::resource("/docs/family").route(web::get().to(family::show)));
}

/// Where citizens read their notices.
fn inbox(config: &mut web::ServiceConfig) {
    let page = |path: &str| web::resource(path.to_owned()).app_data(web::PayloadConfig::new(LARGEST_FORM));
    config
        .service(page("/dashboard/notices").route(web::get().to(notices::show)))
        .service(page("/dashboard/notices/{id}").route(web::get().to(notices::open)))
        .service(page("/dashboard/notices/{id}/read").route(web::post().to(notices::mark)))
        .service(page("/dashboard/notices/{id}/files/{number}").route(web::get().to(notices::file)));
}

/// Where citizens see their applications, and hand in what was prepared for them.
fn applying(config: &mut web::ServiceConfig) {
    let page = |path: &str| web::resource(path.to_owned()).app_data(web::PayloadConfig::new(LARGEST_FORM));
    let interview = page("/dashboard/applications/{id}/interview").route(web::get().to(interviews::show));
    let draft = page("/dashboard/applications/drafts/{id}").route(web::get().to(applications::draft));
    config
        .service(page("/dashboard/applications").route(web::get().to(applications::show)))
        .service(interview.route(web::post().to(interviews::decide)))
        .service(page("/dashboard/applications/drafts/{id}/sign").route(web::post().to(signing::begin)))
        .service(page(CALLBACK).route(web::get().to(signing::callback)))
        .service(draft.route(web::post().to(applications::decide)));
}

/// Where citizens link their accounts.
fn linking(config: &mut web::ServiceConfig) {
    let page = |path: &str| web::resource(path.to_owned()).app_data(web::PayloadConfig::new(LARGEST_FORM));
    config
        .service(page("/links/callback").route(web::get().to(links::callback)))
        .service(page("/dashboard/links").route(web::get().to(links::show)))
        .service(page("/dashboard/links/services/{code}").route(web::post().to(links::link)))
        .service(page("/dashboard/links/health-insurance/end").route(web::post().to(links::end_insurance)))
        .service(page("/dashboard/links/sites/{code}").route(web::post().to(links::hand_over)))
        .service(
            page("/dashboard/links/{id}/end").route(web::get().to(links::ask_end)).route(web::post().to(links::end)),
        );
}

/// Where citizens see who asked whom for what about them.
fn recorded(config: &mut web::ServiceConfig) {
    let page = |path: &str| web::resource(path.to_owned()).app_data(web::PayloadConfig::new(LARGEST_FORM));
    config.service(page("/dashboard/records").route(web::get().to(records::show)));
}

/// Where whoever has a payment's address pays.
fn paying(config: &mut web::ServiceConfig) {
    let page = |path: &str| web::resource(path.to_owned()).app_data(web::PayloadConfig::new(LARGEST_FORM));
    let one = page(&format!("{PAY}{{token}}")).route(web::get().to(payments::show));
    config
        .service(page(&format!("{RETURNS}{{attempt}}")).route(web::get().to(payments::returned)))
        .service(page(&format!("{RETURNS}{{attempt}}/receipt")).route(web::get().to(payments::returned_receipt)))
        .service(one.route(web::post().to(payments::pay)))
        .service(page(&format!("{PAY}{{token}}/receipt")).route(web::get().to(payments::receipt)));
}

/// Where founders sign.
fn founding(config: &mut web::ServiceConfig) {
    let page = |path: &str| web::resource(path.to_owned()).app_data(web::PayloadConfig::new(LARGEST_FORM));
    let ask = page("/dashboard/establishments").route(web::get().to(establishments::show));
    config
        .service(ask.route(web::post().to(establishments::look)))
        .service(page("/dashboard/establishments/decide").route(web::post().to(establishments::decide)));
}
