//! The suite of the hot state: every case runs on every engine under test.
//!
//! Memory always; Redis when `MADOGUCHI_TEST_REDIS` names one, in a namespace of each case's own. Cases about a server
//! that goes away start one for themselves (`server`).

mod awake;
mod invalidations;
mod marks;
mod nodes;
mod outage;
mod places;
mod quotas;
mod server;

use crate::support::engines::redis_url;
use madoguchi::domain::{Clock, SystemClock, Timestamp};
use madoguchi::hot::Hot;
use madoguchi::hot::memory::MemoryHot;
use madoguchi::hot::redis::RedisHot;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

fn now() -> Timestamp {
    SystemClock.now()
}

/// A word that no other case, run or process uses.
fn unique(word: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{word}-{}-{}-{}", std::process::id(), now().millis(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Every engine under test.
async fn engines() -> Vec<Arc<dyn Hot>> {
    let mut engines: Vec<Arc<dyn Hot>> = vec![Arc::new(MemoryHot::new(now(), false))];
    if let Some(url) = redis_url() {
        engines.push(Arc::new(RedisHot::connect(&url, false).await.unwrap()));
    }
    engines
}

/// Runs `times` calls of `make` at once and gives what each came to.
async fn race<F, T>(times: usize, make: impl Fn(usize) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let start = Arc::new(tokio::sync::Barrier::new(times));
    let callers: Vec<_> = (0..times)
        .map(|n| {
            let (start, call) = (Arc::clone(&start), make(n));
            tokio::spawn(async move {
                start.wait().await;
                call.await
            })
        })
        .collect();
    let mut outcomes = Vec::with_capacity(times);
    for caller in callers {
        outcomes.push(caller.await.unwrap());
    }
    outcomes
}

#[tokio::test]
async fn the_urls_scheme_chooses_the_engine() {
    use crate::support::engines::hot_url;
    let hot = madoguchi::hot::open(&hot_url(), now(), true).await.unwrap();
    assert_eq!(hot.engine(), if redis_url().is_some() { "redis" } else { "memory" });
    assert_eq!(hot.remembers_since().millis(), 0, "a first start has forgotten nothing");
    for bad in ["", "memory", "memory:x", "memcached://u:secret@h", "redis://u:secret@h:port", "redis:"] {
        let fault = madoguchi::hot::open(bad, now(), true).await.err().unwrap().to_string();
        assert!(!fault.contains("secret"), "{bad}: {fault}");
    }
}
