//! The modules of the OpenID Foundation's FAPI 2.0 suite (Security Profile Final and Message Signing Final), each as a
//! test of its name in snake_case, and beside them what the suite cannot ask: a clock that is off by every second of
//! four minutes, and fifty callers at once.
//!
//! What for: the real suite judges from outside and takes an hour; these tell the same in a minute, and which step of
//! which variant it was.
//!
//! How it flows: [`suite`] is a client that speaks HTTP to a whole installation, [`user`] a browser without script,
//! [`request`] a flow step by step with the suite's own checks. A module takes a right flow, does one step wrongly, and
//! accepts exactly the answers that the suite accepts. [`suite::each`] runs it in the variants of [`variant`].
//!
//! How to add one more: the module's name as a test in the file of its subject; what it changes by `edited`, `with` or
//! `claiming`; what may be answered by `assert_refused` or [`user::Landed`].
//!
//! What it must never do: accept an answer that the suite would not; reach into the installation for anything but its
//! clock and its registrations.

#![expect(clippy::panic, reason = "a test may panic")]

mod assertions;
mod best_practice;
mod dpop;
mod flow;
mod keys;
mod message_signing;
mod par;
mod races;
mod request;
mod skew;
mod suite;
mod token;
mod user;
mod variant;
