//! Two nodes on one Redis see each other; two installations on one Redis do not.

use super::{now, race, unique};
use crate::support::engines::redis_url;
use madoguchi::domain::Digest;
use madoguchi::domain::ids::GrantId;
use madoguchi::hot::redis::RedisHot;
use madoguchi::hot::{Charge, Hot, Invalidation, Invalidations, Place, Quota, Quotas, ReplayMarks};
use std::sync::Arc;
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

/// Two nodes of one installation, when there is a Redis to share.
async fn two_nodes() -> Option<[Arc<RedisHot>; 2]> {
    let url = redis_url()?;
    let one = RedisHot::connect(&url, false).await.unwrap();
    Some([Arc::new(one), Arc::new(RedisHot::connect(&url, false).await.unwrap())])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_mark_taken_on_one_node_is_taken_on_the_other() {
    let Some(nodes) = two_nodes().await else { return };
    for _ in 0..20 {
        let (mark, now) = (Digest::of(&unique("mark")), now());
        let taken: Vec<bool> = race(50, |n| {
            let node = Arc::clone(&nodes[n % 2]);
            async move { node.take_mark(mark, now.plus(MINUTE), now).await.unwrap() }
        })
        .await;
        assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_count_together() {
    let Some(nodes) = two_nodes().await else { return };
    let key = unique("key");
    let allowed = race(50, |n| {
        let (node, key) = (Arc::clone(&nodes[n % 2]), key.clone());
        let charge = Charge { key, quota: Quota { burst: 10, period: Duration::from_hours(1) } };
        async move { node.charge(&[charge], now()).await.unwrap().is_allowed }
    })
    .await;
    assert_eq!(allowed.iter().filter(|allowed| **allowed).count(), 10);
}

#[tokio::test]
async fn nodes_share_places() {
    let Some([one, two]) = two_nodes().await else { return };
    let key = unique("jobs");
    let place = |holder| Place { key: &key, holder, most: 1, until: now().plus(MINUTE) };
    assert!(one.enter(&place("a"), now()).await.unwrap());
    assert!(!two.enter(&place("b"), now()).await.unwrap());
    two.leave(&key, "a").await.unwrap();
    assert!(two.enter(&place("b"), now()).await.unwrap());
}

#[tokio::test]
async fn word_reaches_the_other_node_within_a_second() {
    let Some([one, two]) = two_nodes().await else { return };
    let mut ear = two.subscribe();
    for _ in 0..100 {
        let word = Invalidation::Grant(GrantId::parse(&unique("g")).unwrap());
        one.publish(&word).await.unwrap();
        let heard = async { while ear.recv().await.unwrap() != word {} };
        tokio::time::timeout(Duration::from_secs(1), heard).await.expect("the other node hears");
    }
}

#[tokio::test]
async fn both_nodes_vouch_for_the_same_time() {
    let Some([one, two]) = two_nodes().await else { return };
    assert_eq!(one.remembers_since(), two.remembers_since());
}

#[tokio::test]
async fn installations_on_one_server_do_not_meet() {
    let (Some(one), Some(other)) = (redis_url(), redis_url()) else { return };
    let (one, other) = (RedisHot::connect(&one, false).await.unwrap(), RedisHot::connect(&other, false).await.unwrap());
    let mark = Digest::of(&unique("mark"));
    let mut ear = other.subscribe();
    for hot in [&one, &other] {
        assert!(hot.take_mark(mark, now().plus(MINUTE), now()).await.unwrap());
    }
    one.publish(&Invalidation::Grant(GrantId::parse("g_one").unwrap())).await.unwrap();
    let heard = tokio::time::timeout(Duration::from_millis(300), ear.recv()).await;
    assert!(heard.is_err(), "{heard:?}");
    assert_eq!((one.engine(), other.engine()), ("redis", "redis"));
}
