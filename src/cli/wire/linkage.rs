//! What citizens' accounts are linked with, and what comes of it.

use crate::adapters::identity::RelyingParty;
use crate::adapters::linkage::{LinkedServicePlan, LinkedServices};
use crate::adapters::maintenance::Closures;
use crate::adapters::qualification::{QualificationClient, QualificationSettings, QualificationSystem};
use crate::adapters::signatures::{SignatureSettings, Signatures};
use crate::cli::ground::Ground;
use crate::evidence::{EvidenceLog, Witness};
use crate::gateway::Gateway;
use crate::services::health_insurance::{HealthInsurance, HealthInsuranceParts};
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

/// Where citizens sign; none where nobody can.
///
/// # Errors
/// When the settings cannot be used.
pub(super) fn signatures(
    ground: &Ground,
    settings: Option<SignatureSettings>,
    (identity, public_url): (&Arc<RelyingParty>, &str),
) -> anyhow::Result<Option<Arc<Signatures>>> {
    let open = |settings| Signatures::new(settings, (Arc::clone(identity), public_url), Arc::clone(&ground.clock));
    Ok(settings.map(open).transpose()?.map(Arc::new))
}

/// The use cases.
pub(super) struct Linking {
    linkage: web::Data<Linkage>,
    documents: web::Data<PrivateDocuments>,
    insurance: web::Data<HealthInsurance>,
}

impl Linking {
    /// The use cases of their parts.
    ///
    /// # Errors
    /// When the qualification system is not usable as configured.
    pub(super) fn new(
        ground: &Ground,
        linked: &Arc<LinkedServices>,
        (gateway, witness, evidence): (&Arc<Gateway>, &Arc<Witness>, &Arc<EvidenceLog>),
        (system, closures): (Option<QualificationSettings>, &Arc<Closures>),
    ) -> anyhow::Result<Self> {
        let open = |settings: QualificationSettings| {
            QualificationClient::new(&settings, Arc::clone(&ground.clock), Arc::clone(&ground.entropy))
        };
        let system = system.map(open).transpose()?.map(|system| Arc::new(system) as Arc<dyn QualificationSystem>);
        let insurance = HealthInsurance::new(HealthInsuranceParts {
            system,
            gateway: Arc::clone(gateway),
            store: Arc::clone(&ground.store),
            evidence: Arc::clone(evidence),
            closures: Arc::clone(closures),
            clock: Arc::clone(&ground.clock),
        });
        let linkage = Linkage::new(LinkageParts {
            linked: Arc::clone(linked),
            store: Arc::clone(&ground.store),
            clock: Arc::clone(&ground.clock),
            hot: Arc::clone(&ground.hot),
        });
        let documents = PrivateDocuments::new(PrivateDocumentsParts {
            linked: Arc::clone(linked),
            gateway: Arc::clone(gateway),
            store: Arc::clone(&ground.store),
            witness: Arc::clone(witness),
            evidence: Arc::clone(evidence),
            clock: Arc::clone(&ground.clock),
        });
        Ok(Self {
            linkage: web::Data::new(linkage),
            documents: web::Data::new(documents),
            insurance: web::Data::new(insurance),
        })
    }

    /// What the status page looks at.
    pub(super) const fn insurance(&self) -> &web::Data<HealthInsurance> {
        &self.insurance
    }

    /// Hands them to a worker.
    pub(super) fn configure(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(self.linkage.clone()).app_data(self.documents.clone()).app_data(self.insurance.clone());
    }
}
