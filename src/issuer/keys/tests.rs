//! The times of a rotation.

use super::*;
use crate::store::rotation::Due;
use std::time::Duration;

const PURPOSE: &str = KeyUse::AccessTokens.as_str();

fn at(hours: u64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000).plus(Duration::from_hours(hours))
}

fn key(number: u32, active_from: Timestamp, retired_at: Option<Timestamp>) -> HeldKey {
    HeldKey {
        id: format!("signing:{number}"),
        purpose: PURPOSE.into(),
        sealed: vec![],
        created_at: active_from,
        active_from,
        retired_at,
    }
}

const ROTATION: Rotation =
    Rotation { period: Duration::from_hours(100), lead: Duration::from_hours(10), overlap: Duration::from_hours(5) };

#[test]
fn the_first_key_signs_at_once_and_the_next_is_published_ahead() {
    assert_eq!(ROTATION.due(&[], at(0)).make, Some(at(0)));
    let one = key(1, at(0), None);
    assert_eq!(ROTATION.due(std::slice::from_ref(&one), at(89)), Due { make: None, retire: vec![] });
    assert_eq!(ROTATION.due(std::slice::from_ref(&one), at(90)).make, Some(at(100)));
    // Asleep past the change: the new key still gets its lead.
    assert_eq!(ROTATION.due(std::slice::from_ref(&one), at(500)).make, Some(at(510)));
}

#[test]
fn the_old_key_stays_published_for_the_overlap() {
    let held = [key(1, at(0), None), key(2, at(100), None)];
    assert_eq!(active(&held, at(99)).unwrap().id, "signing:1");
    assert_eq!(ROTATION.due(&held, at(99)).retire, vec![]);
    assert_eq!(active(&held, at(100)).unwrap().id, "signing:2");
    assert_eq!(ROTATION.due(&held, at(100)).retire, vec![("signing:1".to_owned(), at(105))]);
    let held = [key(1, at(0), Some(at(105))), key(2, at(100), None)];
    assert_eq!(ROTATION.due(&held, at(101)), Due { make: None, retire: vec![] });
}
