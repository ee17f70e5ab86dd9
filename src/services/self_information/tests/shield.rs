//! Whether a person is protected cannot be told from what a representative gets, nor from what is done for it.

use super::*;
use crate::adapters::selfinfo::{Reason, Trouble};
use crate::domain::evidence::Event;
use crate::domain::ids::RepresentationId;
use crate::domain::representation::{Acting, RepresentationKind};
use crate::domain::retrieval::OutcomeKind;

/// What was answered, with ids and times made equal in length as they are: its bytes and its line of the history.
struct Got {
    text: String,
    outcome: OutcomeKind,
    asked: usize,
    line: crate::domain::access::Access,
}

impl Bench {
    /// A retrieval under a grant that a representative gave for the person of the bench.
    async fn represented(&self, answer: Option<Retrieved>, is_acting: bool) -> Got {
        *self.hostile.2.lock().unwrap() = answer;
        let raw = |code: &ItemCode| RawItem {
            hierarchy: "1".into(),
            code: code.to_string(),
            name: String::new(),
            content: Some("7310000000".into()),
        };
        *self.hostile.0.lock().unwrap() = self.items().iter().take(3).map(raw).collect();
        let (grant, request) = self.begun(&self.items()).await;
        let acting = Acting {
            id: RepresentationId::generate(&SystemEntropy),
            kind: RepresentationKind::Parent,
            representative: SubjectId::generate(&SystemEntropy),
        };
        let grant = Arc::new(Grant { acting: is_acting.then_some(acting), ..(*grant).clone() });
        let before = self.hostile.1.load(Ordering::SeqCst);
        let End::Finished(bytes) = self.run(grant, request.clone()).await else { panic!("it ended otherwise") };
        let lines = self.service.parts.store.list_accesses(&request.subject, &Before { entry: None, limit: 50 }).await;
        let line = lines.unwrap().into_iter().find(|line| line.request.as_ref() == Some(&request.id)).unwrap();
        Got {
            text: String::from_utf8(bytes.to_vec()).unwrap(),
            outcome: line.data_sets[0].outcome,
            asked: self.hostile.1.load(Ordering::SeqCst) - before,
            line,
        }
    }

    async fn protect(&self) {
        let new = SubjectId::generate(&SystemEntropy);
        let store = &self.service.parts.store;
        let person = store.find_or_insert_subject(&self.account, &new).await.unwrap().id;
        assert!(store.insert_protection(&person, "desk 3", self.clock.now()).await.unwrap());
    }
}

/// The text without what is drawn anew for each answer.
fn plain(got: &Got) -> String {
    let id = got.line.request.as_ref().unwrap().as_str();
    got.text.replace(id, "sir").replace(got.line.receipt().as_str(), "r")
}

#[tokio::test]
async fn a_protected_person_and_an_empty_record_are_one_answer_to_a_representative() {
    let bench = Bench::new().await;
    let empty = bench.represented(Some(Retrieved::NoRecord), true).await;
    assert_eq!((empty.outcome, empty.asked), (OutcomeKind::NonDisclosed, 1));
    assert_eq!(bench.represented(None, true).await.outcome, OutcomeKind::Ok, "data go to a representative as a rule");
    bench.protect().await;
    for answer in [
        None,
        Some(Retrieved::NoRecord),
        Some(Retrieved::NonDisclosed),
        Some(Retrieved::UnsupportedProvider),
        Some(Retrieved::NotYetReflected),
        Some(Retrieved::RetentionExpired),
    ] {
        let got = bench.represented(answer.clone(), true).await;
        assert_eq!(plain(&got), plain(&empty), "{answer:?}");
        assert_eq!(
            (got.text.len(), got.asked),
            (empty.text.len(), empty.asked),
            "{answer:?}: the same size, the same work"
        );
        assert_eq!(got.line.data_sets, empty.line.data_sets, "{answer:?}: the history gives nothing away either");
    }
    // A provider that is away is away for everybody.
    let away = Retrieved::Failed(Trouble { reason: Reason::CapacityOver, retry_after: None });
    assert_eq!(bench.represented(Some(away), true).await.outcome, OutcomeKind::Failed);
}

#[tokio::test]
async fn the_person_is_told_all_and_the_register_is_the_operators() {
    let bench = Bench::new().await;
    bench.protect().await;
    assert_eq!(bench.represented(None, false).await.outcome, OutcomeKind::Ok);
    assert_eq!(bench.represented(Some(Retrieved::NoRecord), false).await.outcome, OutcomeKind::NoRecord);
    let store = &bench.service.parts.store;
    let new = SubjectId::generate(&SystemEntropy);
    let person = store.find_or_insert_subject(&bench.account, &new).await.unwrap().id;
    let event = Event::Protection { person: &person, word: "protected", operator: "desk 3", at: bench.clock.now() };
    let leaf = crate::domain::evidence::Leaf::of(&event, &SystemEntropy);
    assert!(!leaf.record.contains(person.as_str()) && leaf.record.contains("desk 3"));
    assert!(store.delete_protection(&person, "desk 3", bench.clock.now()).await.unwrap());
    assert_eq!(bench.represented(None, true).await.outcome, OutcomeKind::Ok);
}
