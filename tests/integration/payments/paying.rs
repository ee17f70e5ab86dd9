//! Whoever has the address pays, by each way, once.

use super::{Desk, PAYMENTS, attempt_of, browser, choose, desk, finish};
use futures_util::future::join_all;
use madoguchi::domain::ids::PaymentId;
use madoguchi::domain::payment::PaymentState;
use madoguchi::sandbox::payment::PaymentMood;
use madoguchi::store::PaymentBy;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_way_is_paid_at_the_services_own_page_and_gives_a_signed_receipt() {
    let desk = desk().await;
    for (way, bank) in [("pay_easy", "shinkin_bank"), ("mobile_register", "bank"), ("card", "")] {
        let (id, url) = desk.made().await;
        let mut browser = browser();
        let page = browser.open(&url, "").await.unwrap();
        let text = page.texts("main").join(" ");
        assert!(text.contains("¥12,500") && text.contains("Tax, first term") && text.contains("Not paid"), "{text}");
        let at_bank = choose(&mut browser, &url, (way, bank)).await;
        assert!(at_bank.url.as_str().starts_with(&desk.service()), "{}", at_bank.url);
        assert_eq!(desk.state(&id).await, "started");
        let back = finish(&mut browser, &at_bank, "pay").await;
        assert!(back.texts("#payment-state") == ["Paid"], "{}", back.text());
        let told = desk.call("GET", &format!("{PAYMENTS}/{id}")).await;
        assert_eq!((&told.body["state"], &told.body["paid"]["way"]), (&json!("paid"), &json!(way)), "{told:?}");
        // The page behind the address says so, too, and both have the same receipt.
        let mut claims = Vec::new();
        for path in [url.clone(), back.url.to_string()] {
            let path = path.split('?').next().unwrap();
            let receipt = browser.open(&format!("{path}/receipt"), "").await.unwrap();
            assert_eq!(receipt.status, 200);
            claims.push(read(&desk.installation.public_url, &receipt.html).await);
        }
        assert_eq!(claims[0], claims[1]);
        assert_eq!((&claims[0]["payment"], &claims[0]["amount"]), (&json!(id), &json!(12_500)));
        assert_eq!(claims[0]["jti"], told.body["paid"]["receipt"]);
        assert!(browser.open(&url, "").await.unwrap().form_with("way").is_err(), "nobody pays it again");
    }
    let lines = desk.lines().await;
    let totals: Vec<_> =
        lines["totals"].as_array().unwrap().iter().map(|one| (&one["count"], &one["amount"])).collect();
    assert_eq!(totals, vec![(&json!(1), &json!(12_500)); 3], "{lines}");
}

/// The claims of a receipt whose signature is right by the counter's published keys.
async fn read(counter: &str, receipt: &str) -> Value {
    let keys = reqwest::get(format!("{counter}/oauth/jwks")).await.unwrap().text().await.unwrap();
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&keys).unwrap();
    let header = jsonwebtoken::decode_header(receipt).unwrap();
    assert_eq!(header.typ.as_deref(), Some("payment-receipt+jwt"));
    let key = keys.find(&header.kid.unwrap()).expect("a published key");
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    rules.set_required_spec_claims(&["iss"]);
    (rules.validate_exp, rules.validate_aud) = (false, false);
    let key = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
    jsonwebtoken::decode::<Value>(receipt, &key, &rules).unwrap().claims
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_comes_back_settles_nothing_and_one_that_the_service_did_not_send_sees_nothing() {
    let desk = desk().await;
    let (id, url) = desk.made().await;
    let mut browser = browser();
    let at_bank = choose(&mut browser, &url, ("card", "")).await;
    let back = finish(&mut browser, &at_bank, "cancel").await;
    assert_eq!(back.texts("#payment-state"), ["Being paid"], "it was begun, and nothing was taken");
    let again = browser.open(&url, "").await.unwrap();
    assert!(back.links().iter().any(|href| url.ends_with(href)), "it can be begun anew: {:?}", back.links());
    assert!(again.texts("#again").is_empty(), "where it is begun, nothing leads there");
    let place = format!("{}/pay/returns/{}", desk.installation.public_url, attempt_of(&back));
    for query in ["?sent_at=1&signature=AAAA", "?sent_at=now&signature=", "?sent_at=99999999999999999999&signature=x"] {
        let page = browser.open(&format!("{place}{query}"), "").await.unwrap();
        assert!(page.status == 404 || page.status == 200, "{}", page.status);
        assert_eq!(desk.state(&id).await, "started", "{query}");
    }
    let page = browser.open(&format!("{place}?sent_at=1&signature=AAAA"), "").await.unwrap();
    assert_eq!(page.status, 404);
    // Another attempt can begin at once, and only that one is paid.
    let at_bank = choose(&mut browser, &url, ("pay_easy", "labour_bank")).await;
    let back = finish(&mut browser, &at_bank, "pay").await;
    assert_eq!(back.texts("#payment-state"), ["Paid"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_one_way_is_under_way_another_stops_it_and_nobody_pays_twice() {
    let desk = desk().await;
    let (id, url) = desk.made().await;
    let (mut one, mut two) = (browser(), browser());
    let first = choose(&mut one, &url, ("pay_easy", "bank")).await;
    let again = choose(&mut two, &url, ("pay_easy", "bank")).await;
    assert_eq!(first.url, again.url, "the same way goes on with the same attempt");
    let second = choose(&mut two, &url, ("card", "")).await;
    assert_ne!(first.url, second.url);
    let stopped = finish(&mut one, &first, "pay").await;
    assert_eq!(stopped.status, 400, "the first was stopped: {}", stopped.text());
    assert_eq!(finish(&mut two, &second, "pay").await.texts("#payment-state"), ["Paid"]);
    desk.until(&id, "paid").await;
    assert_eq!(desk.lines().await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_notifications_at_once_settle_once_and_what_comes_besides_is_an_excess() {
    let desk = desk().await;
    desk.installation.sandbox.payments().feel(PaymentMood::Twice);
    let (id, url) = desk.made().await;
    let mut browser = browser();
    let at_bank = choose(&mut browser, &url, ("card", "")).await;
    let back = finish(&mut browser, &at_bank, "pay").await;
    desk.until(&id, "paid").await;
    let attempt = attempt_of(&back);
    // Money by other names than the one that settled it.
    let told: Vec<Value> = (0..8).map(|n| desk.notification(&attempt, &format!("other-{}", n / 2), 12_500)).collect();
    let answers = join_all(told.iter().map(|one| desk.notify(one))).await;
    assert!(answers.iter().all(|answer| answer.status == 204), "{answers:?}");
    let again = desk.notify(&told[0]).await;
    assert_eq!((again.status, again.code()), (409, "conflict"), "the very same message is refused");
    let lines = desk.lines().await;
    let of = |kind: &str| lines["items"].as_array().unwrap().iter().filter(|one| one["counts_as"] == kind).count();
    assert_eq!((of("settled"), of("already_paid")), (1, 4), "{lines}");
    let total = &lines["totals"][0];
    assert_eq!(
        (&total["count"], &total["excess_count"], &total["excess_amount"]),
        (&json!(1), &json!(4), &json!(50_000))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_in_time_counts_after_the_day_ended_and_what_nobody_paid_expires() {
    let desk = desk().await;
    desk.installation.sandbox.payments().feel(PaymentMood::Silent);
    let ((paid, url), (left, other), (untouched, _)) = (desk.made().await, desk.made().await, desk.made().await);
    let mut browser = browser();
    let at_bank = choose(&mut browser, &url, ("card", "")).await;
    // It pays, and its browser never comes back: the redirect is not followed.
    let mut forms = at_bank.forms();
    let form = forms.iter_mut().find(|form| form.fields.iter().any(|(_, value)| value == "pay")).unwrap();
    form.set("card_number", super::cards::CANARY);
    browser.submit(&at_bank, form, &desk.installation.public_url).await.unwrap();
    choose(&mut browser, &other, ("card", "")).await;
    assert_eq!((desk.state(&paid).await, desk.state(&left).await), ("started".to_owned(), "started".to_owned()));
    // The service is away when the day ends: nothing expires that somebody may have paid.
    desk.installation.sandbox.payments().feel(PaymentMood::Down);
    desk.installation.clock.advance(Duration::from_hours(24 * 4));
    until(&desk, &untouched, PaymentState::Expired).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    for id in [&paid, &left] {
        assert_eq!(state(&desk, id).await, PaymentState::Started, "nobody knows yet");
    }
    desk.installation.sandbox.payments().feel(PaymentMood::Silent);
    for _ in 0..3 {
        desk.installation.clock.advance(Duration::from_secs(61));
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    until(&desk, &paid, PaymentState::Paid).await;
    until(&desk, &left, PaymentState::Expired).await;
    let page = browser.open(&other, "").await.unwrap();
    assert!(page.form_with("way").is_err() && page.text().contains("Expired"), "{}", page.text());
}

/// Where it stands in the store: tokens ended when the clock went on.
async fn state(desk: &Desk, id: &str) -> PaymentState {
    let id = PaymentId::parse(id).unwrap();
    desk.installation.store.store.find_payment(PaymentBy::Id(&id)).await.unwrap().unwrap().state
}

async fn until(desk: &Desk, id: &str, wanted: PaymentState) {
    for _ in 0..200 {
        if state(desk, id).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    unreachable!("it never was {wanted:?}: {:?}", state(desk, id).await);
}
