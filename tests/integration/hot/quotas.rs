//! Counting limits: all or none, exact under a race, and what each standing says.

use super::{engines, now, race, unique};
use madoguchi::hot::{Charge, Quota};
use std::sync::Arc;
use std::time::Duration;

fn charge(key: &str, burst: u32, seconds: u64) -> Charge {
    Charge { key: key.to_owned(), quota: Quota { burst, period: Duration::from_secs(seconds) } }
}

#[tokio::test]
async fn a_limit_lets_its_burst_through_and_then_says_when() {
    for hot in engines().await {
        let key = unique("key");
        for left in (0..5).rev() {
            let verdict = hot.charge(&[charge(&key, 5, 3_600)], now()).await.unwrap();
            assert!(verdict.is_allowed, "{}", hot.engine());
            assert_eq!(verdict.standings.len(), 1, "one standing for one charge");
            let standing = verdict.standings[0];
            assert_eq!(standing.remaining, left, "{}", hot.engine());
            assert_eq!(standing.retry_after.is_some(), left == 0, "{}", hot.engine());
            let reset = Duration::from_secs(720 * u64::from(5 - left));
            assert!(standing.reset <= reset && standing.reset + Duration::from_secs(5) > reset, "{standing:?}");
        }
        let verdict = hot.charge(&[charge(&key, 5, 3_600)], now()).await.unwrap();
        assert!(!verdict.is_allowed, "{}", hot.engine());
        let wait = verdict.standings[0].retry_after.unwrap();
        assert!(wait <= Duration::from_mins(12) && wait > Duration::from_secs(715), "{}: {wait:?}", hot.engine());
    }
}

#[tokio::test]
async fn units_come_back_one_by_one() {
    for hot in engines().await {
        let key = unique("key");
        let taken = |verdict: madoguchi::hot::Verdict| verdict.is_allowed;
        assert!(taken(hot.charge(&[charge(&key, 1, 1)], now()).await.unwrap()));
        assert!(!taken(hot.charge(&[charge(&key, 1, 1)], now()).await.unwrap()));
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        assert!(taken(hot.charge(&[charge(&key, 1, 1)], now()).await.unwrap()), "{}", hot.engine());
    }
}

#[tokio::test]
async fn a_refused_call_is_charged_nowhere() {
    for hot in engines().await {
        let (narrow, wide, last) = (unique("narrow"), unique("wide"), unique("last"));
        let call = [charge(&wide, 10, 3_600), charge(&narrow, 1, 3_600), charge(&last, 10, 3_600)];
        assert!(hot.charge(&call, now()).await.unwrap().is_allowed);
        for _ in 0..20 {
            let verdict = hot.charge(&call, now()).await.unwrap();
            assert!(!verdict.is_allowed, "{}", hot.engine());
            let remaining: Vec<u32> = verdict.standings.iter().map(|standing| standing.remaining).collect();
            assert_eq!(remaining, [9, 0, 9], "{}", hot.engine());
            assert!(verdict.standings[0].retry_after.is_none() && verdict.standings[1].retry_after.is_some());
        }
        let verdict = hot.charge(&[charge(&wide, 10, 3_600)], now()).await.unwrap();
        assert_eq!(verdict.standings[0].remaining, 8, "{}", hot.engine());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_callers_share_ten_units_and_no_more() {
    for hot in engines().await {
        let (shared, own) = (unique("shared"), unique("own"));
        let verdicts = race(50, |n| {
            let (hot, shared, own) = (Arc::clone(&hot), shared.clone(), format!("{own}-{n}"));
            // The keys come in either order, so that engines with locks would meet head on.
            let mut call = vec![charge(&shared, 10, 3_600), charge(&own, 1, 3_600)];
            if n % 2 == 0 {
                call.reverse();
            }
            async move { (own, hot.charge(&call, now()).await.unwrap().is_allowed) }
        })
        .await;
        assert_eq!(verdicts.iter().filter(|(_, is_allowed)| *is_allowed).count(), 10, "{}", hot.engine());
        for (own, is_allowed) in verdicts {
            let free = hot.charge(&[charge(&own, 1, 3_600)], now()).await.unwrap().is_allowed;
            assert_eq!(free, !is_allowed, "{}: a refused caller keeps its own unit", hot.engine());
        }
    }
}

#[tokio::test]
async fn the_same_key_twice_in_a_call_is_charged_twice() {
    for hot in engines().await {
        let key = unique("key");
        let call = [charge(&key, 3, 3_600), charge(&key, 3, 3_600)];
        assert!(hot.charge(&call, now()).await.unwrap().is_allowed, "{}", hot.engine());
        assert!(!hot.charge(&call, now()).await.unwrap().is_allowed, "{}", hot.engine());
        let verdict = hot.charge(&[charge(&key, 3, 3_600)], now()).await.unwrap();
        assert_eq!((verdict.is_allowed, verdict.standings[0].remaining), (true, 0), "{}", hot.engine());
    }
}

#[tokio::test]
async fn a_call_without_limits_is_let_through() {
    for hot in engines().await {
        let verdict = hot.charge(&[], now()).await.unwrap();
        assert!(verdict.is_allowed && verdict.standings.is_empty(), "{}", hot.engine());
    }
}

#[tokio::test]
async fn a_key_put_under_another_limit_keeps_what_it_used() {
    for hot in engines().await {
        let key = unique("key");
        for _ in 0..10 {
            assert!(hot.charge(&[charge(&key, 10, 3_600)], now()).await.unwrap().is_allowed);
        }
        assert!(!hot.charge(&[charge(&key, 5, 3_600)], now()).await.unwrap().is_allowed, "{}", hot.engine());
        let verdict = hot.charge(&[charge(&key, 20, 7_200)], now()).await.unwrap();
        assert_eq!((verdict.is_allowed, verdict.standings[0].remaining), (true, 9), "{}", hot.engine());
    }
}

#[tokio::test]
async fn limits_of_any_size_are_counted() {
    for hot in engines().await {
        for (burst, seconds) in [(1, 86_400), (1_000_000, 1), (7, 3), (4_000_000_000, 86_400)] {
            let key = unique("key");
            let verdict = hot.charge(&[charge(&key, burst, seconds)], now()).await.unwrap();
            assert!(verdict.is_allowed, "{}", hot.engine());
            let remaining = verdict.standings[0].remaining;
            assert!(remaining < burst && remaining >= burst - 1, "{}: {burst} {remaining}", hot.engine());
        }
    }
}
