//! Notices (お知らせ) to citizens.

use crate::cli::ground::{Ground, Rules};
use crate::evidence::{EvidenceLog, Witness};
use crate::gateway::Gateway;
use crate::services::notices::{Notices, NoticesParts};
use std::sync::Arc;

/// The use case of notices.
pub(super) fn notices(
    ground: &Ground,
    rules: &Rules,
    (gateway, witness, evidence): (&Arc<Gateway>, &Arc<Witness>, &Arc<EvidenceLog>),
    public_url: &str,
) -> Notices {
    Notices::new(NoticesParts {
        rules: Arc::clone(&rules.notices),
        gateway: Arc::clone(gateway),
        store: Arc::clone(&ground.store),
        witness: Arc::clone(witness),
        evidence: Arc::clone(evidence),
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
        public_url: public_url.to_owned(),
    })
}
