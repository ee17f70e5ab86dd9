//! A citizen's own records at the counter's pages: nobody's consent is asked, and nobody else is shown anything.

use super::{Entry, ProvisionRecords, Unread, Wanted};
use crate::domain::Fault;
use crate::domain::provision_record::RecordsClearance;
use crate::services::account::CitizenSession;

/// What the citizen sees.
#[derive(Debug)]
pub struct OwnRecords {
    /// The entries, newest first.
    pub entries: Vec<Entry>,
    /// Where older ones go on.
    pub next: Option<String>,
    /// Why exchanges are not among them, where they should be.
    pub missing: Option<Missing>,
}

/// Why exchanges are not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// This installation is not connected to them.
    NotConnected,
    /// They could not be read now.
    Unavailable,
}

impl ProvisionRecords {
    /// The records of whoever is signed in. Where the source gives no answer, the counter's own history alone.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn own(&self, session: &CitizenSession, wanted: &Wanted) -> Result<OwnRecords, Fault> {
        let clearance = RecordsClearance::of_oneself(session.subject().clone());
        let (exchanged, missing) = match self.exchanged(&clearance, wanted).await? {
            Ok(exchanged) => (exchanged, None),
            Err(Unread::NotConnected) => (Vec::new(), Some(Missing::NotConnected)),
            Err(Unread::Trouble(_)) => (Vec::new(), Some(Missing::Unavailable)),
        };
        let (entries, next) = self.page(session.subject(), wanted, exchanged).await?;
        Ok(OwnRecords { entries, next, missing })
    }
}
