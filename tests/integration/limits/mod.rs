//! Limits as callers meet them, and the shipped plans against the operations there are.

mod refused;

use crate::support::engines::{TestStore, hot_url, new_store};
use actix_web::dev::Service;
use actix_web::http::header::HeaderMap;
use actix_web::middleware::from_fn;
use actix_web::{App, test, web};
use madoguchi::catalog::Catalog;
use madoguchi::domain::entropy::SystemEntropy;
use madoguchi::domain::sealed::MasterKey;
use madoguchi::domain::{Clock, Environment, SystemClock};
use madoguchi::evidence::Witness;
use madoguchi::gateway::{Gateway, GatewayParts, GatewaySettings, Operation};
use madoguchi::http::{edge, v1};
use madoguchi::limits::Limits;
use madoguchi::policy::Policies;
use madoguchi::protocol::certificate::CertificateRules;
use madoguchi::protocol::nonce::Nonces;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const URL: &str = "https://madoguchi.example";
const PLANS: &str = r#"
default_plan = "any"
[address]
requests = 3
seconds = 600
exempt = ["192.0.2.128/25"]
[plans.any]
concurrent_jobs = 1
client = { requests = 1, seconds = 1 }
citizen = { requests = 1, seconds = 1 }
day = { requests = 1 }
"#;

async fn gateway(store: &TestStore) -> Gateway {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let hot = madoguchi::hot::open(&hot_url(), clock.now(), true).await.unwrap();
    let settings = GatewaySettings {
        issuer: URL.into(),
        audience: URL.into(),
        public_url: URL.into(),
        certificates: CertificateRules::default(),
        environment: Environment::Production,
    };
    let parts = GatewayParts {
        limits: Arc::new(Limits::parse(PLANS, Arc::clone(&hot)).unwrap()),
        hot,
        keys: madoguchi::protocol::jose::PublishedKeys::default(),
        nonces: Arc::new(Nonces::new(&MasterKey::new([7; 32])).unwrap()),
        policies: Arc::new(Policies::load(Path::new("policies")).unwrap()),
        catalog: Arc::new(Catalog::load(Path::new("policies/data-sets")).unwrap()),
        witness: Arc::new(Witness::new(Arc::clone(&store.store), Arc::clone(&clock), Arc::new(SystemEntropy))),
        store: Arc::clone(&store.store),
        clock,
    };
    Gateway::new(settings, parts)
}

fn around() -> edge::Edge {
    edge::Edge {
        public_url: URL.into(),
        trusted_proxies: vec![],
        certificate_field: None,
        deadline: Duration::from_secs(5),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    }
}

/// What one address after another is told at `paths`.
async fn ask(calls: &[(&str, &str)]) -> Vec<(u16, HeaderMap, Value)> {
    let store = new_store().await;
    let app = App::new().app_data(web::Data::new(around())).app_data(web::Data::new(gateway(&store).await));
    let app = test::init_service(app.wrap(from_fn(edge::wrap)).configure(v1::routes)).await;
    let mut told = Vec::new();
    for (ip, path) in calls {
        let peer = format!("{}:4711", if ip.contains(':') { format!("[{ip}]") } else { (*ip).to_owned() });
        let request = test::TestRequest::get().uri(path).peer_addr(peer.parse().unwrap()).to_request();
        let response = app.call(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = test::read_body(response).await;
        told.push((status, headers, serde_json::from_slice(&body).unwrap_or_default()));
    }
    told
}

fn statuses(told: &[(u16, HeaderMap, Value)]) -> Vec<u16> {
    told.iter().map(|(status, ..)| *status).collect()
}

#[actix_web::test]
async fn an_address_that_calls_too_often_is_told_in_the_words_of_the_family() {
    let pages = [("192.0.2.1", "/nowhere"); 4];
    let told = ask(&pages).await;
    assert_eq!(statuses(&told), [404, 404, 404, 429]);
    let (_, headers, problem) = &told[3];
    assert_eq!((&problem["code"], &problem["status"]), (&"rate_limited".into(), &429.into()), "{problem}");
    assert_eq!(headers.get("ratelimit-policy").unwrap(), r#""address";q=3;w=600"#);
    assert_eq!(headers.get("ratelimit").unwrap(), r#""address";r=0;t=200"#);
    assert_eq!(headers.get("retry-after").unwrap(), "200");

    let told = ask(&[("192.0.2.1", "/oauth/token"); 4]).await;
    let (status, headers, error) = &told[3];
    assert_eq!((*status, &error["error"]), (429, &"rate_limited".into()), "{error}");
    assert!(error["error_id"].as_str().is_some_and(|id| id.starts_with("e_")), "{error}");
    assert_eq!(
        (headers.get("retry-after").unwrap(), headers.get("ratelimit").is_some()),
        (&"200".parse().unwrap(), true)
    );
}

#[actix_web::test]
async fn every_family_counts_against_one_address() {
    let told = ask(&[
        ("192.0.2.1", "/nowhere"),
        ("192.0.2.1", "/oauth/token"),
        ("192.0.2.1", "/v1/consent"),
        ("192.0.2.1", "/v1/consent"),
        ("192.0.2.2", "/v1/consent"),
        ("192.0.2.200", "/v1/consent"),
    ])
    .await;
    // Without a token, what is not limited is 401.
    assert_eq!(statuses(&told), [404, 404, 401, 429, 401, 401]);
}

#[actix_web::test]
async fn health_is_told_to_whoever_asks_and_exempt_networks_are_not_counted() {
    for (ip, path, status) in [("192.0.2.1", "/healthz", 404), ("192.0.2.200", "/nowhere", 404)] {
        assert_eq!(statuses(&ask(&[(ip, path); 8]).await), [status; 8], "{ip} {path}");
    }
}

#[actix_web::test]
async fn a_subscriber_with_many_addresses_counts_as_one() {
    let told = ask(&[("2001:db8::1", "/a"), ("2001:db8::2", "/a"), ("2001:db8::3", "/a"), ("2001:db8::4", "/a")]).await;
    assert_eq!(statuses(&told), [404, 404, 404, 429]);
}

#[actix_web::test]
async fn shipped_plans_name_only_operations_that_there_are() {
    let hot = madoguchi::hot::open("memory:", SystemClock.now(), true).await.unwrap();
    let limits = Limits::load(Path::new("policies/rate-plans.toml"), hot).unwrap();
    let authorization_server = ["push_authorization_request", "issue_token", "introspect_token", "revoke_token"];
    for named in limits.operations() {
        let is_there = Operation::ALL.iter().any(|operation| operation.id == named);
        assert!(is_there || authorization_server.contains(&named), "{named}");
    }
}
