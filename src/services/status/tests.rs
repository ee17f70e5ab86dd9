//! What pulses say, what a board says of them, and how it is told as a feed.

use super::board::{closures, look_of};
use super::view::{Seen, StatusReport};
use super::*;
use crate::adapters::breaker::Pulse;
use crate::domain::ids::StatusNoticeId;
use crate::domain::service_status::{
    ComponentCode, ComponentDay, ComponentState, StatusNotice, StatusNoticeKind, StatusStep, StatusUpdate,
};
use crate::domain::{Timestamp, Words};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn pulse(is_closed: bool, well: Option<i64>, ill: Option<i64>) -> Pulse {
    Pulse { is_closed, last_well: well.map(at), last_ill: ill.map(at) }
}

fn component() -> Component {
    Component {
        code: ComponentCode::parse("agency:pension-office").unwrap(),
        name: Words { ja: "窓口".into(), en: "Office".into() },
        look: Box::new(|| Sighting { state: ComponentState::Operational, last_success: None }),
    }
}

fn notice(title: &str, step: StatusStep) -> StatusNotice {
    let words = |text: &str| Words { ja: text.to_owned(), en: text.to_owned() };
    StatusNotice {
        id: StatusNoticeId::parse("stn_1").unwrap(),
        kind: StatusNoticeKind::Maintenance,
        components: vec![component().code],
        impact: ComponentState::Maintenance,
        title: words(title),
        starts_at: at(0),
        ends_at: Some(at(100)),
        updates: vec![StatusUpdate { at: at(-5), step, text: words("<b>text</b> & more"), by: "secret staff".into() }],
        version: 1,
    }
}

#[test]
fn nobody_says_that_something_works_which_nobody_called() {
    let cases = [
        (vec![], ComponentState::Unknown),
        (vec![pulse(true, None, None)], ComponentState::Unknown),
        (vec![pulse(true, Some(1), None)], ComponentState::Operational),
        (vec![pulse(true, Some(2), Some(1))], ComponentState::Operational),
        (vec![pulse(true, Some(1), Some(2))], ComponentState::Degraded),
        (vec![pulse(true, Some(1), None), pulse(false, None, Some(2))], ComponentState::Degraded),
        (vec![pulse(false, Some(1), Some(2))], ComponentState::Outage),
    ];
    for (pulses, wanted) in cases {
        assert_eq!(look_of(&pulses).state, wanted, "{pulses:?}");
    }
    assert_eq!(look_of(&[pulse(true, Some(1), None), pulse(true, Some(7), None)]).last_success, Some(at(7)));
}

#[test]
fn a_maintenance_closes_its_components_for_as_long_as_it_lasts() {
    let planned = [notice("t", StatusStep::Planned)];
    assert!(closures(&planned, at(-1)).is_empty());
    assert_eq!(closures(&planned, at(50))["agency:pension-office"].until, Some(at(100)));
    assert!(closures(&planned, at(100)).is_empty());
    assert!(closures(&[notice("t", StatusStep::Cancelled)], at(50)).is_empty());
}

#[test]
fn the_board_names_no_staff_and_its_tag_is_the_same_while_nothing_changes() {
    let component = component();
    let day =
        |n: i64, worst| ComponentDay { component: component.code.clone(), day: at(n * 86_400).date_in_japan(), worst };
    let days = [day(-1, ComponentState::Degraded), day(0, ComponentState::Outage)];
    let notices = [notice("t", StatusStep::Planned)];
    let made = |now: Timestamp, state| {
        let seen = [Seen { component: &component, state, last_success: Some(at(0)) }];
        StatusReport::of(&seen, (&notices, &days), (now, now.date_in_japan()))
    };
    let one = made(at(10), ComponentState::Operational);
    assert_eq!(one.tag(), made(at(20), ComponentState::Operational).tag());
    assert_ne!(one.tag(), made(at(20), ComponentState::Degraded).tag());
    let told: Vec<_> = one.components[0].days.iter().map(|day| day.worst).collect();
    assert_eq!(told, [ComponentState::Degraded, ComponentState::Outage], "the worst of today stays");
    assert_eq!((one.maintenance.len(), one.history.len(), one.maintenance[0].in_effect), (1, 0, true));
    let late = made(at(100), ComponentState::Operational);
    assert_eq!((late.maintenance.len(), late.history[0].state), (0, StatusStep::Ended), "nobody has to say so");
    let text = serde_json::to_string(&one).unwrap();
    assert!(!text.contains("staff"), "{text}");
}

#[test]
fn the_feed_holds_each_update_once_and_escapes_what_was_typed() {
    let component = component();
    let seen = [Seen { component: &component, state: ComponentState::Operational, last_success: None }];
    let notices = [notice("停止 <1> & \"2\"", StatusStep::Planned)];
    let report = StatusReport::of(&seen, (&notices, &[]), (at(10), at(10).date_in_japan()));
    let feed = atom(&report, "https://madoguchi.example");
    let read = crate::domain::xml::Document::parse(feed.as_bytes());
    assert!(read.is_ok(), "{feed}");
    assert!(feed.contains("<id>https://madoguchi.example/status#stn_1-1</id>"), "{feed}");
    assert!(feed.contains("停止 &lt;1&gt; &amp; &quot;2&quot;") && !feed.contains("<b>"), "{feed}");
    assert!(!feed.contains("staff"));
    assert_eq!(feed.matches("<entry>").count(), 1);
}
