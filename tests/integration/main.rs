//! Integration tests: the real application, black box, each test with a store, a clock and entropy of its own.
//!
//! One binary. The tree mirrors features and addresses; authorization-server tests sit in one folder per RFC.
//!
//! The same tests run on either pair of engines. With `MADOGUCHI_TEST_POSTGRES` (a URL whose user may create schemas)
//! and `MADOGUCHI_TEST_REDIS` (a URL) in the environment they run on PostgreSQL and Redis, else on SQLite and memory;
//! `tests/run` runs both ways and starts the servers itself.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod cli;
mod conformance;
mod crash;
mod evidence;
mod health;
mod fapi2;
mod hot;
mod insurance;
mod journey;
mod limits;
mod matrix;
mod nodes;
mod linkage;
mod ninety_days;
mod notices;
mod payments;
mod oauth;
mod outage;
mod pages;
mod policies;
mod records;
mod sandbox;
mod service_search;
mod statistics;
mod status;
mod store;
mod submissions;
mod support;
mod terminal;
mod tls;
mod v1;
