//! Rules of the local counters that the suite over both engines can't see: bounds, upkeep, clocks set back.

use super::*;
use proptest::prelude::*;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000 + millis)
}

fn charge(key: &str, burst: u32, seconds: u64) -> Charge {
    Charge { key: key.to_owned(), quota: Quota { burst, period: Duration::from_secs(seconds) } }
}

#[test]
fn keys_whose_limit_is_whole_again_are_swept() {
    let quotas = LocalQuotas::default();
    for n in 0..1000 {
        assert!(quotas.charge(&[charge(&format!("k{n}"), 1, 1)], at(0)).is_allowed);
    }
    assert_eq!(quotas.len(), 1000);
    for n in 0..1000 {
        quotas.charge_one(&n, Quota { burst: 1, period: Duration::from_secs(1) }, at(60_000));
    }
    assert!(quotas.len() <= 1000, "the sixty-second-old keys are gone: {}", quotas.len());
}

#[test]
fn a_flood_of_keys_shares_counters_instead_of_growing() {
    let quotas = LocalQuotas::with_room(4);
    let quota = Quota { burst: 10, period: Duration::from_hours(1) };
    let allowed = (0..10_000).filter(|n| quotas.charge_one(n, quota, at(0)).0).count();
    assert!(quotas.len() <= SHARDS * 5, "{}", quotas.len());
    assert!(allowed <= SHARDS * (4 + 10), "newcomers share one counter in each full shard: {allowed}");
}

#[test]
fn a_key_known_before_the_flood_keeps_its_own_counter() {
    let quotas = LocalQuotas::with_room(1);
    let quota = Quota { burst: 100, period: Duration::from_hours(1) };
    assert!(quotas.charge_one(&"known", quota, at(0)).0);
    for n in 0..100_000 {
        quotas.charge_one(&n, quota, at(0));
    }
    let (is_allowed, standing) = quotas.charge_one(&"known", quota, at(0));
    assert!(is_allowed);
    assert_eq!(standing.remaining, 98);
}

#[test]
fn a_clock_set_back_does_not_lock_a_key() {
    let quotas = LocalQuotas::default();
    let year = 365 * 86_400_000;
    for _ in 0..3 {
        assert!(quotas.charge(&[charge("k", 3, 60)], at(year)).is_allowed);
    }
    let verdict = quotas.charge(&[charge("k", 3, 60)], at(0));
    assert!(!verdict.is_allowed);
    assert!(verdict.standings[0].retry_after.unwrap() <= Duration::from_secs(20));
}

#[test]
fn strange_quotas_do_not_break_the_arithmetic() {
    let quotas = LocalQuotas::default();
    for (burst, period) in
        [(0, Duration::ZERO), (u32::MAX, Duration::MAX), (1, Duration::MAX), (u32::MAX, Duration::ZERO)]
    {
        let charges = [Charge { key: format!("{burst}"), quota: Quota { burst, period } }];
        assert!(quotas.charge(&charges, Timestamp::from_millis(i64::MAX / 2_000_000)).is_allowed);
        assert!(quotas.charge(&charges, Timestamp::from_millis(-5)).standings.len() == 1);
    }
}

proptest! {
    /// Over any sequence of times, no more than the burst and what came back since are let through.
    #[test]
    fn never_more_than_the_limit(burst in 1_u32..20, seconds in 1_u64..100, gaps in prop::collection::vec(0_i64..3_000, 1..200)) {
        let quotas = LocalQuotas::default();
        let (mut clock, mut allowed) = (0, 0_i64);
        for gap in gaps {
            clock += gap;
            let before = quotas.charge(&[charge("k", burst, seconds)], at(clock));
            allowed += i64::from(before.is_allowed);
            let came_back = clock * i64::from(burst) / (i64::try_from(seconds).unwrap() * 1000);
            prop_assert!(allowed <= i64::from(burst) + came_back + 1);
            prop_assert_eq!(before.standings[0].remaining == 0, before.standings[0].retry_after.is_some());
        }
    }
}
