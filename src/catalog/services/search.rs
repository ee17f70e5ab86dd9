//! All procedures of all municipalities, in order and indexed; and what is asked of them.

use super::index::{Candidates, Index};
use super::{Category, LifeEvent, Psid, ServiceProcedure};
use crate::catalog::municipalities::MunicipalityCode;
use crate::domain::Digest;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// Where a row stands: rows are in this order, and a page goes on after one whether or not it is still there.
pub type Spot = (MunicipalityCode, Psid);

/// What is looked for: rows that every member given fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Of these municipalities; of all when empty.
    pub municipalities: BTreeSet<MunicipalityCode>,
    /// With each of these in name, summary, category or life events; folded.
    pub terms: Vec<String>,
    /// Of this category.
    pub category: Option<Category>,
    /// At this life event.
    pub life_event: Option<LifeEvent>,
    /// Which can be applied for online, or cannot.
    pub is_e_applicable: Option<bool>,
    /// For somebody of this age in months.
    pub age_months: Option<u16>,
    /// Which are this standard procedure.
    pub standard: Option<String>,
}

/// One state of the whole catalogue. It never changes: a refresh makes another.
#[derive(Clone, Debug, Default)]
pub struct ServiceCatalogue {
    rows: Vec<ServiceProcedure>,
    texts: Vec<Box<str>>,
    index: Index,
    by_psid: HashMap<Psid, u32>,
    tag: String,
}

impl ServiceCatalogue {
    /// The catalogue of these rows. Of rows with one psid the first stays.
    #[must_use]
    pub fn new(mut rows: Vec<ServiceProcedure>) -> Self {
        rows.sort_by(|one, other| one.key().cmp(&other.key()));
        let mut seen = BTreeSet::new();
        rows.retain(|row| seen.insert(row.psid.clone()));
        let texts: Vec<Box<str>> = rows.iter().map(ServiceProcedure::folded).collect();
        let index = Index::of(texts.iter().map(AsRef::as_ref));
        let by_psid = rows.iter().zip(0_u32..).map(|(row, at)| (row.psid.clone(), at)).collect();
        let tag = tag(&rows);
        Self { rows, texts, index, by_psid, tag }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What changes when any row does.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Every row, in order.
    pub fn iter(&self) -> impl Iterator<Item = &ServiceProcedure> {
        self.rows.iter()
    }

    /// The row of this psid.
    #[must_use]
    pub fn get(&self, psid: &Psid) -> Option<&ServiceProcedure> {
        self.rows.get(*self.by_psid.get(psid)? as usize)
    }

    /// The municipalities with at least one row of a standard procedure.
    #[must_use]
    pub fn offering(&self, standard: &str) -> BTreeSet<MunicipalityCode> {
        let is_it = |row: &&ServiceProcedure| row.standard.as_deref() == Some(standard);
        self.rows.iter().filter(is_it).map(|row| row.municipality).collect()
    }

    /// The first `most` rows after `after` that fit, in order.
    #[must_use]
    pub fn search(&self, search: &Search, after: Option<&Spot>, most: usize) -> Vec<&ServiceProcedure> {
        let start = after.map_or(0, |(code, psid)| self.rows.partition_point(|row| row.key() <= (*code, psid)));
        let candidates = self.index.candidates(&search.terms);
        let mut found = Vec::new();
        for range in self.ranges(search) {
            let range = range.start.max(start)..range.end.max(start);
            match candidates {
                Candidates::All => self.take(search, range, (&mut found, most)),
                Candidates::Of(rows) => {
                    let from = rows.partition_point(|row| (*row as usize) < range.start);
                    let rows = rows.iter().skip(from).map(|row| *row as usize);
                    self.take(search, rows.take_while(|row| *row < range.end), (&mut found, most));
                }
            }
            if found.len() >= most {
                break;
            }
        }
        found
    }

    fn take<'s>(
        &'s self,
        search: &Search,
        rows: impl Iterator<Item = usize>,
        (found, most): (&mut Vec<&'s ServiceProcedure>, usize),
    ) {
        let fitting = rows.filter_map(|at| Some((self.rows.get(at)?, self.texts.get(at)?)));
        let fitting = fitting.filter(|(row, text)| search.fits(row, text)).map(|(row, _)| row);
        found.extend(fitting.take(most.saturating_sub(found.len())));
    }

    /// Where the rows of the municipalities stand.
    fn ranges(&self, search: &Search) -> Vec<Range<usize>> {
        let place = |code: MunicipalityCode| {
            let from = self.rows.partition_point(|row| row.municipality < code);
            from..self.rows.partition_point(|row| row.municipality <= code)
        };
        let whole = search.municipalities.is_empty().then_some(0..self.rows.len());
        whole.into_iter().chain(search.municipalities.iter().copied().map(place)).collect()
    }
}

impl Search {
    /// Whether a row, with its folded text, fits all but the municipality.
    fn fits(&self, row: &ServiceProcedure, text: &str) -> bool {
        self.category.is_none_or(|category| row.category == category)
            && self.life_event.is_none_or(|event| row.life_events.contains(&event))
            && self.is_e_applicable.is_none_or(|wanted| row.is_e_applicable == wanted)
            && self.age_months.is_none_or(|age| row.ages.include(age))
            && self.standard.as_deref().is_none_or(|code| row.standard.as_deref() == Some(code))
            && self.terms.iter().all(|term| text.contains(term.as_str()))
    }

    /// The same by reading every row: what the index must never differ from.
    #[cfg(test)]
    pub(super) fn by_reading<'r>(&self, rows: &'r [ServiceProcedure]) -> Vec<&'r ServiceProcedure> {
        let is_there =
            |row: &ServiceProcedure| self.municipalities.is_empty() || self.municipalities.contains(&row.municipality);
        rows.iter().filter(|row| is_there(row) && self.fits(row, &row.folded())).collect()
    }
}

/// A digest over every row.
fn tag(rows: &[ServiceProcedure]) -> String {
    let digests: Vec<u8> = rows
        .iter()
        .flat_map(|row| *Digest::of_bytes(&serde_json::to_vec(row).unwrap_or_default()).as_bytes())
        .collect();
    Digest::of_bytes(&digests).base64url()
}
