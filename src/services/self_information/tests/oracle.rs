//! A call is forwarded to a backend if and only if the consent says so: the whole use case against a model that shares
//! nothing with it, over random consents and random histories of calls, pauses, ends, days going by and registrations
//! that grow. Whatever the backend answers, nothing that was not agreed to leaves, and what stayed behind is noted.

use super::*;
use crate::domain::consent::Period;
use crate::domain::terms::{Frequency, Per};
use crate::gateway::Permit;
use crate::limits::{LimitCall, RateFields};
use proptest::collection::{btree_set, vec};
use proptest::prelude::{Just, any, prop_oneof};
use proptest::strategy::BoxedStrategy;
use std::collections::{BTreeMap, BTreeSet};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    /// The third party calls for a tax year, by a permit that saw the grant now or at the beginning.
    Call {
        year: u16,
        is_fresh: bool,
        key: Option<u8>,
    },
    /// It calls for what was never part of the consent.
    CallForOther,
    Pause,
    Resume,
    Revoke,
    Wait {
        hours: u64,
    },
    /// The registration names one more recipient; or the purpose is gone.
    Widen,
    Withdraw,
}

/// What was agreed to.
#[derive(Clone, Debug)]
struct Agreed {
    items: BTreeSet<usize>,
    years: Option<(u16, u16)>,
    days: u32,
    frequency: Option<Frequency>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Model {
    Active,
    Paused,
    Ended,
}

/// The model: plain numbers and strings.
struct Oracle {
    agreed: Agreed,
    born: i64,
    state: Model,
    is_outgrown: bool,
    used: BTreeMap<String, u32>,
    once: bool,
    keys: BTreeMap<u8, u16>,
}

impl Oracle {
    /// Whether a call for `year` at `now` (seconds) reaches the backend; counts it when it does.
    fn forwards(&mut self, year: u16, key: Option<u8>, now: i64) -> bool {
        let in_time = now < self.born + 86_400 * i64::from(self.agreed.days.max(1));
        let in_years = self.agreed.years.is_none_or(|(from, to)| (from..=to).contains(&year));
        let stands = in_time && in_years && self.state == Model::Active && !self.is_outgrown;
        if !stands || self.agreed.items.is_empty() {
            return false;
        }
        if self.agreed.days == 0 {
            // The one retrieval, once it is made, is all there was.
            return !std::mem::replace(&mut self.once, true);
        }
        if key.is_some_and(|key| self.keys.contains_key(&key)) {
            return false;
        }
        if let Some(Frequency { times, per }) = self.agreed.frequency {
            let day = (now + 9 * 3600).div_euclid(86_400);
            let span = match per {
                Per::Day => format!("{day}"),
                Per::Month => chrono::DateTime::from_timestamp(day * 86_400, 0).unwrap().format("%Y %m").to_string(),
                Per::Consent => String::new(),
            };
            let used = self.used.entry(span).or_default();
            if *used >= times {
                return false;
            }
            *used += 1;
        }
        if let Some(key) = key {
            self.keys.insert(key, year);
        }
        true
    }
}

fn steps() -> BoxedStrategy<Vec<Step>> {
    let call = (2022_u16..=2026, any::<bool>(), proptest::option::of(0_u8..3));
    let step = prop_oneof![
        12 => call.prop_map(|(year, is_fresh, key)| Step::Call { year, is_fresh, key }),
        1 => Just(Step::CallForOther),
        2 => Just(Step::Pause),
        3 => Just(Step::Resume),
        1 => Just(Step::Revoke),
        4 => (1_u64..60).prop_map(|hours| Step::Wait { hours }),
        1 => Just(Step::Widen),
        1 => Just(Step::Withdraw),
    ];
    vec(step, 1..24).boxed()
}

fn agreed(items: usize) -> BoxedStrategy<Agreed> {
    let frequency = (1_u32..4, prop_oneof![Just(Per::Day), Just(Per::Month), Just(Per::Consent)]);
    let frequency = proptest::option::of(frequency.prop_map(|(times, per)| Frequency { times, per }));
    let years = proptest::option::of((2022_u16..=2024, 0_u16..3).prop_map(|(from, more)| (from, from + more)));
    let days = prop_oneof![1 => Just(0_u32), 6 => 1_u32..40];
    (btree_set(0..items, 0..6), years, days, frequency)
        .prop_map(|(items, years, days, frequency)| Agreed { items, years, days, frequency })
        .boxed()
}

struct World {
    bench: Bench,
    all: Vec<ItemCode>,
    rate: RateFields,
    first: Arc<Grant>,
    oracle: Oracle,
}

impl World {
    async fn begin(bench: Bench, agreed: Agreed) -> Self {
        let set = bench.service.parts.catalog.data_set(DataSetCode::parse(INCOME).unwrap()).unwrap();
        let all: Vec<ItemCode> = set.items.iter().filter(|item| !item.is_group()).map(|item| item.code).collect();
        let (grant, request) = bench.begun(&[]).await;
        // The request that came with it is not part of this story.
        bench.service.parts.store.end_request(&request.id, RequestState::Cancelled).await.unwrap();
        let mut grant = Grant { id: GrantId::generate(&SystemEntropy), ..(*grant).clone() };
        let days = agreed.days.max(1);
        grant.expires_at = grant.created_at.plus(Duration::from_hours(24) * days);
        let consent = grant.consent.as_mut().unwrap();
        consent.access_days = agreed.days;
        consent.terms.frequency = agreed.frequency;
        let set = &mut consent.data_sets[0];
        set.items = agreed.items.iter().map(|at| all[*at]).collect();
        set.items.sort_unstable();
        let day = |year: u16, month, day| chrono::NaiveDate::from_ymd_opt(year.into(), month, day).unwrap();
        set.period = agreed.years.map(|(from, to)| Period { from: day(from, 1, 1), to: Some(day(to, 12, 31)) });
        bench.service.parts.store.insert_grant(&grant).await.unwrap();
        bench.service.parts.store.put_client(&client(), bench.clock.now()).await.unwrap();
        let call = LimitCall {
            client: &bench.client.id,
            plan: &bench.client.rate_plan,
            operation: "create_self_information_request",
            subject: None,
        };
        let rate = bench.service.parts.limits.admit(&call, bench.clock.now()).await.unwrap();
        let oracle = Oracle {
            agreed,
            born: grant.created_at.seconds(),
            state: Model::Active,
            is_outgrown: false,
            used: BTreeMap::new(),
            once: false,
            keys: BTreeMap::new(),
        };
        Self { bench, all, rate, first: Arc::new(grant), oracle }
    }

    async fn permit(&self, is_fresh: bool) -> Permit {
        let store = &self.bench.service.parts.store;
        let grant =
            if is_fresh { store.find_grant(&self.first.id).await.unwrap().unwrap() } else { (*self.first).clone() };
        let client = store.find_client(&self.first.client).await.unwrap().unwrap();
        Permit::for_test(Arc::new(client), Arc::new(grant), self.rate.clone())
    }

    /// Calls, and gives whether the backend was asked, and what was answered.
    async fn call(&self, code: &str, year: u16, is_fresh: bool, key: Option<u8>) -> (bool, Option<String>) {
        let permit = self.permit(is_fresh).await;
        let condition = serde_json::json!({"kind": "tax_year", "year": year});
        let body = serde_json::json!({"data_sets": [{"code": code, "condition": condition}]}).to_string();
        let key = key.map(|key| format!("{} {key} {year}", self.first.id));
        let wait = Duration::from_secs(20);
        let wanted = Wanted { body: body.as_bytes(), key: key.as_deref(), wait, scenario: None };
        let before = self.bench.hostile.1.load(Ordering::SeqCst);
        let answer = match self.bench.service.create(&permit, &wanted).await {
            Ok(Reply::Finished(_, bytes)) => Some(String::from_utf8(bytes.to_vec()).unwrap()),
            Ok(Reply::Working(_)) => panic!("it is slow"),
            Err(_) => None,
        };
        (self.bench.hostile.1.load(Ordering::SeqCst) > before, answer)
    }

    async fn go(&mut self, step: &Step) {
        let (store, now) = (Arc::clone(&self.bench.service.parts.store), self.bench.clock.now());
        let id = self.first.id.clone();
        let is_over = now >= self.first.expires_at;
        match step {
            Step::Call { year, is_fresh, key } => {
                // A key is the same request only together with its body.
                let key_of = key.map(|key| key * 10 + u8::try_from(year - 2022).unwrap());
                let expected = self.oracle.forwards(*year, key_of, now.seconds());
                let (was_asked, answer) = self.call(INCOME, *year, *is_fresh, *key).await;
                assert_eq!(was_asked, expected, "{step:?} at {now:?}: {answer:?}");
                self.check_leaks(answer.as_deref());
            }
            Step::CallForOther => {
                let body = "TM00000000000001";
                let permit = self.permit(true).await;
                let body =
                    serde_json::json!({"data_sets": [{"code": body, "condition": {"kind": "latest"}}]}).to_string();
                let wanted = Wanted { body: body.as_bytes(), key: None, wait: Duration::from_secs(1), scenario: None };
                assert!(self.bench.service.create(&permit, &wanted).await.is_err());
            }
            Step::Pause => {
                let is_new = store.pause_grant(&id, now).await.unwrap();
                assert_eq!(is_new, self.oracle.state == Model::Active && !is_over);
                if is_new {
                    self.oracle.state = Model::Paused;
                }
            }
            Step::Resume => {
                let is_done = store.resume_grant(&id, now).await.unwrap();
                assert_eq!(is_done, self.oracle.state == Model::Paused && !is_over);
                if is_done {
                    self.oracle.state = Model::Active;
                }
            }
            Step::Revoke => {
                store.revoke_grant(&id, now, RevokedBy::Citizen).await.unwrap();
                self.oracle.state = Model::Ended;
            }
            Step::Wait { hours } => self.bench.clock.advance(Duration::from_hours(*hours)),
            Step::Widen | Step::Withdraw => {
                let mut wider = client();
                match step {
                    Step::Widen => wider.purposes[0].recipients.push(words()),
                    _ => wider.purposes.clear(),
                }
                store.put_client(&wider, now).await.unwrap();
                self.oracle.is_outgrown = true;
            }
        }
    }

    fn check_leaks(&self, answer: Option<&str>) {
        for (at, item) in self.all.iter().enumerate() {
            let has_left = answer.is_some_and(|text| text.contains(&marker(at)));
            assert!(!has_left || self.oracle.agreed.items.contains(&at), "{item} left without consent: {answer:?}");
        }
    }

    /// Every answered line notes what was held back, and its digest tells nothing by itself.
    async fn check_lines(&self) {
        let before = Before { entry: None, limit: 100 };
        let lines = self.bench.service.parts.store.list_accesses(self.first.subject.as_ref().unwrap(), &before).await;
        for set in lines.unwrap().iter().filter(|line| line.grant == self.first.id).flat_map(|line| &line.data_sets) {
            let held_back = self.all.len() - self.oracle.agreed.items.len();
            let is_ok = set.outcome == crate::domain::retrieval::OutcomeKind::Ok;
            let expected = (is_ok && held_back > 0).then(|| u32::try_from(held_back).unwrap());
            assert_eq!(set.cut.map(|cut| cut.count), expected);
        }
    }
}

#[tokio::test]
async fn a_call_is_forwarded_if_and_only_if_the_consent_says_so() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut bench = Bench::new().await;
    let set = bench.service.parts.catalog.data_set(DataSetCode::parse(INCOME).unwrap()).unwrap();
    let leaves = set.items.iter().filter(|item| !item.is_group());
    let sent: Vec<RawItem> = leaves
        .enumerate()
        .map(|(at, item)| RawItem {
            code: item.code.to_string(),
            name: marker(at),
            content: Some(marker(at)),
            ..RawItem::default()
        })
        .collect();
    let (agreed, steps) = (agreed(sent.len()), steps());
    *bench.hostile.0.lock().unwrap() = sent;
    let asked = |bench: &Bench| bench.hostile.1.load(Ordering::SeqCst);
    for case in 0..60 {
        let agreed = agreed.new_tree(&mut runner).unwrap().current();
        let steps = steps.new_tree(&mut runner).unwrap().current();
        let mut world = World::begin(bench, agreed).await;
        for step in &steps {
            world.go(step).await;
        }
        world.check_lines().await;
        bench = world.bench;
        assert!(case < 20 || asked(&bench) > 0, "nothing was ever forwarded");
    }
}
