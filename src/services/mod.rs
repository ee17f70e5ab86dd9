//! One folder per public API family: request and response types, and the use case.

pub mod account;
