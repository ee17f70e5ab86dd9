//! One procedure at one municipality: as it is told, and as it is read.

use super::blocks::Block;
use super::{Category, LifeEvent};
use crate::catalog::fold::fold;
use crate::catalog::municipalities::MunicipalityCode;
use chrono::{NaiveDate, NaiveDateTime};
use serde::{Serialize, Serializer};
use std::fmt;
use std::sync::Arc;
use url::Url;
use utoipa::ToSchema;

/// The id of a procedure at a municipality (`psid`), as the search web service gives it: 1 to 64 characters of
/// `A-Z a-z 0-9 _ -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Psid(Arc<str>);

impl Psid {
    /// Reads one; none for what could be anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_one = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        is_one.then(|| Self(text.into()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Psid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Psid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// When it can be applied for: both days included, open where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Period {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub until: Option<NaiveDate>,
}

/// For whom it is, by age in months: both included, open where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ages {
    /// From this age.
    pub from_months: Option<u16>,
    /// Up to this age.
    pub to_months: Option<u16>,
}

impl Ages {
    /// Whether somebody of this age in months is meant.
    #[must_use]
    pub fn include(self, months: u16) -> bool {
        self.from_months.is_none_or(|from| from <= months) && self.to_months.is_none_or(|to| months <= to)
    }
}

/// What a list says of a procedure, in a municipality's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Its id.
    pub psid: Psid,
    /// Whose it is.
    pub municipality: MunicipalityCode,
    /// Its official name.
    pub name: String,
    /// What people call it.
    pub alias: Option<String>,
    /// In a sentence or two.
    pub summary: String,
    /// `serviceCode`.
    pub category: Category,
    /// Whether it can be applied for online.
    pub is_e_applicable: bool,
    /// When.
    pub period: Period,
    /// Who is in charge.
    pub department: Option<String>,
    /// What changes when any of this, or the particulars, does: version and time of the last change as they were told.
    pub version: String,
    /// When it was changed last, Japan's time.
    pub updated_at: Option<NaiveDateTime>,
}

/// What more is said of a procedure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Particulars {
    /// Texts with markup, in the order in which they are read.
    pub texts: Vec<(SectionKind, String)>,
    /// For whom.
    pub ages: Ages,
    /// Whom to ask.
    pub contact: Contact,
    /// Where else to read, where forms are.
    pub links: Vec<Link>,
}

/// What a section of a procedure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ServiceSectionKind)]
pub enum SectionKind {
    /// What it is.
    Overview,
    /// For whom it is.
    Target,
    /// More on the age.
    TargetAge,
    /// What one gets.
    Benefit,
    /// How much money.
    FinancialSupport,
    /// What else than money.
    MaterialSupport,
    /// What it costs.
    Fee,
    /// How one applies.
    HowToApply,
    /// Who may apply.
    EligiblePerson,
    /// What is needed.
    Requirements,
    /// Where it holds.
    TargetArea,
    /// What to know before asking.
    ContactNotes,
}

impl SectionKind {
    /// Its code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Target => "target",
            Self::TargetAge => "target_age",
            Self::Benefit => "benefit",
            Self::FinancialSupport => "financial_support",
            Self::MaterialSupport => "material_support",
            Self::Fee => "fee",
            Self::HowToApply => "how_to_apply",
            Self::EligiblePerson => "eligible_person",
            Self::Requirements => "requirements",
            Self::TargetArea => "target_area",
            Self::ContactNotes => "contact_notes",
        }
    }
}

/// A part of what is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// What it is about.
    pub kind: SectionKind,
    /// Its content.
    pub blocks: Vec<Block>,
}

/// Whom to ask: an office, never a person's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ServiceContact)]
pub struct Contact {
    /// The office.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "子育て支援課")]
    pub name: Option<String>,
    /// Its telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "0256-00-0000")]
    pub phone: Option<String>,
    /// Its mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<String>,
    /// Its page for questions, https.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>, format = "uri")]
    pub form: Option<Url>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub address: Option<String>,
}

/// Where else to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ServiceLink)]
pub struct Link {
    /// What is there.
    #[schema(example = "児童手当のご案内")]
    pub text: String,
    /// The address, https.
    #[schema(value_type = String, format = "uri", example = "https://city.example/children")]
    pub url: Url,
}

/// A document that is to be brought or attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequiredDocument {
    /// Its code, where it is one that is known.
    pub code: Option<Arc<str>>,
    /// In the municipality's words.
    pub name: String,
    /// Whether information linkage (情報連携) makes it unnecessary: the municipality asks the other office itself.
    pub is_unnecessary: bool,
}

/// A procedure at a municipality, read and recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceProcedure {
    /// Its id.
    pub psid: Psid,
    /// Whose it is.
    pub municipality: MunicipalityCode,
    /// Its official name.
    pub name: String,
    /// What people call it.
    pub alias: Option<String>,
    /// In a sentence or two.
    pub summary: String,
    /// What it is about.
    pub category: Category,
    /// When in a life it comes up.
    pub life_events: Vec<LifeEvent>,
    /// Whether it can be applied for online.
    pub is_e_applicable: bool,
    /// When.
    pub period: Period,
    /// For whom.
    pub ages: Ages,
    /// Who is in charge.
    pub department: Option<String>,
    /// Which standard procedure it is, where it was recognised.
    pub standard: Option<Arc<str>>,
    /// How the standard one's name is read.
    #[serde(skip)]
    pub reading: Option<Arc<str>>,
    /// As it was told.
    pub version: String,
    /// When it was changed last, Japan's time.
    pub updated_at: Option<NaiveDateTime>,
    /// What is said of it.
    pub sections: Vec<Section>,
    /// What is to be brought.
    pub documents: Vec<RequiredDocument>,
    /// Whether the municipality names no documents, so that these are the usual ones.
    pub has_usual_documents: bool,
    /// Whom to ask.
    pub contact: Contact,
    /// Where else to read.
    pub links: Vec<Link>,
}

impl ServiceProcedure {
    /// Where it stands among all.
    pub(super) fn key(&self) -> (MunicipalityCode, &Psid) {
        (self.municipality, &self.psid)
    }

    /// Its text as it is searched. A break that no term can hold keeps one part from running into the next.
    pub(super) fn folded(&self) -> Box<str> {
        let events = self.life_events.iter().flat_map(|event| [event.ja(), event.reading()]);
        let readings = [self.reading.as_deref().unwrap_or_default(), self.category.reading()];
        let parts = [self.name.as_str(), self.alias.as_deref().unwrap_or_default(), &self.summary, self.category.ja()];
        let parts: Vec<String> =
            parts.into_iter().chain(readings).chain(events).map(fold).filter(|part| !part.is_empty()).collect();
        parts.join("\n").into()
    }
}
