//! Reads the tables.

use super::postal::PostalRun;
use super::table::{Row, each_row};
use super::{Municipalities, Municipality, MunicipalityCode, Place, PostalCode, Prefecture, coverage};
use crate::catalog::CatalogFault;
use std::path::Path;

const MUNICIPALITIES: &str = "municipalities.tsv";
const POSTAL_CODES: &str = "postal_codes.tsv";
const COVERAGE: &str = "coverage.tsv";

pub(super) fn load(dir: &Path) -> Result<Municipalities, Vec<CatalogFault>> {
    let mut faults = Vec::new();
    let mut read = Municipalities::default();
    let mut table = |file: &str, take: &mut dyn FnMut(&Row<'_>) -> Result<(), String>| {
        let found = match std::fs::read_to_string(dir.join(file)) {
            Ok(text) => each_row(&text, take),
            Err(error) => vec![format!("cannot be read: {error}")],
        };
        let fault = |problem| CatalogFault { file: file.to_owned(), key: String::new(), problem };
        faults.extend(found.into_iter().map(fault));
    };
    table(MUNICIPALITIES, &mut |row| add_body(&mut read, row));
    table(POSTAL_CODES, &mut |row| add_run(&mut read, row));
    let Municipalities { coverage, prefectures, .. } = &mut read;
    table(COVERAGE, &mut |row| coverage::add(coverage, row, prefectures));
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}

fn code(text: &str) -> Option<MunicipalityCode> {
    MunicipalityCode::parse(text).ok()
}

fn add_body(read: &mut Municipalities, row: &Row<'_>) -> Result<(), String> {
    let own = row.read("code", code)?;
    let is_later = read.all.last().is_none_or(|last| last.code < own)
        && read.prefectures.last().is_none_or(|last| last.code < own);
    if !is_later {
        return Err(format!("line {}: the codes must be in order, each once", row.line()));
    }
    if own.is_prefecture() {
        let text = |name| row.read(name, |text| Some(text.to_owned()).filter(|text| !text.is_empty()));
        read.prefectures.push(Prefecture { code: own, name: text("prefecture")?, name_kana: text("prefecture_kana")? });
        return Ok(());
    }
    let prefecture = read.prefectures.iter().find(|one| one.code.prefecture() == own.prefecture());
    let prefecture = prefecture.ok_or_else(|| format!("line {}: comes before its prefecture", row.line()))?;
    let text = |name| row.read(name, |text| Some(text).filter(|text| !text.is_empty()));
    let number = |name| row.read(name, |text| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) });
    let office = match (number("latitude")?, number("longitude")?) {
        (None, None) => None,
        (Some(latitude), Some(longitude)) => {
            Some(Place::new(latitude, longitude).ok_or_else(|| format!("line {}: stands far from Japan", row.line()))?)
        }
        _ => return Err(format!("line {}: needs both latitude and longitude, or neither", row.line())),
    };
    read.all.push(Municipality::new((own, text("name")?, text("name_kana")?), prefecture, office));
    Ok(())
}

fn add_run(read: &mut Municipalities, row: &Row<'_>) -> Result<(), String> {
    let (first, last) = (row.read("first", PostalCode::parse)?, row.read("last", PostalCode::parse)?);
    let codes = |text: &str| text.split(',').map(code).collect::<Option<Vec<_>>>();
    let municipalities = row.read("municipalities", codes)?;
    if first > last || read.postal.last().is_some_and(|before| before.last >= first) {
        return Err(format!("line {}: the runs must be in order, and none within another", row.line()));
    }
    if let Some(unknown) = municipalities.iter().find(|code| read.get(**code).is_none()) {
        return Err(format!("line {}: there is no municipality {unknown}", row.line()));
    }
    read.postal.push(PostalRun { first, last, municipalities });
    Ok(())
}
