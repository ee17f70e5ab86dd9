//! The suite of the hot state: every case runs on every engine under test.
//!
//! Memory always; Redis when [`crate::support::engines::redis_url`] names one. Keys are unique to each case, so that
//! cases can share one Redis. Cases about a server that goes away start one of their own (`outage`).

mod invalidations;
mod marks;
mod places;
mod quotas;

use madoguchi::domain::{Clock, SystemClock, Timestamp};
use madoguchi::hot::Hot;
use madoguchi::hot::memory::MemoryHot;
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
    vec![Arc::new(MemoryHot::new(now(), false))]
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
