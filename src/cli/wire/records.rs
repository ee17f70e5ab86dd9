//! Records of exchanges (情報提供等記録).

use crate::adapters::maintenance::Closures;
use crate::adapters::provisionrecords::{ProvisionRecordClient, ProvisionRecordSettings, ProvisionRecordSource};
use crate::cli::ground::{Ground, Rules};
use crate::evidence::{EvidenceLog, Witness};
use crate::gateway::Gateway;
use crate::services::provision_records::{ProvisionRecords, ProvisionRecordsParts};
use actix_web::web;
use std::sync::Arc;

/// The use case of records.
///
/// # Errors
/// When the source is not usable as configured.
pub(super) fn records(
    ground: &Ground,
    rules: &Rules,
    source: Option<ProvisionRecordSettings>,
    (gateway, witness, evidence): (&Arc<Gateway>, &Arc<Witness>, &Arc<EvidenceLog>),
    closures: &Arc<Closures>,
) -> anyhow::Result<web::Data<ProvisionRecords>> {
    let open = |settings: ProvisionRecordSettings| {
        let (clock, entropy) = (Arc::clone(&ground.clock), Arc::clone(&ground.entropy));
        ProvisionRecordClient::new(&settings, clock, entropy)
    };
    let source = source.map(open).transpose()?.map(|source| Arc::new(source) as Arc<dyn ProvisionRecordSource>);
    Ok(web::Data::new(ProvisionRecords::new(ProvisionRecordsParts {
        names: Arc::clone(&rules.record_names),
        catalog: Arc::clone(&rules.catalog),
        source,
        gateway: Arc::clone(gateway),
        store: Arc::clone(&ground.store),
        witness: Arc::clone(witness),
        evidence: Arc::clone(evidence),
        closures: Arc::clone(closures),
        clock: Arc::clone(&ground.clock),
    })))
}
