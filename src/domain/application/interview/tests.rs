//! What can be booked, until when, and what ends an appointment.

use super::*;
use crate::domain::Words;
use crate::domain::application::Decision;
use crate::domain::application::tests::{AT, arrived, outcome};
use crate::domain::ids::ClientId;
use crate::domain::interview::Meeting;

const HOUR: Duration = Duration::from_hours(1);

fn slot(name: &str, hours: u64) -> InterviewSlot {
    let starts_at = AT.plus(Duration::from_hours(hours));
    InterviewSlot {
        id: InterviewSlotId::parse(name).unwrap(),
        municipality: "999016".into(),
        client: ClientId::parse("nursery-desk").unwrap(),
        procedures: vec!["nursery-application".into()],
        meeting: Meeting {
            place: Words { ja: "見本市役所2階".into(), en: "Second floor".into() },
            starts_at,
            ends_at: starts_at.plus(HOUR),
            deadline: starts_at.minus(HOUR),
        },
        capacity: 1,
        published_at: AT,
    }
}

fn later(hours: u64) -> Timestamp {
    AT.plus(Duration::from_hours(hours))
}

fn acts(one: &Application) -> Vec<&'static str> {
    one.interview.iter().flat_map(|interview| &interview.steps).map(|step| step.act.as_str()).collect()
}

#[test]
fn a_time_is_booked_changed_and_given_up_until_its_deadline() {
    let mut one = arrived();
    assert_eq!(one.cancel_appointment(AT).unwrap_err().code, "conflict", "nothing is booked");
    one.book(&slot("isl_a", 4), AT).unwrap();
    assert_eq!(one.held_slot().unwrap().as_str(), "isl_a");
    one.book(&slot("isl_b", 6), later(3)).unwrap();
    assert_eq!(one.booked().unwrap().slot.as_str(), "isl_b");
    one.cancel_appointment(later(5)).unwrap();
    assert_eq!((one.held_slot(), one.booked()), (None, None));
    one.book(&slot("isl_c", 8), later(7)).unwrap();
    let late = later(7).plus(Duration::from_secs(1));
    assert_eq!(one.cancel_appointment(late).unwrap_err().code, "interview_too_late");
    assert_eq!(one.book(&slot("isl_d", 20), late).unwrap_err().code, "interview_too_late", "nor changed");
    assert_eq!(arrived().book(&slot("isl_d", 4), later(4)).unwrap_err().code, "interview_too_late");
    assert_eq!(acts(&one), ["booked", "changed", "cancelled", "booked"]);
}

#[test]
fn a_time_is_for_its_municipality_and_procedures() {
    let place = |slot: &InterviewSlot| {
        let refused = arrived().book(slot, AT).unwrap_err();
        (refused.code, refused.pointer)
    };
    let elsewhere = InterviewSlot { municipality: "999024".into(), ..slot("isl_a", 4) };
    let other = InterviewSlot { procedures: vec!["damage-certificate".into()], ..slot("isl_a", 4) };
    for wrong in [elsewhere, other] {
        assert_eq!(place(&wrong), ("invalid_value", Some("/slot".into())));
    }
}

#[test]
fn what_became_of_it_is_recorded_when_it_is_time_and_can_be_corrected() {
    let mut one = arrived();
    let record =
        |one: &mut Application, result, at| one.record_interview(result, None, at).map_err(|refused| refused.code);
    assert_eq!(record(&mut one, InterviewResult::Attended, AT), Err("conflict"), "nothing is booked");
    one.book(&slot("isl_a", 4), AT).unwrap();
    assert_eq!(record(&mut one, InterviewResult::Attended, later(2)), Err("conflict"));
    assert_eq!(record(&mut one, InterviewResult::NotAttended, later(3)), Err("conflict"), "they can still come");
    record(&mut one, InterviewResult::NotAttended, later(4)).unwrap();
    assert!(!one.was_interviewed() && one.booked().is_none() && one.held_slot().is_some());
    record(&mut one, InterviewResult::Attended, later(5)).unwrap();
    assert_eq!(record(&mut one, InterviewResult::Attended, later(5)), Err("conflict"), "the same");
    assert!(one.was_interviewed());
    assert_eq!(one.book(&slot("isl_b", 20), later(5)).unwrap_err().code, "conflict", "it was held");
    let mut again = arrived();
    again.book(&slot("isl_a", 4), AT).unwrap();
    record(&mut again, InterviewResult::NotAttended, later(4)).unwrap();
    again.book(&slot("isl_b", 20), later(5)).unwrap();
    assert_eq!(acts(&again), ["booked", "not_attended", "booked"]);
    record(&mut again, InterviewResult::HeldOtherwise, later(6)).unwrap();
    assert!(again.was_interviewed() && again.held_slot().is_none(), "its place is free");
    assert_eq!(record(&mut again, InterviewResult::HeldOtherwise, later(6)), Err("conflict"));
}

#[test]
fn what_is_over_holds_no_time_that_has_yet_to_come() {
    let booked = || {
        let mut one = arrived();
        one.book(&slot("isl_a", 4), AT).unwrap();
        one
    };
    let mut withdrawn = booked();
    withdrawn.withdraw(later(1)).unwrap();
    let mut decided = booked();
    decided.decide(outcome(Decision::Rejected)).unwrap();
    for mut one in [withdrawn, decided] {
        assert_eq!((one.held_slot(), acts(&one).last().copied()), (None, Some("application_over")));
        assert_eq!(one.book(&slot("isl_b", 8), later(1)).unwrap_err().code, "conflict");
        assert_eq!(one.record_interview(InterviewResult::HeldOtherwise, None, later(1)).unwrap_err().code, "conflict");
        one.lose_appointment(later(2), Some("中止します。"));
        assert_eq!(acts(&one).len(), 2, "it is cancelled once");
    }
    let mut past = booked();
    past.withdraw(later(5)).unwrap();
    assert!(past.held_slot().is_some(), "what was, was");
    let mut lost = booked();
    lost.lose_appointment(later(1), Some("中止します。"));
    assert_eq!(lost.interview.as_ref().unwrap().steps[1].note.as_deref(), Some("中止します。"));
    lost.book(&slot("isl_b", 8), later(1)).unwrap();
}

#[test]
fn it_is_not_booked_for_ever_and_what_frees_a_place_always_goes() {
    let mut one = arrived();
    while one.interview.as_ref().is_none_or(|interview| interview.steps.len() < MOST_BOOKED_STEPS) {
        one.book(&slot("isl_a", 4), AT).unwrap();
    }
    assert_eq!(one.book(&slot("isl_a", 4), AT).unwrap_err().code, "conflict");
    one.cancel_appointment(AT).unwrap();
    let mut marked = arrived();
    marked.book(&slot("isl_a", 4), AT).unwrap();
    while marked.interview.as_ref().unwrap().steps.len() < MOST_STEPS {
        let is_odd = marked.interview.as_ref().unwrap().steps.len() % 2 == 1;
        let result = if is_odd { InterviewResult::Attended } else { InterviewResult::NotAttended };
        marked.record_interview(result, None, later(4)).unwrap();
    }
    assert_eq!(marked.record_interview(InterviewResult::Attended, None, later(4)).unwrap_err().code, "conflict");
}
