//! Yes or no instead of data: answered without the value, consented as such, and no way to halve down to it.

use super::{Bank, INCOME, code, income};
use crate::support::played::citizen::Citizen;
use crate::support::played::third_party::Tokens;
use serde_json::{Value, json};

const WAIT: [(&str, &str); 1] = [("prefer", "wait=20")];
/// What the record of the citizen who agrees says of 2025.
const TOTAL: &str = "4552000";

fn over(value: u64) -> Value {
    json!({"fact": "income.total", "operator": "ge", "value": value, "year": 2025})
}

fn age(operator: &str, value: u64) -> Value {
    json!({"fact": "age", "operator": operator, "value": value})
}

/// A bank that may be answered `income` about 2025, whether the citizen is of age, and nothing else.
async fn agreed(days: u32, income: &[u64]) -> Bank {
    let income: Vec<Value> = income.iter().map(|value| over(*value)).collect();
    let sets = json!([
        {"code": INCOME, "predicates": income},
        {"code": "TM00000000000001", "predicates": [age("ge", 20)]},
    ]);
    Bank::agreed_with(days, &json!({"data_sets": sets})).await
}

/// A further consent of the same citizen, to questions about income alone.
async fn agree_again(bank: &Bank, days: u32, income: &[u64]) -> Tokens {
    let income: Vec<Value> = income.iter().map(|value| over(*value)).collect();
    let details = json!([{
        "type": "self_information", "purpose": bank.party.file.purpose, "access_days": days,
        "data_sets": [{"code": INCOME, "predicates": income}],
    }]);
    Bank::agree(&bank.party, &details).await
}

fn asking(predicates: &[Value]) -> Value {
    json!({"predicates": predicates})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_is_answered_without_the_value() {
    let bank = agreed(30, &[3_000_000, 5_000_000]).await;
    let told = bank.ask(&asking(&[over(3_000_000), over(5_000_000), age("ge", 20)]), &WAIT).await;
    assert_eq!(told.status, 200, "{}", told.body);
    let answers: Vec<&Value> = told.body["predicates"].as_array().unwrap().iter().map(|p| &p["answer"]).collect();
    assert_eq!(answers, [&json!("yes"), &json!("no"), &json!("yes")]);
    let first = &told.body["predicates"][0];
    let mut expected = over(3_000_000);
    expected["answer"] = json!("yes");
    assert_eq!(first, &expected, "the question as it was asked, and nothing else");
    assert_eq!(told.body["data_sets"], json!([]));
    assert!(!told.body.to_string().contains(TOTAL) && !told.body.to_string().contains("1988"));
    // What was agreed to can be read back, and what was asked is in the history, without the answers.
    let consent = bank.get("/v1/consent", &[]).await;
    assert_eq!(consent.body["data_sets"][0]["predicates"], json!([over(3_000_000), over(5_000_000)]));
    assert_eq!(consent.body["data_sets"][0]["items"], json!([]));
    let receipt = format!("/v1/receipts/{}", told.body["receipt_id"].as_str().unwrap());
    let mut kept = bank.get(&receipt, &[]).await;
    for _ in 0..50 {
        if kept.status == 200 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        kept = bank.get(&receipt, &[]).await;
    }
    // Of the record alone: identifiers and digests are random and may spell anything.
    let text = kept.body["record"]["data_sets"].to_string();
    assert!(text.contains("income.total >= 3000000 in 2025"), "{text}");
    assert!(!text.contains("yes") && !text.contains("answer\"") && !text.contains(TOTAL), "{text}");
    let mut citizen = Citizen::new("1000000000000001", "1234").unwrap();
    let dashboard = citizen.dashboard(bank.app.url()).await.unwrap();
    let page = citizen.newest_grant(&dashboard).await.unwrap().texts("main").join(" ");
    assert!(page.contains("Total income (2025): 3,000,000 yen or more?"), "{page}");
    assert!(!page.contains("4,552,000") && !page.contains(TOTAL));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_is_as_long_whatever_it_is() {
    let bank = agreed(30, &[1_000_000, 9_000_000]).await;
    let mut lengths = Vec::new();
    for value in [1_000_000, 9_000_000] {
        let told = bank.ask(&asking(&[over(value)]), &WAIT).await;
        assert_eq!(told.status, 200, "{}", told.body);
        lengths.push(told.headers["content-length"].to_str().unwrap().to_owned());
    }
    assert_eq!(lengths[0], lengths[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_question_that_was_agreed_to_is_answered_and_no_data_with_it() {
    let bank = agreed(30, &[3_000_000]).await;
    for (asked, pointer) in [
        (over(3_000_001), "/predicates/0"),
        (json!({"fact": "income.total", "operator": "lt", "value": 3_000_000, "year": 2025}), "/predicates/0"),
        (json!({"fact": "income.total", "operator": "ge", "value": 3_000_000, "year": 2024}), "/predicates/0"),
        (json!({"fact": "income.gross", "operator": "ge", "value": 3_000_000, "year": 2025}), "/predicates/0"),
        (json!({"fact": "vaccinated.measles", "operator": "ge", "value": 2}), "/predicates/0"),
    ] {
        let refused = bank.ask(&asking(&[asked]), &WAIT).await;
        assert_eq!(code(&refused), (403, "not_consented".into()), "{}", refused.body);
        assert_eq!(refused.body["pointer"], pointer);
    }
    let refused = bank.ask(&income(2025), &WAIT).await;
    assert_eq!(code(&refused), (403, "not_consented".into()), "{}", refused.body);
    // And who agreed to data agreed to no question.
    let data = Bank::agreed(30).await;
    let refused = data.ask(&asking(&[over(3_000_000)]), &WAIT).await;
    assert_eq!((code(&refused), &refused.body["limit"]), ((403, "not_consented".into()), &json!("predicates")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_halves_their_way_to_the_value() {
    let values = [1_000_000_u64, 2_000_000, 3_000_000, 4_000_000, 5_000_000];
    let mut bank = agreed(30, &values[..3]).await;
    for value in &values[..3] {
        assert_eq!(bank.ask(&asking(&[over(*value)]), &WAIT).await.status, 200);
    }
    // Another consent, once or for long, does not make room for more.
    for days in [0, 30] {
        bank.tokens = agree_again(&bank, days, &[values[3], values[0]]).await;
        let refused = bank.ask(&asking(&[over(values[3])]), &WAIT).await;
        assert_eq!(code(&refused), (403, "predicate_limit_reached".into()), "{}", refused.body);
        assert_eq!(refused.body["pointer"], "/predicates/0");
        let body = &refused.body;
        assert_eq!((&body["limit"], &body["used"], &body["allowed"]), (&json!("thresholds"), &json!(3), &json!(3)));
        assert!(body["frees_at"].as_str().is_some_and(|at| at.contains('T')), "{body}");
        // What was told once can be asked again; and a refusal has not used up the one retrieval.
        let told = bank.ask(&asking(&[over(values[0])]), &WAIT).await;
        assert_eq!(told.status, 200, "{}", told.body);
    }
    let mut citizen = Citizen::new("1000000000000001", "1234").unwrap();
    let dashboard = citizen.dashboard(bank.app.url()).await.unwrap().texts("main").join(" ");
    assert!(dashboard.contains("as many different questions about this had been answered"), "{dashboard}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_wrongly_is_told_by_its_place() {
    let bank = agreed(30, &[3_000_000]).await;
    for (body, problem, pointer) in [
        (json!({}), "invalid_value", "/data_sets"),
        (asking(&[json!({"fact": "wealth", "operator": "ge", "value": 1})]), "invalid_value", "/predicates/0/fact"),
        (asking(&[json!({"fact": "age", "operator": "eq", "value": 1})]), "invalid_value", "/predicates/0/operator"),
        (asking(&[age("ge", 151)]), "invalid_value", "/predicates/0/value"),
        (asking(&[age("ge", 20), age("lt", 20)]), "invalid_value", "/predicates/1/value"),
        (
            asking(&[json!({"fact": "income.total", "operator": "ge", "value": 1})]),
            "invalid_value",
            "/predicates/0/year",
        ),
        (
            asking(&[json!({"fact": "age", "operator": "ge", "value": 1, "year": 2025})]),
            "invalid_value",
            "/predicates/0/year",
        ),
        (
            asking(&[json!({"fact": "income.total", "operator": "ge", "value": 1, "year": 2099})]),
            "invalid_value",
            "/predicates/0/year",
        ),
        (asking(&vec![age("ge", 20); 21]), "invalid_value", "/predicates"),
    ] {
        let refused = bank.ask(&body, &[]).await;
        assert_eq!(code(&refused), (422, problem.into()), "{body}: {}", refused.body);
        assert_eq!(refused.body["pointer"], pointer, "{body}");
    }
    for body in [
        json!({"predicates": [{"fact": "age", "operator": "ge", "value": 1.5}]}),
        json!({"predicates": [{"fact": "age", "operator": "ge", "value": -1}]}),
        json!({"predicates": [{"fact": "age", "operator": "ge", "value": 1, "more": 1}]}),
        json!({"predicates": "age"}),
    ] {
        let refused = bank.ask(&body, &[]).await;
        assert_eq!(code(&refused), (400, "invalid_request".into()), "{body}");
    }
    let described = bank.get(&format!("/v1/data-sets/{INCOME}"), &[]).await;
    let facts = described.body["facts"].as_array().unwrap();
    let total = facts.iter().find(|fact| fact["code"] == "income.total").unwrap();
    assert_eq!((&total["window"], &total["unit"]["ja"]), (&json!("tax_year"), &json!("円")));
}
