//! What is asked for: filters, and where the list goes on.

use super::before_all;
use super::view::RecordKind;
use crate::domain::ids::{AccessId, ProvisionRecordId};
use crate::domain::provision_record::{BodyCode, ProvisionRecord, WorkProcedureCode};
use crate::domain::{Fault, Refusal, Timestamp};
use crate::services::body::{LISTED, entry, limit, unknown};
use chrono::{Days, NaiveDate};
use std::time::Duration;
use url::form_urlencoded;

const KNOWN: &str = "from, to, asking_body, procedure, kind, after, limit";

/// An entry's place in the list from new to old: of two of one moment, an exchange stands before a line of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// An exchange.
    Exchange(Timestamp, ProvisionRecordId),
    /// A line of the access history.
    Access(Timestamp, AccessId),
}

impl Place {
    /// Reads a `next`.
    fn parse(text: &str) -> Result<Self, Refusal> {
        if text.split_once('.').is_some_and(|(_, id)| id.starts_with("prv_")) {
            return entry(text, ProvisionRecordId::parse).map(|(at, id)| Self::Exchange(at, id));
        }
        entry(text, AccessId::parse).map(|(at, id)| Self::Access(at, id))
    }

    /// Whether an exchange stands after this place.
    #[must_use]
    pub fn is_before(&self, at: Timestamp, id: &ProvisionRecordId) -> bool {
        match self {
            Self::Exchange(last, place) => (at, id) < (*last, place),
            Self::Access(last, _) => at < *last,
        }
    }
}

/// Which entries are asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// From this day in Japan on.
    pub from: Option<NaiveDate>,
    /// Until this day in Japan, which is among them.
    pub to: Option<NaiveDate>,
    /// Only what this body asked.
    pub asking_body: Option<BodyCode>,
    /// Only under this procedure.
    pub procedure: Option<WorkProcedureCode>,
    /// Only of this kind.
    pub kind: Option<RecordKind>,
    /// Only after this place.
    pub after: Option<Place>,
    /// How many of a page.
    pub limit: usize,
}

impl Default for Wanted {
    fn default() -> Self {
        let (from, to, asking_body, procedure, kind, after) = (None, None, None, None, None, None);
        Self { from, to, asking_body, procedure, kind, after, limit: LISTED as usize }
    }
}

impl Wanted {
    /// Reads a query.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub fn read(query: &str) -> Result<Self, Refusal> {
        let mut wanted = Self::default();
        let mut seen = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if seen.contains(&name) {
                return Err(Refusal::new("invalid_value", "It must be there once.").at(name));
            }
            wanted.set(&name, &value)?;
            seen.push(name);
        }
        wanted.check()?;
        Ok(wanted)
    }

    /// Takes one parameter.
    ///
    /// # Errors
    /// `invalid_value` naming it.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let wrong = |words: String| Refusal::new("invalid_value", words).at(name);
        match name {
            "from" | "to" => {
                let day = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok().filter(|day| day.to_string() == value);
                let day = day.ok_or_else(|| wrong("It must be a day: 2026-04-01.".into()))?;
                *(if name == "from" { &mut self.from } else { &mut self.to }) = Some(day);
            }
            "asking_body" => {
                let told = |error| wrong(format!("A body's code (機関コード) {error}."));
                self.asking_body = Some(BodyCode::parse(value).map_err(told)?);
            }
            "procedure" => {
                let told = |error| wrong(format!("A procedure's code (事務手続コード) {error}."));
                self.procedure = Some(WorkProcedureCode::parse(value).map_err(told)?);
            }
            "kind" => {
                let kind = RecordKind::parse(value);
                self.kind = Some(kind.ok_or_else(|| wrong("It must be provision or access.".into()))?);
            }
            "after" => self.after = Some(Place::parse(value)?),
            "limit" => self.limit = limit(value)? as usize,
            _ => return Err(unknown(name, KNOWN)),
        }
        Ok(())
    }

    /// Whether the days make sense together.
    ///
    /// # Errors
    /// `invalid_value` naming `to`.
    pub fn check(&self) -> Result<(), Refusal> {
        match self.from.zip(self.to) {
            Some((from, to)) if to < from => {
                Err(Refusal::new("invalid_value", "It must not be before `from`.").at("to"))
            }
            _ => Ok(()),
        }
    }

    /// Whether exchanges are among what is asked for.
    #[must_use]
    pub fn has_exchanges(&self) -> bool {
        self.kind != Some(RecordKind::Access)
    }

    /// Whether the counter's own history is among it: no body asked there, under no procedure.
    #[must_use]
    pub fn has_accesses(&self) -> bool {
        self.kind != Some(RecordKind::Provision) && self.asking_body.is_none() && self.procedure.is_none()
    }

    /// Whether it asks for this exchange. The place in the list is another matter.
    #[must_use]
    pub fn fits(&self, record: &ProvisionRecord) -> bool {
        self.asking_body.is_none_or(|body| body == record.inquirer)
            && self.procedure.is_none_or(|procedure| procedure == record.procedure)
    }

    /// Before which line of the access history the list goes on.
    pub(super) fn before_access(&self) -> Result<Option<(Timestamp, AccessId)>, Fault> {
        let begin = |day: NaiveDate| day.checked_add_days(Days::new(1)).and_then(Timestamp::of_day_in_japan);
        let last = self.to.and_then(begin);
        let place = match &self.after {
            // What is of the same moment stands after it.
            Some(Place::Exchange(at, _)) => Some((at.plus(Duration::from_millis(1)), before_all()?)),
            Some(Place::Access(at, id)) => Some((*at, id.clone())),
            None => None,
        };
        Ok(match (place, last) {
            (Some(place), Some(last)) if last < place.0 => Some((last, before_all()?)),
            (None, Some(last)) => Some((last, before_all()?)),
            (place, _) => place,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_by_its_name() {
        for (query, at) in [
            ("from=2026-4-1", "from"),
            ("to=20260401", "to"),
            ("from=2026-04-02&to=2026-04-01", "to"),
            ("asking_body=1", "asking_body"),
            ("procedure=JM99010000000010", "procedure"),
            ("kind=all", "kind"),
            ("after=1", "after"),
            ("after=x.prv_1", "after"),
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("more=1", "more"),
            ("kind=access&kind=access", "kind"),
        ] {
            let refusal = Wanted::read(query).unwrap_err();
            assert_eq!((refusal.code, refusal.pointer.as_deref()), ("invalid_value", Some(at)), "{query}");
        }
        assert!(Wanted::read("from=2026-04-01&to=2026-04-01&kind=provision&limit=100").is_ok());
    }

    #[test]
    fn the_history_goes_on_where_the_list_does() {
        let before = |query: &str| {
            let place = Wanted::read(query).unwrap().before_access().unwrap();
            place.map(|(at, id)| format!("{}.{id}", at.millis()))
        };
        assert_eq!(before(""), None);
        assert_eq!(before("after=17.a_1").as_deref(), Some("17.a_1"));
        assert_eq!(before("after=17.prv_1").as_deref(), Some("18.-"), "the same moment is still to come");
        let day = Timestamp::of_day_in_japan(NaiveDate::from_ymd_opt(2026, 4, 2).unwrap()).unwrap().millis();
        assert_eq!(before("to=2026-04-01"), Some(format!("{day}.-")));
        assert_eq!(before("to=2026-04-01&after=17.a_1").as_deref(), Some("17.a_1"));
    }
}
