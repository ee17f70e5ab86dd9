//! The port of requests for certificates of employment.
//!
//! One has a version that every change counts up: asking, answering and declining are each one conditional write, and of two
//! who hold the same one, one finds that it is another by now.

use super::Before;
use crate::domain::certificate_request::{CertificateRequest, RequestNews};
use crate::domain::ids::{CertificateRequestId, ClientId};
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;

/// A request as it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCertificateRequest {
    /// The request.
    pub request: CertificateRequest,
    /// Counts its changes.
    pub version: u64,
}

/// One change, whole or not at all.
#[derive(Clone, Debug)]
pub struct CertificateRequestChange {
    /// As it is from now on.
    pub request: CertificateRequest,
    /// The version that was read.
    pub version: u64,
    /// What was done.
    pub news: RequestNews,
    /// When.
    pub at: Timestamp,
}

/// Requests for certificates of employment. Each write leaves its leaf, and tells the company's software.
#[async_trait]
pub trait CertificateRequestStore: Send + Sync {
    /// Writes a new one; false where its delegation is not in force.
    async fn insert_certificate_request(&self, new: &CertificateRequest) -> Result<bool, Fault>;
    /// The one with this id.
    async fn find_certificate_request(
        &self,
        id: &CertificateRequestId,
    ) -> Result<Option<HeldCertificateRequest>, Fault>;
    /// The one that this link is of.
    async fn find_certificate_request_by_link(&self, link: Digest) -> Result<Option<HeldCertificateRequest>, Fault>;
    /// The one whose asker has this secret.
    async fn find_certificate_request_by_answer(&self, answer: Digest)
    -> Result<Option<HeldCertificateRequest>, Fault>;
    /// Those of a client, newest first.
    async fn list_certificate_requests(
        &self,
        client: &ClientId,
        before: &Before<CertificateRequestId>,
    ) -> Result<Vec<HeldCertificateRequest>, Fault>;
    /// Writes a change; false, and nothing is written, when it is another by now.
    async fn update_certificate_request(&self, change: &CertificateRequestChange) -> Result<bool, Fault>;
}
