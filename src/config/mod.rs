//! What the operator decides about one installation: a TOML file, with the environment laid over it.
//!
//! What for: every knob of `serve`, `migrate`, `check`, `clients` and `keys` is read in one place, checked whole, and
//! handed on as plain settings; no other module knows that a file or an environment exists.
//!
//! How it flows: 1. [`load`] reads the file and the variables that start with `MADOGUCHI_`; 2. `Reader` looks each key
//! up, with its variable laid over it, and collects every fault; 3. [`Config`] is built only when there is none.
//!
//! How to add one more: a line in [`keys::KEYS`] (its default and its words go into the example by themselves), a
//! field in [`Config`], one call of the reader in `installation.rs`.
//!
//! What it must never do: repeat a secret in a fault; take a secret that is given twice (`x` and `x_file`); start with
//! half of the file understood.

mod agencies;
mod asserting;
mod certificates;
mod companies;
mod file_drops;
mod installation;
mod example;
pub mod keys;
mod linked_services;
pub mod load;
mod reader;
mod register;
mod payments;
mod health_insurance;
mod provision_records;
mod service_search;
mod signatures;
mod witnesses;

pub use certificates::CertificateSettings;
pub use companies::CompanyClient;
pub use example::example;
pub use installation::{Config, IdentityClient, Listener, ServerSettings, TlsFiles};
pub use reader::{ConfigFault, ConfigFaults};
