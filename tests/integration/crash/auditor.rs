//! The auditor's commands on what a counter left behind.

use super::counter::Counter;
use crate::support::child::{assert_clean, said};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_auditor_exports_checks_witnesses_and_rotates() {
    let mut counter = Counter::start().await;
    while !counter.audit(&["prove", "0"]).0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    counter.kill();
    let files = tempfile::tempdir().unwrap();
    let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let done = |arguments: &[&str]| {
        let (is_done, said) = counter.audit(arguments);
        assert!(is_done, "{arguments:?}: {said}");
        said
    };
    let key = done(&["keys"]).trim().to_owned();
    // A receipt is checked with the key alone; one that was changed is told as such.
    let receipt = done(&["prove", "0"]);
    let check = |text: &str| {
        std::fs::write(path("receipt.json"), text).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_madoguchi"));
        command.args(["audit", "verify", "--receipt", &path("receipt.json"), "--key", &key]);
        let ended = command.output().unwrap();
        (ended.status.success(), said(&ended))
    };
    let (is_good, said) = check(&receipt);
    assert!(is_good && said.contains("is leaf 0 of the log"), "{said}");
    let (is_good, said) = check(&receipt.replace("\"version\": 1", "\"version\": 2"));
    assert!(!is_good && said.contains("tampered receipt") && said.contains("not the one that was logged"), "{said}");
    let (is_good, said) = check(&receipt[..receipt.len() / 2]);
    assert!(!is_good && said.contains("cut or changed"), "{said}");
    // The export is the log as it is served, with one line for each leaf.
    let said = done(&["export", &path("log")]);
    let leaves = std::fs::read_to_string(path("log/leaves.jsonl")).unwrap().lines().count();
    assert!(leaves > 0 && said.contains(&format!("{leaves} leaves")), "{said}");
    assert_eq!(std::fs::read_to_string(path("log/keys")).unwrap().trim(), key);
    assert!(std::fs::read_to_string(path("log/checkpoint")).unwrap().contains(&format!("\n{leaves}\n")));
    // A second key signs what it has seen, once made, and is looked for by name.
    let witness = done(&["witness", "--key", &path("witness.key"), "--make", "witness.example"]).trim().to_owned();
    assert!(!counter.audit(&["witness", "--key", &path("witness.key"), "--make", "witness.example"]).0);
    done(&["witness", "--key", &path("witness.key")]);
    let said = done(&["verify", "--full", "--witness", &witness, "--checkpoint", &path("log/checkpoint")]);
    assert!(said.contains("the log is whole") && said.contains(&format!("up to {leaves} leaves")), "{said}");
    // A new key signs from now on; what the former one signed stays good.
    let said = done(&["rotate"]);
    let keys = done(&["keys"]);
    assert!(said.contains(keys.lines().next().unwrap()) && keys.lines().nth(1) == Some(&key), "{keys}");
    done(&["verify", "--full"]);
    assert!(check(&receipt).0);
    // What was exported is as free of persons as what was said.
    assert_clean(files.path());
}
