//! The catalogue as third parties read it: which data sets there are, what is in them and who may ask.
//!
//! What for: an application builds its consent request from it, and reads results by it.
//!
//! How it flows: the files under `policies/data-sets/` are read once; [`DataSets`] shows them.
//!
//! How to add one more: a file there.
//!
//! What it must never do: show what differs by caller: the catalogue is the same for everybody.

mod view;

pub use view::{CodeView, DataSetList, DataSetSummary, DataSetView, FactView, ItemView, RetentionView};

use crate::catalog::{Catalog, DataSet};
use crate::domain::Refusal;
use crate::domain::data_set::DataSetCode;
use crate::gateway::Permit;
use std::sync::Arc;

/// The use case.
pub struct DataSets {
    catalog: Arc<Catalog>,
}

impl DataSets {
    /// Shows `catalog`.
    #[must_use]
    pub const fn new(catalog: Arc<Catalog>) -> Self {
        Self { catalog }
    }

    /// Every data set, in short.
    #[must_use]
    pub fn list(&self, _permit: &Permit) -> DataSetList {
        DataSetList { data_sets: self.catalog.data_sets().map(DataSetSummary::of).collect() }
    }

    /// One data set with its items.
    ///
    /// # Errors
    /// `not_found` when there is none with this code.
    pub fn find(&self, _permit: &Permit, code: &str) -> Result<DataSetView, Refusal> {
        let found = DataSetCode::parse(code).ok().and_then(|code| self.catalog.data_set(code));
        let view = |set: &DataSet| DataSetView::of(set, self.catalog.facts_of(set.code));
        found.map(view).ok_or_else(|| {
            Refusal::new("not_found", "There is no data set with this code; see GET /v1/data-sets.").at("code")
        })
    }
}
