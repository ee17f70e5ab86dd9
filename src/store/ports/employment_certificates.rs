//! The port of certificates of employment.

use super::Before;
use crate::domain::employment_certificate::{EmploymentCertificate, Revocation};
use crate::domain::ids::{CertificateId, ClientId};
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;

/// A certificate as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCertificate {
    /// As it was issued.
    pub certificate: EmploymentCertificate,
    /// That it was taken back, if it was.
    pub revocation: Option<Revocation>,
    /// How often its municipality opened it.
    pub openings: u64,
    /// When last.
    pub opened_at: Option<Timestamp>,
}

/// What issuing came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertedCertificate {
    /// It is issued.
    New,
    /// This client issued it before, under the same key and from the same body.
    Same(Box<HeldCertificate>),
    /// This client issued another one under this key.
    KeyReused,
    /// It is for another company, whose delegation is not in force.
    NotDelegated,
}

/// Certificates of employment. Each write leaves its leaf.
#[async_trait]
pub trait EmploymentCertificateStore: Send + Sync {
    /// Writes one; of any number of calls with one key, one does.
    async fn insert_certificate(&self, new: &EmploymentCertificate) -> Result<InsertedCertificate, Fault>;
    /// The one with this id.
    async fn find_certificate(&self, id: &CertificateId) -> Result<Option<HeldCertificate>, Fault>;
    /// The one that this client issued under this key, as long as it opens.
    async fn find_certificate_by_key(&self, client: &ClientId, key: Digest) -> Result<Option<HeldCertificate>, Fault>;
    /// The one that is opened by this reference.
    async fn find_certificate_by_reference(&self, reference: Digest) -> Result<Option<HeldCertificate>, Fault>;
    /// Those of a client, newest first.
    async fn list_certificates(
        &self,
        client: &ClientId,
        before: &Before<CertificateId>,
    ) -> Result<Vec<HeldCertificate>, Fault>;
    /// Takes one back that this client issued; true for one caller only.
    async fn revoke_certificate(
        &self,
        id: &CertificateId,
        client: &ClientId,
        revocation: Revocation,
    ) -> Result<bool, Fault>;
    /// Opens the one with this reference for its municipality, counted: what is given was written down first.
    async fn open_certificate(
        &self,
        reference: Digest,
        municipality: &str,
        (by, at): (&ClientId, Timestamp),
    ) -> Result<Option<HeldCertificate>, Fault>;
}
