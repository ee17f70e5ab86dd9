//! What integration tests share.

pub mod app;
pub mod engines;
pub mod proxy;

#[path = "../../../examples/support/mod.rs"]
pub mod played;
