//! What integration tests share.

pub mod app;
pub mod calls;
pub mod certificates;
pub mod clock;
pub mod engines;
pub mod installation;
pub mod mutual;
pub mod proxy;
pub mod registered;

#[path = "../../../examples/support/mod.rs"]
pub mod played;
