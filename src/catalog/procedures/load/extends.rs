//! `extends = "code"`: a procedure's file that says only what differs from another's.
//!
//! What the other's file says stands, but for what this one says itself; its `[[field]]` and `[[rule]]` come behind the other's.

use super::{Faults, note};
use std::collections::BTreeMap;
use toml::{Table, Value};

const KEY: &str = "extends";
/// What is added to, not replaced.
const ADDED: [&str; 2] = ["field", "rule"];

/// Every file whole. One that extends what is not there, or what extends another itself, is left out and told.
pub(super) fn all(files: &BTreeMap<String, Table>, faults: &Faults) -> BTreeMap<String, Table> {
    let of_code = |code: &str| files.values().find(|table| table.get("code").and_then(Value::as_str) == Some(code));
    let whole = |(file, table): (&String, &Table)| {
        let Some(base) = table.get(KEY) else { return Some((file.clone(), table.clone())) };
        match base.as_str().and_then(of_code) {
            Some(base) if !base.contains_key(KEY) => Some((file.clone(), extended(base, table))),
            _ => {
                note(faults, file, "extends: must be the code of a procedure here that extends none itself");
                None
            }
        }
    };
    files.iter().filter_map(whole).collect()
}

fn extended(base: &Table, own: &Table) -> Table {
    let mut whole = base.clone();
    for (key, value) in own.iter().filter(|(key, _)| *key != KEY) {
        match (whole.get_mut(key), value) {
            (Some(Value::Array(all)), Value::Array(more)) if ADDED.contains(&key.as_str()) => {
                all.extend(more.iter().cloned());
            }
            _ => drop(whole.insert(key.clone(), value.clone())),
        }
    }
    whole
}
