//! The bodies of the search. Texts are in the caller's language where the counter has them; a municipality's own words are
//! Japanese.

use super::block::ServiceBlock;
use crate::catalog::municipalities::{Municipality, MunicipalityCode, Prefecture, PrefectureCount};
use crate::catalog::services::{Category, Contact, LifeEvent, Link, SectionKind, ServiceProcedure};
use serde::Serialize;
use utoipa::ToSchema;

/// A prefecture.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrefectureView {
    /// Its number, `01` to `47`.
    #[schema(example = "15")]
    pub number: String,
    /// Its own code as a body that has procedures.
    #[schema(value_type = String, example = "150002")]
    pub code: MunicipalityCode,
    /// Its name.
    #[schema(example = "新潟県")]
    pub name: String,
    /// The reading in katakana.
    #[schema(example = "ニイガタケン")]
    pub name_kana: String,
}

/// Where a municipality's office stands, to about a kilometre.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfficeView {
    /// Degrees north.
    #[schema(example = 37.64)]
    pub latitude: f64,
    /// Degrees east.
    #[schema(example = 138.96)]
    pub longitude: f64,
}

/// A municipality.
#[derive(Debug, Serialize, ToSchema)]
pub struct MunicipalityView {
    /// 全国地方公共団体コード, six digits.
    #[schema(value_type = String, example = "152048")]
    pub code: MunicipalityCode,
    /// Its name.
    #[schema(example = "三条市")]
    pub name: String,
    /// The reading in katakana.
    #[schema(example = "サンジョウシ")]
    pub name_kana: String,
    /// Where it is.
    pub prefecture: PrefectureView,
    /// Where its office stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub office: Option<OfficeView>,
    /// How far that is from the place that was asked for. The nearest office need not be the one in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 1.2)]
    pub distance_km: Option<f64>,
}

/// Some municipalities.
#[derive(Debug, Serialize, ToSchema)]
pub struct MunicipalityPage {
    /// By code; by distance where a place was asked for.
    pub municipalities: Vec<MunicipalityView>,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "152048")]
    pub next: Option<String>,
}

/// Whose a procedure is.
#[derive(Debug, Serialize, ToSchema)]
pub struct MunicipalityName {
    /// The code of a municipality or a prefecture.
    #[schema(value_type = String, example = "152048")]
    pub code: MunicipalityCode,
    /// Its name with the prefecture's.
    #[schema(example = "新潟県三条市")]
    pub name: String,
}

/// A procedure at a municipality, in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceProcedureSummary {
    /// Its id.
    #[schema(example = "1520480001")]
    pub psid: String,
    /// Whose it is.
    pub municipality: MunicipalityName,
    /// Its name, in the language of the answer where there is one.
    pub name: String,
    /// Its official name, in Japanese.
    pub official_name: String,
    /// What people call it, in Japanese.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub alias: Option<String>,
    /// In a sentence or two.
    pub summary: String,
    /// What it is about.
    pub category: Category,
    /// The category's name.
    #[schema(example = "子育て")]
    pub category_name: String,
    /// When in a life it comes up.
    pub life_events: Vec<LifeEvent>,
    /// Whether it can be applied for online.
    pub is_e_applicable: bool,
    /// From which day it can be applied for, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date")]
    pub from: Option<String>,
    /// Until which day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date")]
    pub until: Option<String>,
    /// For whom: from this age in months.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0)]
    pub from_months: Option<u16>,
    /// Up to this age in months.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 227)]
    pub to_months: Option<u16>,
    /// Which standard procedure it is, where it was recognised as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "child-allowance-claim")]
    pub standard: Option<String>,
    /// Who is in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "子育て支援課")]
    pub department: Option<String>,
    /// When it was changed last (RFC 3339, Japan's time).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time", example = "2026-04-01T09:00:00+09:00")]
    pub updated_at: Option<String>,
    /// The page to hand a person over to. It names the municipality and the procedure, and nothing about anybody.
    #[schema(format = "uri")]
    pub apply_url: String,
}

/// Some procedures.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceProcedurePage {
    /// By municipality, then by psid.
    pub procedures: Vec<ServiceProcedureSummary>,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "152048.1520480001")]
    pub next: Option<String>,
}

/// A part of what is said.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceSection {
    /// What it is about.
    pub kind: SectionKind,
    /// Its content, in the municipality's words.
    pub blocks: Vec<ServiceBlock>,
}

/// A document that is to be brought or attached.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceDocument {
    /// Its code, where it is one that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "tax_certificate")]
    pub code: Option<String>,
    /// Its name, in the language of the answer where there is one.
    #[schema(example = "課税証明書")]
    pub name: String,
    /// Whether information linkage (情報連携) makes it unnecessary: the municipality asks the other office itself, by the
    /// Individual Number that is given.
    pub is_unnecessary_by_linkage: bool,
}

/// A procedure at a municipality.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceProcedureView {
    /// What the list says of it.
    pub summary: ServiceProcedureSummary,
    /// Until when it is usually applied for, where it is a standard procedure with a term.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub due: Option<String>,
    /// Whether an electronic application is usually signed with a card, where it is a standard procedure.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub is_signed: Option<bool>,
    /// What the municipality says.
    pub sections: Vec<ServiceSection>,
    /// What is to be brought.
    pub documents: Vec<ServiceDocument>,
    /// Whether the municipality names no documents: then these are the usual ones of the standard procedure.
    pub has_usual_documents: bool,
    /// Whom to ask.
    pub contact: Contact,
    /// Where else to read.
    pub links: Vec<Link>,
}

/// One standard procedure at several municipalities.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceComparison {
    /// Which.
    pub procedure: StandardProcedureView,
    /// In which members of the first procedure of each they differ: `is_offered`, `is_e_applicable`, `period`, `ages`,
    /// `documents`.
    pub differs_in: Vec<&'static str>,
    /// In the order in which they were asked for.
    pub municipalities: Vec<ComparedMunicipality>,
}

/// A municipality among those that are compared.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedMunicipality {
    /// Which.
    pub municipality: MunicipalityName,
    /// What it has of the standard procedure; nothing where it has none.
    pub procedures: Vec<ServiceProcedureView>,
}

/// A category.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryView {
    /// Its code.
    pub code: Category,
    /// Its name.
    #[schema(example = "子育て")]
    pub name: &'static str,
}

/// A life event.
#[derive(Debug, Serialize, ToSchema)]
pub struct LifeEventView {
    /// Its code.
    pub code: LifeEvent,
    /// Its name.
    #[schema(example = "引越し")]
    pub name: &'static str,
}

/// A procedure as it is everywhere.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandardProcedureView {
    /// Its code.
    #[schema(example = "child-allowance-claim")]
    pub code: String,
    /// Its name.
    pub name: String,
    /// What people call it, in Japanese.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub alias: Option<String>,
    /// In a sentence.
    pub summary: String,
    /// What it is about.
    pub category: Category,
    /// When in a life it comes up.
    pub life_events: Vec<LifeEvent>,
    /// Whether it goes to a prefecture, or its police, and not to a municipality.
    pub is_of_a_prefecture: bool,
    /// Whether an electronic application is signed with a card.
    pub is_signed: bool,
    /// What is usually needed.
    pub documents: Vec<ServiceDocument>,
}

/// What can be searched by.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceStandards {
    /// The categories.
    pub categories: Vec<CategoryView>,
    /// The life events.
    pub life_events: Vec<LifeEventView>,
    /// The standard procedures, by code.
    pub procedures: Vec<StandardProcedureView>,
}

/// How many municipalities take applications for child-rearing procedures online (子育てワンストップ).
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceCoverage {
    /// When it was counted: the last count on or before the day that was asked for.
    #[schema(format = "date", example = "2019-12-31")]
    pub counted_on: String,
    /// Every day that there is a count of.
    #[schema(example = json!(["2018-09-28", "2019-03-31", "2019-12-31"]))]
    pub counts: Vec<String>,
    /// Municipalities with at least one procedure that can be applied for online, in the prefectures below.
    #[schema(example = 935)]
    pub with_e_application: u32,
    /// All municipalities in them.
    #[schema(example = 1741)]
    pub municipalities: u32,
    /// By number.
    pub prefectures: Vec<PrefectureCoverage>,
}

/// One prefecture's count.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrefectureCoverage {
    /// Its number.
    #[schema(example = "15")]
    pub prefecture: String,
    /// Its name.
    #[schema(example = "新潟県")]
    pub name: String,
    /// Municipalities with at least one procedure that can be applied for online.
    pub with_e_application: u32,
    /// All its municipalities.
    pub municipalities: u32,
    /// The share of them, in percent, to one decimal.
    #[schema(example = 53.3)]
    pub municipalities_percent: f64,
    /// The share of its people who live in those, in percent, as it was published.
    #[schema(example = 75.1)]
    pub population_percent: f64,
}

impl ServiceProcedureView {
    /// Whether there is a document that information linkage makes unnecessary.
    #[must_use]
    pub fn is_anything_unnecessary(&self) -> bool {
        self.documents.iter().any(|one| one.is_unnecessary_by_linkage)
    }
}

impl PrefectureView {
    pub(super) fn of(one: &Prefecture) -> Self {
        Self {
            number: format!("{:02}", one.code.prefecture()),
            code: one.code,
            name: one.name.clone(),
            name_kana: one.name_kana.clone(),
        }
    }
}

impl MunicipalityView {
    pub(super) fn of(one: &Municipality, prefecture: &Prefecture, distance: Option<f64>) -> Self {
        Self {
            code: one.code,
            name: one.name.clone(),
            name_kana: one.name_kana.clone(),
            prefecture: PrefectureView::of(prefecture),
            office: one.office.map(|at| OfficeView { latitude: at.latitude(), longitude: at.longitude() }),
            distance_km: distance.map(to_one_decimal),
        }
    }
}

impl PrefectureCoverage {
    pub(super) fn of(count: &PrefectureCount, name: &str) -> Self {
        Self {
            prefecture: format!("{:02}", count.prefecture),
            name: name.to_owned(),
            with_e_application: count.with_e_application,
            municipalities: count.municipalities,
            municipalities_percent: to_one_decimal(
                100.0 * f64::from(count.with_e_application) / f64::from(count.municipalities),
            ),
            population_percent: count.population_percent,
        }
    }
}

fn to_one_decimal(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// In which members the first procedures of municipalities differ.
pub(super) fn differences(compared: &[Option<&ServiceProcedure>]) -> Vec<&'static str> {
    let of = |differs: &dyn Fn(&ServiceProcedure, &ServiceProcedure) -> bool| {
        let there: Vec<&ServiceProcedure> = compared.iter().copied().flatten().collect();
        there.iter().zip(there.iter().skip(1)).any(|(one, other)| differs(one, other))
    };
    let is_offered = compared.iter().any(Option::is_some) && compared.iter().any(Option::is_none);
    let all = [
        ("is_offered", is_offered),
        ("is_e_applicable", of(&|one, other| one.is_e_applicable != other.is_e_applicable)),
        ("period", of(&|one, other| one.period != other.period)),
        ("ages", of(&|one, other| one.ages != other.ages)),
        ("documents", of(&|one, other| one.documents != other.documents)),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
