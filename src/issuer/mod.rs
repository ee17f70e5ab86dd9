//! The authorization server's use cases: load, ask `protocol`, write in one transaction.

pub mod interaction;
