//! The property behind every token: what it allows is within what was asked for, what the citizen agreed to, what the
//! client is registered for, and what the operator's rules permit; and no refresh ever widens it.

use super::counter::{Counter, Reply, claims, with};
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::data_set::{DataSetCode, ItemCode};
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::scope::ScopeSet;
use madoguchi::policy::{Action, Question};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const INCOME: &str = "TM00000000000002";
const SCOPES: [&str; 4] = ["openid", "offline_access", "catalog", "self_information"];

/// Everything that is drawn for one round.
#[derive(Clone, Debug)]
struct Round {
    class: ClientClass,
    registered: BTreeSet<usize>,
    asked_scope: BTreeSet<usize>,
    required: BTreeSet<u32>,
    optional: BTreeSet<u32>,
    refused: BTreeSet<u32>,
    narrower_scope: BTreeSet<usize>,
    narrower_items: BTreeSet<u32>,
}

fn rounds() -> impl Strategy<Value = Round> {
    let scopes = || proptest::collection::btree_set(0..SCOPES.len(), 1..=SCOPES.len());
    let items = || proptest::collection::btree_set(1_u32..6, 0..4);
    let class = prop_oneof![Just(ClientClass::Bank), Just(ClientClass::HealthApp), Just(ClientClass::General)];
    let drawn = (class, scopes(), scopes(), items(), items(), items(), scopes(), items());
    drawn.prop_map(|(class, registered, asked_scope, required, optional, refused, narrower_scope, narrower_items)| {
        let optional: BTreeSet<u32> = optional.difference(&required).copied().collect();
        let refused = refused.intersection(&optional).copied().collect();
        // Half of the time a client asks within its registration, or nothing would ever be seen.
        let asked_scope = if asked_scope.len() % 2 == 0 {
            asked_scope.intersection(&registered).copied().collect()
        } else {
            asked_scope
        };
        Round { class, registered, asked_scope, required, optional, refused, narrower_scope, narrower_items }
    })
}

fn scope(chosen: &BTreeSet<usize>) -> String {
    chosen.iter().map(|n| SCOPES[*n]).collect::<Vec<_>>().join(" ")
}

fn item(n: u32) -> String {
    format!("02000000{n}0")
}

fn details(required: &BTreeSet<u32>, optional: &BTreeSet<u32>) -> Value {
    let list = |items: &BTreeSet<u32>| items.iter().map(|n| item(*n)).collect::<Vec<_>>();
    let set = json!({"code": INCOME, "items": list(required), "optional_items": list(optional)});
    json!([{"type": "self_information", "purpose": "loan_examination", "data_sets": [set], "access_days": 30}])
}

fn items_of(told: &Value) -> BTreeSet<String> {
    let sets = told["authorization_details"].pointer("/0/data_sets").and_then(Value::as_array);
    let items = sets.into_iter().flatten().filter_map(|set| set["items"].as_array()).flatten();
    items.map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// Whether the rules permit this class to have income data fetched.
fn is_permitted(counter: &Counter, class: ClientClass) -> bool {
    let set = counter.parts.catalog.data_set(DataSetCode::parse(INCOME).unwrap()).unwrap();
    let facts = set.facts();
    let question = Question {
        client: &ClientId::parse("bank").unwrap(),
        class,
        status: madoguchi::domain::client::ClientStatus::Production,
        action: Action::RequestDataSet,
        data_set: Some(&facts),
        acr: Some(madoguchi::domain::acr::Acr::Aal3),
        purpose: Some("loan_examination"),
        access_days: Some(30),
        hour: 12,
    };
    counter.parts.policies.decide(&question).is_allowed
}

/// What a token response allows, as the token itself and introspection say too.
async fn rights(counter: &Counter, reply: &Reply) -> (ScopeSet, BTreeSet<String>) {
    let scope = ScopeSet::parse(&reply.text("scope")).unwrap();
    let claimed = claims(&reply.text("access_token"))["scope"].as_str().unwrap().to_owned();
    assert_eq!(ScopeSet::parse(&claimed).unwrap(), scope);
    let told = counter.introspect(&counter.bank, &reply.text("access_token")).await;
    assert_eq!(told.json["active"], true, "{told:?}");
    assert_eq!(told.json["authorization_details"], reply.json["authorization_details"]);
    (scope, items_of(&reply.json))
}

/// One round; true when a token came of it.
async fn play(counter: &Counter, round: &Round) -> bool {
    let registered = ScopeSet::parse(&scope(&round.registered)).unwrap();
    counter
        .change_bank(|client| {
            client.class = round.class;
            client.scope = registered;
        })
        .await;
    let asked = ScopeSet::parse(&scope(&round.asked_scope)).unwrap();
    let wants_data = scope(&round.asked_scope).contains("self_information");
    let detail = details(&round.required, &round.optional).to_string();
    let pairs = with(counter.pushed(&counter.bank), "scope", Some(&scope(&round.asked_scope)));
    let pairs = with(pairs, "authorization_details", wants_data.then_some(detail.as_str()));
    let pushed = counter.post("/oauth/par", &pairs, None).await;
    if pushed.status != 201 {
        assert_eq!(pushed.status, 400, "{pushed:?}");
        return false;
    }
    assert!(!wants_data || is_permitted(counter, round.class), "the rules do not permit it: {round:?}");
    let left = round.required.len() + round.optional.len() - round.refused.len();
    if wants_data && left == 0 {
        return false;
    }
    let code = DataSetCode::parse(INCOME).unwrap();
    let refused = if wants_data { round.refused.clone() } else { BTreeSet::new() };
    let refused = refused.iter().map(|n| (code, ItemCode::parse(&item(*n)).unwrap())).collect();
    let decision = (counter.subject().await, refused);
    let (code, _) = counter.agree_to(&counter.bank, &pushed.text("request_uri"), decision).await;
    let first = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
    assert_eq!(first.status, 200, "{first:?}");
    let (scope_given, items_given) = rights(counter, &first).await;
    assert!(scope_given.is_within(asked) && scope_given.is_within(registered), "{round:?}");
    let agreed: BTreeSet<String> =
        round.required.union(&round.optional).filter(|n| !round.refused.contains(n)).map(|n| item(*n)).collect();
    assert!(items_given.is_subset(&agreed) && (wants_data || items_given.is_empty()), "{round:?}");
    if first.json["refresh_token"].is_string() {
        narrow(counter, round, &first, (scope_given, items_given)).await;
    }
    true
}

/// A refresh gives what it asks for, within what was given, or nothing.
async fn narrow(counter: &Counter, round: &Round, first: &Reply, (scopes, items): (ScopeSet, BTreeSet<String>)) {
    let wanted = ScopeSet::parse(&scope(&round.narrower_scope)).unwrap();
    let detail = details(&round.narrower_items, &BTreeSet::new()).to_string();
    let refreshing = counter.refreshing(&counter.bank, &first.text("refresh_token"));
    let pairs = with(refreshing, "scope", Some(&scope(&round.narrower_scope)));
    let pairs = with(pairs, "authorization_details", Some(&detail));
    let reply = counter.token(&counter.bank, &pairs).await;
    let wanted_items: BTreeSet<String> = round.narrower_items.iter().map(|n| item(*n)).collect();
    let is_less = wanted.is_within(scopes) && wanted_items.is_subset(&items) && !wanted_items.is_empty();
    assert_eq!(reply.status == 200, is_less, "{round:?} {reply:?}");
    if is_less {
        assert_eq!(rights(counter, &reply).await, (wanted, wanted_items), "{round:?}");
    }
    // Whatever was narrowed, the next refresh starts from the grant again, and no further.
    let whole = counter.token(&counter.bank, &counter.refreshing(&counter.bank, &first.text("refresh_token"))).await;
    assert_eq!(rights(counter, &whole).await, (scopes, items));
}

#[actix_web::test]
async fn no_token_allows_more_than_request_consent_registration_and_rules_all_do() {
    let counter = Counter::open().await;
    let mut runner = TestRunner::deterministic();
    let rounds = rounds();
    let mut seen = 0;
    for _ in 0..96 {
        let round = rounds.new_tree(&mut runner).unwrap().current();
        seen += u32::from(play(&counter, &round).await);
    }
    assert!(seen >= 10, "only {seen} rounds came to a token, so little was shown");
}
