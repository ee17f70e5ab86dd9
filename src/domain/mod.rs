//! The nouns of the counter: who asks, who is asked about, what was agreed, what happened.
//!
//! What for: every other module speaks in these types; none of them can hold a value that breaks its own rule.
//!
//! How it flows: bytes from outside are parsed once, at the edge, into these types (`parse`, `TryFrom`); rules
//! take them by reference; engines write them down and read them back.
//!
//! How to add one more: one file for one noun, private fields where a rule binds them, one constructor that can
//! refuse.
//!
//! What it must never do: see HTTP, SQL, files or async; read the clock or make randomness by itself (both come
//! in as [`Clock`] and [`Entropy`]).

pub mod access;
pub mod acr;
pub mod amendment;
pub mod application;
pub mod attachment;
pub mod archive;
pub mod browser;
pub mod bulk;
pub mod certificate_request;
pub mod chain;
pub mod clearance;
pub mod citizen_notice;
pub mod client;
pub mod company_scope;
pub mod consent;
pub mod consent_event;
pub mod corporate_number;
pub mod data_set;
pub mod decision;
pub mod decoupled;
pub mod delegation;
pub mod deposit;
pub mod disaster;
pub mod disposition;
pub mod difference;
pub mod draft;
pub mod electronic_signature;
pub mod employment_certificate;
pub mod card_number;
pub mod payment;
pub mod entropy;
pub mod environment;
pub mod establishment;
pub mod evidence;
pub mod filing_right;
pub mod grant;
pub mod health_insurance;
pub mod ids;
pub mod interview;
pub mod invitation;
pub mod kept;
pub mod lifecycle;
pub mod linkage;
pub mod notice_bulk;
pub mod predicate;
pub mod private_document;
pub mod profile;
pub mod provision_record;
pub mod refusal;
pub mod registration;
pub mod representation;
pub mod retrieval;
pub mod scope;
pub mod sealed;
pub mod secret;
pub mod service_status;
pub mod statistics;
pub mod subject;
pub mod submission;
pub mod terminal;
pub mod terms;
pub mod time;
pub mod usage;
pub mod webhook;
pub mod words;
pub mod xml;
pub mod year_end;

pub use browser::BrowserSecret;
pub use entropy::{Entropy, SystemEntropy};
pub use environment::Environment;
pub use kept::Kept;
pub use refusal::{Detail, Failure, Fault, ReachedLimit, Refusal};
pub use sealed::MasterKey;
pub use secret::{Digest, Secret};
pub use time::{Clock, SystemClock, Timestamp};
pub use words::{Lang, Words};
