//! The port of who is under protection measures (支援措置).

use crate::domain::ids::SubjectId;
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// Persons under protection measures: nothing about them goes to a representative.
#[async_trait]
pub trait ProtectionStore: Send + Sync {
    /// Writes that a person is protected, by the operator of this name; in the same transaction cancels what is open
    /// under what representatives decided for them, and leaves a leaf. False when they were protected already.
    async fn insert_protection(&self, person: &SubjectId, operator: &str, at: Timestamp) -> Result<bool, Fault>;
    /// Writes that a person is protected no more; false when they were not.
    async fn delete_protection(&self, person: &SubjectId, operator: &str, at: Timestamp) -> Result<bool, Fault>;
    /// Whether a person is protected: the same work whether or not they are.
    async fn is_protected(&self, person: &SubjectId) -> Result<bool, Fault>;
}
