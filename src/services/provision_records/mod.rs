//! Provision records (情報提供等記録, やりとり履歴): who asked whom for what about a citizen, and who read through this counter, in
//! one list.
//!
//! What for: a citizen sees what bodies exchange about them, and software may show it to them.
//!
//! How it flows: 1. [`ProvisionRecords::list`] reads the query (`wanted`), has the gateway clear it, and asks the source live:
//! nothing of what it says is kept; 2. what is withheld (不開示) is dropped before anything else ([`disclosed`]); 3. `merge` puts
//! it together with the counter's own access history, newest first, behind one cursor; 4. the reading is a line of that very
//! history, written before anything leaves; 5. [`ProvisionRecords::own`] shows the same to the citizen who signed in, who is
//! told which part could not be read, and sees the other.
//!
//! How to add one more: another filter in `wanted`; another kind of entry in `merge` and `view`.
//!
//! What it must never do: show or count what is withheld, let a page have a gap where it would be, or an id depend on it;
//! hand on what is an office's own (numbers of the person, department and official); keep what the source said.

mod merge;
mod own;
mod view;
mod wanted;

pub use merge::Entry;
pub use own::{Missing, OwnRecords};
pub use view::{
    AccessReadView, ProvisionRecordEntryView, ProvisionRecordPage, ProvisionView, ReadDataSetView, RecordConditionView,
    RecordKind, RecordNameView,
};
pub use wanted::Wanted;

use crate::adapters::breaker::Pulse;
use crate::adapters::maintenance::Closures;
use crate::adapters::provisionrecords::{Days, ProvisionRecordSource, Reason, Trouble};
use crate::catalog::Catalog;
use crate::catalog::provision_records::RecordNames;
use crate::domain::ids::{AccessId, SubjectId};
use crate::domain::provision_record::{DisclosedRecord, RecordsClearance, disclosed};
use crate::domain::{Clock, Failure, Fault, Refusal, Timestamp};
use crate::evidence::{EvidenceLog, Witness};
use crate::gateway::{Gateway, Permit};
use crate::services::account::ListedAccess;
use crate::services::body::cut;
use crate::store::{Before, Store};
use chrono::Months;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// When it is worth asking again where nothing was said about that.
const SOME_TIME: Duration = Duration::from_mins(5);

/// What the use case is made of.
pub struct ProvisionRecordsParts {
    /// What codes are called, and for how long records are kept.
    pub names: Arc<RecordNames>,
    /// The data sets.
    pub catalog: Arc<Catalog>,
    /// Where records come from; none where this installation is not connected.
    pub source: Option<Arc<dyn ProvisionRecordSource>>,
    /// The operator's rules.
    pub gateway: Arc<Gateway>,
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// The access history.
    pub witness: Arc<Witness>,
    /// The log of evidence.
    pub evidence: Arc<EvidenceLog>,
    /// What is stopped as planned.
    pub closures: Arc<Closures>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// What the source is called among the components of the service.
const COMPONENT: &str = "provision-records";

/// The use case.
pub struct ProvisionRecords {
    parts: ProvisionRecordsParts,
}

/// Why the source was not read.
#[derive(Clone, Copy)]
enum Unread {
    /// There is none.
    NotConnected,
    /// It gave no answer.
    Trouble(Trouble),
}

impl ProvisionRecords {
    /// The use case of its parts.
    #[must_use]
    pub const fn new(parts: ProvisionRecordsParts) -> Self {
        Self { parts }
    }

    /// What codes are called.
    #[must_use]
    pub fn names(&self) -> &RecordNames {
        &self.parts.names
    }

    /// How the source did lately; none where this installation is not connected.
    #[must_use]
    pub fn pulse(&self) -> Option<Pulse> {
        self.parts.source.as_ref().map(|source| source.pulse())
    }

    /// A page of the citizen's records.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_value` naming the parameter; `under_maintenance`; `provision_records_unavailable` when the source gives no
    /// answer; `evidence_unavailable`.
    pub async fn list(&self, permit: &Permit, query: &str) -> Result<ProvisionRecordPage, Failure> {
        let wanted = Wanted::read(query)?;
        self.parts.gateway.clear_provision_records(permit).await?;
        if wanted.has_exchanges() {
            self.parts.closures.check(COMPONENT, self.parts.clock.now())?;
        }
        self.parts.evidence.intake().admit()?;
        let clearance = RecordsClearance::under(permit.grant(), self.parts.clock.now()).ok_or_else(|| {
            let words = "Records of exchanges are a citizen's own: use a token that the person gave themselves.";
            Refusal::new("insufficient_scope", words)
        })?;
        let exchanged = match self.exchanged(&clearance, &wanted).await? {
            Ok(exchanged) => exchanged,
            Err(unread) => return Err(refused(unread).into()),
        };
        let (entries, next) = self.page(clearance.subject(), &wanted, exchanged).await?;
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        // Written after the history was read: a page never lists its own reading, and the next reading does.
        self.parts.witness.records_shown(permit.grant(), count).await?;
        let names = (&*self.parts.names, &*self.parts.catalog);
        Ok(ProvisionRecordPage {
            items: entries.iter().map(|entry| ProvisionRecordEntryView::of(entry, names)).collect(),
            next,
        })
    }

    /// What the source says and may be shown, as far as it is wanted; none of it where only the other kind is.
    async fn exchanged(
        &self,
        clearance: &RecordsClearance,
        wanted: &Wanted,
    ) -> Result<Result<Vec<DisclosedRecord>, Unread>, Fault> {
        let Some(days) = self.days(wanted).filter(|_| wanted.has_exchanges()) else { return Ok(Ok(Vec::new())) };
        let Some(source) = &self.parts.source else { return Ok(Err(Unread::NotConnected)) };
        if let Some(closure) = self.parts.closures.of(COMPONENT) {
            let pause = closure.retry_after(self.parts.clock.now());
            return Ok(Err(Unread::Trouble(Trouble { reason: Reason::Maintenance, retry_after: Some(pause) })));
        }
        let found = self.parts.store.find_subject(clearance.subject()).await?;
        let person = found.ok_or_else(|| Fault::Internal("somebody agreed who is not known".into()))?;
        let answer = source.list(clearance, &person.account, days).await;
        Ok(match answer {
            Ok(records) => {
                let mut shown = disclosed(clearance.subject(), records);
                shown.retain(|one| wanted.fits(one.record()));
                Ok(shown)
            }
            Err(trouble) => {
                tracing::warn!(reason = trouble.reason.as_str(), "records of exchanges could not be read");
                Err(Unread::Trouble(trouble))
            }
        })
    }

    /// The days that the source is asked for: those that are wanted and of which it keeps anything. None where there is no
    /// such day.
    fn days(&self, wanted: &Wanted) -> Option<Days> {
        let today = self.parts.clock.now().date_in_japan();
        let months = self.parts.names.kept_for_years().saturating_mul(12);
        let oldest = today.checked_sub_months(Months::new(months))?;
        let from = wanted.from.map_or(oldest, |from| from.max(oldest));
        let to = wanted.to.map_or(today, |to| to.min(today));
        (from <= to).then_some(Days { from, to })
    }

    /// Both kinds put together, and where the list goes on.
    async fn page(
        &self,
        subject: &SubjectId,
        wanted: &Wanted,
        exchanged: Vec<DisclosedRecord>,
    ) -> Result<(Vec<Entry>, Option<String>), Fault> {
        let most = wanted.limit.saturating_add(1);
        let accesses = if wanted.has_accesses() { self.accesses(subject, wanted, most).await? } else { Vec::new() };
        let mut entries = merge::merged(exchanged, accesses, wanted.after.as_ref(), most);
        let next = cut(&mut entries, wanted.limit, Entry::place);
        Ok((entries, next))
    }

    /// So many lines of the access history at most, newest first, from where the list goes on.
    async fn accesses(&self, subject: &SubjectId, wanted: &Wanted, most: usize) -> Result<Vec<ListedAccess>, Fault> {
        let mut before = Before { entry: wanted.before_access()?, limit: u32::try_from(most).unwrap_or(u32::MAX) };
        let oldest = wanted.from.and_then(Timestamp::of_day_in_japan);
        let (mut found, mut is_over) = (Vec::new(), false);
        // Lines whose key is gone are left out of what the store gives: it is the end only when nothing comes.
        while found.len() < most && !is_over {
            let step = self.parts.store.list_accesses(subject, &before).await?;
            is_over = step.is_empty();
            before.entry = step.last().map(|last| (last.at, last.id.clone()));
            let kept = step.into_iter().take_while(|line| oldest.is_none_or(|oldest| line.at >= oldest));
            let had = found.len();
            found.extend(kept);
            is_over = is_over || found.len() == had;
        }
        found.truncate(most);
        let mut clients = HashMap::new();
        let mut listed = Vec::new();
        for access in found {
            if !clients.contains_key(&access.client) {
                let client = self.parts.store.find_client(&access.client).await?.map(Arc::new);
                clients.insert(access.client.clone(), client);
            }
            let client = clients.get(&access.client).cloned().flatten();
            listed.push(ListedAccess { access, client });
        }
        Ok(listed)
    }
}

/// What software is told when the source was not read.
fn refused(unread: Unread) -> Refusal {
    let (words, pause) = match unread {
        Unread::NotConnected => ("This service is not connected to records of exchanges.", None),
        Unread::Trouble(trouble) => ("The records of exchanges could not be read.", trouble.retry_after),
    };
    let words = format!("{words} With kind=access, reads through this service are told all the same.");
    Refusal::new("provision_records_unavailable", words).retry_after(pause.unwrap_or(SOME_TIME))
}

/// An id that comes before every line's.
fn before_all() -> Result<AccessId, Fault> {
    AccessId::parse("-").map_err(|_| Fault::Internal("an id of one character does not read".into()))
}
