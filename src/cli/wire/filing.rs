//! The use cases of those who file.

use super::seals::IssuerSeals;
use crate::adapters::outward::Outward;
use crate::adapters::signatures::Signatures;
use crate::cli::ground::{Ground, Rules};
use crate::evidence::EvidenceLog;
use crate::gateway::Gateway;
use crate::issuer::Issuer;
use crate::services::applications::{Applications, ApplicationsParts};
use crate::services::bulk_submissions::BulkFilings;
use crate::services::deposits::{Deposits, DepositsParts};
use crate::services::employment_certificates::{CertificatesParts, EmploymentCertificates};
use crate::services::establishments::{Establishments, EstablishmentsParts};
use crate::services::life_events::LifeEvents;
use crate::services::procedures::ProcedureCatalogue;
use crate::services::submissions::{Filings, FilingsParts};
use crate::submissions::{Submissions, Webhooks};
use actix_web::web;
use std::sync::Arc;

/// What a filer can ask for.
pub(super) struct FilingCases {
    procedures: web::Data<ProcedureCatalogue>,
    filings: web::Data<Filings>,
    bulk: web::Data<BulkFilings>,
    life_events: web::Data<LifeEvents>,
    webhooks: web::Data<Webhooks>,
    certificates: web::Data<EmploymentCertificates>,
    establishments: web::Data<Establishments>,
    deposits: web::Data<Deposits>,
    applications: web::Data<Applications>,
}

impl FilingCases {
    pub fn new(
        ground: &Ground,
        (rules, signatures): (&Rules, Option<Arc<Signatures>>),
        (engine, gateway, webhooks): (&Arc<Submissions>, &Arc<Gateway>, Webhooks),
        (issuer, evidence, outward): (&Arc<Issuer>, &Arc<EvidenceLog>, Outward),
    ) -> Self {
        let filings = Filings::new(FilingsParts {
            engine: Arc::clone(engine),
            gateway: Arc::clone(gateway),
            limits: Arc::clone(&rules.limits),
            hot: Arc::clone(&ground.hot),
            clock: Arc::clone(&ground.clock),
            entropy: Arc::clone(&ground.entropy),
        });
        let filings = web::Data::new(filings);
        let life_events = LifeEvents::new(Arc::clone(&rules.procedures), filings.clone().into_inner());
        let bulk = BulkFilings::new(Arc::clone(engine), filings.clone().into_inner(), Arc::clone(&rules.limits));
        let certificates = EmploymentCertificates::new(CertificatesParts {
            forms: Arc::clone(&rules.forms),
            seals: Arc::new(IssuerSeals(Arc::clone(issuer))),
            gateway: Arc::clone(gateway),
            store: Arc::clone(&ground.store),
            evidence: Arc::clone(evidence),
            clock: Arc::clone(&ground.clock),
            entropy: Arc::clone(&ground.entropy),
            public_url: issuer.public_url().to_owned(),
        });
        let establishments = Establishments::new(EstablishmentsParts {
            engine: Arc::clone(engine),
            gateway: Arc::clone(gateway),
            limits: Arc::clone(&rules.limits),
            procedures: Arc::clone(&rules.procedures),
            clock: Arc::clone(&ground.clock),
            public_url: issuer.public_url().to_owned(),
        });
        let deposits = Deposits::new(DepositsParts {
            rules: Arc::clone(&rules.deposits),
            engine: Arc::clone(engine),
            gateway: Arc::clone(gateway),
            limits: Arc::clone(&rules.limits),
            store: Arc::clone(&ground.store),
            evidence: Arc::clone(evidence),
            outward,
            passes: Arc::new(IssuerSeals(Arc::clone(issuer))),
            clock: Arc::clone(&ground.clock),
            entropy: Arc::clone(&ground.entropy),
        });
        let applications = applications(ground, (rules, signatures), (gateway, issuer, evidence));
        Self {
            applications: web::Data::new(applications),
            establishments: web::Data::new(establishments),
            deposits: web::Data::new(deposits),
            certificates: web::Data::new(certificates),
            procedures: web::Data::new(ProcedureCatalogue::new(Arc::clone(&rules.procedures))),
            filings,
            bulk: web::Data::new(bulk),
            life_events: web::Data::new(life_events),
            webhooks: web::Data::new(webhooks),
        }
    }

    /// Hands them to a worker.
    pub fn configure(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(self.procedures.clone())
            .app_data(self.filings.clone())
            .app_data(self.bulk.clone())
            .app_data(self.life_events.clone())
            .app_data(self.certificates.clone())
            .app_data(self.establishments.clone())
            .app_data(self.deposits.clone())
            .app_data(self.applications.clone())
            .app_data(self.webhooks.clone());
    }

    /// What citizens apply for.
    pub fn applications(&self) -> web::Data<Applications> {
        self.applications.clone()
    }

    /// What warns companies.
    pub fn deposits(&self) -> Arc<Deposits> {
        self.deposits.clone().into_inner()
    }

    /// What tells filers.
    pub fn webhooks(&self) -> Arc<Webhooks> {
        self.webhooks.clone().into_inner()
    }
}

fn applications(
    ground: &Ground,
    (rules, signatures): (&Rules, Option<Arc<Signatures>>),
    (gateway, issuer, evidence): (&Arc<Gateway>, &Arc<Issuer>, &Arc<EvidenceLog>),
) -> Applications {
    Applications::new(ApplicationsParts {
        forms: Arc::clone(&rules.applications),
        certificate_forms: Arc::clone(&rules.forms),
        standards: Arc::clone(&rules.standards),
        municipalities: Arc::clone(&rules.municipalities),
        seals: Arc::new(IssuerSeals(Arc::clone(issuer))),
        signatures,
        gateway: Arc::clone(gateway),
        store: Arc::clone(&ground.store),
        evidence: Arc::clone(evidence),
        public_url: issuer.public_url().to_owned(),
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
    })
}
