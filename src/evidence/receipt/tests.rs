//! A receipt shows what it shows, and every change to it is told.

use super::*;
use crate::domain::{Secret, Timestamp};
use crate::evidence::note::{KeyKind, Signer};
use serde_json::json;

const ORIGIN: &str = "madoguchi.example/evidence";

fn signer(seed: u8) -> Signer {
    Signer::new(ORIGIN, KeyKind::Log, &Secret::new([seed; 32])).unwrap()
}

/// The third of five leaves.
fn receipt() -> (Receipt, Vec<Verifier>) {
    let record =
        json!({"receipt": "r_3", "kind": "disclosure", "data_sets": [{"items": 2, "code": "TM00000000000002"}]});
    let salt = [7; 32];
    let own = leaf_of(commitment(&salt, &canonical(&record)));
    let leaves = [[1; 32], [2; 32], own, [4; 32], [5; 32]];
    let head = Checkpoint { origin: ORIGIN.to_owned(), size: 5, root: tree::root_of_row(&leaves) };
    let ranges = tree::inclusion_ranges(2, 5).unwrap();
    let hash = |range: &std::ops::Range<u64>| {
        tree::root_of_row(&leaves[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()])
    };
    let log = signer(1);
    let receipt = Receipt {
        receipt: "r_3".to_owned(),
        record,
        salt: spell(&salt),
        leaf_index: 2,
        inclusion_proof: ranges.iter().map(|range| spell(&hash(range))).collect(),
        checkpoint: head.sign(&log, Timestamp::from_seconds(1)),
        consistency: None,
    };
    (receipt, vec![log.verifier().clone()])
}

#[test]
fn a_receipt_that_was_kept_verifies_with_the_public_key_alone() {
    let (receipt, keys) = receipt();
    let kept = serde_json::to_string_pretty(&receipt).unwrap();
    assert_eq!(Receipt::parse(&kept).unwrap().verify(&keys).unwrap().size, 5);
    let rotated = [signer(2).verifier().clone(), keys[0].clone()];
    assert!(receipt.verify(&rotated).is_ok(), "a former key's signature stays good");
}

#[test]
fn every_change_to_a_receipt_is_told() {
    let (good, keys) = receipt();
    let spelled = |receipt: Receipt| receipt.verify(&keys).unwrap_err().to_string();
    let mut changed = good.clone();
    changed.record["data_sets"][0]["items"] = 1.into();
    assert!(spelled(changed).contains("not the one that was logged as leaf 2"));
    let changed = Receipt { salt: spell(&[8; 32]), ..good.clone() };
    assert!(spelled(changed).contains("leads to another root"));
    let changed = Receipt { leaf_index: 3, ..good.clone() };
    assert!(spelled(changed).contains("leaf 3"));
    let changed = Receipt { leaf_index: 9, ..good.clone() };
    assert!(spelled(changed).contains("another tree"));
    let changed = Receipt { inclusion_proof: good.inclusion_proof[1..].to_vec(), ..good.clone() };
    assert!(spelled(changed).contains("another length"));
    let changed = Receipt { checkpoint: good.checkpoint.replacen("\n5\n", "\n6\n", 1), ..good.clone() };
    assert!(spelled(changed).contains("does not verify"));
    let changed = Receipt { receipt: "r_4".to_owned(), ..good.clone() };
    assert_eq!(changed.verify(&keys), Err(ReceiptError::Other));
    let changed = Receipt { salt: "x".to_owned(), ..good.clone() };
    assert_eq!(changed.verify(&keys), Err(ReceiptError::Form("salt")));
    let other = [signer(2).verifier().clone()];
    assert!(good.verify(&other).unwrap_err().to_string().contains("not signed by this key"));
    assert!(Receipt::parse("{").is_err() && Receipt::parse("{}").is_err());
}
