//! What is counted for statistics: who applied and what became of it, and for whom what was called; each person once.

use super::applications::{ALL, apply, id_of, nursery, parties};
use crate::statistics::{made_at, shipped};
use madoguchi::domain::statistics::{ExactCount, Month, Series};
use madoguchi::domain::time::ManualClock;
use madoguchi::domain::{Clock as _, SystemClock};
use std::sync::Arc;
use std::time::Duration;

fn persons(counts: &[ExactCount], series: Series, values: [&str; 2]) -> u64 {
    let found = counts.iter().find(|one| one.series == series && one.values == values);
    found.map_or(0, |one| one.persons)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_its_end_and_each_call_for_a_person_are_counted_once() {
    let all = parties().await;
    let first = id_of(&apply(&all.family, "one", &nursery()).await);
    let withdrawn = all.family.post(&format!("{ALL}/{first}/withdraw"), None).await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.body);
    id_of(&apply(&all.family, "two", &nursery()).await);
    let (month, class) = (Month::of(SystemClock.now()), "local_government");
    // What was used is written down when it stops, at the latest.
    all.app.dev.stop(Duration::from_secs(1)).await;
    let store = &all.app.store.store;
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let statistics = made_at(Arc::clone(store), clock, shipped());
    for _ in 0..2 {
        statistics.turn().await.unwrap();
        assert_eq!(store.list_uncounted("", 10).await.unwrap(), []);
        let counts = store.count_facts(month).await.unwrap();
        let of = |series, values| persons(&counts, series, values);
        let procedure = "nursery-application";
        assert_eq!(of(Series::ApplicationsByMunicipality, [procedure, "999016"]), 1, "{counts:?}");
        assert_eq!(of(Series::ApplicationsByPrefecture, [procedure, "99"]), 1);
        assert_eq!(of(Series::OutcomesByProcedure, [procedure, "withdrawn"]), 1);
        assert_eq!(of(Series::OutcomesByMunicipality, ["999016", "withdrawn"]), 1);
        let by_class = counts.iter().filter(|one| one.series == Series::UsageByClass);
        let used: Vec<&str> = by_class.clone().map(|one| one.values[0].as_str()).collect();
        assert!(used.contains(&"create_application") && by_class.clone().all(|one| one.persons == 1), "{counts:?}");
        assert!(by_class.clone().all(|one| one.values[1] != class), "the city calls for nobody: {counts:?}");
    }
    assert!(statistics.index().months.is_empty(), "no month is over");
}
