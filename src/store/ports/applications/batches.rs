//! The port of applications that are handed in together.

use super::HeldApplication;
use crate::domain::Fault;
use crate::domain::application::Application;
use crate::domain::ids::ApplicationBatchId;
use async_trait::async_trait;

/// What handing several in together came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertedApplicationBatch {
    /// All arrived, in their order.
    New(Vec<HeldApplication>),
    /// This person handed them in before by this client, under the same key and from the same body.
    Same(ApplicationBatchId),
    /// They handed others in under this key.
    KeyReused,
    /// A certificate that goes with one of them was taken back meanwhile: none was written. Which one.
    CertificateGone(usize),
    /// A document of one of them went with another meanwhile, or is not there any more: none was written. Which one.
    AttachmentGone(usize),
}

/// Applications that are handed in together.
#[async_trait]
pub trait ApplicationBatchStore: Send + Sync {
    /// Writes all of them, or none.
    async fn insert_application_batch(&self, new: &[Application]) -> Result<InsertedApplicationBatch, Fault>;
    /// Those of one batch, in the order in which they were handed in; less what was erased since.
    async fn list_application_batch(&self, id: &ApplicationBatchId) -> Result<Vec<HeldApplication>, Fault>;
}
