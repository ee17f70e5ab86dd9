//! Mutual TLS at the authorization server: clients that prove themselves by certificates, and tokens bound to them.

use super::counter::{Counter, Pairs, Reply, claims, with};
use crate::support::certificates::{Shown, authority, below, self_signed};
use actix_web::test::TestRequest;
use madoguchi::domain::Digest;
use madoguchi::domain::grant::{GrantStatus, RevokedBy};
use madoguchi::domain::ids::GrantId;
use madoguchi::domain::profile::{CertificateSubject, ClientAuthentication, TokenBinding};
use madoguchi::protocol::certificate::{Authorities, CertificateRules};
use serde_json::json;

const MTLS: &str = "https://mtls.madoguchi.example";

/// A counter that trusts one authority, at an address of its own for certificates.
async fn counter(authority: &str) -> Counter {
    let mut counter = Counter::open().await;
    let authorities = Authorities::from_pem(authority.as_bytes()).unwrap();
    let rules =
        CertificateRules { is_offered: true, public_url: Some(MTLS.to_owned()), authorities: Some(authorities) };
    counter.reopen_with(rules).await;
    counter
}

fn subject() -> ClientAuthentication {
    ClientAuthentication::TlsClientAuth(CertificateSubject::SubjectDn("CN=client,O=見本銀行".into()))
}

/// Parameters without an assertion: the certificate says who it is.
fn named(pairs: Pairs<'static>) -> Pairs<'static> {
    let pairs = with(with(pairs, "client_assertion", None), "client_assertion_type", None);
    with(pairs, "client_id", Some("bank"))
}

fn credentials() -> Pairs<'static> {
    vec![("grant_type", "client_credentials".to_owned()), ("client_id", "bank".to_owned())]
}

async fn post(counter: &Counter, path: &str, pairs: &Pairs<'_>, shown: Option<&Shown>) -> Reply {
    counter.post_showing(path, pairs, None, shown.map(|shown| &shown.certificate)).await
}

#[actix_web::test]
async fn metadata_names_methods_and_aliases() {
    let counter = counter(&authority("試験認証局").pem()).await;
    let reply = counter.send(TestRequest::get().uri("/.well-known/oauth-authorization-server")).await;
    let methods = json!(["private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"]);
    for endpoint in ["token", "introspection", "revocation"] {
        assert_eq!(reply.json[format!("{endpoint}_endpoint_auth_methods_supported")], methods, "{endpoint}");
    }
    assert_eq!(reply.json["tls_client_certificate_bound_access_tokens"], true);
    let aliases = reply.json["mtls_endpoint_aliases"].as_object().unwrap();
    for (name, path) in [
        ("token_endpoint", "/oauth/token"),
        ("pushed_authorization_request_endpoint", "/oauth/par"),
        ("introspection_endpoint", "/oauth/introspect"),
        ("revocation_endpoint", "/oauth/revoke"),
        ("userinfo_endpoint", "/oauth/userinfo"),
    ] {
        assert_eq!(aliases[name], format!("{MTLS}{path}"));
    }
    assert!(!aliases.contains_key("authorization_endpoint"), "a browser must not be asked for a certificate");
    let plain = Counter::open().await;
    let reply = plain.send(TestRequest::get().uri("/.well-known/oauth-authorization-server")).await;
    assert!(reply.json.get("mtls_endpoint_aliases").is_none());
    assert_eq!(reply.json["token_endpoint_auth_methods_supported"], json!(["private_key_jwt"]));
}

#[actix_web::test]
async fn tls_client_auth_takes_the_registered_subject_by_a_trusted_authority_only() {
    let (root, stranger) = (authority("試験認証局"), authority("他所認証局"));
    let counter = counter(&root.pem()).await;
    counter.change_bank(|client| client.profile.authentication = subject()).await;
    for (shown, expected) in [
        (Some(below(&root, "client")), (200, "")),
        (Some(below(&root, "other")), (401, "invalid_client")),
        (Some(below(&stranger, "client")), (401, "invalid_client")),
        (Some(self_signed("client")), (401, "invalid_client")),
        (None, (401, "invalid_client")),
    ] {
        let reply = post(&counter, "/oauth/token", &credentials(), shown.as_ref()).await;
        assert_eq!(reply.error(), expected, "{reply:?}");
    }
    let right = below(&root, "client");
    let without_name = with(credentials(), "client_id", None);
    let reply = post(&counter, "/oauth/token", &without_name, Some(&right)).await;
    assert_eq!(reply.error(), (401, "invalid_client"));
    // RFC 8705 §2: one method, the registered one; never two.
    let both = with(counter.exchange(&counter.bank, "x"), "client_id", Some("bank"));
    assert_eq!(post(&counter, "/oauth/token", &both, Some(&right)).await.error(), (401, "invalid_client"));
    for secret in ["client_secret", "client_assertion", "client_assertion_type"] {
        let reply = post(&counter, "/oauth/token", &with(credentials(), secret, Some("x")), Some(&right)).await;
        assert_eq!(reply.error(), (401, "invalid_client"), "{secret}");
    }
    // A client of another method is not to be had by a certificate.
    let app = with(credentials(), "client_id", Some("app"));
    assert_eq!(post(&counter, "/oauth/token", &app, Some(&right)).await.error(), (401, "invalid_client"));
}

#[actix_web::test]
async fn self_signed_tls_client_auth_takes_a_registered_certificate_only() {
    let counter = counter(&authority("試験認証局").pem()).await;
    let (registered, other) = (self_signed("client"), self_signed("client"));
    let jwk = registered.jwk();
    counter
        .change_bank(|client| {
            client.profile.authentication = ClientAuthentication::SelfSignedTlsClientAuth;
            client.jwks = json!({"keys": [jwk]});
        })
        .await;
    for (shown, expected) in [
        (Some(&registered), (200, "")),
        (Some(&other), (401, "invalid_client")),
        (Some(&registered.again("someone else")), (401, "invalid_client")),
        (None, (401, "invalid_client")),
    ] {
        assert_eq!(post(&counter, "/oauth/token", &credentials(), shown).await.error(), expected);
    }
}

/// Everything from push to userinfo by certificate alone.
#[actix_web::test]
async fn happy_flow_by_certificate() {
    let root = authority("試験認証局");
    let counter = counter(&root.pem()).await;
    let change = |client: &mut madoguchi::domain::client::Client| {
        client.profile.authentication = subject();
        client.profile.binding = TokenBinding::Certificate;
    };
    counter.change_bank(change).await;
    let shown = below(&root, "client");
    let pushed = post(&counter, "/oauth/par", &named(counter.pushed(&counter.bank)), Some(&shown)).await;
    assert_eq!(pushed.status, 201, "{pushed:?}");
    let code = counter.agree(&counter.bank, &pushed.text("request_uri")).await;
    let exchange = named(counter.exchange(&counter.bank, &code));
    assert_eq!(post(&counter, "/oauth/token", &exchange, None).await.error(), (401, "invalid_client"));
    let tokens = post(&counter, "/oauth/token", &exchange, Some(&shown)).await;
    assert_eq!((tokens.status, tokens.text("token_type").as_str()), (200, "Bearer"), "{tokens:?}");
    let token = tokens.text("access_token");
    let cnf = claims(&token)["cnf"].clone();
    assert_eq!(cnf, json!({"x5t#S256": Digest::of_bytes(shown.certificate.der()).base64url()}));
    assert_eq!(userinfo(&counter, &format!("Bearer {token}"), Some(&shown)).await.status, 200);
    let mut asked = named(counter.authentication(&counter.bank));
    asked.push(("token", token.clone()));
    let told = post(&counter, "/oauth/introspect", &asked, Some(&shown)).await;
    assert_eq!(
        (&told.json["active"], &told.json["cnf"], &told.json["token_type"]),
        (&json!(true), &cnf, &json!("Bearer"))
    );
    let refresh = named(counter.refreshing(&counter.bank, &tokens.text("refresh_token")));
    let again = post(&counter, "/oauth/token", &refresh, Some(&shown)).await;
    assert_eq!(claims(&again.text("access_token"))["cnf"], cnf);
}

async fn userinfo(counter: &Counter, authorization: &str, shown: Option<&Shown>) -> Reply {
    let request = TestRequest::get().uri("/oauth/userinfo").insert_header(("Authorization", authorization));
    counter.send_showing(request, shown.map(|shown| &shown.certificate)).await
}

#[actix_web::test]
async fn a_bound_token_opens_nothing_by_another_certificate_or_by_another_scheme() {
    let counter = counter(&authority("試験認証局").pem()).await;
    let (shown, other) = (self_signed("any"), self_signed("any"));
    // private_key_jwt with a certificate that is there for the token only (RFC 8705 §3).
    let code = counter.code(&counter.bank).await;
    let tokens = post(&counter, "/oauth/token", &counter.exchange(&counter.bank, &code), Some(&shown)).await;
    assert_eq!(tokens.text("token_type"), "Bearer", "{tokens:?}");
    let token = tokens.text("access_token");
    for (scheme, shown, status) in [
        ("Bearer", Some(&shown), 200),
        ("bearer", Some(&shown), 200),
        ("Bearer", Some(&other), 401),
        ("Bearer", None, 401),
        ("DPoP", Some(&shown), 401),
        ("Basic", Some(&shown), 401),
    ] {
        let reply = userinfo(&counter, &format!("{scheme} {token}"), shown).await;
        assert_eq!(reply.status, status, "{scheme} {reply:?}");
        assert_eq!(reply.headers.contains_key("www-authenticate"), status == 401);
    }
    // And with a right proof beside it, a certificate-bound token stays what it is.
    assert_eq!(counter.call(&counter.bank, "GET", "/oauth/userinfo", &token).await.error(), (401, "invalid_token"));
    // RFC 9449 §7.2: a key-bound token is not opened by a certificate.
    let token = counter.tokens(&counter.bank).await.text("access_token");
    assert_eq!(userinfo(&counter, &format!("Bearer {token}"), Some(&shown)).await.error(), (401, "invalid_token"));
}

#[actix_web::test]
async fn tokens_are_bound_to_what_the_client_registered() {
    let counter = counter(&authority("試験認証局").pem()).await;
    let shown = self_signed("any");
    for (binding, has_proof, has_certificate, expected) in [
        (TokenBinding::AsPresented, true, true, Ok("jkt")),
        (TokenBinding::AsPresented, true, false, Ok("jkt")),
        (TokenBinding::AsPresented, false, true, Ok("x5t#S256")),
        (TokenBinding::AsPresented, false, false, Err("invalid_dpop_proof")),
        (TokenBinding::Dpop, true, true, Ok("jkt")),
        (TokenBinding::Dpop, false, true, Err("invalid_dpop_proof")),
        (TokenBinding::Certificate, true, true, Ok("x5t#S256")),
        (TokenBinding::Certificate, true, false, Err("invalid_request")),
    ] {
        counter.change_bank(|client| client.profile.binding = binding).await;
        let pairs = with(counter.authentication(&counter.bank), "grant_type", Some("client_credentials"));
        let proof = has_proof.then(|| counter.proof(&counter.bank.dpop, "POST", "/oauth/token", json!({})));
        let certificate = has_certificate.then_some(&shown.certificate);
        let reply = counter.post_showing("/oauth/token", &pairs, proof, certificate).await;
        match expected {
            Ok(member) => {
                let cnf = claims(&reply.text("access_token"))["cnf"].clone();
                assert!(cnf.get(member).is_some() && cnf.as_object().unwrap().len() == 1, "{binding:?} {cnf}");
                let kind = if member == "jkt" { "DPoP" } else { "Bearer" };
                assert_eq!(reply.text("token_type"), kind);
            }
            Err(code) => assert_eq!(reply.error(), (400, code), "{binding:?}"),
        }
    }
}

#[actix_web::test]
async fn a_code_that_is_bound_to_a_key_is_not_had_by_a_certificate() {
    let counter = counter(&authority("試験認証局").pem()).await;
    let shown = self_signed("any");
    let proof = counter.proof(&counter.bank.dpop, "POST", "/oauth/par", json!({}));
    let pushed = counter.post("/oauth/par", &counter.pushed(&counter.bank), Some(proof)).await;
    let code = counter.agree(&counter.bank, &pushed.text("request_uri")).await;
    let reply = post(&counter, "/oauth/token", &counter.exchange(&counter.bank, &code), Some(&shown)).await;
    assert_eq!(reply.error(), (400, "invalid_grant"));
}

#[actix_web::test]
async fn a_proof_may_name_the_address_for_certificates() {
    let counter = counter(&authority("試験認証局").pem()).await;
    for (uri, expected) in [
        (format!("{MTLS}/oauth/token"), (200, "")),
        (format!("{MTLS}/oauth/par"), (400, "invalid_dpop_proof")),
        ("https://mtls.other.example/oauth/token".to_owned(), (400, "invalid_dpop_proof")),
    ] {
        let pairs = with(counter.authentication(&counter.bank), "grant_type", Some("client_credentials"));
        let proof = counter.proof(&counter.bank.dpop, "POST", "/oauth/token", json!({"htu": uri}));
        assert_eq!(counter.post("/oauth/token", &pairs, Some(proof)).await.error(), expected, "{uri}");
    }
}

/// FAPI 2.0 SP §5.3.4-2: what stood in an address stands in logs.
#[actix_web::test]
async fn a_token_in_the_query_is_refused_and_its_grant_ended() {
    let counter = Counter::open().await;
    let tokens = counter.tokens(&counter.bank).await;
    let (token, grant) = (tokens.text("access_token"), GrantId::parse(&tokens.text("grant_id")).unwrap());
    let request = TestRequest::get().uri(&format!("/oauth/userinfo?access_token={token}x"));
    assert_eq!(counter.send(request).await.error(), (400, "invalid_request"));
    let status = counter.store().find_grant(&grant).await.unwrap().unwrap().status;
    assert_eq!(status, GrantStatus::Active, "what is no token of ours ends nothing");
    let request = TestRequest::get().uri(&format!("/oauth/userinfo?a=b&access_token={token}"));
    assert_eq!(counter.send(request).await.error(), (400, "invalid_request"));
    let status = counter.store().find_grant(&grant).await.unwrap().unwrap().status;
    assert!(matches!(status, GrantStatus::Revoked { by: RevokedBy::Exposed, .. }), "{status:?}");
    let reply = counter.call(&counter.bank, "GET", "/oauth/userinfo", &token).await;
    assert_eq!(reply.error(), (401, "invalid_token"));
}

#[actix_web::test]
async fn where_certificates_are_not_offered_none_is_trusted_for_a_name() {
    let counter = Counter::open().await;
    counter.change_bank(|client| client.profile.authentication = subject()).await;
    let shown = below(&authority("試験認証局"), "client");
    assert_eq!(post(&counter, "/oauth/token", &credentials(), Some(&shown)).await.error(), (401, "invalid_client"));
}
