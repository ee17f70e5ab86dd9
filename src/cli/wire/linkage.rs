//! What citizens' accounts are linked with, and what comes of it.

use crate::adapters::linkage::{LinkedServicePlan, LinkedServices};
use crate::cli::ground::Ground;
use crate::evidence::{EvidenceLog, Witness};
use crate::gateway::Gateway;
use crate::services::linked_services::{Linkage, LinkageParts};
use crate::services::private_documents::{PrivateDocuments, PrivateDocumentsParts};
use actix_web::web;
use std::sync::Arc;

/// The services that can be linked.
///
/// # Errors
/// When one cannot be used as configured.
pub(super) fn services(
    plans: Vec<LinkedServicePlan>,
    public_url: &str,
    ground: &Ground,
) -> anyhow::Result<Arc<LinkedServices>> {
    Ok(Arc::new(LinkedServices::new(plans, public_url, (&ground.clock, &ground.entropy))?))
}

/// The use cases.
pub(super) struct Linking {
    linkage: web::Data<Linkage>,
    documents: web::Data<PrivateDocuments>,
}

impl Linking {
    pub(super) fn new(
        ground: &Ground,
        (linked, public_url): (&Arc<LinkedServices>, &str),
        (gateway, witness, evidence): (&Arc<Gateway>, &Arc<Witness>, &Arc<EvidenceLog>),
    ) -> Self {
        let linkage = Linkage::new(LinkageParts {
            linked: Arc::clone(linked),
            store: Arc::clone(&ground.store),
            clock: Arc::clone(&ground.clock),
            entropy: Arc::clone(&ground.entropy),
            issuer: public_url.to_owned(),
        });
        let documents = PrivateDocuments::new(PrivateDocumentsParts {
            linked: Arc::clone(linked),
            gateway: Arc::clone(gateway),
            store: Arc::clone(&ground.store),
            witness: Arc::clone(witness),
            evidence: Arc::clone(evidence),
            clock: Arc::clone(&ground.clock),
        });
        Self { linkage: web::Data::new(linkage), documents: web::Data::new(documents) }
    }

    /// Hands them to a worker.
    pub(super) fn configure(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(self.linkage.clone()).app_data(self.documents.clone());
    }
}
