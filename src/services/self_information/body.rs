//! What a request for self-information says, read strictly: each fault names its place.

use crate::catalog::record::kind_tag;
use crate::catalog::{Catalog, DataSet};
use crate::domain::Refusal;
use crate::domain::data_set::DataSetCode;
use crate::domain::predicate::{FactCode, Inquiry, Operator, Predicate};
use crate::domain::retrieval::{Condition, Query};
use crate::services::body;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most data sets in one request.
pub const MOST_DATA_SETS: usize = 20;
/// The first tax year that can be asked for.
const FIRST_YEAR: u16 = 2000;

kind_tag! {
    LatestKind = "latest", OnDateKind = "on_date", RangeKind = "range", TaxYearKind = "tax_year",
}

/// Most questions in one request.
pub const MOST_PREDICATES: usize = 20;

/// A request for self-information (自己情報取得要求): data, answers of yes or no about data, or both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"data_sets": [{"code": "TM00000000000002", "condition": {"kind": "tax_year", "year": 2025}}]}))]
pub struct SelfInformationRequest {
    /// The data sets wanted, each once. At least one, where there are no predicates.
    #[serde(default)]
    #[schema(max_items = 20)]
    data_sets: Vec<DataSetQuery>,
    /// The questions to be answered yes or no, as the citizen agreed to them.
    #[serde(default)]
    #[schema(max_items = 20)]
    predicates: Vec<PredicateQuery>,
}

/// A question to be answered yes or no: is the fact at least, over, at most or under a number?
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PredicateQuery {
    /// The fact; see `facts` of `GET /v1/data-sets/{code}`.
    #[schema(pattern = "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$", max_length = 64, example = "income.total")]
    fact: String,
    /// `ge` (at least), `gt` (more than), `le` (at most) or `lt` (less than).
    #[schema(value_type = PredicateOperator, example = "ge")]
    operator: String,
    /// The number.
    #[schema(maximum = 4_294_967_295_u32, example = 3_000_000)]
    value: u32,
    /// The year (年度), where the fact is one of years.
    #[schema(minimum = 2000, maximum = 2100, nullable = false, example = 2025)]
    year: Option<u16>,
}

/// How a fact is compared with a number.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum PredicateOperator {
    /// At least (以上).
    Ge,
    /// More than (を超える).
    Gt,
    /// At most (以下).
    Le,
    /// Less than (未満).
    Lt,
}

/// One data set wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DataSetQuery {
    /// The data set.
    #[schema(pattern = "^(TM|HI)[0-9]{14}$", example = "TM00000000000002")]
    code: String,
    /// For what time.
    #[schema(value_type = ConditionBody)]
    condition: RawCondition,
}

/// As it is read: flat, so that what is missing or too much can be named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCondition {
    kind: String,
    date: Option<String>,
    from: Option<String>,
    to: Option<String>,
    year: Option<u16>,
}

/// 照会条件: for what time the data is wanted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "kind", mapping(
    ("latest" = "#/components/schemas/LatestCondition"),
    ("on_date" = "#/components/schemas/OnDateCondition"),
    ("range" = "#/components/schemas/RangeCondition"),
    ("tax_year" = "#/components/schemas/TaxYearCondition"),
)))]
pub enum ConditionBody {
    /// 最新情報指定.
    Latest(LatestCondition),
    /// 時点指定.
    OnDate(OnDateCondition),
    /// 期間指定.
    Range(RangeCondition),
    /// 年度指定.
    TaxYear(TaxYearCondition),
}

/// The newest there is.
#[derive(Debug, Serialize, ToSchema)]
pub struct LatestCondition {
    /// Always `latest`.
    #[schema(inline)]
    kind: LatestKind,
}

/// As it stood on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnDateCondition {
    /// Always `on_date`.
    #[schema(inline)]
    kind: OnDateKind,
    /// The day; not in the future.
    date: NaiveDate,
}

/// Everything between two days, both included.
#[derive(Debug, Serialize, ToSchema)]
pub struct RangeCondition {
    /// Always `range`.
    #[schema(inline)]
    kind: RangeKind,
    /// First day.
    from: NaiveDate,
    /// Last day; not in the future.
    to: NaiveDate,
}

/// A tax year (年度).
#[derive(Debug, Serialize, ToSchema)]
pub struct TaxYearCondition {
    /// Always `tax_year`.
    #[schema(inline)]
    kind: TaxYearKind,
    /// The year.
    #[schema(minimum = 2000, maximum = 2100, example = 2025)]
    year: u16,
}

impl From<Condition> for ConditionBody {
    fn from(condition: Condition) -> Self {
        match condition {
            Condition::Latest => Self::Latest(LatestCondition { kind: LatestKind }),
            Condition::OnDate { date } => Self::OnDate(OnDateCondition { kind: OnDateKind, date }),
            Condition::Range { from, to } => Self::Range(RangeCondition { kind: RangeKind, from, to }),
            Condition::TaxYear { year } => Self::TaxYear(TaxYearCondition { kind: TaxYearKind, year }),
        }
    }
}

/// What a body asks.
#[derive(Debug)]
pub struct Asked {
    /// For data.
    pub queries: Vec<Query>,
    /// For answers of yes or no.
    pub inquiries: Vec<Inquiry>,
}

/// Reads a body into what makes sense by itself; whether it is consented to is the gateway's question.
///
/// # Errors
/// `invalid_request` for a body of another form, `unknown_data_set`, `invalid_condition` or `invalid_value` with the
/// place of what is wrong.
pub fn read(bytes: &[u8], catalog: &Catalog, today: NaiveDate) -> Result<Asked, Refusal> {
    let body: SelfInformationRequest = body::read(bytes)?;
    let least = usize::from(body.predicates.is_empty());
    if !(least..=MOST_DATA_SETS).contains(&body.data_sets.len()) {
        let words = format!("Name 1 to {MOST_DATA_SETS} data sets, or predicates.");
        return Err(Refusal::new("invalid_value", words).at("/data_sets"));
    }
    let inquiries = read_predicates(&body.predicates, catalog, today)?;
    let mut queries: Vec<Query> = Vec::with_capacity(body.data_sets.len());
    for (n, asked) in body.data_sets.iter().enumerate() {
        let known = DataSetCode::parse(&asked.code).ok().and_then(|code| catalog.data_set(code));
        let set = known.ok_or_else(|| {
            let words = "There is no data set with this code; see GET /v1/data-sets.";
            Refusal::new("unknown_data_set", words).at(format!("/data_sets/{n}/code"))
        })?;
        if queries.iter().any(|q| q.code == set.code) {
            let words = format!("{} is named twice; name each data set once.", set.code);
            return Err(Refusal::new("invalid_value", words).at(format!("/data_sets/{n}/code")));
        }
        let place = format!("/data_sets/{n}/condition");
        let condition = asked.condition.read(&place)?;
        check(condition, set, today).map_err(|refusal| refusal.at(place))?;
        queries.push(Query { code: set.code, condition });
    }
    Ok(Asked { queries, inquiries })
}

fn read_predicates(asked: &[PredicateQuery], catalog: &Catalog, today: NaiveDate) -> Result<Vec<Inquiry>, Refusal> {
    if asked.len() > MOST_PREDICATES {
        let words = format!("Name at most {MOST_PREDICATES} predicates.");
        return Err(Refusal::new("invalid_value", words).at("/predicates"));
    }
    let mut inquiries: Vec<Inquiry> = Vec::with_capacity(asked.len());
    for (n, asked) in asked.iter().enumerate() {
        let wrong =
            |member: &str, words: String| Refusal::new("invalid_value", words).at(format!("/predicates/{n}/{member}"));
        let known = FactCode::parse(&asked.fact).ok().and_then(|code| catalog.fact(&code));
        let found = known.and_then(|fact| Some((fact, catalog.data_set(fact.data_set)?)));
        let (fact, set) = found.ok_or_else(|| {
            wrong("fact", "There is no such fact; see the facts of GET /v1/data-sets/{code}.".to_owned())
        })?;
        let operator = Operator::parse(&asked.operator);
        let operator = operator.ok_or_else(|| wrong("operator", "Must be ge, gt, le or lt.".to_owned()))?;
        let predicate = Predicate { fact: fact.code.clone(), operator, value: asked.value, year: asked.year };
        fact.check(&predicate).map_err(|(member, problem)| wrong(member, format!("The {member} {problem}.")))?;
        if inquiries.iter().any(|earlier| earlier.predicate.tells_the_same_as(&predicate)) {
            return Err(wrong("value", format!("Another predicate tells the same as {predicate}.")));
        }
        let begun = || wrong("year", "The year has not begun.".to_owned());
        let query = fact.query(set, predicate.year, today).ok_or_else(begun)?;
        inquiries.push(Inquiry { query, predicate });
    }
    Ok(inquiries)
}

impl RawCondition {
    fn read(&self, place: &str) -> Result<Condition, Refusal> {
        let (condition, used) = match self.kind.as_str() {
            "latest" => (Condition::Latest, 0),
            "on_date" => (Condition::OnDate { date: day(self.date.as_deref(), place, "date")? }, 1),
            "range" => {
                let from = day(self.from.as_deref(), place, "from")?;
                (Condition::Range { from, to: day(self.to.as_deref(), place, "to")? }, 2)
            }
            "tax_year" => {
                let missing = || wrong("Name the year.", place, "year");
                (Condition::TaxYear { year: self.year.ok_or_else(missing)? }, 1)
            }
            _ => return Err(wrong("Must be latest, on_date, range or tax_year.", place, "kind")),
        };
        let given = [self.date.is_some(), self.from.is_some(), self.to.is_some(), self.year.is_some()];
        if given.into_iter().filter(|is_given| *is_given).count() > used {
            let words = format!("A condition of kind {} has no other members.", self.kind);
            return Err(Refusal::new("invalid_condition", words).at(place));
        }
        Ok(condition)
    }
}

fn wrong(words: &str, place: &str, member: &str) -> Refusal {
    Refusal::new("invalid_condition", words).at(format!("{place}/{member}"))
}

/// A real day, written `YYYY-MM-DD`.
fn day(text: Option<&str>, place: &str, member: &str) -> Result<NaiveDate, Refusal> {
    let form = |t: &&str| t.len() == 10 && t.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let parsed = text.filter(form).and_then(|t| NaiveDate::parse_from_str(t, "%Y-%m-%d").ok());
    parsed.filter(|d| d.year() >= 1900).ok_or_else(|| wrong("Give a real day as YYYY-MM-DD, from 1900.", place, member))
}

fn check(condition: Condition, set: &DataSet, today: NaiveDate) -> Result<(), Refusal> {
    let refuse = |words: String| Err(Refusal::new("invalid_condition", words));
    if !set.answers(&condition) {
        let kinds: Vec<&str> = set.conditions.iter().map(|k| k.as_str()).collect();
        return refuse(format!("{} answers only: {}.", set.code, kinds.join(", ")));
    }
    match condition {
        Condition::OnDate { date } if date > today => refuse("The day is in the future.".into()),
        Condition::Range { from, to } if from > to => refuse("The range ends before it begins.".into()),
        Condition::Range { to, .. } if to > today => refuse("The range reaches into the future.".into()),
        Condition::TaxYear { year } if year < FIRST_YEAR || i32::from(year) > today.year() => {
            refuse(format!("The year must be {FIRST_YEAR} to {}.", today.year()))
        }
        _ => Ok(()),
    }
}
