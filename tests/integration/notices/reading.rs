//! What a citizen's software sees: once, in its order, while the citizen agrees, and nobody else's.

use super::{LIST, POST, Town, agreed, party, town};
use crate::support::calls::Told;
use crate::support::played::citizen::Citizen;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::ids::{CitizenNoticeId, SubjectId};
use madoguchi::domain::{Clock as _, Digest};
use madoguchi::store::Before;
use serde_json::{Value, json};
use std::time::Duration;

fn told(answer: &Told) -> (u16, &str) {
    answer.brief()
}

fn whole(town: &Town) -> Value {
    let mut notice = town.notice();
    notice["en"] = json!({"title": "About your child allowance", "body": "Please come to the counter."});
    notice["attachments"] = json!([
        {"name": "one.txt", "media_type": "text/plain", "base64": STANDARD.encode("見本")},
        {"name": "two.pdf", "media_type": "application/pdf", "base64": STANDARD.encode("%PDF")},
    ]);
    let day = (town.installation.clock.now().plus(Duration::from_hours(24 * 40))).date_in_japan();
    notice["payment"] = json!({"url": "https://city.example/pay?n=1", "due_on": day.to_string()});
    notice["response"] = json!({"url": "https://city.example/answer"});
    notice
}

/// The citizen behind the inbox's consent.
async fn subject(town: &Town) -> SubjectId {
    let grant = crate::matrix::stage::grant_of(&town.tokens);
    let grant = madoguchi::domain::ids::GrantId::parse(&grant).unwrap();
    town.installation.store.store.find_grant(&grant).await.unwrap().unwrap().subject.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_is_listed_opened_and_marked_and_each_showing_is_in_the_history() {
    let town = town().await;
    let id = town.posted(&whole(&town)).await;
    let list = town.read("GET", LIST).await;
    let one = list.body["items"][0].clone();
    assert_eq!((one["id"].as_str(), &one["is_read"], &one["place"]), (Some(id.as_str()), &json!(false), &json!(1)));
    assert_eq!(
        (&one["title"], &one["language"], &one["category_name"]),
        (&json!("児童手当のお知らせ"), &json!("ja"), &json!("子育て"))
    );
    assert_eq!(
        (&one["attachment_count"], &list.body["cursor"], &list.body["has_more"]),
        (&json!(2), &json!("1"), &json!(false))
    );
    assert!(one["body"].is_null(), "the list is not the text");

    let english = town.read("GET", &format!("{LIST}/{id}?language=en")).await.body;
    assert_eq!(
        (&english["summary"]["language"], &english["body"]),
        (&json!("en"), &json!("Please come to the counter."))
    );
    let opened = town.read("GET", &format!("{LIST}/{id}")).await.body;
    assert_eq!(
        (&opened["body"], &opened["response"]["url"]),
        (&json!("窓口へお越しください。"), &json!("https://city.example/answer"))
    );
    assert_eq!(opened["payment"]["due_on"], opened["summary"]["due_on"]);
    assert_eq!(opened["summary"]["is_read"], json!(false), "to look is not to have read");
    let file = town.read("GET", &format!("{LIST}/{id}/attachments/0")).await;
    assert_eq!((file.status, file.body.as_str(), file.header("document-type")), (200, Some("見本"), "text/plain"));
    assert_eq!((file.header("content-disposition"), file.header("cache-control")), ("attachment", "no-store"));
    assert_eq!(opened["attachments"][0]["sha256"], json!(Digest::of("見本").base64url()));
    for number in ["2", "-1", "99999999999", "x"] {
        assert_eq!(told(&town.read("GET", &format!("{LIST}/{id}/attachments/{number}")).await), (404, "not_found"));
    }

    let unread = format!("{LIST}?unread=true");
    for (method, read, left) in [("PUT", true, 0), ("PUT", true, 0), ("DELETE", false, 1), ("DELETE", false, 1)] {
        assert_eq!(told(&town.read(method, &format!("{LIST}/{id}/read")).await), (204, ""));
        assert_eq!(town.read("GET", LIST).await.body["items"][0]["is_read"], json!(read));
        assert_eq!(town.read("GET", &unread).await.body["items"].as_array().unwrap().len(), left);
    }
    let store = &town.installation.store.store;
    let lines = store.list_accesses(&subject(&town).await, &Before { entry: None, limit: 50 }).await.unwrap();
    assert_eq!(lines.len(), 10, "every page with a notice, every text and file");
    assert!(lines.iter().all(|line| line.client.as_str() == "inbox" && line.notices[0].as_str() == id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_sees_nothing_and_neither_does_whose_consent_ended() {
    let town = town().await;
    let id = town.posted(&whole(&town)).await;
    let paths = [format!("{LIST}/{id}"), format!("{LIST}/{id}/attachments/0")];
    // Another citizen, at the same inbox.
    let person = town.installation.sandbox.persons.iter().filter(|person| !person.is_suspended).nth(1).unwrap();
    let mut stranger = Citizen::new(&person.card_number, &person.pin).unwrap();
    let theirs = agreed(&town.inbox, &mut stranger, "openid notices").await;
    let as_stranger = (&town.inbox, theirs.access.as_str());
    assert!(town.read_as(as_stranger, "GET", LIST).await.body["items"].as_array().unwrap().is_empty());
    for path in &paths {
        assert_eq!(told(&town.read_as(as_stranger, "GET", path).await), (404, "not_found"), "{path}");
    }
    for method in ["PUT", "DELETE"] {
        assert_eq!(told(&town.read_as(as_stranger, method, &format!("{LIST}/{id}/read")).await), (404, "not_found"));
    }
    // The same citizen, who agreed to something else.
    let bank = party(&town.installation, "bank", ClientClass::Bank).await;
    let sign_in = agreed(&bank, &mut town.installation.citizen(), "openid").await;
    // A terminal, at which nobody is asked in its browser; the city itself, which has no consent.
    let kiosk = party(&town.installation, "kiosk", ClientClass::Kiosk).await;
    let no_browser = kiosk.push("openid notices", &Value::Null).await.err().expect("a shared terminal pushes nothing");
    assert!(no_browser.to_string().contains("unauthorized_client"), "{no_browser}");
    for path in paths.iter().map(String::as_str).chain([LIST]) {
        assert_eq!(told(&town.read_as((&bank, &sign_in.access), "GET", path).await), (403, "insufficient_scope"));
        assert_eq!(told(&town.read_as((&town.city, &town.posting), "GET", path).await), (403, "insufficient_scope"));
    }
    // A token of the client's own opens the webhook and nobody's notices.
    let own = super::own_token(&town.installation, &town.inbox, "notices").await;
    assert_eq!(told(&town.read_as((&town.inbox, &own), "GET", LIST).await), (403, "insufficient_scope"));
    // Another client's token, with one's own key.
    assert_eq!(told(&town.read_as((&bank, &town.tokens.access), "GET", LIST).await).0, 401);

    let mut citizen = town.installation.citizen();
    let dashboard = citizen.dashboard(&town.installation.public_url).await.unwrap();
    let text = dashboard.texts("main").join(" ");
    assert!(text.contains("お知らせ") || text.contains("Notices"), "{text}");
    citizen.revoke_all(&dashboard).await.unwrap();
    for path in paths.iter().map(String::as_str).chain([LIST]) {
        assert_eq!(told(&town.read("GET", path).await), (401, "invalid_token"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_scheduled_comes_after_the_cursor_when_its_time_comes_and_goes_when_it_is_over() {
    let town = town().await;
    let now = town.installation.clock.now();
    let mut later = town.notice();
    later["ja"]["title"] = json!("あとで");
    later["deliver_at"] = json!(now.plus(Duration::from_secs(20)).rfc3339());
    later["expires_at"] = json!(now.plus(Duration::from_secs(40)).rfc3339());
    let scheduled = town.posted(&later).await;
    let first = town.posted(&town.notice()).await;
    let posted = |id: &str| format!("{POST}/{id}");
    let state = town.read_as((&town.city, &town.posting), "GET", &posted(&scheduled)).await.body["state"].clone();
    assert_eq!(state, json!("scheduled"));
    let list = town.read("GET", LIST).await.body;
    assert_eq!((list["items"].as_array().unwrap().len(), &list["items"][0]["id"]), (1, &json!(first)));
    let on = format!("{LIST}?after={}", list["cursor"].as_str().unwrap());
    assert_eq!(
        told(&town.read("GET", &format!("{LIST}/{scheduled}")).await),
        (404, "not_found"),
        "not before its time"
    );
    assert_eq!(told(&town.read("PUT", &format!("{LIST}/{scheduled}/read")).await), (404, "not_found"));

    town.installation.clock.advance(Duration::from_secs(21));
    town.until(2).await;
    let list = town.read("GET", &on).await.body;
    assert_eq!((list["items"].as_array().unwrap().len(), &list["items"][0]["id"]), (1, &json!(scheduled)), "{list}");
    let on = format!("{LIST}?after={}", list["cursor"].as_str().unwrap());
    assert!(town.read("GET", &on).await.body["items"].as_array().unwrap().is_empty());

    town.installation.clock.advance(Duration::from_secs(20));
    assert_eq!(town.titles().await, ["児童手当のお知らせ"], "what is over is gone");
    assert_eq!(told(&town.read("GET", &format!("{LIST}/{scheduled}")).await), (404, "not_found"));
    let state = town.read_as((&town.city, &town.posting), "GET", &posted(&scheduled)).await.body["state"].clone();
    assert_eq!(state, json!("expired"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_read_page_by_page_and_what_is_wrong_is_told() {
    let town = town().await;
    for n in 0..7 {
        let mut notice = town.notice();
        notice["ja"]["title"] = json!(format!("{n}"));
        notice["category"] = json!(if n % 3 == 0 { "tax" } else { "pension" });
        town.posted(&notice).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), "0".to_owned());
    loop {
        let page = town.read("GET", &format!("{LIST}?limit=2&after={cursor}")).await.body;
        seen.extend(page["items"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap().to_owned()));
        cursor = page["cursor"].as_str().unwrap().to_owned();
        if page["has_more"] == json!(false) {
            break;
        }
    }
    assert_eq!(seen, ["0", "1", "2", "3", "4", "5", "6"]);
    let page = town.read("GET", &format!("{LIST}?category=tax&limit=2")).await.body;
    assert_eq!((page["items"].as_array().unwrap().len(), &page["has_more"]), (2, &json!(true)), "{page}");
    let rest = town.read("GET", &format!("{LIST}?category=tax&after={}", page["cursor"].as_str().unwrap())).await.body;
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["has_more"]), (1, &json!(false)), "{rest}");
    for (query, at) in [
        ("after=-1", "after"),
        ("after=99999999999999999999", "after"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("category=nonsense", "category"),
        ("language=fr", "language"),
        ("unread=maybe", "unread"),
        ("more=1", "more"),
    ] {
        let answer = town.read("GET", &format!("{LIST}?{query}")).await;
        assert_eq!((told(&answer), answer.body["pointer"].as_str()), ((422, "invalid_value"), Some(at)), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_due_is_reminded_of_once_as_the_rules_say() {
    let town = town().await;
    let due = town.installation.clock.now().plus(Duration::from_hours(24 * 40)).date_in_japan();
    let link = json!({"url": "https://city.example/genkyo", "due_on": due.to_string()});
    let mut report = whole(&town);
    (report["category"], report["response"], report["payment"]) = (json!("status_report"), link.clone(), Value::Null);
    let id = town.posted(&report).await;
    // A category without a rule, and one whose citizen is told too late for another word.
    let mut other = report.clone();
    other["category"] = json!("pension");
    town.posted(&other).await;
    let mut late = report.clone();
    late["deliver_at"] = json!(town.installation.clock.now().plus(Duration::from_hours(24 * 30)).rfc3339());
    town.posted(&late).await;
    let (store, citizen) = (&town.installation.store.store, subject(&town).await);
    let seen = async || store.list_citizen_notices(&citizen, 0, (town.installation.clock.now(), 50)).await.unwrap();
    assert_eq!(seen().await.len(), 2);
    town.installation.clock.advance(Duration::from_hours(24 * 27));
    for _ in 0..200 {
        if seen().await.len() > 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let all = seen().await;
    assert_eq!(all.len(), 3, "once");
    let reminder = &all[2].notice;
    assert_eq!(reminder.reminder_of.as_ref().map(CitizenNoticeId::as_str), Some(id.as_str()));
    assert_eq!(reminder.ja.title, "【期限が近づいています】児童手当のお知らせ");
    assert_eq!(reminder.en.as_ref().unwrap().title, "[Due soon] About your child allowance");
    assert_eq!(reminder.response.as_ref().unwrap().due_on, Some(due));
    assert!(reminder.attachments.is_empty());
}
