//! What integration tests share.

pub mod engines;
