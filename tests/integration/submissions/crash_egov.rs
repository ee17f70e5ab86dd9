//! e-Gov's packages and its official documents while the process that sends and fetches is killed with SIGKILL at every step.

use super::Payroll;
use super::crash::Counter;
use super::egov::acquisition;
use super::electronic_deliveries::sent;
use madoguchi::domain::Timestamp;
use madoguchi::sandbox::agencies::Moment;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How often it is killed at each moment.
const KILLS: usize = 3;
/// How long a call lasts at e-Gov before and after what it does.
const LINGER: Duration = Duration::from_millis(40);
/// When a moment that does not come is not waited for any longer.
const PATIENCE: Duration = Duration::from_secs(4);

/// Kills it when the next call of this kind is there; a little after it where `after` says so.
async fn kill_at(counter: &mut Counter, moment: Option<Moment>, after: Duration) {
    let mut moments = counter.sandbox.agencies().listen();
    if let Some(wanted) = moment {
        let comes = async { while moments.recv().await.is_ok_and(|seen| seen != wanted) {} };
        let _ = tokio::time::timeout(PATIENCE, comes).await;
    }
    tokio::time::sleep(after).await;
    counter.kill_and_restart().await;
}

/// Hands in under this key until there is an answer; gives the filing's id.
async fn handed_in(payroll: &Payroll, key: &str, mood: &str) -> String {
    loop {
        let (target, body) = ((reqwest::Method::POST, "/v1/submissions"), acquisition(mood).to_string());
        if let Some(answer) = payroll.try_send(target, &[("idempotency-key", key)], Some(&body)).await {
            assert_eq!(answer.status, 202, "{}", answer.body);
            return answer.body["id"].as_str().expect("an id").to_owned();
        }
    }
}

/// Each filing was had once by e-Gov, and e-Gov has nothing else.
fn check_effects(counter: &Counter, filings: &[Value]) {
    let effects = super::counted(&counter.sandbox.agencies().effects(), "e-gov");
    let part = |filing: &Value| format!("{}-0", filing["deliveries"][0]["id"].as_str().expect("an id"));
    let wanted: BTreeMap<String, usize> = filings.iter().map(|filing| (part(filing), 1)).collect();
    assert_eq!(effects, wanted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_packages_are_sent_and_asked_for_it_loses_and_doubles_none() {
    let mut counter = Counter::start().await;
    let mut payroll = Payroll::open(counter.directory.path()).await;
    counter.sandbox.agencies().linger(LINGER);
    let mut filed = BTreeMap::new();
    let moments = [Some(Moment::Received), Some(Moment::Done), Some(Moment::Asked), None];
    for round in 0..KILLS * moments.len() {
        payroll.renew().await;
        let key = format!("{round}");
        filed.insert(key.clone(), handed_in(&payroll, &key, "auto").await);
        // Without a moment: somewhere in the call, or around it.
        let moment = moments[round % moments.len()];
        let after = if moment.is_some() { Duration::ZERO } else { Duration::from_millis(round as u64 * 7) };
        kill_at(&mut counter, moment, after).await;
    }
    counter.sandbox.agencies().linger(Duration::ZERO);
    payroll.renew().await;
    let mut filings = Vec::new();
    for (key, id) in &filed {
        assert_eq!(handed_in(&payroll, key, "auto").await, *id, "{key} was acknowledged, and is another by now");
        filings.push(payroll.until_state(id, "completed").await);
    }
    check_effects(&counter, &filings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_documents_are_fetched_sealed_and_confirmed_it_has_each_of_them_once() {
    let mut counter = Counter::start().await;
    let mut payroll = Payroll::open(counter.directory.path()).await;
    let moments = [Moment::Fetched, Moment::Fetched, Moment::Confirming, Moment::Confirmed];
    let mut filed = Vec::new();
    for n in 0..KILLS * moments.len() {
        filed.push(handed_in(&payroll, &format!("{n}"), "issue").await);
    }
    counter.sandbox.agencies().linger(LINGER);
    for round in 0..KILLS * moments.len() {
        // The second time of the two, after it was given: while it is sealed and written down.
        let after =
            if round % moments.len() == 1 { LINGER + Duration::from_millis(round as u64) } else { Duration::ZERO };
        kill_at(&mut counter, Some(moments[round % moments.len()]), after).await;
    }
    counter.sandbox.agencies().linger(Duration::ZERO);
    payroll.renew().await;
    let mut filings = Vec::new();
    let mut documents = BTreeSet::new();
    for id in &filed {
        filings.push(payroll.until_state(id, "completed").await);
        let all = super::egov::documents(&payroll, id, 1).await;
        let own = format!("/v1/documents/{}", all[0]["id"].as_str().expect("an id"));
        let whole = payroll.get(&own).await;
        // Whole as it was sealed there; who vouches for its seal is not known in another process than the sandbox's.
        assert_eq!((whole.status, &whole.headers["document-signature"]), (200, &"untrusted".parse().unwrap()));
        assert!(documents.insert(all[0]["id"].to_string()), "{all:?}");
    }
    check_effects(&counter, &filings);
    let told = counter.sandbox.documents_done();
    assert!(told.len() == filed.len() && told.iter().all(|times| *times >= 1), "{told:?}");
    check_news(&payroll, &documents).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_what_was_sent_is_fetched_and_confirmed_it_has_each_of_it_once() {
    let mut counter = Counter::start().await;
    let mut payroll = Payroll::open(counter.directory.path()).await;
    let moments = [Moment::Fetched, Moment::Fetched, Moment::Confirming, Moment::Confirmed];
    counter.sandbox.agencies().linger(LINGER);
    let until = Timestamp::from_millis(chrono::Utc::now().timestamp_millis()).plus(Duration::from_hours(720));
    for round in 0..moments.len() * 2 {
        for n in 0..2 {
            counter.sandbox.send_by_e_gov(&format!("{round}-{n}"), Some(until));
        }
        let after =
            if round % moments.len() == 1 { LINGER + Duration::from_millis(round as u64) } else { Duration::ZERO };
        kill_at(&mut counter, Some(moments[round % moments.len()]), after).await;
    }
    counter.sandbox.agencies().linger(Duration::ZERO);
    payroll.renew().await;
    let all = sent(&payroll, moments.len() * 4, |one| one["state"] == "confirmed").await;
    let documents: BTreeSet<String> = all.iter().map(|one| one["id"].to_string()).collect();
    for one in &all {
        let whole = payroll.get(&format!("/v1/documents/{}", one["id"].as_str().expect("an id"))).await;
        assert_eq!((whole.status, &whole.headers["document-signature"]), (200, &"untrusted".parse().unwrap()));
    }
    let told = counter.sandbox.e_gov_sent_done();
    assert!(told.len() == all.len() && told.iter().all(|times| *times >= 1), "{told:?}");
    check_news(&payroll, &documents).await;
}

/// Its filer was told of each document, once.
async fn check_news(payroll: &Payroll, documents: &BTreeSet<String>) {
    let (mut after, mut news) = (0, Vec::new());
    loop {
        let page = payroll.get(&format!("/v1/events?after={after}&limit=100")).await.body;
        let events = page["events"].as_array().expect("events");
        if events.is_empty() {
            break;
        }
        news.extend(
            events.iter().filter(|one| one["document_news"] == "available").map(|one| one["document"].to_string()),
        );
        after = page["next"].as_u64().expect("a place");
    }
    assert_eq!((news.len(), &news.into_iter().collect::<BTreeSet<_>>()), (documents.len(), documents));
}
