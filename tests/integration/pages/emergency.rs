//! What two operators open in a disaster: never by one, never for long, and never without the person seeing and ending it.

use super::counter::{Counter, now};
use super::representatives::{LIST, arrive, end};

use futures_util::future::join_all;
use madoguchi::catalog::Catalog;
use madoguchi::domain::data_set::DataSetCode;
use madoguchi::domain::grant::GrantStatus;
use madoguchi::domain::ids::{ClientId, RepresentationId, SubjectId};
use madoguchi::domain::{Digest, Failure, SystemEntropy, Timestamp};
use madoguchi::evidence::note::Signer;
use madoguchi::issuer::emergency::{Ground, Needed, Operators, make_key};
use madoguchi::policy::RepresentationLimits;
use std::path::Path;
use std::time::Duration;

const MEDICINES: &str = "HI00000000000001";

struct Desk {
    catalog: Catalog,
    limits: RepresentationLimits,
    operators: Operators,
    signers: Vec<Signer>,
    stranger: Signer,
}

impl Desk {
    fn new() -> Self {
        let keys: Vec<_> = ["desk-1", "desk-2"].iter().map(|name| make_key(name, &SystemEntropy).unwrap()).collect();
        let register: Vec<String> =
            keys.iter().map(|(_, public)| format!("[[operator]]\nkey = \"{public}\"\n")).collect();
        let rules = tempfile::tempdir().unwrap();
        std::fs::write(rules.path().join("operators.toml"), register.concat()).unwrap();
        let signer = |private: &str| Signer::parse(private).unwrap();
        Self {
            catalog: Catalog::load(Path::new("policies/data-sets")).unwrap(),
            limits: RepresentationLimits::load(Path::new("policies")).unwrap(),
            operators: Operators::load(rules.path()).unwrap(),
            signers: keys.iter().map(|(private, _)| signer(private.expose())).collect(),
            stranger: signer(make_key("desk-1", &SystemEntropy).unwrap().0.expose()),
        }
    }

    fn at<'a>(&'a self, counter: &'a Counter, now: Timestamp) -> Ground<'a> {
        let Self { catalog, limits, operators, .. } = self;
        Ground { store: &*counter.store, catalog, limits, operators, entropy: &SystemEntropy, now }
    }
}

fn needed(person: &SubjectId) -> Needed {
    Needed {
        person: person.clone(),
        client: ClientId::parse("loan-bank").unwrap(),
        purpose: "loan_examination".into(),
        data_sets: vec![DataSetCode::parse(MEDICINES).unwrap()],
        hours: 24,
        reason: "earthquake; brought in unconscious".into(),
    }
}

fn told<T>(done: Result<T, Failure>) -> String {
    match done {
        Ok(_) => "done".to_owned(),
        Err(Failure::Refused(refusal)) => refusal.code.to_owned(),
        Err(Failure::Broken(fault)) => fault.to_string(),
    }
}

#[actix_web::test]
async fn it_takes_two_operators_and_the_person_sees_it_and_ends_it() {
    let (counter, desk) = (Counter::start().await, Desk::new());
    let (mut browser, person) = arrive(&counter, "p1").await;
    let [first, second] = [&desk.signers[0], &desk.signers[1]];
    let ground = desk.at(&counter, now());
    assert_eq!(told(ground.request(&needed(&person), &desk.stranger).await), "access_denied", "a key of the same name");
    let id = ground.request(&needed(&person), first).await.unwrap();
    assert!(counter.store.find_representation(&id).await.unwrap().is_none(), "one operator opens nothing");
    assert_eq!(told(ground.approve(&id, first).await), "access_denied", "the same operator");
    assert_eq!(told(ground.approve(&id, &desk.stranger).await), "access_denied");
    let unknown = RepresentationId::parse("rep_unknown").unwrap();
    assert_eq!(told(ground.approve(&unknown, second).await), "invalid_request");
    let late = desk.at(&counter, now().plus(Duration::from_hours(12)));
    assert_eq!(told(late.approve(&id, second).await), "conflict", "too late");

    let tries = join_all((0..50).map(|_| ground.approve(&id, second))).await;
    let opened: Vec<_> = tries.into_iter().filter_map(Result::ok).collect();
    assert_eq!(opened.len(), 1, "of fifty approvals one counts");
    let held = counter.store.find_refresh_token(Digest::of(opened[0].expose()), now()).await.unwrap().unwrap();
    let grant = counter.store.find_grant(&held.grant).await.unwrap().unwrap();
    assert_eq!((grant.subject.as_ref(), grant.expires_at), (Some(&person), now().plus(Duration::from_hours(24))));
    assert!(grant.is_in_force(now()) && grant.acting.as_ref().unwrap().is_emergency());

    // The person is told on every page where it counts, and ends it alone.
    let words = "Emergency use in a disaster, opened by two of the counter's staff and not by you";
    let page = browser.get("/dashboard").await;
    assert_eq!(page.texts("section[aria-labelledby=active] .tag.warn"), [words]);
    assert!(browser.get(LIST).await.text("section[aria-labelledby=representatives]").contains(words));
    let one = counter.store.find_representation(&id).await.unwrap().unwrap();
    assert_eq!(end(&mut browser, &one).await.status, 303);
    let ended = counter.store.find_grant(&grant.id).await.unwrap().unwrap();
    assert!(matches!(ended.status, GrantStatus::Revoked { .. }));

    // The record of its own: both statements, and leaves that name both operators and nobody else.
    let kept = counter.store.find_emergency(&id).await.unwrap().unwrap();
    assert!(kept.request.contains("earthquake") && kept.approval.as_ref().is_some_and(|(by, _)| by == "desk-2"));
    let mut records = Vec::new();
    for leaf in counter.store.list_pending_leaves(200).await.unwrap() {
        let kept = counter.store.find_receipt(&leaf.receipt).await.unwrap().unwrap();
        if kept.record.contains(r#""kind":"emergency""#) {
            assert!(kept.subject.is_none(), "erasing a person's records leaves it whole");
            records.push(kept.record);
        }
    }
    assert_eq!(records.len(), 2, "{records:?}");
    assert!(
        records[1].contains(r#""operators":"desk-1, desk-2""#)
            || records[0].contains(r#""operators":"desk-1, desk-2""#)
    );
}

#[actix_web::test]
async fn what_the_rules_do_not_open_is_not_opened() {
    let (counter, desk) = (Counter::start().await, Desk::new());
    let (_, person) = arrive(&counter, "p1").await;
    let ground = desk.at(&counter, now());
    let good = needed(&person);
    let code = |text: &str| vec![DataSetCode::parse(text).unwrap()];
    for (what, bad) in [
        ("too long", Needed { hours: 24 * 5, ..good.clone() }),
        ("no time", Needed { hours: 0, ..good.clone() }),
        ("income", Needed { data_sets: code("TM00000000000002"), ..good.clone() }),
        ("nothing", Needed { data_sets: vec![], ..good.clone() }),
        ("no reason", Needed { reason: " ".into(), ..good.clone() }),
        ("two lines", Needed { reason: "a\nb".into(), ..good.clone() }),
        ("nobody", Needed { person: SubjectId::parse("s_nobody").unwrap(), ..good.clone() }),
        ("no such purpose", Needed { purpose: "other".into(), ..good.clone() }),
        ("no such client", Needed { client: ClientId::parse("nobody").unwrap(), ..good.clone() }),
    ] {
        assert_eq!(told(ground.request(&bad, &desk.signers[0]).await), "invalid_request", "{what}");
    }
    assert!(counter.store.list_emergencies(10).await.unwrap().is_empty());
    // A statement that was changed on the way opens nothing.
    let id = ground.request(&good, &desk.signers[0]).await.unwrap();
    let mut forged = counter.store.find_emergency(&id).await.unwrap().unwrap();
    forged.request = forged.request.replace("\"hours\":24", "\"hours\":72");
    forged.id = RepresentationId::generate(&SystemEntropy);
    counter.store.insert_emergency(&forged).await.unwrap();
    assert_eq!(told(ground.approve(&forged.id, &desk.signers[1]).await), "access_denied");
}

#[test]
fn one_key_under_two_names_is_no_second_operator() {
    let (_, public) = make_key("desk-1", &SystemEntropy).unwrap();
    let (_, other) = make_key("desk-1", &SystemEntropy).unwrap();
    for keys in [vec![&public, &public], vec![&public, &other]] {
        let rules = tempfile::tempdir().unwrap();
        let text: Vec<String> = keys.iter().map(|key| format!("[[operator]]\nkey = \"{key}\"\n")).collect();
        std::fs::write(rules.path().join("operators.toml"), text.concat()).unwrap();
        assert!(Operators::load(rules.path()).is_err());
    }
    assert!(Operators::load(Path::new("policies")).is_ok(), "as shipped");
}
