//! The municipalities (市区町村) and prefectures: by code, name, postal code, place, and how many take applications online.
//!
//! What for: whoever searches for a procedure begins with a place. The tables lie under `policies/services/`, and the
//! operator replaces them when codes or names change.
//!
//! How it flows: [`Municipalities::load`] reads `municipalities.tsv`, `postal_codes.tsv` and `coverage.tsv` and tells all
//! faults at once; the rest looks things up in memory.
//!
//! How to add one more: a line in the table. Another table: a file beside `postal.rs` with a reader of [`table`].
//!
//! What it must never do: say that a place is in a municipality because its office is near. It is a suggestion, and the
//! distance is told.

mod code;
mod coverage;
mod place;
mod postal;
mod read;
mod table;

pub use code::{InvalidMunicipalityCode, MunicipalityCode};
pub use coverage::{Counted, PrefectureCount};
pub use place::Place;
pub use postal::PostalCode;

use super::CatalogFault;
use super::fold::fold;
use chrono::NaiveDate;
use postal::PostalRun;
use std::path::Path;

/// A prefecture (都道府県), itself a body with a code and procedures of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefecture {
    /// Its code.
    pub code: MunicipalityCode,
    /// Its name.
    pub name: String,
    /// The reading in katakana.
    pub name_kana: String,
}

/// A municipality (市区町村).
#[derive(Clone, Debug, PartialEq)]
pub struct Municipality {
    /// Its code.
    pub code: MunicipalityCode,
    /// Its name.
    pub name: String,
    /// The reading in katakana.
    pub name_kana: String,
    /// Where its office stands, to about a kilometre.
    pub office: Option<Place>,
    /// The names as they are searched.
    folded: String,
}

/// Which municipalities are wanted: all that every member given fits.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// In this prefecture, `01` to `47`.
    pub prefecture: Option<u8>,
    /// With this in the name, the reading, or the prefecture's name before the name; folded.
    pub name: Option<String>,
    /// Where this postal code is delivered to.
    pub postal_code: Option<PostalCode>,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Municipalities {
    prefectures: Vec<Prefecture>,
    all: Vec<Municipality>,
    postal: Vec<PostalRun>,
    coverage: Vec<Counted>,
}

impl Municipalities {
    /// Reads the tables of a directory.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn load(dir: &Path) -> Result<Self, Vec<CatalogFault>> {
        read::load(dir)
    }

    /// The municipality with this code.
    #[must_use]
    pub fn get(&self, code: MunicipalityCode) -> Option<&Municipality> {
        let at = self.all.binary_search_by_key(&code, |one| one.code).ok()?;
        self.all.get(at)
    }

    /// The prefecture that a code is of, or is in.
    #[must_use]
    pub fn prefecture(&self, number: u8) -> Option<&Prefecture> {
        self.prefectures.iter().find(|one| one.code.prefecture() == number)
    }

    /// The prefecture of this number (`13`) or name (`東京都`).
    #[must_use]
    pub fn prefecture_named(&self, text: &str) -> Option<&Prefecture> {
        let number = text.parse::<u8>().ok().filter(|_| text.len() == 2);
        self.prefectures.iter().find(|one| number.map_or(one.name == text, |n| one.code.prefecture() == n))
    }

    /// Whether a body has this code: a municipality or a prefecture.
    #[must_use]
    pub fn has(&self, code: MunicipalityCode) -> bool {
        self.get(code).is_some() || self.prefectures.iter().any(|one| one.code == code)
    }

    /// What a body is called: `新潟県三条市`, or a prefecture's name alone.
    #[must_use]
    pub fn name_of(&self, code: MunicipalityCode) -> Option<String> {
        let prefecture = self.prefecture(code.prefecture())?;
        match self.get(code) {
            Some(one) => Some(format!("{}{}", prefecture.name, one.name)),
            None => Some(prefecture.name.clone()).filter(|_| prefecture.code == code),
        }
    }

    /// All prefectures, by code.
    pub fn prefectures(&self) -> impl Iterator<Item = &Prefecture> {
        self.prefectures.iter()
    }

    /// All municipalities, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Municipality> {
        self.all.iter()
    }

    /// Those that are wanted, by code, after `after`.
    pub fn wanted<'a, 'w>(
        &'a self,
        wanted: &'w Wanted,
        after: Option<MunicipalityCode>,
    ) -> impl Iterator<Item = &'a Municipality> + use<'a, 'w> {
        let posted = wanted.postal_code.map(|code| self.of_postal_code(code));
        let from = after.map_or(0, |after| self.all.partition_point(|one| one.code <= after));
        self.all.iter().skip(from).filter(move |one| {
            wanted.prefecture.is_none_or(|number| one.code.prefecture() == number)
                && wanted.name.as_deref().is_none_or(|name| one.folded.contains(name))
                && posted.is_none_or(|posted| posted.contains(&one.code))
        })
    }

    /// Where a postal code is delivered to: none, one, or the few that share it.
    #[must_use]
    pub fn of_postal_code(&self, code: PostalCode) -> &[MunicipalityCode] {
        postal::find(&self.postal, code)
    }

    /// The municipalities whose offices are nearest, nearest first, with the distance in kilometres.
    #[must_use]
    pub fn nearest(&self, place: Place, most: usize) -> Vec<(&Municipality, f64)> {
        let mut all: Vec<(&Municipality, f64)> =
            self.all.iter().filter_map(|one| Some((one, one.office?.kilometres_to(place)))).collect();
        all.sort_by(|one, other| one.1.total_cmp(&other.1).then(one.0.code.cmp(&other.0.code)));
        all.truncate(most);
        all
    }

    /// How many municipalities take applications for child-rearing procedures online, by prefecture: the last count on or
    /// before `day`, or the last of all.
    #[must_use]
    pub fn coverage(&self, day: Option<NaiveDate>) -> Option<&Counted> {
        self.coverage.iter().rev().find(|count| day.is_none_or(|day| count.counted_on <= day))
    }

    /// Every count, oldest first.
    pub fn counts(&self) -> impl Iterator<Item = &Counted> {
        self.coverage.iter()
    }
}

impl Municipality {
    fn new(
        (code, name, name_kana): (MunicipalityCode, &str, &str),
        prefecture: &Prefecture,
        office: Option<Place>,
    ) -> Self {
        // A break that no query can hold keeps one name from running into the next.
        let folded = [
            fold(&format!("{}{name}", prefecture.name)),
            fold(name_kana),
            fold(&format!("{}{name_kana}", prefecture.name_kana)),
        ];
        Self { code, name: name.to_owned(), name_kana: name_kana.to_owned(), office, folded: folded.join("\n") }
    }
}

#[cfg(test)]
mod tests;
