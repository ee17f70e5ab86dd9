//! What integration tests share.

pub mod app;
pub mod calls;
pub mod canary;
pub mod certificates;
pub mod child;
pub mod clock;
pub mod engines;
pub mod installation;
pub mod mutual;
pub mod proxy;
pub mod raw;
pub mod registered;

#[path = "../../../examples/support/mod.rs"]
pub mod played;
