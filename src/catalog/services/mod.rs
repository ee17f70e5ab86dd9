//! What people can apply for at each municipality (制度・手続), to be searched: ぴったりサービス's side of the catalogue.
//!
//! What for: a person, a chat front or an agent asks in Japanese words, by municipality, by life event; the answer must come
//! from memory, whatever the system behind is doing.
//!
//! How it flows:
//! 1. [`Standards::load`] reads what is the same everywhere (`policies/services/standard/*.toml`): names in both languages,
//!    life events, documents, and which of them information linkage (情報連携) makes unnecessary.
//! 2. An adapter gives a municipality's own words as [`Listing`] and [`Particulars`]; [`Standards::describe`] makes a
//!    [`ServiceProcedure`] of them: [`blocks`] in place of markup, dates in place of digits, documents recognised.
//! 3. [`ServiceCatalogue::new`] puts them in order and indexes them; [`ServiceCatalogue::search`] answers a [`Search`].
//!
//! How to add one more: a standard procedure is an entry of a file; a filter is a member of [`Search`] and its line in
//! `Search::fits`; a category is a variant of [`Category`] with its service code.
//!
//! What it must never do: find less or more than reading every row would; trust a text of a municipality to be short, well
//! formed or free of markup; link to anything but https.

pub mod blocks;
mod index;
mod kinds;
mod procedure;
mod search;
mod standard;

pub use kinds::{Category, LifeEvent};
pub use procedure::{
    Ages, Contact, Link, Listing, Particulars, Period, Psid, RequiredDocument, Section, SectionKind, ServiceProcedure,
};
pub use search::{Search, ServiceCatalogue, Spot};
pub use standard::{Document, Level, StandardProcedure, Standards};

#[cfg(test)]
mod tests;
