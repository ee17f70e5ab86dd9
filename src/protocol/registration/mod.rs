//! Client metadata (RFC 7591 §2 and the extensions of OpenID Connect, RFC 8705, RFC 9101, RFC 9449, JARM, CIBA and
//! Logout), and what a registration must be before the counter keeps it.
//!
//! What for: the same JSON comes from an operator's file, from a third party's own registration request and from a
//! register's software statement, and goes out again as client information. One table of names serves all of them.
//!
//! How it flows: 1. [`client_of`] reads a metadata object into a client, noting every fault instead of stopping at the
//! first: `members` reads single values, `profile` what concerns the ways of OAuth; 2. [`check`](faults_of) looks at
//! the registration as a whole, whoever brought it; 3. [`metadata_of`] writes a client as metadata again, so that
//! reading it back gives the same client; 4. [`SoftwareStatement`] is what a register vouches for, and what only it, or
//! the operator, can say.
//!
//! How to add one more: its field in [`crate::domain::profile`], its line in `profile` (read) and in `write`, a case in
//! the table of `tests`.
//!
//! What it must never do: take a secret or a private key for a client; guess at a value that does not read; let a
//! third party say about itself what only its register can.

mod check;
mod members;
mod profile;
mod read;
pub mod statement;
pub mod token;
mod write;

pub use check::{check_registration, faults_of};
pub use read::{Given, client_of};
pub use statement::{Register, SoftwareStatement};
pub use write::metadata_of;

#[cfg(test)]
mod tests;
