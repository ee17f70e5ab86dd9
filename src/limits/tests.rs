//! Rules of the plans: what counts against what, what is told, and every fault of a file at once.

use super::*;
use crate::hot::memory::MemoryHot;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

const PLANS: &str = r#"
default_plan = "small"
[address]
requests = 3
seconds = 10
exempt = ["127.0.0.0/8"]
[plans.small]
concurrent_jobs = 2
client = { requests = 5, seconds = 10 }
citizen = { requests = 2, seconds = 60 }
day = { requests = 100 }
[plans.small.operations]
token = { requests = 3, seconds = 10 }
[plans.other]
concurrent_jobs = 1
client = { requests = 50, seconds = 10 }
citizen = { requests = 20, seconds = 60 }
day = { requests = 7 }
"#;

fn limits(text: &str) -> Result<Limits, PlanFaults> {
    Limits::parse(text, Arc::new(MemoryHot::new(NOW, true)))
}

struct Caller {
    client: ClientId,
    subject: SubjectId,
}

impl Caller {
    fn new(client: &str, subject: &str) -> Self {
        Self { client: ClientId::parse(client).unwrap(), subject: SubjectId::parse(subject).unwrap() }
    }

    fn call<'a>(&'a self, plan: &'a str, operation: &'a str) -> LimitCall<'a> {
        LimitCall { client: &self.client, plan, operation, subject: None }
    }

    fn about<'a>(&'a self, plan: &'a str, operation: &'a str) -> LimitCall<'a> {
        LimitCall { subject: Some(&self.subject), ..self.call(plan, operation) }
    }
}

#[tokio::test]
async fn fields_follow_the_draft() {
    let limits = limits(PLANS).unwrap();
    let caller = Caller::new("c_1", "s_1");
    let fields = limits.admit(&caller.call("small", "token"), NOW).await.unwrap();
    assert_eq!(fields.policy(), r#""token";q=3;w=10, "client";q=5;w=10, "day";q=100;w=86400"#);
    assert_eq!(fields.limit(), r#""token";r=2;t=7, "client";r=4;t=8, "day";r=99;t=85536"#);
    let fields = limits.admit(&caller.about("small", "get_consent"), NOW).await.unwrap();
    assert_eq!(fields.policy(), r#""client";q=5;w=10, "day";q=100;w=86400, "citizen";q=2;w=60"#);
}

#[tokio::test]
async fn a_refusal_names_what_is_used_up_and_costs_nothing() {
    let limits = limits(PLANS).unwrap();
    let caller = Caller::new("c_1", "s_1");
    for _ in 0..3 {
        limits.admit(&caller.call("small", "token"), NOW).await.unwrap();
    }
    for _ in 0..10 {
        let refusal = limits.admit(&caller.call("small", "token"), NOW).await.unwrap_err();
        assert_eq!(refusal.refusal.code, "rate_limited");
        assert_eq!(refusal.refusal.public, "The limit `token` (3 in 10 s) is used up. Try again in 4 s.");
        assert_eq!(refusal.refusal.retry_after, Some(Duration::from_secs(4)));
        assert_eq!(refusal.limit().unwrap(), r#""token";r=0;t=4"#);
        assert_eq!(refusal.violated(), ["token"]);
    }
    // Ten refused calls took nothing from the client's own five.
    let fields = limits.admit(&caller.call("small", "get_consent"), NOW).await.unwrap();
    assert!(fields.limit().starts_with(r#""client";r=1;"#), "{}", fields.limit());
    // The time told is the time it takes.
    let later = NOW.plus(Duration::from_secs(4));
    assert!(limits.admit(&caller.call("small", "token"), later).await.is_ok());
}

#[tokio::test]
async fn citizens_are_counted_within_a_client_and_clients_apart() {
    let limits = limits(PLANS).unwrap();
    let (one, two) = (Caller::new("c_1", "s_1"), Caller::new("c_2", "s_1"));
    for _ in 0..2 {
        limits.admit(&one.about("small", "x"), NOW).await.unwrap();
    }
    let refusal = limits.admit(&one.about("small", "x"), NOW).await.unwrap_err();
    assert_eq!(refusal.violated(), ["citizen"]);
    assert!(limits.admit(&Caller::new("c_1", "s_2").about("small", "x"), NOW).await.is_ok());
    let fields = limits.admit(&two.about("small", "x"), NOW).await.unwrap();
    assert!(fields.limit().contains(r#""citizen";r=1;"#), "another client's calls do not show: {}", fields.limit());
}

#[tokio::test]
async fn a_plan_that_is_gone_falls_to_the_default_and_usage_goes_along() {
    let limits = limits(PLANS).unwrap();
    let caller = Caller::new("c_1", "s_1");
    for _ in 0..5 {
        limits.admit(&caller.call("small", "x"), NOW).await.unwrap();
    }
    let refusal = limits.admit(&caller.call("gone", "x"), NOW).await.unwrap_err();
    assert_eq!(refusal.policy().unwrap(), r#""client";q=5;w=10, "day";q=100;w=86400"#);
}

#[tokio::test]
async fn a_day_is_a_limit_of_its_own() {
    let limits = limits(PLANS).unwrap();
    let caller = Caller::new("c_1", "s_1");
    for n in 0..7 {
        let now = NOW.plus(Duration::from_mins(n));
        limits.admit(&caller.call("other", "x"), now).await.unwrap();
    }
    let refusal = limits.admit(&caller.call("other", "x"), NOW.plus(Duration::from_mins(7))).await.unwrap_err();
    assert_eq!(refusal.violated(), ["day"]);
    assert!(refusal.refusal.retry_after.unwrap() > Duration::from_secs(11_000));
}

#[tokio::test]
async fn jobs_take_places() {
    let limits = limits(PLANS).unwrap();
    let client = ClientId::parse("c_1").unwrap();
    let until = NOW.plus(Duration::from_mins(1));
    let job = |id: &'static str| Job { client: &client, plan: "small", id, until };
    limits.enter_job(&job("a"), NOW).await.unwrap();
    limits.enter_job(&job("b"), NOW).await.unwrap();
    limits.enter_job(&job("a"), NOW).await.unwrap();
    let refusal = limits.enter_job(&job("c"), NOW).await.unwrap_err();
    assert_eq!(refusal.policy().unwrap(), r#""jobs";q=2;qu="concurrent-requests""#);
    assert_eq!(refusal.limit().unwrap(), r#""jobs";r=0;t=2"#);
    assert_eq!((refusal.refusal.code, refusal.violated()), ("rate_limited", vec!["jobs"]));
    limits.leave_job(&client, "a").await;
    limits.enter_job(&job("c"), NOW).await.unwrap();
}

#[test]
fn addresses_are_counted_by_subscriber_and_exempt_ones_not_at_all() {
    let limits = limits(PLANS).unwrap();
    let try_it = |ip: &str| limits.admit_address(ip.parse().unwrap(), NOW);
    for _ in 0..3 {
        assert!(try_it("192.0.2.1").is_ok());
        assert!(try_it("2001:db8:0:1::1").is_ok());
    }
    let refusal = try_it("192.0.2.1").unwrap_err();
    assert_eq!(refusal.limit().unwrap(), r#""address";r=0;t=4"#);
    assert!(try_it("::ffff:192.0.2.1").is_err());
    assert!(try_it("2001:db8:0:1:ffff::1").is_err());
    assert!(try_it("192.0.2.2").is_ok());
    for _ in 0..100 {
        assert!(try_it("127.0.0.1").is_ok());
    }
}

#[test]
fn the_shipped_plans_load() {
    let hot = Arc::new(MemoryHot::new(NOW, true));
    let limits = Limits::load(Path::new("policies/rate-plans.toml"), hot).map_err(|faults| faults.to_string());
    let limits = limits.unwrap();
    assert!(["standard", "large", "measurement"].iter().all(|plan| limits.has_plan(plan)));
    assert!(!limits.has_plan("none"));
}

#[test]
fn every_fault_of_a_file_is_told_at_once() {
    let text = r#"
default_plan = "none"
surprise = 1
[address]
requests = 0
seconds = "ten"
exempt = ["127.0.0.1", 5]
[plans.small]
concurrent_jobs = -1
client = { requests = 5 }
citizen = 7
[plans.small.operations]
client = { requests = 5, seconds = 1 }
"bad name" = { requests = 5, seconds = 1 }
token = { requests = 4000000000, seconds = 1, burst = 3 }
[plans.Big]
"#;
    let faults = limits(text).err().unwrap();
    let places: Vec<&str> = faults.0.iter().map(|fault| fault.at.as_str()).collect();
    for place in [
        "surprise",
        "address.requests",
        "address.seconds",
        "address.exempt[0]",
        "address.exempt[1]",
        "plans.small.concurrent_jobs",
        "plans.small.client.seconds",
        "plans.small.citizen",
        "plans.small.day",
        "plans.small.operations.client",
        "plans.small.operations.bad name",
        "plans.small.operations.token.burst",
        "plans.small.operations.token.requests",
        "plans.Big",
    ] {
        assert!(places.contains(&place), "{place} is not among {places:?}");
    }
    assert!(faults.to_string().contains("whole number from 1 to"));
}

#[test]
fn files_that_are_no_plans_are_refused_in_words() {
    for (text, at) in [
        ("", "default_plan"),
        ("default_plan = [", "file"),
        ("default_plan = \"a\"\nplans = 3\naddress = 4", "plans"),
        (&PLANS.replace("default_plan = \"small\"", "default_plan = \"gone\""), "default_plan"),
    ] {
        let faults = limits(text).err().unwrap();
        assert!(faults.0.iter().any(|fault| fault.at == at), "{text}: {faults}");
    }
    let missing = Limits::load(Path::new("policies/none.toml"), Arc::new(MemoryHot::new(NOW, true)));
    assert!(missing.err().unwrap().to_string().contains("policies/none.toml"));
}

proptest! {
    /// Whatever the file holds, it is read or refused in words.
    #[test]
    fn no_file_breaks_the_reader(noise in ".{0,40}", at in 0_usize..PLANS.len(), number in any::<i64>()) {
        let mut text = PLANS.to_owned();
        text.insert_str(at, &noise);
        for text in [noise, text, PLANS.replace("= 5", &format!("= {number}"))] {
            if let Err(faults) = limits(&text) {
                prop_assert!(!faults.0.is_empty());
            }
        }
    }
}
