//! Payments (公金決済) that are about an application: whoever applied sees them with it, and nobody else does.

use super::Payroll;
use super::applications::{ALL, CARD, OTHER_CARD, apply, id_of, nursery, parties};
use crate::support::played::citizen::Citizen;
use madoguchi::domain::{Clock as _, SystemClock};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const PAYMENTS: &str = "/agency/v1/payments";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_to_be_paid_for_an_application_is_shown_with_it() {
    let all = parties().await;
    let id = id_of(&apply(&all.family, "one", &nursery()).await);
    let other = id_of(&apply(&all.family, "two", &nursery()).await);
    let cashier = Payroll::open_for(&all.app.directory(), "city_notices", "agency_payments").await;
    let due = SystemClock.now().plus(Duration::from_hours(72)).date_in_japan();
    let fee = json!({
        "institution_number": "13999", "payment_number": "12345678901234", "confirmation_number": "123456",
        "amount": 300, "title": {"ja": "証明手数料", "en": "Certificate fee"}, "due_on": due.to_string(),
        "about": {"application": id},
    });
    let ask = async |key: &str, fee: &Value| {
        cashier.send((Method::POST, PAYMENTS), &[("idempotency-key", key)], Some(fee)).await
    };
    let made = ask("fee", &fee).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let shown = async |id: &str| all.family.get(&format!("{ALL}/{id}")).await.body["payments"].clone();
    let one = shown(&id).await;
    let url = made.body["url"].as_str().unwrap();
    assert_eq!((one[0]["url"].as_str(), &one[0]["amount"], &one[0]["state"]), (Some(url), &json!(300), &json!("open")));
    assert_eq!(shown(&other).await, json!([]), "it is about the first alone");
    let counter = all.app.url().to_owned();
    let page = async |(card, pin): (&str, &str)| {
        let mut citizen = Citizen::new(card, pin).unwrap();
        citizen.dashboard(&counter).await.unwrap();
        citizen.open(&format!("{counter}/dashboard/applications")).await.unwrap()
    };
    let own = page(CARD).await;
    let text = own.texts(".payments li").join(" ");
    assert!(text.contains("Certificate fee") && text.contains("¥300") && text.contains("Due"), "{text}");
    assert!(own.links().iter().any(|href| href == url), "{:?}", own.links());
    assert!(page(OTHER_CARD).await.texts(".payments li").is_empty());
    let cancelled = cashier.post(&format!("{PAYMENTS}/{}/cancel", made.body["id"].as_str().unwrap()), None).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    assert_eq!(shown(&id).await[0]["state"], "cancelled");
}
