//! What a use case gives back: its value and where the caller's limits stand, or why not.

use crate::domain::refusal::Failure;
use crate::domain::{Fault, Refusal};
use crate::limits::{LimitRefusal, RateFields};

/// A value, and where the limits of the call stand.
#[derive(Clone, Debug)]
pub struct Answered<T> {
    /// The value.
    pub value: T,
    /// For the `RateLimit` fields.
    pub rates: RateFields,
}

/// Why there is no value.
#[derive(Debug)]
pub enum IssuerFailure {
    /// A reasoned no, or a fault.
    Failed(Failure),
    /// A limit is used up.
    Limited(Box<LimitRefusal>),
}

impl From<Failure> for IssuerFailure {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Refusal> for IssuerFailure {
    fn from(refusal: Refusal) -> Self {
        Self::Failed(refusal.into())
    }
}

impl From<Fault> for IssuerFailure {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault.into())
    }
}

impl From<LimitRefusal> for IssuerFailure {
    fn from(refusal: LimitRefusal) -> Self {
        Self::Limited(Box::new(refusal))
    }
}
