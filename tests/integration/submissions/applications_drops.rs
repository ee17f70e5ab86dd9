//! Applications as files in a folder: each once, whole, counted as given out; nobody else's.

use super::applications::{RECEIVED, apply, nursery, parties_of};
use crate::support::app::spawn_dropping_app;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// The archives in a folder, by name.
fn archives(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeMap::new() };
    let files =
        entries.map(|entry| entry.unwrap()).filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
    files.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())).collect()
}

async fn awaited(folder: &Path, count: usize) -> BTreeMap<String, Vec<u8>> {
    let mut found = archives(folder);
    for _ in 0..300 {
        if found.len() >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        found = archives(folder);
    }
    assert!(found.len() >= count, "{count} did not come: {:?}", found.keys());
    found
}

fn inside(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let files = madoguchi::domain::archive::read(archive).unwrap();
    files.into_iter().map(|file| (file.path, file.bytes)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_municipality_on_a_closed_network_gets_each_application_and_each_change_as_an_archive() {
    let all = parties_of(spawn_dropping_app().await).await;
    let folder = all.app.file_drop();
    let mut body = nursery();
    let first = apply(&all.family, "one", &body).await.body;
    body["municipality"] = json!("999024");
    body["form"] = json!("nursery-application-1");
    body["answers"]["entries"][0].as_object_mut().unwrap().remove("commute_minutes");
    let elsewhere = apply(&all.family, "two", &body).await;
    assert_eq!(elsewhere.status, 201, "{}", elsewhere.body);
    let (id, arrival) = (&first["application"]["id"], first["application"]["arrival_number"].as_str().unwrap());
    let found = awaited(&folder, 1).await;
    let (name, archive) = found.first_key_value().unwrap();
    assert_eq!((found.len(), name), (1, &format!("0000000001-{arrival}.zip")), "the city's alone");
    let files = inside(archive);
    let names: Vec<_> = files.keys().map(|name| name.replace(arrival, "N")).collect();
    assert_eq!(names, ["N.csv", "N.json", "N.xlsx", "N.xml", "SHA256SUMS"]);
    let told: serde_json::Value = serde_json::from_slice(&files[&format!("{arrival}.json")]).unwrap();
    assert_eq!((&told["application"]["id"], &told["answers"]), (id, &nursery()["answers"]));
    for line in String::from_utf8(files["SHA256SUMS"].clone()).unwrap().lines() {
        let (digest, name) = line.split_once("  ").unwrap();
        assert_eq!(digest, madoguchi::domain::Digest::of_bytes(&files[name]).hex(), "{name}");
    }
    // Whoever applied sees that it was given out; a change comes as a file of its own.
    let path = format!("/v1/applications/{}", id.as_str().unwrap());
    let seen = all.family.get(&path).await.body;
    assert!(seen["application"]["read_at"].is_string() || seen["read_at"].is_string(), "{seen}");
    assert_eq!(all.family.post(&format!("{path}/withdraw"), None).await.status, 200);
    let found = awaited(&folder, 2).await;
    let (name, archive) = found.last_key_value().unwrap();
    let told: serde_json::Value = serde_json::from_slice(&inside(archive)[&format!("{arrival}.json")]).unwrap();
    assert_eq!((&told["application"]["state"], name), (&json!("withdrawn"), &format!("0000000002-{arrival}.zip")));
    assert_eq!(std::fs::read_to_string(folder.join(".madoguchi-place")).unwrap(), "2\n");
    assert_eq!(all.city.get(RECEIVED).await.body["items"].as_array().unwrap().len(), 1, "the calls work as before");
}
