//! Word of what is no longer true reaches every listener, the teller included.

use super::{engines, unique};
use madoguchi::domain::ids::GrantId;
use madoguchi::hot::Invalidation;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;

/// Whether the word comes within five seconds, whatever else is said before it.
async fn hears(listener: &mut Receiver<Invalidation>, word: &Invalidation) -> bool {
    let heard = async {
        while let Ok(heard) = listener.recv().await {
            if heard == *word {
                return true;
            }
        }
        false
    };
    tokio::time::timeout(Duration::from_secs(5), heard).await.unwrap_or(false)
}

#[tokio::test]
async fn every_listener_hears_what_is_published() {
    for hot in engines().await {
        let mut listeners = [hot.subscribe(), hot.subscribe(), hot.subscribe()];
        for word in [Invalidation::Grant(GrantId::parse(&unique("g")).unwrap()), Invalidation::All] {
            hot.publish(&word).await.unwrap();
            for listener in &mut listeners {
                assert!(hears(listener, &word).await, "{}: {word:?}", hot.engine());
            }
        }
    }
}

#[tokio::test]
async fn publishing_to_nobody_is_no_fault() {
    for hot in engines().await {
        hot.publish(&Invalidation::All).await.unwrap();
    }
}

#[tokio::test]
async fn a_slow_listener_is_told_that_it_missed_word() {
    use tokio::sync::broadcast::error::RecvError;
    for hot in engines().await {
        let mut slow = hot.subscribe();
        for _ in 0..3_000 {
            hot.publish(&Invalidation::Grant(GrantId::parse("g_flood").unwrap())).await.unwrap();
        }
        let lagged = matches!(slow.recv().await, Err(RecvError::Lagged(_)));
        assert!(lagged, "{}: a listener that missed word must be able to know", hot.engine());
    }
}
