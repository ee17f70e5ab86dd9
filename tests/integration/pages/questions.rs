//! Questions of yes or no on the consent page.

use super::browser::Browser;
use super::consent::grant_of;
use super::counter::{Counter, INCOME, request};
use madoguchi::domain::consent::{AskedPredicate, Need};
use madoguchi::domain::predicate::{FactCode, Operator, Predicate};

fn question(value: u32) -> Predicate {
    let fact = FactCode::parse("income.total").unwrap();
    Predicate { fact, operator: Operator::Ge, value, year: Some(2025) }
}

#[actix_web::test]
async fn a_question_is_read_in_words_and_can_be_left_out_alone() {
    let counter = Counter::start().await;
    let mut asked = request();
    let asked_predicate = |value, need| AskedPredicate { predicate: question(value), need };
    asked.ask.as_mut().unwrap().data_sets[0].items.clear();
    asked.ask.as_mut().unwrap().data_sets[0].period = None;
    asked.ask.as_mut().unwrap().data_sets[0].predicates = vec![
        asked_predicate(3_000_000, Need::Required),
        asked_predicate(5_000_000, Need::Optional),
        asked_predicate(7_000_000, Need::Optional),
    ];
    let mut browser = Browser::at(&counter.address);
    let page = browser.arrive(&counter.push("1", &asked).await, "p1").await;
    let text = page.text("main");
    for needed in [
        "Total income (2025): 3,000,000 yen or more?",
        "Total income (2025): 5,000,000 yen or more?",
        "Yes or no only",
        "never shared",
        "The time named in the question",
    ] {
        assert!(text.contains(needed), "{needed} is not on the page: {text}");
    }
    let preview = page.text("details.preview pre");
    assert!(preview.contains("\"answer\": \"yes\"") && preview.contains("3000000"), "{preview}");
    assert!(!preview.contains("5000000"), "{preview}");
    // A required question, or one that was never asked, cannot be ticked.
    for wrong in ["q0", "q3", "q"] {
        let item = format!("{INCOME}:{wrong}");
        let refused = browser.submit(&page, "/consent", &[("decision", "agree"), ("item", item.as_str())]).await;
        assert_eq!(refused.status, 400, "{wrong}");
    }
    let ticked = format!("{INCOME}:q2");
    let shown = browser.submit(&page, "/consent", &[("decision", "preview"), ("item", ticked.as_str())]).await;
    assert!(shown.text("details.preview pre").contains("7000000"), "{}", shown.html);
    let answer = browser.submit(&page, "/consent", &[("decision", "agree"), ("item", ticked.as_str())]).await;
    assert_eq!(answer.status, 303);
    let set = grant_of(&counter, &answer.query("code")).await.consent.unwrap().data_sets.remove(0);
    assert_eq!(set.predicates, [question(3_000_000), question(7_000_000)]);
    assert_eq!(set.refused_predicates, [question(5_000_000)]);
    assert!(set.items.is_empty() && set.refused.is_empty());
}
