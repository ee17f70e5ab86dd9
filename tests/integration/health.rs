//! What a load balancer is told, by either method, also while the process stops.

use crate::support::app::spawn_app;
use crate::support::engines::new_store;
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{App, test, web};
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
