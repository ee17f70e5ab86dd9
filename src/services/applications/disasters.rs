//! The record of disasters (災害マスタ): a municipality keeps its own, applications name one of them by its code.

use super::agency::municipality;
use super::body::line;
use super::disasters_view::{ChangeDisaster, DisasterPage, DisasterView, RecordDisaster};
use super::{Applications, is_municipality};
use crate::catalog::application_forms::ApplicationForm;
use crate::domain::application::Answers;
use crate::domain::disaster::{Disaster, DisasterCode, DisasterDetails};
use crate::domain::submission::Finding;
use crate::domain::{Failure, Fault, Refusal, Timestamp, Words};
use crate::gateway::Permit;
use crate::services::body::{LISTED, cut, day, limit, read, unknown};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use url::form_urlencoded;

/// Most characters of a name.
const LONGEST_NAME: usize = 60;
/// Most procedures of one disaster.
const MOST_PROCEDURES: usize = 20;

/// Which page of disasters is asked for.
struct Asked {
    municipality: Option<String>,
    procedure: Option<String>,
    after: String,
    limit: u32,
}

impl Asked {
    /// `own` where the municipality is the caller's and not named.
    fn read(query: &str, own: bool) -> Result<Self, Refusal> {
        let known = if own { "after, limit" } else { "municipality, procedure, after, limit" };
        let mut asked = Self { municipality: None, procedure: None, after: String::new(), limit: LISTED };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "municipality" if !own => asked.municipality = Some(value.into_owned()),
                "procedure" if !own => asked.procedure = Some(value.into_owned()),
                "after" => {
                    let wrong =
                        |_| Refusal::new("invalid_value", "It must be the `next` of an earlier page.").at("after");
                    asked.after = String::from(DisasterCode::parse(&value).map_err(wrong)?);
                }
                "limit" => asked.limit = limit(&value)?,
                _ => return Err(unknown(&name, known)),
            }
        }
        Ok(asked)
    }
}

impl Applications {
    /// The disasters of one municipality on whose account one can apply today.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub async fn open_disasters(&self, _permit: &Permit, query: &str) -> Result<DisasterPage, Failure> {
        let asked = Asked::read(query, false)?;
        let wrong = || {
            let words = "Name one municipality by its 全国地方公共団体コード: five digits and their check digit.";
            Refusal::new("invalid_value", words).at("municipality")
        };
        let place = asked.municipality.as_deref().filter(|code| is_municipality(code)).ok_or_else(wrong)?;
        let mut page = self.disasters(place, Some(self.parts.clock.now().date_in_japan()), &asked).await?;
        if let Some(procedure) = &asked.procedure {
            page.items.retain(|one| one.details.procedures.contains(procedure));
        }
        Ok(page)
    }

    /// All that the municipality behind this client recorded, open or not.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found` where it is no municipality; `invalid_value` naming the parameter.
    pub async fn own_disasters(&self, permit: &Permit, query: &str) -> Result<DisasterPage, Failure> {
        self.parts.gateway.clear_taking_applications(permit).await?;
        self.disasters(municipality(permit)?, None, &Asked::read(query, true)?).await
    }

    /// One of them.
    ///
    /// # Errors
    /// `not_found` for another municipality's, too; `refused_by_policy`.
    pub async fn own_disaster(&self, permit: &Permit, code: &str) -> Result<DisasterView, Failure> {
        let one = self.recorded(permit, code).await?;
        Ok(self.seen(&one))
    }

    /// Records one. The same again under the same code is answered with what is there.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found` where it is no municipality; `invalid_request`, `invalid_value` naming the member;
    /// `conflict` where another one has the code.
    pub async fn record_disaster(&self, permit: &Permit, bytes: &[u8]) -> Result<DisasterView, Failure> {
        self.parts.gateway.clear_taking_applications(permit).await?;
        let place = municipality(permit)?;
        let RecordDisaster { code, details } = read(bytes)?;
        let wrong = |error| Refusal::new("invalid_value", format!("It {error}.")).at("/code");
        let (code, now) = (DisasterCode::parse(&code).map_err(wrong)?, self.parts.clock.now());
        let details = self.details(details, "/details")?;
        let new = Disaster {
            municipality: place.to_owned(),
            code: code.clone(),
            details,
            recorded_at: now,
            changed_at: now,
            closed_at: None,
            version: 1,
        };
        if self.parts.store.insert_disaster(&new).await? {
            return Ok(self.seen(&new));
        }
        let earlier = self.parts.store.find_disaster(place, &code).await?;
        let same = earlier.filter(|earlier| earlier.details == new.details && earlier.closed_at.is_none());
        let words = "You recorded another disaster under this code: change that one, or choose another code.";
        let same = same.ok_or_else(|| Refusal::new("conflict", words).at("/code"))?;
        Ok(self.seen(&same))
    }

    /// Says something else of one, that was as `seen`, or however it was where that is none.
    ///
    /// # Errors
    /// `not_found`, `refused_by_policy`; `invalid_request`, `invalid_value` naming the member; `precondition_failed` when it is
    /// another by now; `conflict` when it is closed.
    pub async fn change_disaster(
        &self,
        permit: &Permit,
        code: &str,
        (seen, bytes): (Option<&str>, &[u8]),
    ) -> Result<DisasterView, Failure> {
        let mut one = self.recorded(permit, code).await?;
        let details = self.details(read(bytes)?, "")?;
        if seen.is_some_and(|seen| seen != one.version.to_string()) {
            return Err(changed().into());
        }
        one.change(details, self.parts.clock.now())?;
        self.rewritten(one, changed()).await
    }

    /// Closes one: no application names it from then on.
    ///
    /// # Errors
    /// `not_found`, `refused_by_policy`; `conflict` when it is closed, or changed meanwhile.
    pub async fn close_disaster(&self, permit: &Permit, code: &str) -> Result<DisasterView, Failure> {
        let mut one = self.recorded(permit, code).await?;
        one.close(self.parts.clock.now())?;
        let words = "It was changed at the same moment: look where it stands now.";
        self.rewritten(one, Refusal::new("conflict", words)).await
    }

    /// What is wrong with the disaster that answers name; what was named `before`, by an application that is mended, may be
    /// over by now.
    pub(super) async fn disaster_fault(
        &self,
        (form, place): (&ApplicationForm, &str),
        answers: &Answers,
        (before, now): (Option<&Answers>, Timestamp),
    ) -> Result<Option<Finding>, Fault> {
        let Some(named) = form.named_disaster(answers) else { return Ok(None) };
        let found = match DisasterCode::parse(named) {
            Ok(code) => self.parts.store.find_disaster(place, &code).await?,
            Err(_) => None,
        };
        let was_named = before.is_some_and(|before| form.named_disaster(before) == Some(named));
        Ok(form.check_disaster(answers, (found.as_ref(), was_named), now.date_in_japan()))
    }

    async fn disasters(&self, place: &str, open_on: Option<NaiveDate>, asked: &Asked) -> Result<DisasterPage, Failure> {
        let page = (asked.after.as_str(), asked.limit.saturating_add(1));
        let mut found = self.parts.store.list_disasters(place, open_on, page).await?;
        let next = cut(&mut found, asked.limit as usize, |last| last.code.as_str().to_owned());
        Ok(DisasterPage { items: found.iter().map(|one| self.seen(one)).collect(), next })
    }

    async fn recorded(&self, permit: &Permit, code: &str) -> Result<Disaster, Failure> {
        let place = municipality(permit)?;
        let found = match DisasterCode::parse(code) {
            Ok(code) => self.parts.store.find_disaster(place, &code).await?,
            Err(_) => None,
        };
        let unknown = || Refusal::new("not_found", "Your municipality recorded no disaster with this code.").at("code");
        let found = found.ok_or_else(unknown)?;
        self.parts.gateway.clear_taking_applications(permit).await?;
        Ok(found)
    }

    async fn rewritten(&self, next: Disaster, lost: Refusal) -> Result<DisasterView, Failure> {
        if self.parts.store.update_disaster(&next).await? { Ok(self.seen(&next)) } else { Err(lost.into()) }
    }

    fn seen(&self, one: &Disaster) -> DisasterView {
        DisasterView::of(one, self.parts.clock.now().date_in_japan())
    }

    fn details(&self, said: ChangeDisaster, at: &str) -> Result<DisasterDetails, Refusal> {
        let wrong = |member: &str, words: &str| Refusal::new("invalid_value", words).at(format!("{at}/{member}"));
        let name = Words {
            ja: line(&said.name.ja, LONGEST_NAME, &format!("{at}/name/ja"))?,
            en: line(&said.name.en, LONGEST_NAME, &format!("{at}/name/en"))?,
        };
        let read =
            |member: &str, text: &str| day(text).ok_or_else(|| wrong(member, "It must be a day, as 2026-09-10."));
        let from = read("from", &said.from)?;
        let until = said.until.map(|text| read("until", &text)).transpose()?;
        let apply_until = said.apply_until.map(|text| read("apply_until", &text)).transpose()?;
        if until.is_some_and(|last| last < from) {
            return Err(wrong("until", "It must not be before `from`."));
        }
        if apply_until.is_some_and(|last| last < until.unwrap_or(from)) {
            return Err(wrong("apply_until", "It must not be before the disaster's last day."));
        }
        if !(1..=MOST_PROCEDURES).contains(&said.procedures.len()) {
            return Err(wrong("procedures", "Name 1 to 20 procedures."));
        }
        let mut names = BTreeSet::new();
        for (n, code) in said.procedures.iter().enumerate() {
            let asks = |form: &ApplicationForm| form.procedure == *code && form.disaster.is_some();
            if !self.parts.forms.iter().any(asks) {
                let words = "No form of this procedure asks for a disaster: see GET /v1/application-forms.";
                return Err(wrong(&format!("procedures/{n}"), words));
            }
            if !names.insert(code) {
                return Err(wrong(&format!("procedures/{n}"), "It is there twice."));
            }
        }
        Ok(DisasterDetails { name, from, until, apply_until, procedures: said.procedures })
    }
}

fn changed() -> Refusal {
    let words = "It was changed meanwhile: look at it again, and send its new ETag.";
    Refusal::new("precondition_failed", words).at("If-Match")
}
