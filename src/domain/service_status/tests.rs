//! What notices may become, and when they weigh on their components.

use super::*;
use crate::domain::entropy::SystemEntropy;

fn words(text: &str) -> Words {
    Words { ja: format!("{text}（見本）"), en: text.to_owned() }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn update(step: StatusStep, seconds: i64) -> StatusUpdate {
    StatusUpdate { at: at(seconds), step, text: words("told"), by: "operator".to_owned() }
}

fn notice(kind: StatusNoticeKind) -> StatusNotice {
    let (step, impact, ends_at) = match kind {
        StatusNoticeKind::Incident => (StatusStep::Investigating, ComponentState::Outage, None),
        StatusNoticeKind::Maintenance => (StatusStep::Planned, ComponentState::Maintenance, Some(at(200))),
    };
    StatusNotice {
        id: StatusNoticeId::generate(&SystemEntropy),
        kind,
        components: vec![ComponentCode::parse("agency:pension-office").unwrap()],
        impact,
        title: words("title"),
        starts_at: at(100),
        ends_at,
        updates: vec![update(step, 0)],
        version: 1,
    }
}

#[test]
fn components_have_names_of_one_form() {
    for good in ["counter", "sign-in", "agency:pension-office", "backend:local_government"] {
        assert_eq!(ComponentCode::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", "agency:", "agency:A", "office", "agency:a b", "backend:a/b", &format!("agency:{}", "a".repeat(65))]
    {
        assert!(ComponentCode::parse(bad).is_err(), "{bad}");
    }
    for state in ComponentState::ALL {
        assert_eq!(ComponentState::from_rank(state.rank()), Some(state));
    }
    assert_eq!(ComponentState::from_rank(9), None);
}

#[test]
fn what_is_over_never_changes_and_each_kind_keeps_to_its_own_steps() {
    use StatusStep::{Begun, Cancelled, Ended, Identified, Investigating, Monitoring, Planned, Resolved};
    let all = [Investigating, Identified, Monitoring, Resolved, Planned, Begun, Ended, Cancelled];
    let allowed = |from: StatusStep| -> Vec<StatusStep> {
        let mut one = notice(StatusNoticeKind::Maintenance);
        one.updates = vec![update(from, 0)];
        all.into_iter().filter(|next| one.updated(update(*next, 1)).is_ok()).collect()
    };
    let open = vec![Investigating, Identified, Monitoring, Resolved];
    for from in [Investigating, Identified, Monitoring] {
        assert_eq!(allowed(from), open, "{from:?}");
    }
    assert_eq!(allowed(Planned), [Begun, Cancelled]);
    assert_eq!(allowed(Begun), [Ended]);
    for from in [Resolved, Ended, Cancelled] {
        assert!(allowed(from).is_empty(), "{from:?}");
    }
}

#[test]
fn a_maintenance_is_in_effect_by_its_times_or_by_hand() {
    let planned = notice(StatusNoticeKind::Maintenance);
    let seen = |one: &StatusNotice| [50, 100, 199, 200].map(|s| (one.is_in_effect(at(s)), one.is_over(at(s))));
    assert_eq!(seen(&planned), [(false, false), (true, false), (true, false), (false, true)]);
    let begun = planned.updated(update(StatusStep::Begun, 10)).unwrap();
    assert_eq!(seen(&begun), [(true, false); 4], "until it is ended by hand");
    let ended = begun.updated(update(StatusStep::Ended, 150)).unwrap();
    assert_eq!((ended.version, ended.closed_at()), (3, Some(at(150))));
    assert_eq!(seen(&ended), [(false, true); 4]);
    let incident = notice(StatusNoticeKind::Incident);
    assert!(incident.is_in_effect(at(0)) && !incident.is_over(at(9_999_999)));
}

#[test]
fn what_cannot_be_published_is_refused_with_its_reason() {
    let good = notice(StatusNoticeKind::Maintenance);
    good.check().unwrap();
    let broken: [&dyn Fn(&mut StatusNotice); 6] = [
        &|one| one.components.clear(),
        &|one| one.title.en = " ".into(),
        &|one| one.title.ja = "長".repeat(201),
        &|one| one.updates[0].text.en = "a line\nand another".into(),
        &|one| one.ends_at = Some(one.starts_at),
        &|one| one.updates[0].by.clear(),
    ];
    for (n, change) in broken.into_iter().enumerate() {
        let mut one = good.clone();
        change(&mut one);
        assert!(one.check().is_err(), "case {n}");
    }
}
