//! Statistics (統計): what persons did by way of the counter, by month, so told that nobody learns of one of them.
//!
//! What for: municipalities see what is applied for by whose software and what becomes of it, third parties what is used, and
//! everybody how far the counter is used at all.
//!
//! How it flows:
//! 1. [`Statistics::count`] notes in memory for whom an operation was called; [`count`] writes it down each minute, and reads the
//!    applications that came or changed, municipality by municipality, as the municipality itself does.
//! 2. What is noted is a [`Fact`](crate::domain::statistics::Fact): an HMAC of the person, a month, a cell. The store takes a few
//!    cells of one person and no more.
//! 3. [`release`] publishes a month some days after its end, by one conditional write that forgets the facts: counts with noise,
//!    where they are large enough.
//! 4. What was published is in memory, and given from there; and so is [`coverage`], which counts no persons.
//!
//! How to add one more: a [`Series`](crate::domain::statistics::Series), where [`count`] finds its facts, and its words
//! (`statistics-…` in the locales).
//!
//! What it must never do: tell an exact count, or of a month that is not over; publish a month a second time; count somebody whose
//! account was erased.

mod count;
mod coverage;
mod release;
mod view;

pub use coverage::{MunicipalityCoverage, ProcedureCoverage, StatisticsCoverage, ThirdPartyCoverage};
pub use view::StatisticsIndex;

use self::coverage::Counting;
use crate::catalog::application_forms::ApplicationForms;
use crate::catalog::municipalities::{Municipalities, MunicipalityCode};
use crate::catalog::services::Standards;
use crate::catalog::statistics::StatisticsRules;
use crate::domain::client::ClientClass;
use crate::domain::ids::SubjectId;
use crate::domain::statistics::{Dimension, Month, StatisticsRelease};
use crate::domain::{Clock, Entropy, Failure, Fault, Lang, Refusal, Timestamp};
use crate::gateway::{Operation, Permit};
use crate::services::service_search::Shelf;
use crate::services::turns::forever;
use crate::store::Store;
use dashmap::DashSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How often it is looked for what to count and to publish.
const TURN: Duration = Duration::from_mins(1);
/// When it is worth asking again while the first catalogue is read.
const SOON: Duration = Duration::from_secs(5);
/// How old the coverage that is told may be.
const COVERAGE: Duration = Duration::from_mins(10);
/// How many months are told of: ten years.
const MOST_MONTHS: u32 = 120;

/// For whom an operation was called by whom.
type Use = (SubjectId, ClientClass, &'static str, Month);

/// Months, the latest first.
type Published = Vec<Arc<StatisticsRelease>>;

/// What the statistics are made of.
pub struct StatisticsParts {
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// How they are made; without, nothing is counted, and nothing published.
    pub rules: Option<StatisticsRules>,
    /// What procedures are called.
    pub standards: Arc<Standards>,
    /// What municipalities are called.
    pub municipalities: Arc<Municipalities>,
    /// What they offer.
    pub shelf: Arc<Shelf>,
    /// What is received here.
    pub forms: Arc<ApplicationForms>,
}

/// The statistics.
pub struct Statistics {
    parts: StatisticsParts,
    uses: DashSet<Use>,
    published: RwLock<Arc<Published>>,
    /// How far it reaches, and when that was counted.
    coverage: RwLock<Option<(Timestamp, Arc<StatisticsCoverage>)>>,
    /// Held by whoever counts it because somebody waits.
    counting: tokio::sync::Mutex<()>,
}

impl Statistics {
    /// Nothing is read yet.
    #[must_use]
    pub fn new(parts: StatisticsParts) -> Self {
        Self {
            parts,
            uses: DashSet::new(),
            published: RwLock::default(),
            coverage: RwLock::default(),
            counting: tokio::sync::Mutex::default(),
        }
    }

    /// A call was let in for a person.
    pub fn count(&self, permit: &Permit, operation: &Operation) {
        if let (Some(person), Some(_)) = (&permit.grant().subject, &self.parts.rules) {
            let month = Month::of(self.parts.clock.now());
            self.uses.insert((person.clone(), permit.client().class, operation.id, month));
        }
    }

    /// Counts what there is to count, publishes what is due, and reads what was published.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; what was not written down stays to be counted.
    pub async fn turn(&self) -> Result<(), Fault> {
        if let Some(rules) = &self.parts.rules {
            self.flush().await?;
            self.count_applications(rules.cells_per_person).await?;
            self.release_due(rules).await?;
        }
        self.read_published().await
    }

    /// Reads the months that are not known yet: a month never changes.
    async fn read_published(&self) -> Result<(), Fault> {
        let known = self.published();
        let mut all = Published::new();
        for month in self.parts.store.list_released_months(MOST_MONTHS).await? {
            match known.iter().find(|one| one.month == month) {
                Some(one) => all.push(Arc::clone(one)),
                None => all.extend(self.parts.store.find_release(month).await?.map(Arc::new)),
            }
        }
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(all);
        Ok(())
    }

    /// Counts how far it reaches; nobody knows until the first catalogue is there.
    async fn count_coverage(&self, now: Timestamp) -> Result<Option<Arc<StatisticsCoverage>>, Fault> {
        let Some(catalogue) = self.parts.shelf.now() else { return Ok(None) };
        let clients = self.parts.store.list_clients().await?;
        let counting = Counting {
            catalogue,
            standards: Arc::clone(&self.parts.standards),
            municipalities: Arc::clone(&self.parts.municipalities),
            forms: Arc::clone(&self.parts.forms),
        };
        let counted = tokio::task::spawn_blocking(move || counting.count(&clients, now)).await;
        let counted =
            counted.map_err(|error| Fault::Internal(format!("the coverage could not be counted: {error}")))?;
        let counted = Arc::new(counted);
        *self.coverage.write().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&counted)));
        Ok(Some(counted))
    }

    /// How far online applications and this counter reach. It is counted when somebody asks and what is known is old; while
    /// somebody else counts, or when the store is away, what is known is told.
    ///
    /// # Errors
    /// `temporarily_unavailable` until the first catalogue is there, and when nothing is known and the store is away.
    pub async fn coverage(&self) -> Result<Arc<StatisticsCoverage>, Failure> {
        let words = "The catalogue of procedures is being read for the first time.";
        let busy = || Refusal::new("temporarily_unavailable", words).retry_after(SOON);
        let now = self.parts.clock.now();
        if let Some((at, known)) = self.known_coverage() {
            if now.since(at) < COVERAGE {
                return Ok(known);
            }
            let Ok(_counting) = self.counting.try_lock() else { return Ok(known) };
            let counted = self.count_coverage(now).await.unwrap_or_else(|fault| {
                tracing::warn!(%fault, "the coverage could not be counted; what was known is told");
                None
            });
            return Ok(counted.unwrap_or(known));
        }
        let _counting = self.counting.lock().await;
        // Somebody else may have counted meanwhile.
        if let Some((_, known)) = self.known_coverage() {
            return Ok(known);
        }
        Ok(self.count_coverage(now).await?.ok_or_else(busy)?)
    }

    fn known_coverage(&self) -> Option<(Timestamp, Arc<StatisticsCoverage>)> {
        self.coverage.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes turns for as long as the process runs.
    pub async fn turn_forever(self: Arc<Self>) {
        forever(TURN, "statistics could not be counted", || async { self.turn().await.map(|()| false) }).await;
    }

    fn published(&self) -> Arc<Published> {
        Arc::clone(&self.published.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Which months there are, and how they were made.
    #[must_use]
    pub fn index(&self) -> StatisticsIndex {
        StatisticsIndex::of(&self.published(), self.parts.rules.as_ref())
    }

    /// A month that was published.
    ///
    /// # Errors
    /// `not_found` naming where to look.
    pub fn find(&self, month: &str) -> Result<Arc<StatisticsRelease>, Refusal> {
        let wanted = Month::parse(month);
        let found = self.published().iter().find(|one| Some(one.month) == wanted).map(Arc::clone);
        let words =
            "There are no statistics of this month: /statistics.json names the months that there are, as YYYY-MM.";
        found.ok_or_else(|| Refusal::new("not_found", words).at("month"))
    }

    /// What a value of a dimension is called, where it has a name of its own; municipalities have theirs in Japanese alone.
    #[must_use]
    pub fn name(&self, dimension: Dimension, value: &str, lang: Lang) -> Option<String> {
        match dimension {
            Dimension::Procedure => self.parts.standards.get(value).map(|one| one.name.get(lang).to_owned()),
            Dimension::Municipality => {
                MunicipalityCode::parse(value).ok().and_then(|code| self.parts.municipalities.name_of(code))
            }
            Dimension::Prefecture => {
                let number = value.parse().ok()?;
                self.parts.municipalities.prefecture(number).map(|one| one.name.clone())
            }
            Dimension::ThirdPartyClass | Dimension::Outcome | Dimension::Operation => None,
        }
    }

    /// The month that was published last.
    #[must_use]
    pub fn latest(&self) -> Option<Arc<StatisticsRelease>> {
        self.published().first().map(Arc::clone)
    }
}
