//! What the operator's machines are told: a load balancer, by either method, also while the process stops; and a collector of
//! figures, at an address of its own.

use crate::support::app::spawn_app;
use crate::support::canary::figures;
use crate::support::engines::new_store;
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{App, test, web};
use madoguchi::cli::metrics;
use madoguchi::domain::{SystemClock, SystemEntropy};
use madoguchi::http::edge::{self, Edge};
use madoguchi::http::health::{self, Health};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_balancer_may_ask_by_head() {
    let app = spawn_app().await;
    let http = reqwest::Client::new();
    for path in ["/healthz", "/livez", "/readyz"] {
        for method in [reqwest::Method::GET, reqwest::Method::HEAD] {
            let is_get = method == reqwest::Method::GET;
            let told = http.request(method, format!("{}{path}", app.url())).send().await.unwrap();
            assert_eq!(told.status(), 200, "{path}");
            let rules = told.headers().get("madoguchi-policy").map(|value| value.to_str().unwrap().to_owned());
            let in_force = app.dev.server.counter().policies().now().digest().base64url();
            assert_eq!(rules, (path == "/readyz").then_some(in_force), "{path}");
            assert_eq!(told.text().await.unwrap(), if is_get { "ok\n" } else { "" }, "{path}");
        }
        let told = http.post(format!("{}{path}", app.url())).send().await.unwrap();
        assert_eq!(told.status(), 405, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_told_at_an_address_of_their_own_and_name_routes_instead_of_what_was_called() {
    let app = spawn_app().await;
    let parts = || (figures().clone(), &app.store.store);
    let address = metrics::open("127.0.0.1:0".parse().unwrap(), "metrics.listen", parts()).unwrap();
    let http = reqwest::Client::new();
    let ask = async |url: String| http.get(url).send().await.unwrap();
    for path in ["/healthz", "/v1/receipts/rcp_0123456789abcdefghijkl", "/somewhere/else", "/metrics"] {
        ask(format!("{}{path}", app.url())).await;
    }
    assert_eq!(ask(format!("{}/metrics", app.url())).await.status(), 404, "callers are not told");
    assert_eq!(ask(format!("http://{address}/healthz")).await.status(), 404, "nothing else is there");
    let told = ask(format!("http://{address}/metrics")).await;
    let kind = told.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    let text = told.text().await.unwrap();
    for line in [
        "_count{http_request_method=\"GET\",http_route=\"/healthz\",http_response_status_code=\"200\"}",
        "_count{http_request_method=\"GET\",http_route=\"/v1/receipts/{id}\",http_response_status_code=\"401\"}",
        "_count{http_request_method=\"GET\",http_route=\"\",http_response_status_code=\"404\"}",
        "madoguchi_problems_total{code=\"not_found\"}",
        "madoguchi_agency_open{agency=",
        "madoguchi_evidence_waiting_leaves",
    ] {
        assert!(text.contains(line), "{line} is not in:\n{text}");
    }
    for what in ["rcp_", "somewhere"] {
        assert!(!text.contains(what), "{what} was called, and is told");
    }
    let taken = metrics::open(address, "metrics.listen", parts()).unwrap_err().to_string();
    assert!(taken.contains("metrics.listen"), "{taken}");
}

#[actix_web::test]
async fn a_draining_process_says_when_to_ask_again() {
    let health = web::Data::new(Health::new(new_store().await.store));
    let around = Edge {
        public_url: "https://madoguchi.example".into(),
        trusted_proxies: vec![],
        certificate_field: None,
        deadline: Duration::from_secs(5),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    };
    let app = App::new().app_data(web::Data::new(around)).app_data(health.clone());
    let app = test::init_service(app.wrap(from_fn(edge::wrap)).configure(health::routes)).await;
    let ask = async |method: Method, path: &str| {
        let request = test::TestRequest::with_uri(path).method(method).to_request();
        let told = test::call_service(&app, request).await;
        (told.status().as_u16(), told.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned()))
    };
    assert_eq!(ask(Method::GET, "/readyz").await, (200, None));
    health.drain();
    for method in [Method::GET, Method::HEAD] {
        assert_eq!(ask(method, "/readyz").await, (503, Some("5".into())));
    }
    assert_eq!(ask(Method::GET, "/livez").await, (200, None), "it lives until it stops");
}
