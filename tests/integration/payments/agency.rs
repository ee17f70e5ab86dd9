//! What an agency may ask for, what it is told, and that it is told of its own alone.

use super::{PAYMENTS, browser, choose, desk, desk_reaching, finish, other};
use crate::oauth::logout_server::LogoutServer;
use crate::support::calls::{Caller, Told};
use crate::support::played::keys::unguessable;
use futures_util::future::join_all;
use madoguchi::domain::client::ClientClass;
use serde_json::{Value, json};

fn told(answer: &Told) -> (u16, &str, Option<&str>) {
    (answer.status, answer.code(), answer.body["pointer"].as_str())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_same_calls_one_payment_comes_with_one_address() {
    let desk = desk().await;
    let wanted = desk.wanted();
    let answers = join_all((0..8).map(|_| desk.post("same", &wanted))).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body["url"]), (201, &answers[0].body["url"]), "{answer:?}");
    }
    let mut changed = wanted.clone();
    changed["amount"] = json!(1);
    let reused = (422, "idempotency_key_reused", Some("Idempotency-Key"));
    assert_eq!(told(&desk.post("same", &changed).await), reused);
    assert_eq!(desk.call("GET", PAYMENTS).await.body["items"].as_array().unwrap().len(), 1);
    let url = answers[0].body["url"].as_str().unwrap();
    let token = url.rsplit('/').next().unwrap();
    assert_eq!(token.len(), 43, "256 bits: {url}");
    for wrong in [&token[..42], &format!("{}A", &token[..42]), "x", "%00"] {
        let page = browser().open(&format!("{}/pay/{wrong}", desk.installation.public_url), "").await.unwrap();
        assert!(page.status == 404 || token == wrong, "{wrong}: {}", page.status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_by_its_place() {
    let desk = desk().await;
    let notice = json!({"notice": "ntc_unknown"});
    for (at, value, told_at) in [
        ("institution_number", json!("1399"), "/institution_number"),
        ("institution_number", json!("１３９９９"), "/institution_number"),
        ("payment_number", json!("1".repeat(21)), "/payment_number"),
        ("confirmation_number", json!("1234567"), "/confirmation_number"),
        ("payment_category", json!("12345678901"), "/payment_category"),
        ("payer_kana", json!("Mihon Taro"), "/payer_kana"),
        ("amount", json!(0), "/amount"),
        ("amount", json!(10_000_000_000_u64), "/amount"),
        ("title", json!({"ja": ""}), "/title/ja"),
        ("title", json!({"ja": "見本", "en": "\u{202e}"}), "/title/en"),
        ("due_on", json!("2020-01-01"), "/due_on"),
        ("due_on", json!("2099-01-01"), "/due_on"),
        ("due_on", json!("tomorrow"), "/due_on"),
        ("ways", json!([]), "/ways"),
        ("ways", json!(["card", "card"]), "/ways"),
        ("about", json!({}), "/about"),
        ("about", json!({"notice": "ntc_1", "application": "app_1"}), "/about"),
        ("about", notice, "/about/notice"),
        ("about", json!({"application": "app_unknown"}), "/about/application"),
    ] {
        let mut body = desk.wanted();
        body[at] = value;
        assert_eq!(told(&desk.post(&unguessable(), &body).await), (422, "invalid_value", Some(told_at)), "{body}");
    }
    for body in [json!({}), json!([]), json!({"amount": 1.5})] {
        assert_eq!(desk.post(&unguessable(), &body).await.code(), "invalid_request", "{body}");
    }
    for query in ["date=today", "after=x", "limit=0", "limit=101", "day=1"] {
        let answer = desk.call("GET", &format!("{PAYMENTS}/settlements?{query}")).await;
        assert_eq!((answer.status, answer.code()), (422, "invalid_value"), "{query}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_sees_its_own_alone_and_who_is_none_asks_for_nothing() {
    let desk = desk().await;
    let (id, url) = desk.made().await;
    let mut browser = browser();
    let page = choose(&mut browser, &url, ("card", "")).await;
    finish(&mut browser, &page, "pay").await;
    let (tax, token) = other(&desk, "tax").await;
    let as_tax = (&tax, token.as_str());
    for path in [PAYMENTS.to_owned(), format!("{PAYMENTS}/settlements")] {
        let answer = desk.send(as_tax, "GET", &path, None).await;
        assert!(answer.status == 200 && answer.body["items"].as_array().unwrap().is_empty(), "{answer:?}");
    }
    for (method, path) in [("GET", format!("{PAYMENTS}/{id}")), ("POST", format!("{PAYMENTS}/{id}/cancel"))] {
        let body = json!({});
        let body = (method == "POST").then_some(("k", &body));
        assert_eq!(told(&desk.send(as_tax, method, &path, body).await), (404, "not_found", Some("id")));
    }
    let bank = desk.installation.party("bank", ClientClass::Bank, "measurement").await;
    let token = super::token(&desk.installation, &bank).await;
    for path in [PAYMENTS.to_owned(), format!("{PAYMENTS}/settlements")] {
        assert_eq!(desk.send((&bank, &token), "GET", &path, None).await.code(), "refused_by_policy");
    }
    let wanted = desk.wanted();
    assert_eq!(desk.send((&bank, &token), "POST", PAYMENTS, Some(("k", &wanted))).await.code(), "refused_by_policy");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_is_cancelled_until_it_is_paid_and_whoever_is_paying_is_stopped() {
    let desk = desk().await;
    let (id, url) = desk.made().await;
    let mut browser = browser();
    let at_bank = choose(&mut browser, &url, ("pay_easy", "credit_union")).await;
    let cancel = format!("{PAYMENTS}/{id}/cancel");
    for _ in 0..2 {
        let answer = desk.call("POST", &cancel).await;
        assert_eq!((answer.status, &answer.body["state"]), (200, &json!("cancelled")), "{answer:?}");
    }
    assert_eq!(finish(&mut browser, &at_bank, "pay").await.status, 400, "it was stopped");
    let page = browser.open(&url, "").await.unwrap();
    assert!(page.form_with("way").is_err() && page.text().contains("Cancelled"), "{}", page.text());
    assert_eq!(desk.lines().await["cancelled"], json!(1));
    let (paid, url) = desk.made().await;
    let page = choose(&mut browser, &url, ("card", "")).await;
    finish(&mut browser, &page, "pay").await;
    let answer = desk.call("POST", &format!("{PAYMENTS}/{paid}/cancel")).await;
    assert_eq!(told(&answer), (409, "conflict", Some("id")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_goes_on_where_it_was_and_comes_as_csv() {
    let desk = desk().await;
    let mut browser = browser();
    for _ in 0..3 {
        let (_, url) = desk.made().await;
        let page = choose(&mut browser, &url, ("pay_easy", "norinchukin")).await;
        finish(&mut browser, &page, "pay").await;
    }
    let first = desk.call("GET", &format!("{PAYMENTS}/settlements?limit=2")).await.body;
    assert_eq!((first["items"].as_array().unwrap().len(), &first["has_more"]), (2, &json!(true)), "{first}");
    let rest = desk.call("GET", &format!("{PAYMENTS}/settlements?after={}", first["next"])).await.body;
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["has_more"]), (1, &json!(false)), "{rest}");
    let end = desk.call("GET", &format!("{PAYMENTS}/settlements?after={}", rest["next"])).await.body;
    assert_eq!((&end["items"], &end["next"]), (&json!([]), &rest["next"]));
    let caller = Caller::new(&desk.city, &desk.installation, 0);
    let path = format!("{PAYMENTS}/settlements");
    let proof = caller.proof("GET", &path, Some(&desk.token));
    let request = caller.request("GET", &format!("{path}?limit=2")).header("dpop", proof).header("accept", "text/csv");
    let csv = Told::by(request.header("authorization", format!("DPoP {}", desk.token))).await;
    assert_eq!((csv.status, csv.header("content-type")), (200, "text/csv; charset=utf-8"), "{csv:?}");
    assert_eq!(csv.header("link"), format!("<{path}?limit=2&after=2>; rel=\"next\""));
    let text = csv.body.as_str().unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains("\"pay_easy\",\"norinchukin\"") && text.starts_with("place,settlement,"), "{text}");
}

#[actix_web::test]
async fn the_agencys_software_is_told_by_the_id_alone() {
    let server = LogoutServer::start(&[]);
    let desk = desk_reaching(server.reach()).await;
    let caller = Caller::new(&desk.city, &desk.installation, 0);
    let put = caller.call(&desk.token, "PUT", "/v1/webhook", Some(&json!({"url": server.uri("city")}))).await;
    assert_eq!(put.status, 200, "{put:?}");
    let (id, url) = desk.made().await;
    let mut browser = browser();
    let page = choose(&mut browser, &url, ("card", "")).await;
    finish(&mut browser, &page, "pay").await;
    let posts = server.posts(1).await;
    let body: Value = serde_json::from_str(&posts[0].2).unwrap();
    let data = json!({"payment": id, "is_looked_into": false});
    assert_eq!((&body["type"], &body["data"]), (&json!("payment.settled"), &data), "and nothing else");
}
