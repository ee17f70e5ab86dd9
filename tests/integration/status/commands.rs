//! `madoguchi status` and `madoguchi clients usage`, as typed.

use crate::cli::{configured, run};
use std::process::Output;

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complaint(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn an_operator_opens_updates_and_resolves_and_cannot_touch_what_is_over() {
    let directory = tempfile::tempdir().unwrap();
    let config = configured(directory.path(), |text| text);
    let told = ["--text-ja", "調査しています", "--text-en", "We look into it", "--by", "duty", "--config", &config];
    let typed = |more: &[&str]| {
        let all: Vec<&str> = ["status"].iter().chain(more).chain(&told).copied().collect();
        run(directory.path(), &all)
    };
    let new = ["--component", "counter", "--title-ja", "障害", "--title-en", "Trouble"];
    let opened = said(&typed(&[&["incident", "open"], &new[..], &["--impact", "outage"]].concat()));
    let id = opened.split(' ').next().unwrap().to_owned();
    assert_eq!(opened.trim(), format!("{id} is investigating"));
    assert!(said(&typed(&["incident", "update", &id, "--state", "identified"])).contains("is identified"));
    assert!(complaint(&typed(&["maintenance", "begin", &id])).contains("of this kind"));
    assert!(said(&typed(&["incident", "resolve", &id])).contains("is resolved"));
    assert!(complaint(&typed(&["incident", "resolve", &id])).contains("does not change"));
    let listed = said(&run(directory.path(), &["status", "incident", "list", "--config", &config]));
    assert_eq!(listed.lines().count(), 4, "{listed}");
    assert!(
        complaint(&typed(&[&["incident", "open"], &["--component", "somewhere"], &new[2..]].concat()))
            .contains("agency:NAME")
    );
    let times = ["--from", "2027-01-15T22:00:00+09:00", "--to", "2027-01-15T21:00:00+09:00"];
    let planned = typed(&[&["maintenance", "plan"], &new[..], &times[..]].concat());
    assert!(complaint(&planned).contains("end after it begins"), "{planned:?}");
}

#[test]
fn who_calls_what_is_told_of_an_installation_and_a_wrong_span_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let config = configured(directory.path(), |text| text);
    assert_eq!(said(&run(directory.path(), &["clients", "usage", "--config", &config])), "");
    assert_eq!(
        said(&run(directory.path(), &["clients", "usage", "--deprecated", "--days", "1", "--config", &config])),
        ""
    );
    assert!(
        complaint(&run(directory.path(), &["clients", "usage", "--days", "401", "--config", &config])).contains("401")
    );
}
