//! Whatever happens, a delivery takes legal steps only, and what is over stays over.

use super::*;
use crate::domain::entropy::SystemEntropy;
use proptest::prelude::*;

fn submission() -> Submission {
    Submission {
        id: SubmissionId::generate(&SystemEntropy),
        client: ClientId::parse("payroll").unwrap(),
        delegation: None,
        applicant: CorporateNumber::none(),
        key: IdempotencyKey { key: Digest::of("key"), body: Digest::of("body") },
        reference: None,
        digest: Digest::of("bytes"),
        accepted_at: at(0),
        receipt: ReceiptId::parse("r_1").unwrap(),
        signed_receipt: String::new(),
        state: SubmissionState::Accepted,
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn delivery() -> Delivery {
    let part = Part { agency: "pension", procedure: "2200700" };
    Delivery::new(DeliveryId::generate(&SystemEntropy), &submission(), 0, &part)
}

fn number() -> ArrivalNumber {
    ArrivalNumber::parse("202611210000000001").unwrap()
}

fn standing(state: SubmissionState) -> Standing {
    let until = (state == SubmissionState::ActionRequired).then(|| at(100));
    Standing { state, until, findings: Vec::new(), payments: None }
}

/// Everything that can be done to a delivery.
const DOINGS: [&str; 15] = [
    "pass",
    "fail",
    "begin",
    "again",
    "taken",
    "refused",
    "not_taken",
    "give_up",
    "park",
    "unpark",
    "cancel",
    "amend",
    "withdraw",
    "seen",
    "asked",
];

fn doing(delivery: &mut Delivery, what: &str) -> bool {
    let now = at(1);
    match what {
        "pass" => delivery.pass_validation().is_ok(),
        "fail" => delivery.fail_validation(Vec::new()).is_ok(),
        "begin" => delivery.begin(now).is_ok(),
        "again" => {
            delivery.begin_again(now);
            true
        }
        "taken" => delivery.taken(number(), Vec::new()).is_ok(),
        "refused" => delivery.refused(Vec::new()).is_ok(),
        "not_taken" => delivery.not_taken().is_ok(),
        "give_up" => delivery.give_up().is_ok(),
        "park" => {
            delivery.park(ParkedBecause::Operator);
            true
        }
        "unpark" => delivery.unpark(now).is_ok(),
        "cancel" => delivery.cancel().is_ok(),
        "amend" => delivery.amend(now).is_ok(),
        "withdraw" => delivery.withdraw(now).is_ok(),
        "seen" => delivery.seen(standing(SubmissionState::UnderReview)).is_ok(),
        _ => delivery.seen(standing(SubmissionState::ActionRequired)).is_ok(),
    }
}

proptest! {
    #[test]
    fn every_step_is_legal_and_a_refused_one_changes_nothing(
        choices in proptest::collection::vec(0..DOINGS.len(), 0..40),
    ) {
        let mut now = delivery();
        for choice in choices {
            let before = now.clone();
            let is_done = doing(&mut now, DOINGS[choice]);
            let steps = &now.passed()[before.passed().len()..];
            let mut state = before.state;
            for step in steps {
                prop_assert!(*step == state || state.may_become(*step), "{state:?} became {step:?}");
                state = *step;
            }
            prop_assert_eq!(state, now.state);
            prop_assert!(!before.state.is_final() || now.state == before.state, "what was over goes on");
            if !is_done && DOINGS[choice] != "unpark" {
                prop_assert_eq!(now.state, before.state, "{}", DOINGS[choice]);
            }
            // An agency's number, once there, is never lost, and never another.
            prop_assert!(before.arrival.is_none() || now.arrival == before.arrival);
        }
    }

    #[test]
    fn the_whole_is_over_exactly_when_every_part_is(
        parts in proptest::collection::vec(0..SubmissionState::ALL.len(), 1..8),
    ) {
        let parts: Vec<SubmissionState> = parts.into_iter().map(|n| SubmissionState::ALL[n]).collect();
        let whole = SubmissionState::of_parts(&parts);
        prop_assert_eq!(whole.is_final(), parts.iter().all(|part| part.is_final()));
        prop_assert!(parts.contains(&whole), "the whole stands where some part stands");
    }
}

#[test]
fn names_read_back_and_ends_lead_nowhere() {
    for state in SubmissionState::ALL {
        assert_eq!(SubmissionState::parse(state.as_str()), Some(state));
        let leads = SubmissionState::ALL.into_iter().any(|next| state.may_become(next));
        assert_eq!(leads, !state.is_final(), "{state:?}");
    }
}

#[test]
fn each_round_has_a_reference_of_its_own_and_leads_back_where_it_came_from() {
    let mut one = delivery();
    let first = one.reference();
    for what in ["pass", "begin", "taken", "asked", "amend"] {
        assert!(doing(&mut one, what), "{what}");
    }
    assert_eq!((one.state, one.act, one.round), (SubmissionState::Queued, Act::Amend, 1));
    assert_ne!(one.reference(), first);
    // An amendment that is not taken leaves what was asked for open; one that is called off, too.
    let mut called_off = one.clone();
    called_off.cancel().unwrap();
    assert_eq!(called_off.state, SubmissionState::ActionRequired);
    one.begin(at(2)).unwrap();
    one.refused(Vec::new()).unwrap();
    assert_eq!(one.state, SubmissionState::ActionRequired);
    // And the second try is another round.
    one.amend(at(3)).unwrap();
    assert_eq!(one.round, 2);
    one.begin(at(4)).unwrap();
    one.taken(number(), Vec::new()).unwrap();
    assert_eq!((one.state, one.action), (SubmissionState::UnderReview, None));
    one.withdraw(at(5)).unwrap();
    one.begin(at(6)).unwrap();
    one.taken(number(), Vec::new()).unwrap();
    assert_eq!(one.state, SubmissionState::Cancelled);
}

#[test]
fn an_amendment_comes_in_time_or_not_at_all() {
    let mut one = delivery();
    for what in ["pass", "begin", "taken", "asked"] {
        assert!(doing(&mut one, what), "{what}");
    }
    assert_eq!(one.amend(at(100)).unwrap_err().code, "conflict");
    assert!(one.amend(at(99)).is_ok());
}

#[test]
fn what_a_stranger_found_is_cut_to_what_may_be_kept() {
    let long = Finding::reject("R\u{7}1", "/a", &"あ".repeat(900), "no\nnews");
    let kept = tamed(vec![long; 200]);
    assert_eq!(kept.len(), MOST_FINDINGS);
    assert_eq!((kept[0].rule.as_str(), kept[0].words.en.as_str()), ("R1", "nonews"));
    assert_eq!(kept[0].words.ja.chars().count(), 500);
}
