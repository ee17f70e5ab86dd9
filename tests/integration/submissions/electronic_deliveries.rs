//! 電子送達: asked for once in effect, and what is then sent to the account is fetched, told of and collected.

use super::api::opened;
use super::egov::agencies;
use super::{Payroll, counted};
use crate::support::app::App;
use madoguchi::domain::ids::DeliveryId;
use madoguchi::domain::submission::ArrivalNumber;
use madoguchi::domain::{SystemClock, Timestamp};
use madoguchi::sandbox::Running;
use madoguchi::submissions::Desk;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

pub fn application(mood: &str) -> Value {
    let content = json!({"事業所番号": "1301-123456-1", "備考": format!("sandbox:{mood}")});
    json!({"deliveries": [{"agency": "e-gov", "procedure": "900A990000000001", "content": content}]})
}

fn sandbox(app: &App) -> &Running {
    app.dev.sandbox.own.as_ref().expect("a sandbox")
}

/// What was sent, once all of it is as wanted.
pub async fn sent(payroll: &Payroll, count: usize, is_so: impl Fn(&Value) -> bool) -> Vec<Value> {
    let mut last = Value::Null;
    for _ in 0..300 {
        last = payroll.get("/v1/electronic-deliveries").await.body;
        let all = last["electronic_deliveries"].as_array().expect("a list").clone();
        if all.len() == count && all.iter().all(&is_so) {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    unreachable!("no {count} of these: {last}");
}

async fn news(payroll: &Payroll) -> Vec<(String, bool)> {
    let events = payroll.get("/v1/events?after=0&limit=100").await.body;
    let all = events["events"].as_array().expect("events").iter().filter(|one| one["document"].is_string());
    all.map(|one| (one["document_news"].to_string(), one["submission"].is_null() && one["state"].is_null())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asked_for_it_is_sent_documents_and_messages_that_are_kept_told_of_and_collected() {
    let (app, payroll) = opened().await;
    let known = payroll.get("/v1/agencies").await.body.to_string();
    assert!(known.contains("\"electronic_delivery_procedures\":[\"900A990000000001\"]"), "{known}");
    let id = payroll.filed("apply", &application("auto")).await;
    let now = payroll.until_state(&id, "completed").await;
    assert_eq!(now["deliveries"][0]["arrival_number"].as_str().map(str::len), Some(18), "{now}");
    let all = sent(&payroll, 2, |one| one["state"] == "confirmed").await;
    let of = |kind: &str| all.iter().find(|one| one["kind"] == kind).expect("one of each").clone();
    let (document, message) = (of("electronic_delivery"), of("message"));
    assert_eq!(document["content"]["signature"], "valid", "{document}");
    assert!(document["delivery"].is_null() && document["agency_deadline"].is_string(), "{document}");
    assert_eq!(sandbox(&app).e_gov_sent_done(), [1]);
    assert_eq!(news(&payroll).await, vec![("\"available\"".to_owned(), true); 2]);
    // What was written to it, and its bytes.
    let own = format!("/v1/electronic-deliveries/{}", document["id"].as_str().expect("an id"));
    let letter = payroll.get(&own).await.body["letter"].clone();
    assert_eq!(letter["title"], "保険料納入告知額・領収済額通知書（見本）", "{letter}");
    let bytes = format!("/v1/documents/{}", document["id"].as_str().expect("an id"));
    let answer = payroll.get(&bytes).await;
    assert_eq!((answer.status, &answer.headers["document-type"]), (200, &"application/zip".parse().unwrap()));
    let said = payroll.get(&format!("/v1/documents/{}", message["id"].as_str().expect("an id"))).await.body;
    assert_eq!(said["message"], "見本です。効力はありません。", "{said}");
    // Nobody else's.
    let other = Payroll::open_as(&app.directory(), "load_test").await;
    assert_eq!((other.get(&own).await.status, other.get(&bytes).await.status), (404, 404));
    assert_eq!(other.get("/v1/electronic-deliveries").await.body["electronic_deliveries"], json!([]));
    assert_eq!(payroll.post_quietly(&bytes).await, 200);
    let gone = payroll.get(&own).await.body;
    assert_eq!((&gone["document"]["state"], gone["letter"].is_null()), (&json!("collected"), true), "{gone}");
    assert_eq!(payroll.get(&bytes).await.status, 409);
    // A filing's own id opens nothing here, and neither does a place that is none.
    assert_eq!(payroll.get(&format!("/v1/electronic-deliveries/{id}")).await.status, 404);
    assert_eq!(payroll.get("/v1/electronic-deliveries?after=x").await.status, 422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_whose_answer_was_lost_waits_for_a_person_and_is_never_made_twice() {
    let (app, payroll) = opened().await;
    for (n, (mood, is_there)) in [("lose_reply", true), ("broken", false)].into_iter().enumerate() {
        let before = counted(&agencies(&app).effects(), "e-gov").len();
        let id = payroll.filed(mood, &application(mood)).await;
        let parked = payroll.until(&id, "parked", |one| one["deliveries"][0]["is_looked_into"] == true).await;
        // Longer than any look-up, or another try, would wait.
        tokio::time::sleep(Duration::from_secs(6)).await;
        let counts = counted(&agencies(&app).effects(), "e-gov");
        assert_eq!((counts.len() - before, counts.values().all(|times| *times == 1)), (usize::from(is_there), true));
        let desk = Desk::new(Arc::clone(&app.store.store), Arc::new(SystemClock));
        let delivery = DeliveryId::parse(parked["deliveries"][0]["id"].as_str().expect("an id")).expect("an id");
        if is_there {
            let number = agencies(&app).effects().last().expect("an effect").arrival.clone();
            desk.arrived(&delivery, &ArrivalNumber::parse(&number).expect("a number")).await.expect("it is parked");
        } else {
            agencies(&app).feel(Some(madoguchi::sandbox::agencies::Mood::Auto));
            desk.retry(&delivery).await.expect("it is parked");
        }
        payroll.until_state(&id, "completed").await;
        let counts = counted(&agencies(&app).effects(), "e-gov");
        assert_eq!((counts.len(), counts.values().max()), (n + 1, Some(&1)), "{counts:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_without_an_application_of_ours_is_kept_and_what_was_late_is_told() {
    let (app, payroll) = opened().await;
    let now = Timestamp::from_millis(chrono::Utc::now().timestamp_millis());
    for n in 0..60 {
        sandbox(&app).send_by_e_gov(&format!("通知書{n}"), Some(now.plus(DAY * 30)));
    }
    // Over before it was heard of; and over today by the hour, so that it is not given any more.
    sandbox(&app).send_by_e_gov("遅い通知書", Some(now.minus(DAY * 3)));
    sandbox(&app).send_by_e_gov("今日までの通知書", Some(now));
    for _ in 0..300 {
        let told = news(&payroll).await;
        if told.len() == 62 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut told = news(&payroll).await.into_iter().map(|(word, _)| word).collect::<Vec<_>>();
    told.sort();
    let count = |word: &str| told.iter().filter(|one| one.contains(word)).count();
    assert_eq!((count("available"), count("missed"), count("expiring")), (60, 1, 1), "{told:?}");
    // By pages, each once.
    let (mut next, mut seen) = (String::new(), std::collections::BTreeSet::new());
    loop {
        let page = payroll.get(&format!("/v1/electronic-deliveries?limit=25{next}")).await.body;
        for one in page["electronic_deliveries"].as_array().expect("a list") {
            assert!(seen.insert(one["id"].to_string()), "{one}");
        }
        let Some(place) = page["next"].as_str() else { break };
        next = format!("&after={place}");
    }
    assert_eq!(seen.len(), 62);
    assert_eq!(sandbox(&app).e_gov_sent_done().iter().sum::<u32>(), 60, "each was ticked off once");
}
