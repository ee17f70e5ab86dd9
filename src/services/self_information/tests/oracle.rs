//! A call is forwarded to a backend if and only if the consent says so: the whole use case against a model that shares
//! nothing with it, over random consents and random histories of calls, pauses, ends, days going by and registrations
//! that grow. Whatever the backend answers, nothing that was not agreed to leaves, and what stayed behind is noted. Questions of yes or
//! no are in it: answered as they were agreed to, no more thresholds than may be told under all consents together.

use super::*;
use crate::domain::consent::Period;
use crate::domain::predicate::{FactCode, Operator, Predicate};
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
    /// It asks whether the total income of 2025 is at least so much.
    Ask {
        value: u32,
        is_fresh: bool,
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
    /// The questions: at least these.
    asked: BTreeSet<u32>,
    years: Option<(u16, u16)>,
    days: u32,
    frequency: Option<Frequency>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Model {
    Active,
    Paused,
    Ended,
}

fn at_least(value: u32) -> Predicate {
    let fact = FactCode::parse("income.total").unwrap();
    Predicate { fact, operator: Operator::Ge, value, year: Some(2025) }
}

/// What the backend sends for an item: what a question needs, and for all others a number that occurs nowhere else.
fn content(item: ItemCode, at: usize) -> String {
    match item.as_str() {
        "0200000010" => "2025年度".to_owned(),
        TOTAL_ITEM => TOTAL.to_string(),
        _ => marker(at),
    }
}

/// The model: plain numbers and strings.
#[derive(Debug)]
struct Oracle {
    agreed: Agreed,
    born: i64,
    state: Model,
    is_outgrown: bool,
    used: BTreeMap<String, u32>,
    once: bool,
    keys: BTreeMap<u8, u16>,
    /// What was told of the person, under this consent and all before it, and until when that counts.
    told: Vec<(u32, i64)>,
}

/// What the hostile backend says the total income is; and how many thresholds of it may be told, for how long.
const TOTAL: u32 = 3_141_592;
const TOTAL_ITEM: &str = "0200000050";
const MOST_TOLD: usize = 3;
const TOLD_FOR: i64 = 1095 * 86_400;

impl Oracle {
    fn stands(&self, now: i64) -> bool {
        let in_time = now < self.born + 86_400 * i64::from(self.agreed.days.max(1));
        in_time && self.state == Model::Active && !self.is_outgrown
    }

    fn span(frequency: Frequency, now: i64) -> String {
        let day = (now + 9 * 3600).div_euclid(86_400);
        match frequency.per {
            Per::Day => format!("{day}"),
            Per::Month => chrono::DateTime::from_timestamp(day * 86_400, 0).unwrap().format("%Y %m").to_string(),
            Per::Consent => String::new(),
        }
    }

    /// Whether the question reaches the backend at `now`; counts it when it does.
    fn answers(&mut self, value: u32, now: i64) -> bool {
        if !self.stands(now) || !self.agreed.asked.contains(&value) || (self.agreed.days == 0 && self.once) {
            return false;
        }
        let frequency = self.agreed.frequency.filter(|_| self.agreed.days > 0);
        let used = frequency.map(|frequency| (Self::span(frequency, now), frequency.times));
        if used.as_ref().is_some_and(|(span, times)| self.used.get(span).is_some_and(|used| used >= times)) {
            return false;
        }
        self.told.retain(|(_, until)| *until > now);
        if self.told.iter().all(|(told, _)| *told != value) {
            if self.told.len() >= MOST_TOLD {
                return false;
            }
            self.told.push((value, now + TOLD_FOR));
        }
        if let Some((span, _)) = used {
            *self.used.entry(span).or_default() += 1;
        }
        self.once |= self.agreed.days == 0;
        true
    }

    /// Whether a call for `year` at `now` (seconds) reaches the backend; counts it when it does.
    fn forwards(&mut self, year: u16, key: Option<u8>, now: i64) -> bool {
        let in_years = self.agreed.years.is_none_or(|(from, to)| (from..=to).contains(&year));
        if !self.stands(now) || !in_years || self.agreed.items.is_empty() {
            return false;
        }
        if self.agreed.days == 0 {
            // The one retrieval, once it is made, is all there was.
            return !std::mem::replace(&mut self.once, true);
        }
        if key.is_some_and(|key| self.keys.contains_key(&key)) {
            return false;
        }
        if let Some(frequency) = self.agreed.frequency {
            let used = self.used.entry(Self::span(frequency, now)).or_default();
            if *used >= frequency.times {
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
        8 => ((1_u32..=6), any::<bool>()).prop_map(|(value, is_fresh)| Step::Ask { value: value * 1_000_000, is_fresh }),
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
    let asked = btree_set((1_u32..=6).prop_map(|value| value * 1_000_000), 0..4);
    (btree_set(0..items, 0..6), asked, years, days, frequency)
        .prop_map(|(items, asked, years, days, frequency)| Agreed { items, asked, years, days, frequency })
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
    async fn begin(bench: Bench, agreed: Agreed, told: Vec<(u32, i64)>) -> Self {
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
        set.predicates = agreed.asked.iter().map(|value| at_least(*value)).collect();
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
            told,
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
    async fn call(&self, body: &serde_json::Value, is_fresh: bool, key: Option<String>) -> (bool, Option<String>) {
        let permit = self.permit(is_fresh).await;
        let body = body.to_string();
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
                let condition = serde_json::json!({"kind": "tax_year", "year": year});
                let body = serde_json::json!({"data_sets": [{"code": INCOME, "condition": condition}]});
                let key = key.map(|key| format!("{} {key} {year}", self.first.id));
                let (was_asked, answer) = self.call(&body, *is_fresh, key).await;
                assert_eq!(was_asked, expected, "{step:?} at {now:?}: {answer:?}");
                self.check_leaks(answer.as_deref());
            }
            Step::Ask { value, is_fresh } => {
                let expected = self.oracle.answers(*value, now.seconds());
                let body = serde_json::json!({"predicates": [at_least(*value)]});
                let (was_asked, answer) = self.call(&body, *is_fresh, None).await;
                assert_eq!(was_asked, expected, "{step:?} at {now:?}: {answer:?} {:?}", self.oracle);
                self.check_answer(*value, answer.as_deref(), expected);
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

    /// Yes or no as it is, and nothing of any item, consented or not.
    fn check_answer(&self, value: u32, answer: Option<&str>, was_answered: bool) {
        assert_eq!(answer.is_some(), was_answered);
        let Some(text) = answer else { return };
        let body: serde_json::Value = serde_json::from_str(text).unwrap();
        let expected = if TOTAL >= value { "yes" } else { "no" };
        assert_eq!(body["predicates"][0]["answer"], expected, "{text}");
        for (at, item) in self.all.iter().enumerate() {
            assert!(!text.contains(&content(*item, at)), "{item} left with an answer: {text}");
        }
    }

    fn check_leaks(&self, answer: Option<&str>) {
        for (at, item) in self.all.iter().enumerate() {
            let has_left = answer.is_some_and(|text| text.contains(&content(*item, at)));
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
    let (mut bench, mut told) = (Bench::new().await, Vec::new());
    let set = bench.service.parts.catalog.data_set(DataSetCode::parse(INCOME).unwrap()).unwrap();
    let leaves = set.items.iter().filter(|item| !item.is_group());
    let sent: Vec<RawItem> = leaves
        .enumerate()
        .map(|(at, item)| RawItem {
            code: item.code.to_string(),
            name: marker(at),
            content: Some(content(item.code, at)),
            ..RawItem::default()
        })
        .collect();
    let (agreed, steps) = (agreed(sent.len()), steps());
    *bench.hostile.0.lock().unwrap() = sent;
    let asked = |bench: &Bench| bench.hostile.1.load(Ordering::SeqCst);
    for case in 0..60 {
        let agreed = agreed.new_tree(&mut runner).unwrap().current();
        let steps = steps.new_tree(&mut runner).unwrap().current();
        let mut world = World::begin(bench, agreed, told).await;
        for step in &steps {
            world.go(step).await;
        }
        world.check_lines().await;
        (bench, told) = (world.bench, world.oracle.told);
        assert!(case < 20 || asked(&bench) > 0, "nothing was ever forwarded");
    }
}
