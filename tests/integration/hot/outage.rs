//! What holds while Redis is away, hangs, comes back, or comes back empty.

use super::server::RedisServer;
use super::{now, unique};
use madoguchi::domain::ids::GrantId;
use madoguchi::domain::{Digest, Fault};
use madoguchi::hot::redis::RedisHot;
use madoguchi::hot::{Charge, Invalidation, Invalidations, Place, Quota, Quotas, ReplayMarks};
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

async fn connected(server: &RedisServer) -> RedisHot {
    RedisHot::connect(&server.url(), false).await.unwrap()
}

async fn take(hot: &RedisHot, mark: &str) -> Result<bool, Fault> {
    hot.take_mark(Digest::of(mark), now().plus(MINUTE), now()).await
}

fn charge(key: &str, burst: u32) -> Charge {
    Charge { key: key.to_owned(), quota: Quota { burst, period: Duration::from_hours(1) } }
}

/// Tries until the engine answers again; at most five seconds.
async fn wait_until_back(hot: &RedisHot) {
    for _ in 0..100 {
        if take(hot, &unique("probe")).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    unreachable!("the engine did not come back");
}

#[tokio::test]
async fn while_it_is_away_limits_are_counted_here_and_marks_are_refused() {
    let Some(mut server) = RedisServer::start().await else { return };
    let hot = connected(&server).await;
    assert!(take(&hot, "before").await.unwrap());
    server.kill();
    for _ in 0..20 {
        assert!(matches!(take(&hot, &unique("mark")).await, Err(Fault::Unavailable { what: "redis", .. })));
    }
    let key = unique("key");
    let mut allowed = 0;
    for _ in 0..10 {
        allowed += u32::from(hot.charge(&[charge(&key, 3)], now()).await.unwrap().is_allowed);
    }
    assert_eq!(allowed, 3, "local counters still count");
    let place = |holder| Place { key: "jobs", holder, most: 1, until: now().plus(MINUTE) };
    assert!(hot.enter(&place("a"), now()).await.unwrap());
    assert!(!hot.enter(&place("b"), now()).await.unwrap());
}

#[tokio::test]
async fn an_outage_costs_no_call_its_half_second_but_the_first() {
    let Some(mut server) = RedisServer::start().await else { return };
    let hot = connected(&server).await;
    server.kill();
    let _ = take(&hot, "first").await;
    let start = now();
    for _ in 0..1_000 {
        hot.charge(&[charge("key", 5_000)], now()).await.unwrap();
        assert!(take(&hot, "x").await.is_err());
    }
    assert!(now().since(start) < Duration::from_secs(1), "{:?}", now().since(start));
}

#[tokio::test]
async fn losing_it_and_finding_it_again_drops_all_caches() {
    let Some(mut server) = RedisServer::start().await else { return };
    let hot = connected(&server).await;
    let mut ear = hot.subscribe();
    let all = async |ear: &mut tokio::sync::broadcast::Receiver<Invalidation>| {
        let heard = async { while ear.recv().await.unwrap() != Invalidation::All {} };
        tokio::time::timeout(Duration::from_secs(5), heard).await.expect("word to drop everything");
    };
    server.kill();
    all(&mut ear).await;
    let word = Invalidation::Grant(GrantId::parse("g_away").unwrap());
    assert!(hot.publish(&word).await.is_err(), "the teller learns that others did not hear");
    let heard = async { while ear.recv().await.unwrap() != word {} };
    tokio::time::timeout(Duration::from_secs(1), heard).await.expect("this node hears all the same");
    server.start_again().await;
    all(&mut ear).await;
    wait_until_back(&hot).await;
    // And the subscription is there again: another node's word is heard.
    let other = connected(&server).await;
    let mut ear = hot.subscribe();
    let word = Invalidation::Grant(GrantId::parse("g_back").unwrap());
    tokio::time::sleep(Duration::from_millis(200)).await;
    other.publish(&word).await.unwrap();
    let heard = async { while ear.recv().await.unwrap() != word {} };
    tokio::time::timeout(Duration::from_secs(2), heard).await.expect("the other node's word is heard again");
}

#[tokio::test]
async fn a_server_that_comes_back_empty_vouches_for_nothing_before() {
    let Some(mut server) = RedisServer::start().await else { return };
    // Even a node that once knew that nothing could be forgotten.
    let hot = RedisHot::connect(&server.url(), true).await.unwrap();
    assert_eq!(hot.remembers_since().millis(), 0);
    assert!(take(&hot, "seen").await.unwrap());
    let taken_at = now();
    server.kill();
    server.start_again().await;
    wait_until_back(&hot).await;
    assert!(hot.remembers_since() > taken_at, "a proof from before must show a nonce");
    let late = RedisHot::connect(&server.url(), true).await.unwrap();
    assert_eq!(late.remembers_since(), hot.remembers_since(), "a node that starts now is told the same");
}

#[tokio::test]
async fn a_server_that_was_emptied_under_way_gives_out_no_mark_twice() {
    let Some(server) = RedisServer::start().await else { return };
    let hot = connected(&server).await;
    assert!(take(&hot, "seen").await.unwrap());
    let before = hot.remembers_since();
    let _: () = server.command(&["FLUSHALL"]).await;
    // The very next call, before any heartbeat.
    assert!(take(&hot, "seen").await.is_err());
    wait_until_back(&hot).await;
    assert!(hot.remembers_since() > before);
}

#[tokio::test]
async fn a_server_that_hangs_is_treated_as_away_and_found_again() {
    let Some(server) = RedisServer::start().await else { return };
    let hot = connected(&server).await;
    assert!(take(&hot, "before").await.unwrap());
    server.freeze();
    let start = now();
    assert!(take(&hot, "during").await.is_err());
    assert!(now().since(start) < Duration::from_secs(1), "{:?}", now().since(start));
    assert!(hot.charge(&[charge("key", 3)], now()).await.unwrap().is_allowed);
    // Long enough for the connection to be given up and made anew.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(take(&hot, "during").await.is_err());
    server.thaw();
    wait_until_back(&hot).await;
    assert!(!take(&hot, "before").await.unwrap(), "it had not forgotten");
}

#[tokio::test]
async fn a_server_whose_memory_is_full_refuses_marks_and_limits_go_on() {
    let Some(server) = RedisServer::start().await else { return };
    let hot = connected(&server).await;
    let _: () = server.command(&["CONFIG", "SET", "maxmemory", "1"]).await;
    assert!(take(&hot, "full").await.is_err());
    assert!(hot.charge(&[charge("key", 3)], now()).await.unwrap().is_allowed);
    let _: () = server.command(&["CONFIG", "SET", "maxmemory", "0"]).await;
    wait_until_back(&hot).await;
    assert!(take(&hot, "full").await.unwrap());
}

#[tokio::test]
async fn a_server_that_may_evict_is_refused_at_start() {
    let Some(server) = RedisServer::start().await else { return };
    let _: () = server.command(&["CONFIG", "SET", "maxmemory", "100mb"]).await;
    let _: () = server.command(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]).await;
    let refused = RedisHot::connect(&server.url(), false).await.err().unwrap().to_string();
    assert!(refused.contains("noeviction"), "{refused}");
}

#[tokio::test]
async fn a_server_that_is_not_there_at_start_is_told_within_seconds() {
    let start = now();
    let fault = RedisHot::connect("redis://127.0.0.1:1/", false).await.err().unwrap();
    assert!(matches!(fault, Fault::Unavailable { what: "redis", .. }), "{fault}");
    assert!(now().since(start) < Duration::from_secs(4), "{:?}", now().since(start));
}

#[tokio::test]
async fn keys_on_the_server_name_nobody_and_expire() {
    let Some(server) = RedisServer::start().await else { return };
    let hot = connected(&server).await;
    hot.charge(&[charge("citizen:c_secret:s_secret", 3)], now()).await.unwrap();
    let place = Place { key: "jobs:c_secret", holder: "sir_1", most: 1, until: now().plus(MINUTE) };
    hot.enter(&place, now()).await.unwrap();
    take(&hot, "mark").await.unwrap();
    let keys: Vec<String> = server.command(&["KEYS", "*"]).await;
    assert_eq!(keys.len(), 4, "{keys:?}");
    for key in keys {
        assert!(!key.contains("secret") && key.starts_with("{madoguchi}:"), "{key}");
        let lives: i64 = server.command(&["PTTL", &key]).await;
        assert!(lives > 0 || key.contains("epoch"), "{key} {lives}");
    }
}
