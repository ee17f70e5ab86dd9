//! The pretend government on the other side of the wire: the real protocols over HTTP, made-up people.
//!
//! What for: an adapter or a relying party that works against it works against the real thing as far as that is
//! publicly known, and a developer can try everything without a card, a contract or a real person's data.
//!
//! How it flows:
//! 1. [`start`] reads the persons ([`people`]), renders every record once in the words of the catalogue ([`terms`]),
//!    makes fresh keys ([`signing`]) and listens on its own port.
//! 2. [`identity`] signs citizens in, [`gbizid`] companies; [`parties`] are the gateways registered with both.
//! 3. [`if001`] answers for a person's data: [`inquiry`] chooses the dated records, [`scenario`] misbehaves on request.
//! 4. [`agencies`] take filings, as different as agencies are when a call is made twice.
//! 5. [`egov`] is e-Gov with its account service: signed packages, notices, official documents.
//! 6. [`cloud`] is a company's cloud, where ledgers stay that were filed by reference.
//! 7. [`services`] is the search web service of ぴったりサービス.
//! 8. [`delivery`] is two private delivery providers.
//! 9. [`records`] discloses who asked whom for what about a person (情報提供等記録).
//! 10. [`qualification`] is オンライン資格確認 with the insurers behind it; [`tax_site`] a site that one enters by the counter.
//! 11. [`payment`] takes made-up money, at pages of its own.
//! 12. [`certification`] vouches for citizens' certificates for signing.
//! 13. [`pages`] explains all of it at `/`.
//!
//! How to add one more: a person is a file in `persons/` and a line in `people.rs`; a protocol is a folder with
//! `routes` and a line in `server.rs`; a scenario is a variant of [`Scenario`] and the place where it bites.
//!
//! What it must never do: be called in-process by the gateway, know the gateway's types, hold anything about a real
//! person, or listen for others as if it were a real provider: every page says what it is.

pub mod agencies;
mod asserted;
mod assertion;
pub mod certification;
pub mod cloud;
pub mod delivery;
pub mod egov;
mod expiring;
mod form;
mod gbizid;
mod identity;
mod if001;
mod inquiry;
mod oauth_error;
mod pages;
mod parties;
mod people;
mod person;
mod scenario;
mod server;
pub mod payment;
pub mod qualification;
pub mod records;
pub mod services;
mod settings;
pub mod tax_site;
mod signing;
mod terms;
mod text;

#[cfg(test)]
mod consistency;

/// Path of the identity provider's issuer under the sandbox's address.
pub const IDENTITY_PATH: &str = "/idp/api/realms/main";
/// Path of the companies' identity provider's issuer under the sandbox's address.
pub const COMPANY_PATH: &str = "/gbizid/oauth/";
/// Path of IF001 under the sandbox's address.
pub const INQUIRY_PATH: &str = "/if001";

pub use identity::SIGNING_PATH;
pub use scenario::Scenario;
pub use server::{Listed, Running, start};
pub use settings::{Pace, RelyingParty, Settings, StartError};
