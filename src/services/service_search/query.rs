//! The parameters of the search, read strictly: what is unknown, twice, or of another form is refused by name.

use super::super::body::{self, unknown};
use crate::catalog::fold::terms;
use crate::catalog::municipalities::{Municipalities, MunicipalityCode, Place, PostalCode, Wanted};
use crate::catalog::services::{Category, LifeEvent, Psid, Search, Spot, Standards};
use crate::domain::Refusal;
use chrono::NaiveDate;
use std::borrow::Cow;
use std::collections::BTreeSet;
use url::form_urlencoded;

/// Most characters of a keyword or a name.
const MOST_CHARS: usize = 100;
/// Most words of a keyword.
const MOST_TERMS: usize = 10;
/// Most municipalities of one search.
const MOST_MUNICIPALITIES: usize = 20;
/// Most and fewest municipalities that are compared.
const COMPARED: std::ops::RangeInclusive<usize> = 2..=10;
/// Offices that are told when nothing is said.
const NEAREST: u32 = 5;
/// Most years of somebody's age.
const MOST_YEARS: u16 = 130;
const MONTHS: u16 = 12;

/// Which municipalities are asked for.
#[derive(Debug)]
pub struct MunicipalitiesAsked {
    pub(super) wanted: Wanted,
    pub(super) near: Option<Place>,
    pub(super) standard: Option<String>,
    pub(super) after: Option<MunicipalityCode>,
    pub(super) limit: usize,
}

/// Which procedures are searched.
#[derive(Debug)]
pub struct Searching {
    pub(super) search: Search,
    pub(super) after: Option<Spot>,
    pub(super) limit: usize,
}

/// What is compared.
#[derive(Debug)]
pub struct Comparing {
    pub(super) standard: String,
    pub(super) municipalities: Vec<MunicipalityCode>,
}

/// Which count is asked for.
#[derive(Debug)]
pub struct CoverageAsked {
    pub(super) day: Option<NaiveDate>,
    pub(super) prefecture: Option<u8>,
}

/// What the parameters are held against.
#[derive(Clone, Copy)]
pub(super) struct Known<'k> {
    pub municipalities: &'k Municipalities,
    pub standards: &'k Standards,
}

type Pair<'q> = (Cow<'q, str>, Cow<'q, str>);

/// The parameters in order; each comes once, but for those in `many`.
fn pairs<'q>(query: &'q str, many: &str) -> Result<Vec<Pair<'q>>, Refusal> {
    let pairs: Vec<Pair<'_>> = form_urlencoded::parse(query.as_bytes()).collect();
    let mut seen = BTreeSet::new();
    for (name, _) in &pairs {
        if name != many && !seen.insert(name.as_ref()) {
            return Err(wrong(name, "It must be there once."));
        }
    }
    Ok(pairs)
}

fn wrong(name: &str, words: &str) -> Refusal {
    let name: String = name.chars().filter(char::is_ascii_graphic).take(64).collect();
    Refusal::new("invalid_value", words).at(name)
}

impl Known<'_> {
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub fn municipalities(self, query: &str) -> Result<MunicipalitiesAsked, Refusal> {
        let known = "prefecture, name, postal_code, latitude, longitude, procedure, after, limit";
        let mut asked =
            MunicipalitiesAsked { wanted: Wanted::default(), near: None, standard: None, after: None, limit: 0 };
        let (mut limit, mut latitude, mut longitude) = (None, None, None);
        for (name, value) in pairs(query, "")? {
            match &*name {
                "prefecture" => asked.wanted.prefecture = Some(self.prefecture(&value)?),
                "name" => asked.wanted.name = Some(words("name", &value)?.concat()),
                "postal_code" => asked.wanted.postal_code = Some(postal_code(&value)?),
                "latitude" => latitude = Some(degrees("latitude", &value)?),
                "longitude" => longitude = Some(degrees("longitude", &value)?),
                "procedure" => asked.standard = Some(self.standard(&value)?),
                "after" => asked.after = Some(self.municipality("after", &value)?),
                "limit" => limit = Some(body::limit(&value)?),
                other => return Err(unknown(other, known)),
            }
        }
        asked.near = match (latitude, longitude) {
            (None, None) => None,
            (Some(latitude), Some(longitude)) => Some(Place::new(latitude, longitude).ok_or_else(|| {
                wrong("latitude", "The place must be in Japan: latitude 20 to 46, longitude 122 to 154.")
            })?),
            (None, Some(_)) => return Err(wrong("latitude", "It belongs to longitude.")),
            (Some(_), None) => return Err(wrong("longitude", "It belongs to latitude.")),
        };
        if asked.near.is_some() && asked.after.is_some() {
            return Err(wrong("after", "What is nearest has no next page; raise limit."));
        }
        let usual = if asked.near.is_some() { NEAREST } else { body::LISTED };
        asked.limit = limit.unwrap_or(usual) as usize;
        Ok(asked)
    }

    /// # Errors
    /// `invalid_value` naming the parameter.
    pub fn searching(self, query: &str) -> Result<Searching, Refusal> {
        let known =
            "municipality, keyword, category, life_event, e_application, age, age_months, procedure, after, limit";
        let (mut search, mut after, mut limit) = (Search::default(), None, body::LISTED);
        for (name, value) in pairs(query, "municipality")? {
            match &*name {
                "municipality" => {
                    search.municipalities.insert(self.municipality("municipality", &value)?);
                }
                "keyword" => search.terms = words("keyword", &value)?,
                "category" => search.category = Some(one_of("category", &value, Category::parse)?),
                "life_event" => search.life_event = Some(one_of("life_event", &value, LifeEvent::parse)?),
                "e_application" => search.is_e_applicable = Some(flag("e_application", &value)?),
                "age" | "age_months" if search.age_months.is_some() => {
                    return Err(wrong(&name, "Say age or age_months, not both."));
                }
                "age" => search.age_months = Some(months("age", &value, MONTHS)?),
                "age_months" => search.age_months = Some(months("age_months", &value, 1)?),
                "procedure" => search.standard = Some(self.standard(&value)?),
                "after" => after = Some(spot(&value)?),
                "limit" => limit = body::limit(&value)?,
                other => return Err(unknown(other, known)),
            }
        }
        if search.municipalities.len() > MOST_MUNICIPALITIES {
            return Err(wrong("municipality", &format!("There may be {MOST_MUNICIPALITIES} at most.")));
        }
        Ok(Searching { search, after, limit: limit as usize })
    }

    /// # Errors
    /// `invalid_value` naming the parameter.
    pub fn comparing(self, query: &str) -> Result<Comparing, Refusal> {
        let (mut standard, mut municipalities) = (None, Vec::new());
        for (name, value) in pairs(query, "municipality")? {
            match &*name {
                "procedure" => standard = Some(self.standard(&value)?),
                "municipality" => municipalities.push(self.municipality("municipality", &value)?),
                other => return Err(unknown(other, "procedure, municipality")),
            }
        }
        let standard = standard.ok_or_else(|| wrong("procedure", "It must be there: which procedure is compared."))?;
        let different: BTreeSet<_> = municipalities.iter().collect();
        if !COMPARED.contains(&municipalities.len()) || different.len() != municipalities.len() {
            let words = format!("There must be {} to {}, each once.", COMPARED.start(), COMPARED.end());
            return Err(wrong("municipality", &words));
        }
        Ok(Comparing { standard, municipalities })
    }

    /// # Errors
    /// `invalid_value` naming the parameter.
    pub fn coverage(self, query: &str) -> Result<CoverageAsked, Refusal> {
        let mut asked = CoverageAsked { day: None, prefecture: None };
        for (name, value) in pairs(query, "")? {
            match &*name {
                "on" => {
                    let day = NaiveDate::parse_from_str(&value, "%Y-%m-%d").ok().filter(|_| value.len() == 10);
                    asked.day = Some(day.ok_or_else(|| wrong("on", "It must be a date, YYYY-MM-DD."))?);
                }
                "prefecture" => asked.prefecture = Some(self.prefecture(&value)?),
                other => return Err(unknown(other, "on, prefecture")),
            }
        }
        Ok(asked)
    }

    /// The code of a body that there is.
    pub fn municipality(self, name: &str, text: &str) -> Result<MunicipalityCode, Refusal> {
        let code = MunicipalityCode::parse(text).map_err(|error| wrong(name, &format!("It {error}.")))?;
        let is_there = self.municipalities.has(code);
        is_there.then_some(code).ok_or_else(|| {
            wrong(name, "There is no municipality or prefecture with this code; see GET /v1/municipalities.")
        })
    }

    fn prefecture(self, text: &str) -> Result<u8, Refusal> {
        let found = self.municipalities.prefecture_named(text).map(|one| one.code.prefecture());
        found.ok_or_else(|| wrong("prefecture", "It must be 01 to 47, or a prefecture's name."))
    }

    fn standard(self, text: &str) -> Result<String, Refusal> {
        let is_there = self.standards.get(text).is_some();
        is_there.then(|| text.to_owned()).ok_or_else(|| {
            wrong(
                "procedure",
                "There is no standard procedure with this code; see GET /v1/service-procedures/standards.",
            )
        })
    }
}

fn words(name: &str, text: &str) -> Result<Vec<String>, Refusal> {
    let terms = terms(text);
    let is_right = text.chars().count() <= MOST_CHARS && (1..=MOST_TERMS).contains(&terms.len());
    let most = format!("It must be 1 to {MOST_TERMS} words in {MOST_CHARS} characters at most.");
    is_right.then_some(terms).ok_or_else(|| wrong(name, &most))
}

fn postal_code(text: &str) -> Result<PostalCode, Refusal> {
    PostalCode::parse(text).ok_or_else(|| wrong("postal_code", "It must be seven digits, as 1540017 or 154-0017."))
}

fn degrees(name: &str, text: &str) -> Result<f64, Refusal> {
    let is_plain = text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    let read = text.parse().ok().filter(|degrees: &f64| is_plain && degrees.is_finite());
    read.ok_or_else(|| wrong(name, "It must be degrees with a decimal point."))
}

fn one_of<T>(name: &str, text: &str, parse: fn(&str) -> Option<T>) -> Result<T, Refusal> {
    parse(text).ok_or_else(|| wrong(name, "It must be a code of GET /v1/service-procedures/standards."))
}

fn flag(name: &str, text: &str) -> Result<bool, Refusal> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(wrong(name, "It must be true or false.")),
    }
}

fn months(name: &str, text: &str, unit: u16) -> Result<u16, Refusal> {
    let most = MOST_YEARS * MONTHS / unit;
    let read = text.parse::<u16>().ok().filter(|number| *number <= most && !text.starts_with('+'));
    read.map(|number| number * unit).ok_or_else(|| wrong(name, &format!("It must be a whole number, 0 to {most}.")))
}

/// The last row of the page before, `152048.psid`.
fn spot(text: &str) -> Result<Spot, Refusal> {
    let read = |(code, psid): (&str, &str)| Some((MunicipalityCode::parse(code).ok()?, Psid::parse(psid)?));
    let spot = text.split_once('.').and_then(read);
    spot.ok_or_else(|| wrong("after", "It must be the `next` of an earlier page."))
}
