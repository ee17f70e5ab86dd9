//! The procedures (手続) that can be filed: what each says, item by item, with its real limits, and what is wrong with one.
//!
//! What for: agencies send back what breaks a limit that nobody could see: a character that Windows knows and JIS X 0208 does
//! not, a byte too many, a column shifted by one. Which limits there are lies in files under `policies/procedures/`; a
//! filing is held against them before its receipt is signed, and again before it is sent.
//!
//! How it flows:
//! 1. [`Procedures::load`] reads `common.toml` (items that many procedures share, 共通項目) and every other `*.toml` (one
//!    file, one procedure), and tells all faults at once with file and key.
//! 2. [`Procedure::check`] holds a content `{office, records}` against its items and rules, and gives [`Finding`]s with the
//!    number of the rule (`MG2…`), the place, the character and the bytes, in both languages.
//! 3. [`Procedure::written_for_e_gov`] says which text goes into which element of e-Gov's form, era, widths and parts as the
//!    form wants them; the pension office's columns are read by its own writer.
//! 4. [`Procedure::schema`] says the same as JSON Schema; [`charset`], [`dates`] and [`check_digits`] are what the checks and
//!    the writers of real formats stand on.
//!
//! How to add one more: a file beside the others, or one that `extends` another's and says only what differs; no code. A kind of item: a variant of [`Kind`], its reading in `load`, its
//! check in `check`, its schema in `schema`. A way to write an item into e-Gov's form: a variant of [`Writing`].
//!
//! What it must never do: repeat more of a value in a finding than the one character that is to blame; take a character that
//! the agency cannot store; allocate for an item that is right.

pub mod calendar;
pub mod charset;
mod check;
pub mod check_digits;
pub mod dates;
mod deadline;
mod definition;
mod e_gov_form;
mod load;
mod municipality;
mod schema;
mod suggest;

pub use charset::Charset;
pub use check::is_hidden;
pub use definition::{
    AgencyKind, Choice, Constant, CsvForm, Due, Field, Kind, MOST_YEN, Procedure, RecordCount, Rule, Sum,
};
pub use e_gov_form::{EgovForm, FormItem, Writing, Written};
pub use municipality::is_municipality;
pub use suggest::wide_text;

use super::CatalogFault;
use crate::domain::submission::Finding;
use std::collections::BTreeMap;
use std::path::Path;

/// All procedures, by code.
#[derive(Clone, Debug, Default)]
pub struct Procedures {
    by_code: BTreeMap<String, Procedure>,
}

impl Procedures {
    /// Reads the directory of procedures' files.
    ///
    /// # Errors
    /// Every fault of every file, in the files' order.
    pub fn load(dir: &Path) -> Result<Self, Vec<CatalogFault>> {
        load::load(dir)
    }

    /// The procedure with this code (届書コード, 手続識別子, or our own), if there is one.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Procedure> {
        self.by_code.get(code)
    }

    /// The procedure that e-Gov knows by this 手続識別子, if there is one.
    #[must_use]
    pub fn of_e_gov(&self, id: &str) -> Option<&Procedure> {
        self.by_code.values().find(|one| one.e_gov.as_deref() == Some(id))
    }

    /// All procedures, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Procedure> {
        self.by_code.values()
    }

    /// What is wrong with a content of this procedure; nothing where the procedure is not described here.
    #[must_use]
    pub fn check(&self, code: &str, content: &[u8]) -> Vec<Finding> {
        let known = self.get(code).and_then(|one| Some((one, serde_json::from_slice(content).ok()?)));
        known.map(|(one, content)| one.check(&content)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
