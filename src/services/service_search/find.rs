//! The use case.

use super::query::{Comparing, CoverageAsked, Known, MunicipalitiesAsked, Searching};
use super::view::{self, MunicipalityName, MunicipalityView, PrefectureCoverage, StandardProcedureView};
use super::{
    CategoryView, ComparedMunicipality, HandOver, LifeEventView, MunicipalityPage, ServiceComparison, ServiceCoverage,
    ServiceDocument, ServiceProcedurePage, ServiceProcedureSummary, ServiceProcedureView, ServiceSection,
    ServiceStandards, Shelf,
};
use crate::catalog::municipalities::{Municipalities, Municipality, MunicipalityCode};
use crate::catalog::services::{
    Category, Level, LifeEvent, Psid, Search, ServiceCatalogue, ServiceProcedure, StandardProcedure, Standards,
};
use crate::domain::{Digest, Lang, Refusal, Words};
use crate::gateway::Permit;
use crate::services::body::{MOST_LISTED, cut};
use std::sync::Arc;
use std::time::Duration;

/// When to come back while the first catalogue is being read.
const SOON: Duration = Duration::from_secs(5);

/// What the search is made of.
#[derive(Clone)]
pub struct ServiceSearchParts {
    /// The municipalities.
    pub municipalities: Arc<Municipalities>,
    /// What is the same everywhere.
    pub standards: Arc<Standards>,
    /// Where the catalogue stands.
    pub shelf: Arc<Shelf>,
    /// The counter's address, without a slash at its end.
    pub public_url: String,
}

/// The search.
pub struct ServiceSearch {
    parts: ServiceSearchParts,
    /// What changes with the operator's files.
    files: String,
}

impl ServiceSearch {
    /// A search.
    #[must_use]
    pub fn new(parts: ServiceSearchParts) -> Self {
        let said = format!("{:?}{:?}{}", parts.municipalities, parts.standards, env!("CARGO_PKG_VERSION"));
        Self { files: Digest::of(&said).base64url(), parts }
    }

    /// What changes when anything in an answer in this language could.
    #[must_use]
    pub fn tag(&self, lang: Lang) -> String {
        let catalogue = self.parts.shelf.now().map(|now| now.tag().to_owned()).unwrap_or_default();
        format!("{}-{}", Digest::of(&format!("{}{catalogue}", self.files)).base64url(), lang.tag())
    }

    /// Whether the first catalogue was read.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.parts.shelf.now().is_some()
    }

    fn known(&self) -> Known<'_> {
        Known { municipalities: &self.parts.municipalities, standards: &self.parts.standards }
    }

    fn catalogue(&self) -> Result<Arc<ServiceCatalogue>, Refusal> {
        let words = "The catalogue of procedures is being read for the first time.";
        let busy = || Refusal::new("temporarily_unavailable", words).retry_after(SOON);
        self.parts.shelf.now().ok_or_else(busy)
    }

    /// Reads which municipalities are asked for.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub fn asks_municipalities(&self, query: &str) -> Result<MunicipalitiesAsked, Refusal> {
        self.known().municipalities(query)
    }

    /// Reads what is searched.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub fn asks_search(&self, query: &str) -> Result<Searching, Refusal> {
        self.known().searching(query)
    }

    /// Reads what is compared.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub fn asks_comparison(&self, query: &str) -> Result<Comparing, Refusal> {
        self.known().comparing(query)
    }

    /// Reads which count is asked for.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub fn asks_coverage(&self, query: &str) -> Result<CoverageAsked, Refusal> {
        self.known().coverage(query)
    }

    /// The municipalities that are asked for.
    ///
    /// # Errors
    /// `temporarily_unavailable` while the first catalogue is being read, where it is needed.
    pub fn municipalities(&self, _permit: &Permit, asked: &MunicipalitiesAsked) -> Result<MunicipalityPage, Refusal> {
        let all = &*self.parts.municipalities;
        let offering = asked.standard.as_deref().map(|code| Ok::<_, Refusal>(self.catalogue()?.offering(code)));
        let offering = offering.transpose()?;
        let has_it = |one: &Municipality| offering.as_ref().is_none_or(|codes| codes.contains(&one.code));
        if let Some(place) = asked.near {
            let wanted: Vec<MunicipalityCode> = all.wanted(&asked.wanted, None).map(|one| one.code).collect();
            let near = all.nearest(place, usize::MAX).into_iter();
            let near = near.filter(|(one, _)| wanted.binary_search(&one.code).is_ok() && has_it(one));
            let views = near.take(asked.limit).filter_map(|(one, far)| self.municipality_view(one, Some(far)));
            return Ok(MunicipalityPage { municipalities: views.collect(), next: None });
        }
        let mut found: Vec<&Municipality> =
            all.wanted(&asked.wanted, asked.after).filter(|one| has_it(one)).take(asked.limit + 1).collect();
        let next = cut(&mut found, asked.limit, |last| last.code.to_string());
        let municipalities = found.into_iter().filter_map(|one| self.municipality_view(one, None)).collect();
        Ok(MunicipalityPage { municipalities, next })
    }

    fn municipality_view(&self, one: &Municipality, distance: Option<f64>) -> Option<MunicipalityView> {
        let prefecture = self.parts.municipalities.prefecture(one.code.prefecture())?;
        Some(MunicipalityView::of(one, prefecture, distance))
    }

    /// One municipality.
    ///
    /// # Errors
    /// `not_found`.
    pub fn municipality(&self, _permit: &Permit, code: &str) -> Result<MunicipalityView, Refusal> {
        let found = MunicipalityCode::parse(code).ok().and_then(|code| self.parts.municipalities.get(code));
        let view = found.and_then(|one| self.municipality_view(one, None));
        view.ok_or_else(|| Refusal::new("not_found", "There is no municipality with this code."))
    }

    /// The procedures that fit.
    ///
    /// # Errors
    /// `temporarily_unavailable` while the first catalogue is being read.
    pub fn search(&self, _permit: &Permit, asked: &Searching, lang: Lang) -> Result<ServiceProcedurePage, Refusal> {
        let catalogue = self.catalogue()?;
        let mut found = catalogue.search(&asked.search, asked.after.as_ref(), asked.limit + 1);
        let next = cut(&mut found, asked.limit, |last| format!("{}.{}", last.municipality, last.psid));
        let procedures = found.into_iter().map(|row| self.summary(row, lang)).collect();
        Ok(ServiceProcedurePage { procedures, next })
    }

    /// One procedure.
    ///
    /// # Errors
    /// `not_found`; `temporarily_unavailable` while the first catalogue is being read.
    pub fn find(&self, _permit: &Permit, psid: &str, lang: Lang) -> Result<ServiceProcedureView, Refusal> {
        let catalogue = self.catalogue()?;
        let found = Psid::parse(psid).and_then(|psid| Some(self.view(catalogue.get(&psid)?, lang)));
        found.ok_or_else(|| Refusal::new("not_found", "There is no procedure with this psid (any more)."))
    }

    /// Where a link leads: the procedure, if there is one and it is that municipality's.
    #[must_use]
    pub fn handed_over(&self, link: &HandOver, lang: Lang) -> Option<ServiceProcedureView> {
        let catalogue = self.parts.shelf.now()?;
        let found = catalogue.get(&link.procedure).filter(|row| row.municipality == link.municipality);
        found.map(|row| self.view(row, lang))
    }

    /// One standard procedure at several municipalities.
    ///
    /// # Errors
    /// `temporarily_unavailable` while the first catalogue is being read.
    pub fn compare(&self, _permit: &Permit, asked: &Comparing, lang: Lang) -> Result<ServiceComparison, Refusal> {
        let catalogue = self.catalogue()?;
        let standard = self.parts.standards.get(&asked.standard);
        let standard = standard.ok_or_else(|| Refusal::new("not_found", "There is no such standard procedure."))?;
        let rows = |code: MunicipalityCode| {
            let search =
                Search { municipalities: [code].into(), standard: Some(asked.standard.clone()), ..Search::default() };
            catalogue.search(&search, None, MOST_LISTED as usize)
        };
        let compared: Vec<_> = asked.municipalities.iter().map(|code| (*code, rows(*code))).collect();
        let firsts: Vec<_> = compared.iter().map(|(_, rows)| rows.first().copied()).collect();
        let one = |(code, rows): &(MunicipalityCode, Vec<&ServiceProcedure>)| ComparedMunicipality {
            municipality: self.name(*code),
            procedures: rows.iter().map(|row| self.view(row, lang)).collect(),
        };
        Ok(ServiceComparison {
            procedure: self.standard(standard, lang),
            differs_in: view::differences(&firsts),
            municipalities: compared.iter().map(one).collect(),
        })
    }

    /// What can be searched by.
    #[must_use]
    pub fn standards(&self, _permit: &Permit, lang: Lang) -> ServiceStandards {
        ServiceStandards {
            categories: Category::all().map(|code| CategoryView { code, name: category(code, lang) }).collect(),
            life_events: LifeEvent::all()
                .map(|code| LifeEventView { code, name: if lang == Lang::Ja { code.ja() } else { code.en() } })
                .collect(),
            procedures: self.parts.standards.iter().map(|one| self.standard(one, lang)).collect(),
        }
    }

    /// How many municipalities take applications online.
    ///
    /// # Errors
    /// `not_found` when there is no count as old as that.
    pub fn coverage(&self, _permit: &Permit, asked: &CoverageAsked) -> Result<ServiceCoverage, Refusal> {
        let all = &self.parts.municipalities;
        let words = "There is no count on or before this day.";
        let count = all.coverage(asked.day).ok_or_else(|| Refusal::new("not_found", words).at("on"))?;
        let wanted = count.prefectures.iter().filter(|one| asked.prefecture.is_none_or(|n| n == one.prefecture));
        let prefectures: Vec<PrefectureCoverage> =
            wanted.filter_map(|one| Some(PrefectureCoverage::of(one, &all.prefecture(one.prefecture)?.name))).collect();
        Ok(ServiceCoverage {
            counted_on: count.counted_on.to_string(),
            counts: all.counts().map(|count| count.counted_on.to_string()).collect(),
            with_e_application: prefectures.iter().map(|one| one.with_e_application).sum(),
            municipalities: prefectures.iter().map(|one| one.municipalities).sum(),
            prefectures,
        })
    }

    fn name(&self, code: MunicipalityCode) -> MunicipalityName {
        MunicipalityName { code, name: self.parts.municipalities.name_of(code).unwrap_or_default() }
    }

    fn standard_of(&self, row: &ServiceProcedure) -> Option<&StandardProcedure> {
        self.parts.standards.get(row.standard.as_deref()?)
    }

    /// The counter's own words where the language is not the municipality's.
    fn told(&self, row: &ServiceProcedure, lang: Lang, own: &str, of: fn(&StandardProcedure) -> &Words) -> String {
        let words = self.standard_of(row).filter(|_| lang != Lang::Ja).map(|one| of(one).get(lang));
        words.unwrap_or(own).to_owned()
    }

    fn summary(&self, row: &ServiceProcedure, lang: Lang) -> ServiceProcedureSummary {
        let link = HandOver { municipality: row.municipality, procedure: row.psid.clone() };
        ServiceProcedureSummary {
            psid: row.psid.to_string(),
            municipality: self.name(row.municipality),
            name: self.told(row, lang, &row.name, |one| &one.name),
            official_name: row.name.clone(),
            alias: row.alias.clone(),
            summary: self.told(row, lang, &row.summary, |one| &one.summary),
            category: row.category,
            category_name: category(row.category, lang).to_owned(),
            life_events: row.life_events.clone(),
            is_e_applicable: row.is_e_applicable,
            from: row.period.from.map(|day| day.to_string()),
            until: row.period.until.map(|day| day.to_string()),
            from_months: row.ages.from_months,
            to_months: row.ages.to_months,
            standard: row.standard.as_deref().map(str::to_owned),
            department: row.department.clone(),
            updated_at: row.updated_at.map(|at| at.format("%Y-%m-%dT%H:%M:%S+09:00").to_string()),
            apply_url: link.link(&self.parts.public_url),
        }
    }

    fn view(&self, row: &ServiceProcedure, lang: Lang) -> ServiceProcedureView {
        let standard = self.standard_of(row);
        let section = |one: &crate::catalog::services::Section| ServiceSection {
            kind: one.kind,
            blocks: one.blocks.iter().map(Into::into).collect(),
        };
        let documents = row.documents.iter().map(|one| {
            let known = one.code.as_deref().and_then(|code| self.parts.standards.document(code));
            ServiceDocument {
                code: one.code.as_deref().map(str::to_owned),
                name: known.filter(|_| lang != Lang::Ja).map_or(&one.name, |known| &known.name.en).clone(),
                is_unnecessary_by_linkage: one.is_unnecessary,
            }
        });
        ServiceProcedureView {
            summary: self.summary(row, lang),
            due: standard.and_then(|one| one.due.as_ref()).map(|due| due.get(lang).to_owned()),
            is_signed: standard.map(|one| one.is_signed),
            sections: row.sections.iter().map(section).collect(),
            documents: documents.collect(),
            has_usual_documents: row.has_usual_documents,
            contact: row.contact.clone(),
            links: row.links.clone(),
        }
    }

    fn standard(&self, one: &StandardProcedure, lang: Lang) -> StandardProcedureView {
        let document = |code: &Arc<str>| ServiceDocument {
            code: Some(code.to_string()),
            name: self.parts.standards.document(code).map(|one| one.name.get(lang).to_owned()).unwrap_or_default(),
            is_unnecessary_by_linkage: one.linkage.contains(code),
        };
        StandardProcedureView {
            code: one.code.to_string(),
            name: one.name.get(lang).to_owned(),
            alias: one.alias.clone(),
            summary: one.summary.get(lang).to_owned(),
            category: one.category,
            life_events: one.life_events.clone(),
            is_of_a_prefecture: one.level == Level::Prefecture,
            is_signed: one.is_signed,
            documents: one.documents.iter().map(document).collect(),
        }
    }
}

fn category(code: Category, lang: Lang) -> &'static str {
    if lang == Lang::Ja { code.ja() } else { code.en() }
}
