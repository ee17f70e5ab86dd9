//! Metadata of the protected resource: where tokens come from, and that every challenge of `/v1` leads there.

use crate::support::app::spawn_app;
use crate::support::installation::Installation;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_challenge_leads_to_metadata_that_leads_to_the_authorization_server() {
    let app = spawn_app().await;
    let http = reqwest::Client::new();
    for (method, path) in [
        ("GET", "/v1/account"),
        ("GET", "/v1/consent"),
        ("GET", "/v1/data-sets"),
        ("POST", "/v1/self-information-requests"),
        ("GET", "/v1/self-information-requests/sir_x"),
        ("GET", "/oauth/userinfo"),
        ("GET", "/oauth/grants/g_x"),
    ] {
        for authorization in [None, Some("DPoP not.a.token"), Some("Bearer x"), Some("Basic eDp5")] {
            let mut request = http.request(method.parse().unwrap(), format!("{}{path}", app.url()));
            if let Some(value) = authorization {
                request = request.header("authorization", value).header("dpop", "x");
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 401, "{method} {path} {authorization:?}");
            let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
            let address = format!("{}/.well-known/oauth-protected-resource", app.url());
            assert!(challenge.contains(&format!("resource_metadata=\"{address}\"")), "{path}: {challenge}");
        }
    }
    let get = |path: &str| http.get(format!("{}{path}", app.url())).send();
    let resource: Value = get("/.well-known/oauth-protected-resource").await.unwrap().json().await.unwrap();
    // RFC 9728 §3.3: the identifier is the address that the metadata's own was made from.
    assert_eq!(resource["resource"], app.url());
    assert_eq!(resource["bearer_methods_supported"], json!(["header"]));
    assert_eq!(resource["authorization_servers"], json!([app.url()]));
    let server: Value = get("/.well-known/oauth-authorization-server").await.unwrap().json().await.unwrap();
    assert_eq!(server["issuer"], app.url());
    // RFC 9728 §4.
    assert_eq!(server["protected_resources"], json!([app.url()]));
    // RFC 9728 §2: the resource's own keys, which sign its answers; tokens are signed by the issuer's.
    assert_eq!(resource["jwks_uri"], format!("{}/evidence/jwks", app.url()));
    assert_eq!(resource["resource_signing_alg_values_supported"], json!(["ES256"]));
    assert_eq!(resource["authorization_details_types_supported"], server["authorization_details_types_supported"]);
    assert_eq!(resource["dpop_signing_alg_values_supported"], server["dpop_signing_alg_values_supported"]);
}

/// What a token is bound to follows what the operator offers.
#[actix_web::test]
async fn metadata_says_what_tokens_are_bound_to() {
    for (installation, has_certificates) in
        [(Installation::start(1).await, false), (Installation::start_mutual().await, true)]
    {
        let address = format!("{}/.well-known/oauth-protected-resource", installation.public_url);
        let told: Value = reqwest::get(address).await.unwrap().json().await.unwrap();
        assert_eq!(told["dpop_bound_access_tokens_required"], !has_certificates);
        assert_eq!(told["tls_client_certificate_bound_access_tokens"], has_certificates);
    }
}
