//! Where an application can go, and where it cannot.

use super::*;
use crate::domain::entropy::SeededEntropy;
use serde_json::json;

pub(super) const AT: Timestamp = Timestamp::from_millis(1_795_000_000_000);

pub(super) fn arrived() -> Application {
    Application {
        id: ApplicationId::parse("app_one").unwrap(),
        client: ClientId::parse("family-app").unwrap(),
        subject: SubjectId::parse("s_one").unwrap(),
        municipality: "999016".into(),
        procedure: "nursery-application".into(),
        form: "nursery-application-1".into(),
        applied_by: AppliedBy {
            kind: ApplicantKind::Oneself,
            name: None,
            relationship: None,
            organisation: None,
            organisation_number: None,
        },
        is_by_person: false,
        signature: None,
        batch: None,
        answers: Answers { applicant: json!({"name": "見本"}), entries: json!([]) },
        certificates: Vec::new(),
        files: Vec::new(),
        key: IdempotencyKey { key: Digest::of("key"), body: Digest::of("body") },
        arrival: arrival_number(AT, &SeededEntropy::new(1)),
        arrived_at: AT,
        receipt: ReceiptId::parse("r_one").unwrap(),
        state: ApplicationState::Arrived,
        timeline: vec![Step { state: ApplicationState::Arrived, by: Actor::Applicant, at: AT, note: None }],
        asked: None,
        outcome: None,
        interview: None,
    }
}

fn ask(until: NaiveDate) -> AmendmentAsk {
    AmendmentAsk {
        items: vec![AmendmentItem { pointer: String::new(), message: "直してください。".into() }],
        until,
        at: AT,
    }
}

pub(super) fn outcome(decision: Decision) -> Outcome {
    Outcome { decision, title: "通知".into(), text: "本文".into(), decided_on: AT.date_in_japan(), at: AT }
}

#[test]
fn nothing_leaves_an_end_and_nothing_arrives_twice() {
    use ApplicationState as State;
    for from in State::ALL {
        assert!(!from.may_become(State::Arrived));
        for to in State::ALL {
            if from.is_over() {
                assert!(!from.may_become(to), "{from:?} {to:?}");
            }
        }
        assert_eq!(from.may_become(State::Withdrawn), !from.is_over());
        assert_eq!(from.may_become(State::Amended), from == State::AmendmentRequested);
    }
    assert!(!State::AmendmentRequested.may_become(State::Approved), "what is to be mended is not approved as it is");
    assert!(State::AmendmentRequested.may_become(State::Rejected));
}

#[test]
fn it_is_mended_in_time_and_only_when_asked() {
    let mended = || (Answers { applicant: json!({"name": "例示"}), entries: json!([]) }, Vec::new(), Vec::new());
    let mut one = arrived();
    assert_eq!(one.amend(mended(), AT).unwrap_err().code, "conflict");
    let today = AT.date_in_japan();
    one.ask(ask(today)).unwrap();
    assert_eq!(one.ask(ask(today)).unwrap_err().code, "conflict");
    let late = AT.plus(std::time::Duration::from_hours(24));
    assert_eq!(one.clone().amend(mended(), late).unwrap_err().code, "conflict");
    one.amend(mended(), AT).unwrap();
    assert_eq!((one.state, one.asked.clone()), (ApplicationState::Amended, None));
    assert_eq!(one.answers.applicant["name"], "例示");
    one.decide(outcome(Decision::Approved)).unwrap();
    assert!(one.is_over() && one.outcome.is_some());
    assert_eq!(one.withdraw(AT).unwrap_err().code, "conflict");
    assert_eq!(one.timeline.len(), 4);
}

#[test]
fn a_timeline_has_an_end_and_what_ends_it_always_has_a_place() {
    let mut one = arrived();
    while one.timeline.len() < MOST_STEPS {
        one.review(None, AT).unwrap();
    }
    assert_eq!(one.review(None, AT).unwrap_err().code, "conflict");
    one.withdraw(AT).unwrap();
    assert_eq!(one.state, ApplicationState::Withdrawn);
}

#[test]
fn an_arrival_number_is_a_day_and_twelve_letters_of_which_none_is_taken_for_another() {
    let number = arrival_number(AT, &SeededEntropy::new(1));
    let (day, letters) = number.split_once('-').unwrap();
    assert_eq!(day, AT.date_in_japan().format("%Y%m%d").to_string());
    assert!(letters.len() == 12 && letters.bytes().all(|byte| LETTERS.contains(&byte)), "{number}");
    assert_ne!(number, arrival_number(AT, &SeededEntropy::new(2)));
}
