//! Places among a few: taken once, kept by their holder, given back by leaving or by time.

use super::{engines, now, race, unique};
use madoguchi::hot::Place;
use std::sync::Arc;
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_holders_share_seven_places() {
    for hot in engines().await {
        let key = unique("jobs");
        let entered = race(50, |n| {
            let (hot, key, holder) = (Arc::clone(&hot), key.clone(), format!("holder-{n}"));
            async move {
                let place = Place { key: &key, holder: &holder, most: 7, until: now().plus(MINUTE) };
                hot.enter(&place, now()).await.unwrap()
            }
        })
        .await;
        assert_eq!(entered.iter().filter(|entered| **entered).count(), 7, "{}", hot.engine());
    }
}

#[tokio::test]
async fn a_holder_keeps_its_place_and_gives_it_back_once() {
    for hot in engines().await {
        let key = unique("jobs");
        let place = |holder| Place { key: &key, holder, most: 1, until: now().plus(MINUTE) };
        assert!(hot.enter(&place("a"), now()).await.unwrap());
        assert!(hot.enter(&place("a"), now()).await.unwrap(), "{}", hot.engine());
        assert!(!hot.enter(&place("b"), now()).await.unwrap(), "{}", hot.engine());
        hot.leave(&key, "b").await.unwrap();
        assert!(!hot.enter(&place("b"), now()).await.unwrap(), "{}", hot.engine());
        hot.leave(&key, "a").await.unwrap();
        hot.leave(&key, "a").await.unwrap();
        assert!(hot.enter(&place("b"), now()).await.unwrap(), "{}", hot.engine());
        assert!(!hot.enter(&place("a"), now()).await.unwrap(), "{}", hot.engine());
    }
}

#[tokio::test]
async fn a_crashed_holders_place_comes_back_by_itself() {
    for hot in engines().await {
        let key = unique("jobs");
        let soon = Place { key: &key, holder: "crashed", most: 1, until: now().plus(Duration::from_millis(200)) };
        assert!(hot.enter(&soon, now()).await.unwrap());
        let next = Place { key: &key, holder: "next", most: 1, until: now().plus(MINUTE) };
        assert!(!hot.enter(&next, now()).await.unwrap(), "{}", hot.engine());
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(hot.enter(&next, now()).await.unwrap(), "{}", hot.engine());
    }
}

#[tokio::test]
async fn asking_again_never_shortens_a_place() {
    for hot in engines().await {
        let key = unique("jobs");
        let place = |span| Place { key: &key, holder: "a", most: 1, until: now().plus(span) };
        assert!(hot.enter(&place(MINUTE), now()).await.unwrap());
        assert!(hot.enter(&place(Duration::from_millis(1)), now()).await.unwrap());
        tokio::time::sleep(Duration::from_millis(50)).await;
        let other = Place { holder: "b", ..place(MINUTE) };
        assert!(!hot.enter(&other, now()).await.unwrap(), "{}", hot.engine());
    }
}

#[tokio::test]
async fn keys_have_places_of_their_own() {
    for hot in engines().await {
        for _ in 0..3 {
            let key = unique("jobs");
            let place = Place { key: &key, holder: "a", most: 1, until: now().plus(MINUTE) };
            assert!(hot.enter(&place, now()).await.unwrap(), "{}", hot.engine());
        }
    }
}
