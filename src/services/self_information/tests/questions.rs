//! Whatever a backend sends, an answer carries nothing but itself, and is as long as any other.

use super::*;
use crate::domain::predicate::{FactCode, Inquiry, Operator, Predicate};

impl Bench {
    /// A consent to one question, and a job under it.
    async fn asked(&self, predicate: &Predicate) -> (Arc<Grant>, RetrievalRequest) {
        let (grant, request) = self.begun(&[]).await;
        let store = &self.service.parts.store;
        store.end_request(&request.id, RequestState::Cancelled).await.unwrap();
        let mut grant = Grant { id: GrantId::generate(&SystemEntropy), ..(*grant).clone() };
        grant.consent.as_mut().unwrap().data_sets[0].predicates = vec![predicate.clone()];
        store.insert_grant(&grant).await.unwrap();
        let inquiries = vec![Inquiry { query: request.queries[0], predicate: predicate.clone() }];
        let id = RequestId::generate(&SystemEntropy);
        let request = RetrievalRequest { id, grant: grant.id.clone(), queries: vec![], inquiries, ..request };
        let until = self.clock.now().plus(Duration::from_secs(30));
        assert_eq!(store.insert_request(&request, "crashed", until).await.unwrap(), InsertedRequest::New);
        (Arc::new(grant), request)
    }
}

fn at_least(value: u32) -> Predicate {
    let fact = FactCode::parse("income.total").unwrap();
    Predicate { fact, operator: Operator::Ge, value, year: Some(2025) }
}

fn item(code: &str, content: String) -> RawItem {
    RawItem { code: code.into(), name: content.clone(), content: Some(content), ..RawItem::default() }
}

#[tokio::test]
async fn an_answer_carries_nothing_else_and_has_one_length() {
    let bench = Bench::new().await;
    let all = bench.items();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let noise = proptest::collection::vec(0..all.len(), 0..60);
    // In full, the year is right and the amount readable; else something of it is missing, wrong or there twice.
    let kinds = ["yes", "no", "no amount", "no year", "no number", "twice", "another year"];
    let (mut lengths, mut answers) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    for kind in kinds.iter().cycle().take(70) {
        let noise = noise.new_tree(&mut runner).unwrap().current();
        let is_needed = |at: usize| ["0200000001", "0200000010", "0200000050"].contains(&all[at].as_str());
        let noise = noise.into_iter().filter(|at| !is_needed(*at)).map(|at| item(all[at].as_str(), marker(at)));
        let amount = |amount: u32| item("0200000050", amount.to_string());
        let year = |year: &str| item("0200000010", year.into());
        let sent = match *kind {
            "yes" => vec![year("2025"), amount(2_718_281)],
            "no" => vec![year("2025"), amount(1_618_033)],
            "no amount" => vec![year("2025")],
            "no year" => vec![amount(2_718_281)],
            "no number" => vec![year("2025"), item("0200000050", "2718281 or so".into())],
            "twice" => vec![year("2025"), amount(2_718_281), amount(2_718_281)],
            _ => vec![year("2024"), amount(2_718_281)],
        };
        *bench.hostile.0.lock().unwrap() = sent.into_iter().chain(noise).collect();
        let (grant, request) = bench.asked(&at_least(2_000_000)).await;
        let End::Finished(bytes) = bench.run(grant, request.clone()).await else { panic!("it ended otherwise") };
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        for secret in ["2718281", "1618033"].into_iter().map(str::to_owned).chain((0..all.len()).map(marker)) {
            assert!(!text.contains(&secret), "{secret} left with an answer: {text}");
        }
        let body: serde_json::Value = serde_json::from_str(&text).unwrap();
        let answer = body["predicates"][0]["answer"].as_str().unwrap();
        assert_eq!(answer, if ["yes", "no"].contains(kind) { kind } else { "unknown" }, "{kind}");
        lengths.insert(text.len());
        answers.insert(answer.to_owned());
        // The history says the same whatever was answered.
        let before = Before { entry: None, limit: 1 };
        let lines = bench.service.parts.store.list_accesses(&request.subject, &before).await.unwrap();
        let [line] = lines[0].data_sets.as_slice() else { panic!("one line for one data set") };
        assert_eq!((line.items, line.cut, line.predicates.as_slice()), (0, None, &[at_least(2_000_000)][..]));
        assert_eq!(line.outcome, crate::domain::retrieval::OutcomeKind::Answered);
    }
    assert_eq!((lengths.len(), answers.len()), (1, 3), "{lengths:?}");
}
