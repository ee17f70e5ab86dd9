//! Shared terminals (マイナポータル用端末): one person's visit ends by their word, by idleness and by its life, and whoever
//! comes next finds nothing of it.

use crate::support::calls::{Caller, Told};
use crate::support::engines::{postgres_server, redis_url};
use crate::support::installation::Installation;
use crate::support::played::citizen::Citizen;
use crate::support::played::terminal::{self, Refused};
use crate::support::played::third_party::{ThirdParty, Tokens};
use madoguchi::domain::Clock as _;
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::grant::{GrantStatus, RevokedBy};
use madoguchi::domain::ids::{GrantId, SubjectId};
use serde_json::{Value, json};
use std::time::Duration;

/// 住民票関係情報: what the shipped rules let a terminal show.
const HOUSEHOLD: &str = "TM00000000000001";
const REQUESTS: &str = "/v1/self-information-requests";
const MINUTE: Duration = Duration::from_mins(1);

/// A hall with a terminal.
struct Hall {
    installation: Installation,
    /// The terminal as it is registered.
    registered: ThirdParty,
}

/// One person's visit, as the terminal holds it.
struct Visit {
    /// The terminal, by a key of this visit's own.
    terminal: ThirdParty,
    tokens: Tokens,
    grant: GrantId,
    sub: String,
    /// The person, in a browser of theirs.
    citizen: Citizen,
}

impl Hall {
    async fn open(nodes: usize) -> Self {
        let installation = Installation::start(nodes).await;
        // Terminals serve by day: the shipped rules refuse them from 23 to 6 o'clock.
        while !(8..18).contains(&installation.clock.now().hour_in_japan()) {
            installation.clock.advance(Duration::from_hours(1));
        }
        let registered = installation.party("hall", ClientClass::Kiosk, "measurement").await;
        Self { installation, registered }
    }

    /// The terminal with a new key.
    async fn terminal(&self) -> ThirdParty {
        let terminal = ThirdParty::open(self.registered.file.clone()).await.unwrap();
        terminal.set_ahead(self.installation.clock.ahead());
        terminal
    }

    /// Time goes by, for the terminal of a visit too.
    fn wait(&self, terminal: &ThirdParty, span: Duration) {
        self.installation.clock.advance(span);
        terminal.set_ahead(self.installation.clock.ahead());
    }

    /// The n-th person comes, types the code into their own phone, and agrees.
    async fn visit(&self, person: usize) -> Visit {
        let terminal = self.terminal().await;
        let shown = terminal::ask(&terminal, "openid self_information", &details()).await.unwrap();
        let persons = self.installation.sandbox.persons.iter().filter(|person| !person.is_suspended);
        let person = persons.clone().nth(person).unwrap();
        let mut citizen = Citizen::new(&person.card_number, &person.pin).unwrap();
        let page = citizen.agree_at_terminal(&shown.address, false).await.unwrap();
        assert_eq!(page.url.path(), "/dashboard", "{}", page.text());
        let tokens = terminal::poll(&terminal, &shown).await.unwrap().expect("the person agreed");
        let caller = Caller::new(&terminal, &self.installation, 0);
        let who = caller.call(&tokens.access, "GET", "/oauth/userinfo", None).await;
        let told = caller.form("/oauth/introspect", &[("token", &tokens.access)]).await;
        let grant = GrantId::parse(told.body["grant_id"].as_str().unwrap()).unwrap();
        Visit { sub: who.body["sub"].as_str().unwrap().to_owned(), grant, tokens, terminal, citizen }
    }

    fn caller<'a>(&'a self, visit: &'a Visit, node: usize) -> Caller<'a> {
        Caller::new(&visit.terminal, &self.installation, node)
    }

    async fn status(&self, grant: &GrantId) -> GrantStatus {
        self.installation.store.store.find_grant(grant).await.unwrap().unwrap().status
    }

    /// Retrieves what the person came for; gives where the request is kept.
    async fn show(&self, visit: &Visit) -> (String, Told) {
        let body = json!({"data_sets": [{"code": HOUSEHOLD, "condition": {"kind": "latest"}}]});
        let caller = self.caller(visit, 0);
        let taken = caller.call(&visit.tokens.access, "POST", REQUESTS, Some(&body)).await;
        assert!((200..300).contains(&taken.status), "{taken:?}");
        let place = format!("{REQUESTS}/{}", taken.body["id"].as_str().unwrap());
        for _ in 0..200 {
            let read = caller.call(&visit.tokens.access, "GET", &place, None).await;
            if read.body["status"] == "completed" {
                return (place, read);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        unreachable!("the household was never retrieved");
    }
}

fn details() -> Value {
    json!([{
        "type": "self_information", "purpose": "loan_examination", "access_days": 0,
        "data_sets": [{"code": HOUSEHOLD, "items": ["0100000010", "0100000080"]}],
    }])
}

/// How a visit ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Revoked,
    Idle,
    Life,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_next_finds_nothing_of_whoever_was_there_before() {
    let hall = Hall::open(1).await;
    for end in [End::Revoked, End::Idle, End::Life] {
        let mut first = hall.visit(0).await;
        let (place, shown) = hall.show(&first).await;
        assert_eq!(shown.header("cache-control"), "no-store");
        let secret = shown.body["data_sets"][0]["records"][0]["data"].to_string();
        assert!(secret.len() > 10, "{shown:?}");
        match end {
            End::Revoked => terminal::end(&first.terminal, &first.tokens).await.unwrap(),
            End::Idle => hall.wait(&first.terminal, 3 * MINUTE),
            End::Life => {
                for _ in 0..7 {
                    hall.wait(&first.terminal, 2 * MINUTE);
                    let used = hall.caller(&first, 0).call(&first.tokens.access, "GET", "/v1/consent", None).await;
                    assert_eq!(used.status, 200, "a visit that is used goes on: {used:?}");
                }
                hall.wait(&first.terminal, MINUTE);
            }
        }
        // Somebody who opens what is left of it, at the same terminal and with the same key.
        let places = [place.as_str(), "/v1/consent", "/v1/consent/receipts", "/oauth/userinfo"];
        for path in places {
            let told = hall.caller(&first, 0).call(&first.tokens.access, "GET", path, None).await;
            assert_eq!(told.brief(), (401, "invalid_token"), "{end:?} {path}");
        }
        let told = hall.caller(&first, 0).form("/oauth/introspect", &[("token", &first.tokens.access)]).await;
        assert_eq!(told.body, json!({"active": false}), "{end:?}");

        let next = hall.visit(1).await;
        assert_ne!(next.sub, first.sub, "{end:?}");
        let (_, theirs) = hall.show(&next).await;
        assert_ne!(theirs.body["data_sets"][0]["records"][0]["data"].to_string(), secret);
        let grant = format!("/oauth/grants/{}", first.grant);
        for path in places.into_iter().chain([grant.as_str()]) {
            let told = hall.caller(&next, 0).call(&next.tokens.access, "GET", path, None).await;
            let text = told.body.to_string();
            for of_the_first in [first.sub.as_str(), first.grant.as_str(), first.tokens.access.as_str()] {
                assert!(!text.contains(of_the_first), "{end:?} {path}: {text}");
            }
            if path == place || path == grant {
                assert_eq!(told.brief(), (404, "not_found"), "{end:?} {path}");
            }
        }
        // The first one's token is no better beside the next one's proof.
        let stolen = hall.caller(&next, 0).call(&first.tokens.access, "GET", "/v1/consent", None).await;
        assert_eq!(stolen.brief(), (401, "invalid_token"), "{end:?}");
        // What the first one sees of it at home: that it ended, and how.
        let dashboard = first.citizen.dashboard(&hall.installation.public_url).await.unwrap();
        let words = dashboard.texts("main").join(" ");
        assert!(words.contains("terminal was over") || matches!(end, End::Revoked | End::Life), "{end:?}: {words}");
        terminal::end(&next.terminal, &next.tokens).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_lives_while_it_is_used_and_only_looking_is_no_use() {
    let hall = Hall::open(1).await;
    let visit = hall.visit(0).await;
    let caller = hall.caller(&visit, 0);
    let told = caller.form("/oauth/introspect", &[("token", &visit.tokens.access)]).await;
    let life = told.body["exp"].as_i64().unwrap() - told.body["iat"].as_i64().unwrap();
    assert!((14 * 60..=15 * 60).contains(&life), "its token is for the whole visit: {life}");
    hall.wait(&visit.terminal, 2 * MINUTE);
    assert_eq!(caller.call(&visit.tokens.access, "GET", "/oauth/userinfo", None).await.status, 200);
    hall.wait(&visit.terminal, 2 * MINUTE);
    assert_eq!(caller.call(&visit.tokens.access, "GET", "/v1/consent", None).await.status, 200);
    // Introspection tells, and keeps nothing awake.
    for _ in 0..2 {
        hall.wait(&visit.terminal, 80 * Duration::from_secs(1));
        let told = caller.form("/oauth/introspect", &[("token", &visit.tokens.access)]).await;
        assert_eq!(told.body["active"], true);
    }
    hall.wait(&visit.terminal, 20 * Duration::from_secs(1));
    let told = caller.form("/oauth/introspect", &[("token", &visit.tokens.access)]).await;
    assert_eq!(told.body, json!({"active": false}));
    assert_eq!(hall.status(&visit.grant).await, GrantStatus::Active, "a look writes nothing");
    assert_eq!(caller.call(&visit.tokens.access, "GET", "/oauth/userinfo", None).await.brief(), (401, "invalid_token"));
    let status = hall.status(&visit.grant).await;
    assert!(matches!(status, GrantStatus::Revoked { by: RevokedBy::VisitOver, .. }), "{status:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_fetched_too_late_gives_nothing() {
    let hall = Hall::open(1).await;
    let terminal = hall.terminal().await;
    let shown = terminal::ask(&terminal, "openid", &Value::Null).await.unwrap();
    hall.installation.citizen().agree_at_terminal(&shown.address, false).await.unwrap();
    hall.wait(&terminal, 3 * MINUTE);
    let refused = terminal::poll(&terminal, &shown).await.err().expect("nobody is there any more");
    assert_eq!(refused.downcast_ref::<Refused>().map(|no| no.error.as_str()), Some("invalid_grant"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_retrieved_while_the_person_leaves_is_not_handed_over() {
    let hall = Hall::open(1).await;
    let visit = hall.visit(0).await;
    hall.show(&visit).await;
    let subject = subject(&hall, &visit).await;
    hall.wait(&visit.terminal, 3 * MINUTE);
    let body = json!({"data_sets": [{"code": HOUSEHOLD, "condition": {"kind": "latest"}}]});
    let told = hall.caller(&visit, 0).call(&visit.tokens.access, "POST", REQUESTS, Some(&body)).await;
    assert_eq!(told.brief(), (401, "invalid_token"));
    // The person can see that somebody tried.
    let all = madoguchi::store::Before { entry: None, limit: 50 };
    let lines = hall.installation.store.store.list_accesses(&subject, &all).await.unwrap();
    assert_eq!(lines.len(), 2, "{lines:?}");
}

async fn subject(hall: &Hall, visit: &Visit) -> SubjectId {
    let grant = hall.installation.store.store.find_grant(&visit.grant).await.unwrap().unwrap();
    grant.subject.unwrap()
}

/// Two gateways know one last use.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_use_on_one_node_counts_on_the_other() {
    if postgres_server().is_none() || redis_url().is_none() {
        return;
    }
    let hall = Hall::open(2).await;
    let visit = hall.visit(0).await;
    for node in [1, 0, 1, 0] {
        hall.wait(&visit.terminal, 2 * MINUTE);
        let told = hall.caller(&visit, node).call(&visit.tokens.access, "GET", "/v1/consent", None).await;
        assert_eq!(told.status, 200, "node {node}: {told:?}");
    }
    hall.wait(&visit.terminal, 3 * MINUTE);
    for node in [1, 0] {
        let told = hall.caller(&visit, node).call(&visit.tokens.access, "GET", "/v1/consent", None).await;
        assert_eq!(told.brief(), (401, "invalid_token"), "node {node}");
    }
}
