//! How many municipalities take applications online (子育てワンストップ), as was counted on a day.

use super::Prefecture;
use super::table::Row;
use chrono::NaiveDate;

/// One day's count, of every prefecture.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// The day.
    pub counted_on: NaiveDate,
    /// Each prefecture, by number.
    pub prefectures: Vec<PrefectureCount>,
}

/// One prefecture's count.
#[derive(Clone, Debug, PartialEq)]
pub struct PrefectureCount {
    /// Its number, 1 to 47.
    pub prefecture: u8,
    /// Municipalities with at least one procedure that can be applied for online.
    pub with_e_application: u32,
    /// All its municipalities.
    pub municipalities: u32,
    /// The share of its people who live in those, in percent, as it was published.
    pub population_percent: f64,
}

/// Puts a row where it belongs; the days come in order.
pub(super) fn add(counts: &mut Vec<Counted>, row: &Row<'_>, prefectures: &[Prefecture]) -> Result<(), String> {
    let day = row.read("counted_on", |text| text.parse::<NaiveDate>().ok())?;
    let number: u8 = row.read("prefecture", |text| text.parse().ok())?;
    if !prefectures.iter().any(|one| one.code.prefecture() == number) {
        return Err(format!("line {}: there is no prefecture {number}", row.line()));
    }
    let with: u32 = row.read("municipalities_with_e_application", |text| text.parse().ok())?;
    let all = row.read("municipalities", |text| text.parse().ok().filter(|all| with <= *all && *all > 0))?;
    let is_percent = |percent: &f64| (0.0..=100.0).contains(percent);
    let people = row.read("population_percent", |text| text.parse().ok().filter(is_percent))?;
    let count = PrefectureCount {
        prefecture: number,
        with_e_application: with,
        municipalities: all,
        population_percent: people,
    };
    match counts.last_mut() {
        Some(last) if last.counted_on == day => last.prefectures.push(count),
        Some(last) if last.counted_on > day => return Err(format!("line {}: the days must be in order", row.line())),
        _ => counts.push(Counted { counted_on: day, prefectures: vec![count] }),
    }
    Ok(())
}
