//! Payments (公金決済).

use super::seals::IssuerSeals;
use crate::adapters::maintenance::Closures;
use crate::adapters::payment::{PaymentClient, PaymentService, PaymentSettings};
use crate::cli::ground::Ground;
use crate::evidence::EvidenceLog;
use crate::gateway::Gateway;
use crate::issuer::Issuer;
use crate::services::payments::{Payments, PaymentsParts};
use actix_web::web;
use std::sync::Arc;

/// The use case of payments.
///
/// # Errors
/// When the payment service is not usable as configured.
pub(super) fn payments(
    ground: &Ground,
    settings: Option<&PaymentSettings>,
    (gateway, issuer, evidence): (&Arc<Gateway>, &Arc<Issuer>, &Arc<EvidenceLog>),
    closures: &Arc<Closures>,
) -> anyhow::Result<web::Data<Payments>> {
    let client = |settings| PaymentClient::new(settings, Arc::clone(&ground.clock), Arc::clone(&ground.entropy));
    let service = settings.map(client).transpose()?;
    Ok(web::Data::new(Payments::new(PaymentsParts {
        service: service.map(|service| Arc::new(service) as Arc<dyn PaymentService>),
        receipts: Arc::new(IssuerSeals(Arc::clone(issuer))),
        gateway: Arc::clone(gateway),
        store: Arc::clone(&ground.store),
        hot: Arc::clone(&ground.hot),
        evidence: Arc::clone(evidence),
        closures: Arc::clone(closures),
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
        public_url: issuer.public_url().trim_end_matches('/').to_owned(),
    })))
}
