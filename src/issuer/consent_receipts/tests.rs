//! What became of which decision.

use super::*;
use crate::domain::ids::ReceiptId;

fn held(at: i64, change: &str) -> HeldReceipt {
    HeldReceipt {
        receipt: ReceiptId::parse(&format!("r_{at}{change}")).unwrap(),
        at: Timestamp::from_millis(at),
        client: None,
        subject: None,
        salt: [0; 32],
        record: serde_json::json!({"change": change, "by": (change == "ended").then_some("citizen")}).to_string(),
        index: Some(1),
    }
}

#[test]
fn each_decision_has_the_events_until_the_next() {
    let events = [
        held(1, "made"),
        held(2, "paused"),
        held(3, "amended"),
        held(3, "resumed"),
        held(4, "held"),
        held(5, "released"),
        held(6, "unknown"),
        held(7, "ended"),
    ];
    let at = Timestamp::from_millis;
    let whats = |from, until: Option<i64>| {
        let found = happened(&events, (at(from), until.map(at)));
        found.into_iter().map(|one| one.what).collect::<Vec<_>>()
    };
    assert_eq!(whats(1, Some(3)), [What::Given, What::Paused]);
    let later = [What::Renewed, What::Resumed, What::Held, What::Released, What::Ended(RevokedBy::Citizen)];
    assert_eq!(whats(3, None), later);
}
