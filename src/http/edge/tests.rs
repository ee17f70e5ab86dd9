//! The edge around a few handlers.

use super::*;
use crate::domain::Fault;
use crate::domain::entropy::SeededEntropy;
use crate::domain::time::ManualClock;
use actix_web::dev::Service;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpResponse, http};

async fn echo(request: actix_web::HttpRequest, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let body = json_body(&request, payload).await?;
    Ok(HttpResponse::Ok().body(body))
}

async fn broken() -> Result<HttpResponse, Problem> {
    Err(Fault::Internal("the secret reason".into()).into())
}

async fn slow() -> HttpResponse {
    tokio::time::sleep(Duration::from_secs(5)).await;
    HttpResponse::Ok().finish()
}

async fn answer(request: TestRequest) -> (u16, http::header::HeaderMap, String) {
    let edge = Edge {
        public_url: "https://gateway.example".into(),
        trusted_proxies: vec![],
        certificate_field: None,
        deadline: Duration::from_millis(200),
        clock: Arc::new(ManualClock::at(Timestamp::from_seconds(0))),
        entropy: Arc::new(SeededEntropy::new(1)),
    };
    let app = init_service(
        App::new()
            .app_data(web::Data::new(edge))
            .wrap(from_fn(wrap))
            .service(web::resource("/echo").route(web::post().to(echo)))
            .service(web::resource("/broken").route(web::get().to(broken)))
            .service(web::resource("/slow").route(web::get().to(slow))),
    )
    .await;
    let response = match app.call(request.to_request()).await {
        Ok(response) => response.into_parts().1,
        Err(error) => error.error_response(),
    };
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = actix_web::body::to_bytes(response.into_body()).await.unwrap();
    (status, headers, String::from_utf8_lossy(&body).into_owned())
}

#[actix_web::test]
async fn every_wrong_way_in_ends_in_a_problem() {
    let json = ("Content-Type", "application/json");
    for (request, status, code) in [
        (TestRequest::get().uri("/nowhere"), 404, "not_found"),
        (TestRequest::get().uri("/echo"), 405, "method_not_allowed"),
        (TestRequest::post().uri("/echo").set_payload("{}"), 415, "unsupported_media_type"),
        (
            TestRequest::post().uri("/echo").insert_header(json).set_payload(vec![b' '; MOST_BYTES + 1]),
            413,
            "content_too_large",
        ),
        (
            TestRequest::post().uri("/echo").insert_header(json).insert_header(("Content-Length", "99999999")),
            413,
            "content_too_large",
        ),
        (TestRequest::get().uri("/broken"), 500, "internal_error"),
        (TestRequest::get().uri("/slow"), 503, "deadline_exceeded"),
    ] {
        let (got, headers, body) = answer(request).await;
        assert_eq!(got, status, "{body}");
        assert_eq!(headers.get("content-type").unwrap(), problem::CONTENT_TYPE);
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["code"], code);
        assert!(body["error_id"].as_str().unwrap().starts_with("e_"), "{body}");
        assert!(!body.to_string().contains("secret"));
    }
}

#[actix_web::test]
async fn what_fits_goes_through_and_is_dressed() {
    let request = TestRequest::post().uri("/echo").insert_header(("Content-Type", "application/json; charset=utf-8"));
    let (status, headers, body) = answer(request.set_payload(vec![b'1'; MOST_BYTES])).await;
    assert_eq!((status, body.len()), (200, MOST_BYTES));
    for name in ["x-request-id", "strict-transport-security", "x-content-type-options", "content-security-policy"] {
        assert!(headers.contains_key(name), "{name}");
    }
}
