//! What stays awake only while it is used: several nodes, one answer.

use super::{engines, now, race, unique};
use madoguchi::hot::Awake;
use std::sync::Arc;
use std::time::Duration;

const IDLE: Duration = Duration::from_mins(3);

#[tokio::test]
async fn a_use_puts_sleep_off_and_a_look_does_not() {
    for hot in engines().await {
        let (key, since) = (unique("visit"), now());
        let awake = Awake { key: &key, since, idle: IDLE };
        let after = |seconds: u64| since.plus(Duration::from_secs(seconds));
        assert!(hot.is_awake(&awake, after(179)).await.unwrap(), "{}", hot.engine());
        assert!(!hot.is_awake(&awake, after(180)).await.unwrap(), "{}: a look is no use", hot.engine());
        assert!(hot.keep_awake(&awake, after(100)).await.unwrap());
        assert!(hot.is_awake(&awake, after(279)).await.unwrap(), "{}", hot.engine());
        assert!(hot.keep_awake(&awake, after(279)).await.unwrap());
        assert!(!hot.keep_awake(&awake, after(459)).await.unwrap(), "{}", hot.engine());
        // What sleeps never wakes: nobody can use it awake.
        assert!(!hot.keep_awake(&awake, after(460)).await.unwrap());
        assert!(!hot.is_awake(&awake, after(461)).await.unwrap());
    }
}

#[tokio::test]
async fn what_an_engine_never_heard_of_is_as_old_as_it_began() {
    for hot in engines().await {
        let (key, other) = (unique("visit"), unique("visit"));
        let awake = Awake { key: &key, since: now().minus(IDLE), idle: IDLE };
        assert!(!hot.keep_awake(&awake, now()).await.unwrap(), "{}: forgotten is asleep", hot.engine());
        let young = Awake { key: &other, since: now(), idle: IDLE };
        assert!(hot.keep_awake(&young, now()).await.unwrap());
        assert!(hot.keep_awake(&young, now().minus(Duration::from_secs(5))).await.unwrap(), "a clock that lags");
    }
}

#[tokio::test]
async fn a_shorter_limit_counts_at_once_and_keys_do_not_meet() {
    for hot in engines().await {
        let (key, other, since) = (unique("visit"), unique("visit"), now());
        let awake = Awake { key: &key, since, idle: IDLE };
        assert!(hot.keep_awake(&awake, since).await.unwrap());
        let later = since.plus(Duration::from_secs(90));
        assert!(hot.keep_awake(&Awake { key: &other, ..awake }, later).await.unwrap());
        assert!(hot.is_awake(&awake, later).await.unwrap(), "{}", hot.engine());
        assert!(!hot.is_awake(&awake, since.plus(IDLE)).await.unwrap(), "{}: that was a use of another", hot.engine());
        let shorter = Awake { idle: Duration::from_mins(1), ..awake };
        assert!(!hot.is_awake(&shorter, later).await.unwrap(), "{}", hot.engine());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn uses_at_one_moment_agree() {
    for hot in engines().await {
        let (key, since) = (unique("visit"), now());
        for (seconds, expected) in [(10, 50), (189, 50), (370, 0)] {
            let told: Vec<bool> = race(50, |_| {
                let (hot, key) = (Arc::clone(&hot), key.clone());
                async move {
                    let awake = Awake { key: &key, since, idle: IDLE };
                    hot.keep_awake(&awake, since.plus(Duration::from_secs(seconds))).await.unwrap()
                }
            })
            .await;
            assert_eq!(told.iter().filter(|is_awake| **is_awake).count(), expected, "{} {seconds}", hot.engine());
        }
    }
}
