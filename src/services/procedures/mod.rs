//! The procedures as those who file read them: what each says, until when, to whom, and as JSON Schema.
//!
//! What for: payroll software builds its forms and its checks from it, before it calls anything else.
//!
//! How it flows: the files under `policies/procedures/` are read once; [`ProcedureCatalogue`] shows them.
//!
//! How to add one more: a file there.
//!
//! What it must never do: show what differs by caller: the catalogue is the same for everybody, and may be cached.

mod view;

pub use view::{CodeChoice, DueView, ProcedureField, ProcedureList, ProcedureSummary, ProcedureView};

use crate::catalog::procedures::Procedures;
use crate::domain::{Digest, Refusal};
use crate::gateway::Permit;
use std::sync::Arc;

/// The use case.
pub struct ProcedureCatalogue {
    procedures: Arc<Procedures>,
    tag: String,
}

impl ProcedureCatalogue {
    /// Shows `procedures`.
    #[must_use]
    pub fn new(procedures: Arc<Procedures>) -> Self {
        // What a caller sees changes with the files alone.
        let all: Vec<_> = procedures.iter().map(ProcedureView::of).collect();
        let tag = Digest::of_bytes(&serde_json::to_vec(&all).unwrap_or_default()).base64url();
        Self { procedures, tag }
    }

    /// What changes when anything here does.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Every procedure, in short.
    #[must_use]
    pub fn list(&self, _permit: &Permit) -> ProcedureList {
        ProcedureList { procedures: self.procedures.iter().map(ProcedureSummary::of).collect() }
    }

    /// One procedure with its items.
    ///
    /// # Errors
    /// `not_found` when there is none with this code.
    pub fn find(&self, _permit: &Permit, code: &str) -> Result<ProcedureView, Refusal> {
        let found = self.procedures.get(code).or_else(|| self.procedures.of_e_gov(code));
        found.map(ProcedureView::of).ok_or_else(|| {
            Refusal::new("not_found", "There is no procedure with this code; see GET /v1/procedures.").at("code")
        })
    }
}
