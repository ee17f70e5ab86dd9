//! The form in the pension agency's CSV: which item stands in which column.

use super::super::definition::{Constant, CsvForm, Field, Sum};
use super::item;
use crate::catalog::reader::Reader;

/// More columns than any form has.
const MOST_COLUMNS: u32 = 200;

/// `[csv]`, with every column's place held against the others.
pub(super) fn read(file: &Reader<'_>, office: &[Field], fields: &[Field]) -> Option<CsvForm> {
    let Some(csv) = file.optional_section("csv") else {
        if let Some(field) = fields.iter().find(|field| !field.columns.is_empty()) {
            file.fault("field", format!("{} has a column, and the procedure no [csv]", field.name));
        }
        return None;
    };
    let columns = csv.count("columns", MOST_COLUMNS)? as usize;
    let mut taken = Taken { columns, by: vec![None; columns] };
    taken.take(&csv, "columns", 1, "the procedure's code");
    let form = CsvForm {
        columns,
        office: read_office(&csv, office, &mut taken),
        constants: read_constants(&csv, &mut taken),
        sums: read_sums(&csv, fields, &mut taken),
    };
    csv.finish();
    for field in fields {
        for (n, column) in field.all_columns().enumerate() {
            // A field names its first column only.
            let name = if n == 0 { field.name.clone() } else { format!("{} (its column {})", field.name, n + 1) };
            taken.take(file, "field", column, &name);
        }
    }
    Some(form)
}

struct Taken {
    columns: usize,
    by: Vec<Option<String>>,
}

impl Taken {
    fn take(&mut self, at: &Reader<'_>, key: &str, column: usize, name: &str) {
        match self.by.get_mut(column.wrapping_sub(1)) {
            None => at.fault(key, format!("{name} is in column {column}, and the form has {}", self.columns)),
            Some(Some(other)) => at.fault(key, format!("{name} is in column {column}, as {other} is")),
            Some(free) => *free = Some(name.to_owned()),
        }
    }
}

fn read_office(csv: &Reader<'_>, office: &[Field], taken: &mut Taken) -> Vec<(String, usize)> {
    let mut read = Vec::new();
    for entry in csv.sections("office") {
        let name = entry.parsed("field", |name| {
            let is_there = office.iter().any(|field| field.name == name);
            if is_there { Ok(name.to_owned()) } else { Err(format!("{name:?} is no item of the office")) }
        });
        let column = entry.count("column", MOST_COLUMNS);
        entry.finish();
        let (Some(name), Some(column)) = (name, column) else { continue };
        taken.take(csv, "office", column as usize, &name);
        read.push((name, column as usize));
    }
    read
}

fn read_constants(csv: &Reader<'_>, taken: &mut Taken) -> Vec<Constant> {
    let mut read = Vec::new();
    for entry in csv.sections("constant") {
        let (column, value) = (entry.count("column", MOST_COLUMNS), entry.text("value"));
        entry.finish();
        let (Some(column), Some(value)) = (column, value) else { continue };
        taken.take(csv, "constant", column as usize, &format!("the constant {value}"));
        read.push(Constant { column: column as usize, value: value.to_owned() });
    }
    read
}

fn read_sums(csv: &Reader<'_>, fields: &[Field], taken: &mut Taken) -> Vec<Sum> {
    let mut read = Vec::new();
    for entry in csv.sections("sum") {
        let column = entry.count("column", MOST_COLUMNS);
        let (one, other) = (item(&entry, "of", fields, "yen"), item(&entry, "and", fields, "yen"));
        let in_thousands = entry.flag("in_thousands", false);
        entry.finish();
        let (Some(column), Some(one), Some(other)) = (column, one, other) else { continue };
        taken.take(csv, "sum", column as usize, "a sum");
        read.push(Sum { column: column as usize, of: vec![one, other], in_thousands });
    }
    read
}
