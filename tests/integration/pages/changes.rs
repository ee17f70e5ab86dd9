//! A change of a consent shows the difference: what is added is marked, what stays is folded, and nothing is lost by it.

use super::browser::{Browser, Page};
use super::counter::{Counter, INCOME, request};
use madoguchi::domain::consent::{AskedItem, Need};
use madoguchi::domain::data_set::ItemCode;
use madoguchi::domain::grant::Grant;
use madoguchi::protocol::authorization_request::{AuthorizationRequest, GrantManagement};

fn item(code: &str) -> ItemCode {
    ItemCode::parse(code).unwrap()
}

/// A request for these items for 60 days, as a change.
fn changing(change: GrantManagement, items: &[(&str, Need)]) -> AuthorizationRequest {
    let mut request = AuthorizationRequest { grant_management: change, ..request() };
    let ask = request.ask.as_mut().unwrap();
    ask.access_days = 60;
    ask.data_sets[0].items = items.iter().map(|(code, need)| AskedItem { code: item(code), need: *need }).collect();
    request
}

async fn grant_of(counter: &Counter, code: &str) -> Grant {
    counter.store.find_grant(&counter.take_code(code).await.grant).await.unwrap().unwrap()
}

/// A grant of the two required items and one of the two optional ones, for 30 days.
async fn agreed(counter: &Counter, browser: &mut Browser) -> Grant {
    let page = browser.arrive(&counter.push("1", &request()).await, "p1").await;
    let ticked = format!("{INCOME}:0200000030");
    let back = browser.submit(&page, "/consent", &[("decision", "agree"), ("item", &ticked)]).await;
    grant_of(counter, &back.query("code")).await
}

fn ticked(page: &Page) -> Vec<String> {
    page.form("/consent").into_iter().filter(|(name, _)| name == "item").map(|(_, value)| value).collect()
}

#[actix_web::test]
async fn what_is_added_is_marked_and_what_stays_is_folded_and_stays() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let grant = agreed(&counter, &mut browser).await;
    let all = [
        ("0200000010", Need::Required),
        ("0200000020", Need::Required),
        ("0200000030", Need::Optional),
        ("0200000040", Need::Optional),
        ("0200000050", Need::Required),
    ];
    let merge = GrantManagement::Merge { grant: grant.id.clone() };
    let page = browser.arrive(&counter.push("2", &changing(merge, &all)).await, "p1").await;
    let kept = format!("#set-{INCOME}-kept");
    assert_eq!(page.texts(&format!("{kept} .item-name")).len(), 3, "two required, one that was ticked");
    assert!(page.text(&format!("{kept} summary")).contains("3 items that you agreed to before"));
    assert_eq!(page.texts(&format!("details{kept} .tag.go")).len(), 0, "what stays is not marked");
    // Each by a word beside its name, which a screen reader reads too.
    assert_eq!(page.texts(".set .tag.go"), ["Added", "Added"]);
    assert_eq!(ticked(&page), [format!("{INCOME}:0200000030")], "only what they ticked before");
    let difference = page.text(".difference");
    assert!(difference.contains("For how long 30 days"), "{difference}");
    assert_eq!((page.text(".difference del"), page.text(".difference ins")), ("30 days".into(), "60 days".into()));
    assert!(!difference.contains("No longer shared"), "{difference}");
    // Who only agrees keeps what they had, and the new optional item is not shared.
    let back = browser.submit(&page, "/consent", &[("decision", "agree")]).await;
    let consent = grant_of(&counter, &back.query("code")).await.consent.unwrap();
    let expected = ["0200000010", "0200000020", "0200000030", "0200000050"].map(item);
    assert_eq!((&consent.data_sets[0].items[..], consent.access_days), (&expected[..], 60));
    // The dashboard says what that decision changed.
    browser.dashboard("p1").await;
    let page = browser.get(&format!("/dashboard/grants/{}", grant.id)).await;
    assert_eq!(page.texts("#earlier").len(), 1);
    assert_eq!(page.texts("article .difference .tag"), ["Added"]);
    assert_eq!(page.text("article .difference ins"), "60 days");
}

#[actix_web::test]
async fn a_replacement_says_what_is_no_longer_shared() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let grant = agreed(&counter, &mut browser).await;
    let replace = GrantManagement::Replace { grant: grant.id.clone() };
    let fewer = [("0200000010", Need::Required)];
    let page = browser.arrive(&counter.push("2", &changing(replace, &fewer)).await, "p1").await;
    assert_eq!(page.texts(".difference .tag"), ["Removed"]);
    assert_eq!(page.texts(".difference > .items .plain-list li").len(), 2, "a required item and a ticked one");
    assert_eq!(page.texts(".set .tag.go").len(), 0);
    assert_eq!(ticked(&page).len(), 0);
    let back = browser.submit(&page, "/consent", &[("decision", "agree")]).await;
    let consent = grant_of(&counter, &back.query("code")).await.consent.unwrap();
    assert_eq!(consent.data_sets[0].items, [item("0200000010")]);
    browser.dashboard("p1").await;
    let page = browser.get(&format!("/dashboard/grants/{}", grant.id)).await;
    assert_eq!(page.texts("article .difference .tag"), ["Removed"]);
}

#[actix_web::test]
async fn the_same_for_another_time_is_not_taken_for_the_same_decision() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let grant = agreed(&counter, &mut browser).await;
    let replace = GrantManagement::Replace { grant: grant.id };
    let mut wider = changing(replace, &[("0200000010", Need::Required), ("0200000030", Need::Optional)]);
    wider.ask.as_mut().unwrap().data_sets[0].period = None;
    let page = browser.arrive(&counter.push("2", &wider).await, "p1").await;
    assert_eq!(page.texts(".set .tag.go"), ["Changed", "Changed"]);
    assert_eq!((page.texts(".set details.kept").len(), ticked(&page).len()), (0, 0));
    assert!(page.text(".difference").contains("Time the data is about: Income and local tax"));
}
