//! The whole counter and a pretend government on one machine, to develop against.
//!
//! What for: one command, no installation: a gateway, the sandbox with its identity provider and persons, and clients
//! that are registered already, with their keys in files.
//!
//! How it flows: 1. both ports are bound before anything else, so that a taken one is told at once; 2. `directory`
//! makes or reads the files under `.madoguchi` (mode 0600, folders 0700); 3. the sandbox starts, with the gateway
//! registered; 4. [`wire`](super::wire) builds the counter; 5. `clients` registers the ready-made third parties; 6.
//! `table` prints what a developer needs.
//!
//! How to add one more: a ready-made client is an entry in `clients`; a scenario is the sandbox's own matter.
//!
//! What it must never do: listen beyond loopback; be what a real installation runs (`serve` refuses plain http).

mod clients;
pub mod command;
mod directory;
pub mod egov;
mod key;
mod linkage;
mod signatures;
mod start;
mod table;

pub use directory::{Directory, write_private};
pub use linkage::{TAX_CLIENT, linked_services, tax_client, tax_site};
pub use signatures::settings as signatures;
pub use start::{
    Dev, DevSettings, REGISTER_ISSUER, agencies, health_insurance, payments, provision_records, service_search, start,
};
