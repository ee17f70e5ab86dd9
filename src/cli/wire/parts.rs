//! Single parts of a counter.

use crate::adapters::selfinfo::{BackendSettings, SelfInformationBackend, SelfInformationSource};
use crate::cli::ground::Ground;
use crate::cli::retention::Retention;
use crate::domain::Secret;
use crate::evidence::{EvidenceLog, LogParts, LogSettings};
use crate::http::callbacks::Sources;
use crate::policy::Policies;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The log of evidence of the counter at `public_url`.
pub(super) fn evidence(ground: &Ground, public_url: &str, most_pending: u64) -> EvidenceLog {
    let parts = LogParts {
        store: Arc::clone(&ground.store),
        master: Arc::clone(&ground.master),
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
    };
    EvidenceLog::new(LogSettings::of(public_url, most_pending), parts)
}

/// What erases on schedule.
pub(super) fn retention(ground: &Ground, policies: &Arc<Policies>) -> Retention {
    Retention::new(Arc::clone(&ground.store), Arc::clone(policies), Arc::clone(&ground.clock))
}

/// The backends by their names.
pub(super) fn sources(backends: Vec<(BackendSettings, Secret<String>)>, ground: &Ground) -> anyhow::Result<Sources> {
    let mut sources: BTreeMap<String, Arc<dyn SelfInformationSource>> = BTreeMap::new();
    for (settings, key) in backends {
        let name = settings.name.clone();
        let clock = Arc::clone(&ground.clock);
        let backend = SelfInformationBackend::new(settings, &key, clock, Arc::clone(&ground.entropy))?;
        anyhow::ensure!(sources.insert(name.clone(), Arc::new(backend)).is_none(), "two backends are called {name:?}");
    }
    Ok(sources)
}
