//! No card number is taken, kept or logged here.

use super::{browser, choose, desk, finish};
use crate::support::played::keys::unguessable;
use serde_json::{Value, json};

/// Made up; its check digit is right.
pub const CANARY: &str = "4929 4212 3460 0821";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_number_is_refused_wherever_it_is_written() {
    let desk = desk().await;
    let spellings = ["4929421234600821", CANARY, "４９２９４２１２３４６００８２１", "カード 4929-4212-3460-0821 です"];
    for text in spellings {
        for at in ["/title/ja", "/title/en", "/payer_kana", "/due_on", "/extra", "/ways/0"] {
            let mut body = desk.wanted();
            let mut place = &mut body;
            for name in at.split('/').skip(1) {
                if name == "0" {
                    *place = json!([""]);
                    place = &mut place[0];
                } else {
                    place = &mut place[name];
                }
            }
            *place = json!(text);
            let told = desk.post(&unguessable(), &body).await;
            let brief = (told.status, told.code(), told.body["pointer"].as_str());
            assert_eq!(brief, (422, "card_number_refused", Some(at)), "{told:?}");
            assert!(!told.body.to_string().contains("4929"), "it is not told back: {told:?}");
        }
    }
    let mut body = desk.wanted();
    body["4929421234600821"] = json!(1);
    assert_eq!(desk.post(&unguessable(), &body).await.code(), "card_number_refused");
    body = desk.wanted();
    body["payment_number"] = json!("4929421234600821");
    assert_eq!(desk.post(&unguessable(), &body).await.status, 201, "a payment's number may look so by chance");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_takes_no_card_number_and_the_store_and_the_figures_have_none() {
    let desk = desk().await;
    let (id, url) = desk.made().await;
    let mut browser = browser();
    let page = browser.open(&url, "").await.unwrap();
    let mut form = page.form_with("way").unwrap();
    form.set("way", "card");
    form.set("card_number", CANARY);
    let refused = browser.submit(&page, &form, "").await.unwrap();
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("card company") && !refused.html.contains("4929"), "{}", refused.text());
    assert_eq!(desk.state(&id).await, "open");
    // Typed where it belongs, it stays there.
    let at_card = choose(&mut browser, &url, ("card", "")).await;
    let back = finish(&mut browser, &at_card, "pay").await;
    assert_eq!(back.texts("#payment-state"), ["Paid"], "{}", back.text());
    // The service's own name for it may look so by chance: the money counts, once, and the number is not kept.
    for reference in ["4929421234600821", "4929421234600821", "fine"] {
        let told = desk.notify(&desk.notification(&super::attempt_of(&back), reference, 12_500)).await;
        assert_eq!(told.status, 204, "{told:?}");
    }
    let mut hidden = desk.notification(&super::attempt_of(&back), "more", 12_500);
    hidden["taking"]["card_number"] = json!(CANARY);
    assert_eq!(desk.notify(&hidden).await.status, 400);
    let lines: Value = desk.lines().await;
    assert!(!lines.to_string().contains("4929"), "{lines}");
    let events = desk
        .installation
        .store
        .store
        .list_settlements(&madoguchi::domain::ids::ClientId::parse("city").unwrap(), None, (0, 100))
        .await
        .unwrap();
    let kept = format!("{events:?}");
    assert!(!kept.contains("4929") && kept.contains("fine"), "{kept}");
    assert_eq!((events.len(), kept.matches("hidden-").count()), (3, 1), "{kept}");
}
