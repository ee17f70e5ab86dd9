//! Service and procedure search (ぴったりサービス): where people apply, for what, and what they bring.
//!
//! What for: chat fronts, voice agents and municipalities' own pages find a procedure by Japanese words, by place and by
//! life event, and learn which papers information linkage (情報連携) makes unnecessary.
//!
//! How it flows: [`Shelf`] holds the catalogue of the moment; [`Refresh`] makes another one of what the search web service
//! says, beside the calls; [`ServiceSearch`] reads a query strictly, looks in memory, and gives a body in the caller's
//! language.
//!
//! How to add one more: a parameter is an arm of `query`, a member of what it gives, and its line in the handler's list; a
//! source is an engine of [`ServiceSource`](crate::adapters::servicesearch::ServiceSource).
//!
//! What it must never do: wait for anybody while a caller waits; keep what was searched for; hand on a link that names more
//! than a municipality and a procedure.

mod block;
mod find;
mod hand_over;
mod query;
mod refresh;
#[cfg(test)]
mod refresh_tests;
mod shelf;
mod view;

pub use block::{LinkBlock, ListBlock, ParagraphBlock, ServiceBlock, TableBlock};
pub use find::{ServiceSearch, ServiceSearchParts};
pub use hand_over::{HandOver, PATH as HAND_OVER_PATH};
pub use query::{Comparing, CoverageAsked, MunicipalitiesAsked, Searching};
pub use refresh::{Refresh, RefreshSettings};
pub use shelf::Shelf;
pub use view::{
    CategoryView, ComparedMunicipality, LifeEventView, MunicipalityName, MunicipalityPage, MunicipalityView,
    OfficeView, PrefectureCoverage, PrefectureView, ServiceComparison, ServiceCoverage, ServiceDocument,
    ServiceProcedurePage, ServiceProcedureSummary, ServiceProcedureView, ServiceSection, ServiceStandards,
    StandardProcedureView,
};
