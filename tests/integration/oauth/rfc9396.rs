//! Authorization details: against the catalogue, the registered purpose and the operator's rules; and back again.

use super::counter::{Counter, Pairs, claims, details, item, with};
use madoguchi::domain::Digest;
use madoguchi::domain::client::ClientClass;
use serde_json::{Value, json};

const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";

#[actix_web::test]
async fn what_may_not_be_asked_is_refused() {
    let counter = Counter::open().await;
    for (pointer, value) in [
        ("/0/type", json!("payment_initiation")),
        ("/0/purpose", json!("curiosity")),
        ("/0/access_days", json!(31)),
        ("/0/data_sets/0/code", json!("TM99999999999999")),
        ("/0/data_sets/0/items", json!(["9999999999"])),
        ("/0/data_sets/0/items", json!([])),
        ("/0/data_sets", json!([])),
        ("/0/data_sets/0/items", json!(["1"])),
        ("/0/data_sets/0", json!({"code": "TM00000000000002", "extra": 1})),
        ("/0", json!("x")),
        ("", json!([details()[0], details()[0]])),
        ("", json!([])),
        ("", json!({})),
    ] {
        let mut asked = details();
        *asked.pointer_mut(pointer).unwrap() = value.clone();
        let pairs = with(counter.pushed(&counter.bank), "authorization_details", Some(&asked.to_string()));
        let reply = counter.post("/oauth/par", &pairs, None).await;
        assert_eq!(reply.error(), (400, "invalid_authorization_details"), "{pointer} = {value}");
    }
}

#[actix_web::test]
async fn a_class_that_the_rules_do_not_permit_is_told_the_rule() {
    let counter = Counter::open().await;
    counter.change_bank(|client| client.class = ClientClass::HealthApp).await;
    let reply = counter.post("/oauth/par", &counter.pushed(&counter.bank), None).await;
    assert_eq!(reply.error(), (400, "invalid_authorization_details"));
    assert!(reply.text("error_description").contains("rule "), "{reply:?}");
}

#[actix_web::test]
async fn the_token_response_tells_what_was_agreed_to() {
    let counter = Counter::open().await;
    let tokens = counter.tokens(&counter.bank).await;
    let told: &Value = &tokens.json["authorization_details"][0];
    assert_eq!(told["type"], "self_information");
    assert_eq!(told["data_sets"][0]["items"], json!([item()]));
    assert_eq!(told["data_sets"][0]["refused_items"], json!([]));
    assert_eq!((told["access_days"].as_u64(), told["retention_days"].as_u64()), (Some(30), Some(90)));
}

#[actix_web::test]
async fn a_refusal_names_the_place_and_metadata_the_types_that_have_a_schema() {
    let counter = Counter::open().await;
    let mut asked = details();
    asked[0]["data_sets"][0]["items"] = json!(["0200000010", "x"]);
    let pairs = with(counter.pushed(&counter.bank), "authorization_details", Some(&asked.to_string()));
    let reply = counter.post("/oauth/par", &pairs, None).await;
    assert!(reply.text("error_description").starts_with("/0/data_sets/0/items/1: "), "{reply:?}");
    let path = "/.well-known/oauth-authorization-server";
    let metadata = counter.send(actix_web::test::TestRequest::get().uri(path)).await;
    let rules = counter.parts.policies.now();
    let types: Vec<&str> = rules.details().names().collect();
    assert_eq!(metadata.json["authorization_details_types_supported"], json!(types));
}

#[actix_web::test]
async fn a_refresh_can_ask_for_a_part_and_gets_no_more() {
    let counter = Counter::open().await;
    let mut asked = details();
    asked[0]["data_sets"][0]["items"] = json!(["0200000010", "0200000020"]);
    let pairs = with(counter.pushed(&counter.bank), "authorization_details", Some(&asked.to_string()));
    let pushed = counter.post("/oauth/par", &pairs, None).await;
    let code = counter.agree(&counter.bank, &pushed.text("request_uri")).await;
    let tokens = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
    let refresh = |details: &Value| {
        with(
            counter.refreshing(&counter.bank, &tokens.text("refresh_token")),
            "authorization_details",
            Some(&details.to_string()),
        )
    };
    let mut part = asked.clone();
    part[0]["data_sets"][0]["items"] = json!(["0200000020"]);
    part[0]["data_sets"][0]["period"] = json!({"from": "2025-01-01", "to": "2025-12-31"});
    let narrow = counter.token(&counter.bank, &refresh(&part)).await;
    let told = &narrow.json["authorization_details"][0]["data_sets"][0];
    assert_eq!(told["items"], json!(["0200000020"]));
    assert_eq!(told["period"], json!({"from": "2025-01-01", "to": "2025-12-31"}));
    let told = counter.introspect(&counter.bank, &narrow.text("access_token")).await;
    assert_eq!(told.json["authorization_details"], narrow.json["authorization_details"]);
    for (pointer, value) in [
        ("/0/data_sets/0/items", json!(["0200000030"])),
        ("/0/data_sets/0/code", json!("TM00000000000001")),
        ("/0/access_days", json!(31)),
        ("/0/purpose", json!("other")),
        ("/0/type", json!("other")),
    ] {
        let mut more = part.clone();
        *more.pointer_mut(pointer).unwrap() = value;
        let refused = counter.token(&counter.bank, &refresh(&more)).await;
        assert_eq!(refused.error(), (400, "invalid_authorization_details"), "{pointer}");
    }
}

/// RFC 9396 §10: a client asks by the types that it registered, at every endpoint where it can ask.
#[actix_web::test]
async fn a_client_asks_by_the_types_that_it_registered() {
    let counter = super::elsewhere::counter().await;
    // A terminal is given access once.
    let mut once = details();
    once[0]["access_days"] = json!(0);
    for (types, is_allowed) in [(None, true), (Some(vec!["self_information".to_owned()]), true), (Some(vec![]), false)]
    {
        counter.change_bank(|bank| bank.profile.authorization_details_types.clone_from(&types)).await;
        let pushed = counter.post("/oauth/par", &counter.pushed(&counter.bank), None).await;
        let asked = [("scope", Some("self_information")), ("authorization_details", Some(&*once.to_string()))];
        let device = counter.device(&counter.bank, &asked).await;
        for (what, reply) in [("par", pushed), ("device", device)] {
            if is_allowed {
                assert!(reply.status < 300, "{what} {types:?}: {reply:?}");
            } else {
                assert_eq!(reply.error(), (400, "invalid_authorization_details"), "{what} {types:?}");
                assert!(reply.text("error_description").contains("authorization_details_types"), "{what}: {reply:?}");
            }
        }
    }
}

/// Questions of yes or no: agreed to as they are, told back, narrowed, and refused at their place.
#[actix_web::test]
async fn questions_are_asked_told_and_refused_like_items() {
    let counter = Counter::open().await;
    let income = |operator: &str, value: u64, year: u16| json!({"fact": "income.total", "operator": operator, "value": value, "year": year});
    let asked = |predicates: &[Value], optional: &[Value]| {
        let mut asked = details();
        asked[0]["data_sets"][0] =
            json!({"code": "TM00000000000002", "predicates": predicates, "optional_predicates": optional});
        asked
    };
    let good = asked(&[income("ge", 3_000_000, 2025), income("lt", 9_000_000, 2025)], &[income("ge", 1, 2024)]);
    let pairs = with(counter.pushed(&counter.bank), "authorization_details", Some(&good.to_string()));
    let pushed = counter.post("/oauth/par", &pairs, None).await;
    let code = counter.agree(&counter.bank, &pushed.text("request_uri")).await;
    let tokens = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
    let told = &tokens.json["authorization_details"][0]["data_sets"][0];
    assert_eq!(told["predicates"].as_array().map(Vec::len), Some(3), "{told}");
    assert_eq!((&told["items"], &told["refused_predicates"]), (&json!([]), &Value::Null));
    let refresh = |details: &Value| {
        let pairs = counter.refreshing(&counter.bank, &tokens.text("refresh_token"));
        with(pairs, "authorization_details", Some(&details.to_string()))
    };
    let one = asked(&[income("ge", 3_000_000, 2025)], &[]);
    let narrow = counter.token(&counter.bank, &refresh(&one)).await;
    let told = &narrow.json["authorization_details"][0]["data_sets"][0];
    assert_eq!(told["predicates"], json!([income("ge", 3_000_000, 2025)]));
    for more in [income("ge", 3_000_001, 2025), income("lt", 3_000_000, 2025), income("ge", 3_000_000, 2024)] {
        let refused = counter.token(&counter.bank, &refresh(&asked(&[more], &[]))).await;
        assert_eq!(refused.error(), (400, "invalid_authorization_details"));
    }
    let year = |year: Value| json!({"fact": "income.total", "operator": "ge", "value": 1, "year": year});
    let four: Vec<Value> = (1..=4).map(|value| income("ge", value, 2025)).collect();
    let place = "/0/data_sets/0";
    for (wrong, pointer) in [
        (asked(&[], &[]), place.to_owned()),
        (asked(&[json!({"fact": "age", "operator": "ge", "value": 20})], &[]), format!("{place}/predicates/0/fact")),
        (asked(&[json!({"fact": "wealth", "operator": "ge", "value": 2})], &[]), format!("{place}/predicates/0/fact")),
        (asked(&[income("eq", 1, 2025)], &[]), format!("{place}/predicates/0/operator")),
        (asked(&[income("ge", 4_000_000_001, 2025)], &[]), format!("{place}/predicates/0/value")),
        (asked(&[income("ge", 1, 1999)], &[]), format!("{place}/predicates/0/year")),
        (asked(&[year(Value::Null)], &[]), format!("{place}/predicates/0/year")),
        (asked(&[income("ge", 2, 2025)], &[income("gt", 1, 2025)]), format!("{place}/optional_predicates/0")),
        // One threshold more than may ever be told.
        (asked(&four[..3], &four[3..]), format!("{place}/optional_predicates/0")),
    ] {
        let pairs = with(counter.pushed(&counter.bank), "authorization_details", Some(&wrong.to_string()));
        let reply = counter.post("/oauth/par", &pairs, None).await;
        assert_eq!(reply.error(), (400, "invalid_authorization_details"), "{wrong}");
        assert!(reply.text("error_description").contains(&pointer) || pointer == place, "{pointer}: {reply:?}");
    }
    let mut timed = asked(&[income("ge", 1, 2025)], &[]);
    timed[0]["data_sets"][0]["period"] = json!({"from": "2024-01-01"});
    let pairs = with(counter.pushed(&counter.bank), "authorization_details", Some(&timed.to_string()));
    assert_eq!(counter.post("/oauth/par", &pairs, None).await.error(), (400, "invalid_authorization_details"));
}

/// A token for one file of many records: asked for by the client for itself, told back, and never made to open more.
/// What the bank asks for itself by.
fn asking(counter: &Counter, changes: &[(&'static str, Option<&str>)]) -> Pairs<'static> {
    let pairs = with(counter.authentication(&counter.bank), "grant_type", Some("client_credentials"));
    changes.iter().fold(pairs, |pairs, (name, value)| with(pairs, name, *value))
}

/// What the bank makes another token of one of its own by.
fn exchanging(counter: &Counter, token: &str, details: Option<&Value>) -> Pairs<'static> {
    let own = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", token),
        ("subject_token_type", ACCESS),
    ];
    let pairs = counter.authentication(&counter.bank);
    let pairs = own.into_iter().fold(pairs, |pairs, (name, value)| with(pairs, name, Some(value)));
    with(pairs, "authorization_details", details.map(ToString::to_string).as_deref())
}

#[actix_web::test]
async fn a_client_binds_a_token_to_one_file_and_it_stays_bound() {
    let counter = super::elsewhere::counter().await;
    counter
        .change_bank(|bank| {
            bank.scope = "openid offline_access self_information catalog submissions".to_owned().try_into().unwrap();
        })
        .await;
    let bound = |file: &str| json!([{"type": "bulk_submission", "digest": Digest::of(file).base64url()}]);
    let asking = |changes: &[(&'static str, Option<&str>)]| asking(&counter, changes);
    let exchanging = |token: &str, details: Option<&Value>| exchanging(&counter, token, details);
    let (own, other) = (bound("own"), bound("other"));
    let reply = counter.token(&counter.bank, &asking(&[("authorization_details", Some(&own.to_string()))])).await;
    assert_eq!((reply.status, reply.json["scope"].as_str()), (200, Some("submissions")), "{reply:?}");
    let token = reply.text("access_token");
    assert_eq!((&claims(&token)["authorization_details"], &reply.json["authorization_details"]), (&own, &own));
    assert_eq!(counter.introspect(&counter.bank, &token).await.json["authorization_details"], own);

    // Exchanged, it opens the same file; it is not made to open all, or another.
    for details in [None, Some(&own)] {
        let made = counter.token(&counter.bank, &exchanging(&token, details)).await;
        assert_eq!((made.status, &made.json["authorization_details"]), (200, &own), "{made:?}");
        assert_eq!(claims(&made.text("access_token"))["authorization_details"], own);
    }
    let grown = counter.token(&counter.bank, &exchanging(&token, Some(&other))).await;
    assert_eq!(grown.error(), (400, "invalid_authorization_details"));
    // One that is bound to nothing can be made smaller.
    let all = counter.token(&counter.bank, &asking(&[("scope", Some("submissions"))])).await;
    assert_eq!(all.json.get("authorization_details"), None);
    let made = counter.token(&counter.bank, &exchanging(&all.text("access_token"), Some(&own))).await;
    assert_eq!(claims(&made.text("access_token"))["authorization_details"], own, "{made:?}");

    let own = own.to_string();
    for (scope, details, error) in [
        (Some("catalog"), own.as_str(), "invalid_scope"),
        (Some("catalog submissions"), own.as_str(), "invalid_scope"),
        (None, &details().to_string(), "invalid_authorization_details"),
        (None, "[]", "invalid_authorization_details"),
        (None, r#"[{"type": "bulk_submission"}]"#, "invalid_authorization_details"),
        (None, r#"[{"type": "bulk_submission", "digest": "x"}]"#, "invalid_authorization_details"),
    ] {
        let pairs = asking(&[("scope", scope), ("authorization_details", Some(details))]);
        assert_eq!(counter.token(&counter.bank, &pairs).await.error(), (400, error), "{scope:?} {details}");
    }
    // No citizen is asked for one, and who registered other types asks for none.
    let pushed = with(counter.pushed(&counter.bank), "authorization_details", Some(&own));
    assert_eq!(counter.post("/oauth/par", &pushed, None).await.error(), (400, "invalid_authorization_details"));
    let only = Some(vec!["self_information".to_owned()]);
    counter.change_bank(|bank| bank.profile.authorization_details_types.clone_from(&only)).await;
    let refused = counter.token(&counter.bank, &asking(&[("authorization_details", Some(&own))])).await;
    assert_eq!(refused.error(), (400, "invalid_authorization_details"));
}

#[actix_web::test]
async fn a_right_to_file_is_made_smaller_and_never_larger() {
    let counter = super::elsewhere::counter().await;
    let scope = "openid offline_access self_information catalog submissions";
    counter.change_bank(|bank| bank.scope = scope.to_owned().try_into().unwrap()).await;
    let bank = counter.store().find_client(&"bank".to_owned().try_into().unwrap()).await.unwrap().unwrap();
    let company = bank.corporate_number.to_string();
    let right = |procedures: &[&str]| json!([{"type": "submission", "applicant": company, "procedures": procedures}]);
    let whole = right(&["a", "b"]).to_string();
    let held = counter.token(&counter.bank, &asking(&counter, &[("authorization_details", Some(&whole))])).await;
    assert_eq!(held.json["scope"].as_str(), Some("submissions"), "{held:?}");
    let held = held.text("access_token");
    assert_eq!(claims(&held)["sub"].as_str(), Some(company.as_str()));
    assert_eq!(counter.introspect(&counter.bank, &held).await.json["authorization_details"], right(&["a", "b"]));
    let made = counter.token(&counter.bank, &exchanging(&counter, &held, Some(&right(&["b"])))).await;
    assert_eq!((made.status, &made.json["authorization_details"]), (200, &right(&["b"])), "{made:?}");
    let smaller = made.text("access_token");
    assert_eq!((&claims(&smaller)["sub"], &claims(&smaller)["act"]), (&claims(&held)["sub"], &claims(&held)["act"]));
    let file = json!([{"type": "bulk_submission", "digest": Digest::of("a file").base64url()}]);
    for wanted in [right(&["a"]), right(&["*"]), file] {
        let grown = counter.token(&counter.bank, &exchanging(&counter, &smaller, Some(&wanted))).await;
        assert_eq!(grown.error(), (400, "invalid_authorization_details"), "{wanted}");
    }
    let again = counter.token(&counter.bank, &exchanging(&counter, &smaller, None)).await;
    assert_eq!(again.json["authorization_details"], right(&["b"]), "{again:?}");
}
