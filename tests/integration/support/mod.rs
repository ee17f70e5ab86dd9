//! What integration tests share.

pub mod engines;
pub mod proxy;
