//! Replay marks: once means once (RFC 9449 §11.1).

use super::{engines, now, race, unique};
use madoguchi::domain::Digest;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_callers_exactly_one_takes_a_mark() {
    for hot in engines().await {
        for _ in 0..20 {
            let (mark, now) = (Digest::of(&unique("mark")), now());
            let taken: Vec<bool> = race(50, |_| {
                let hot = Arc::clone(&hot);
                async move { hot.take_mark(mark, now.plus(Duration::from_mins(1)), now).await.unwrap() }
            })
            .await;
            assert_eq!(taken.iter().filter(|taken| **taken).count(), 1, "{}", hot.engine());
        }
    }
}

#[tokio::test]
async fn different_marks_do_not_meet() {
    for hot in engines().await {
        for _ in 0..100 {
            let until = now().plus(Duration::from_mins(1));
            assert!(hot.take_mark(Digest::of(&unique("mark")), until, now()).await.unwrap(), "{}", hot.engine());
        }
    }
}

#[tokio::test]
async fn an_expired_mark_is_never_given_out() {
    for hot in engines().await {
        let (mark, now) = (Digest::of(&unique("mark")), now());
        for expires_at in [now, now.minus(Duration::from_secs(1)), now.minus(Duration::from_hours(24))] {
            assert!(!hot.take_mark(mark, expires_at, now).await.unwrap(), "{}", hot.engine());
        }
    }
}

#[tokio::test]
async fn an_engine_vouches_for_no_time_before_it_began() {
    for hot in engines().await {
        let since = hot.remembers_since();
        assert!(since <= now().plus(Duration::from_secs(10)), "{}: {since:?}", hot.engine());
        assert!(since.since(now().minus(Duration::from_hours(24))) > Duration::ZERO, "{}", hot.engine());
    }
}

#[tokio::test]
async fn a_mark_is_free_again_once_its_proof_has_expired() {
    for hot in engines().await {
        let mark = Digest::of(&unique("mark"));
        assert!(hot.take_mark(mark, now().plus(Duration::from_millis(300)), now()).await.unwrap());
        assert!(!hot.take_mark(mark, now().plus(Duration::from_millis(300)), now()).await.unwrap());
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert!(hot.take_mark(mark, now().plus(Duration::from_secs(1)), now()).await.unwrap(), "{}", hot.engine());
    }
}
