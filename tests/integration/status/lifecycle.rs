//! What is to go says so on every answer, in the description, and in the report of who still calls it; afterwards it is gone.

use crate::support::calls::{Caller, Told, wanted};
use crate::support::installation::Installation;
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::lifecycle::Retiring;
use madoguchi::http::openapi;
use std::time::Duration;

/// Deprecated in 2024; gone long after every test, and gone since 2025.
const TABLE: &[Retiring] = &[
    Retiring {
        operation: "list_data_sets",
        deprecated_at: 1_704_067_200,
        sunset_at: Some(4_070_908_800),
        successor: Some("get_account"),
        link: "/docs/",
    },
    Retiring {
        operation: "get_data_set",
        deprecated_at: 1_704_067_200,
        sunset_at: Some(1_735_689_600),
        successor: Some("list_data_sets"),
        link: "/docs/",
    },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_to_go_says_so_and_is_gone_after_its_sunset() {
    let installation = Installation::start_changed(1, |plan| plan.lifecycle = TABLE).await;
    let bank = installation.party("bank", ClientClass::Bank, "measurement").await;
    let caller = Caller::new(&bank, &installation, 0);
    let tokens = crate::support::calls::consented(&installation, &bank).await;
    let told = caller.call(&tokens.access, "GET", "/v1/data-sets", None).await;
    assert_eq!(told.status, 200, "{told:?}");
    let fields = ["deprecation", "sunset"].map(|name| told.header(name).to_owned());
    assert_eq!(fields, ["@1704067200", "Thu, 01 Jan 2099 00:00:00 GMT"]);
    let links = told.header("link");
    assert!(links.contains("rel=\"deprecation\"") && links.contains("rel=\"sunset\""), "{links}");
    // Whoever is not let in is told too.
    let stranger = Told::by(caller.request("GET", "/v1/data-sets")).await;
    assert_eq!((stranger.status, stranger.header("deprecation")), (401, "@1704067200"));
    let gone = caller.call(&tokens.access, "GET", "/v1/data-sets/TM00000000000002", None).await;
    assert_eq!((gone.status, gone.code()), (410, "operation_gone"), "{gone:?}");
    assert!(gone.body["detail"].as_str().unwrap().contains("list_data_sets"), "{gone:?}");
    let other = caller.call(&tokens.access, "GET", "/v1/account", None).await;
    assert_eq!((other.status, other.header("deprecation")), (200, ""));
    let description = Told::by(reqwest::Client::new().get(format!("{}/openapi.json", installation.nodes[0].url))).await;
    let operation = &description.body["paths"]["/v1/data-sets"]["get"];
    assert_eq!(operation["deprecated"], true, "{operation:#}");
    assert!(operation["responses"]["410"].is_object(), "{operation:#}");
}

#[test]
fn nothing_of_this_version_is_deprecated_and_the_description_says_so() {
    let text = openapi::document().to_string();
    assert!(!text.contains("\"deprecated\":true"));
    assert!(openapi::document_of(TABLE).to_string().contains("\"deprecated\":true"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_learns_what_it_calls_of_all_nodes_and_nothing_of_another() {
    let installation = Installation::start_changed(2, |plan| plan.lifecycle = TABLE).await;
    let bank = installation.party("bank", ClientClass::Bank, "measurement").await;
    let other = installation.party("other", ClientClass::Bank, "measurement").await;
    let tokens = crate::support::calls::consented(&installation, &bank).await;
    let others = crate::support::calls::consented(&installation, &other).await;
    for node in 0..2 {
        let caller = Caller::new(&bank, &installation, node);
        for _ in 0..3 {
            assert_eq!(caller.call(&tokens.access, "GET", "/v1/data-sets", None).await.status, 200);
        }
        // What is not let in is not counted.
        assert_eq!(Told::by(caller.request("GET", "/v1/data-sets")).await.status, 401);
        let body = wanted();
        caller.call(&tokens.access, "POST", "/v1/self-information-requests", Some(&body)).await;
    }
    let stranger = Caller::new(&other, &installation, 0);
    assert_eq!(stranger.call(&others.access, "GET", "/v1/account", None).await.status, 200);
    let of = |report: &Told, id: &str| -> Option<u64> {
        let all = report.body["operations"].as_array().unwrap();
        all.iter().find(|one| one["operation"] == id).map(|one| one["calls"].as_u64().unwrap())
    };
    let caller = Caller::new(&bank, &installation, 0);
    // The other node writes down what it counted within ten seconds.
    let mut report = caller.call(&tokens.access, "GET", "/v1/usage", None).await;
    for _ in 0..60 {
        if of(&report, "list_data_sets") == Some(6) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        report = caller.call(&tokens.access, "GET", "/v1/usage", None).await;
    }
    assert_eq!(report.status, 200, "{report:?}");
    assert_eq!(of(&report, "list_data_sets"), Some(6), "{report:?}");
    assert_eq!(of(&report, "get_account"), None, "another's");
    let line = report.body["operations"].as_array().unwrap().iter().find(|one| one["operation"] == "list_data_sets");
    let line = line.unwrap();
    assert_eq!((line["successor"].as_str(), line["sunset_at"].is_string()), (Some("get_account"), true), "{line}");
    let bad = installation.nodes[0].url.clone();
    for query in ["days=0", "days=401", "days=x", "client=other"] {
        let proof = caller.proof("GET", "/v1/usage", Some(&tokens.access));
        let request = reqwest::Client::new().get(format!("{bad}/v1/usage?{query}"));
        let request = request.header("authorization", format!("DPoP {}", tokens.access)).header("dpop", proof);
        let told = Told::by(request).await;
        assert_eq!((told.status, told.code()), (422, "invalid_value"), "{query}: {told:?}");
    }
}
