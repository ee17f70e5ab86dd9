//! What RFC 9700 and its update (draft-ietf-oauth-security-topics-update) ask beyond the profile: whoever starts must be
//! who ends, nothing is redirected to whom it is not for, and nothing is handed to scripts of elsewhere.

use super::request::assert_refused;
use super::suite::{Suite, each, exchange_form, with};
use super::user::User;
use super::variant::Variant;
use crate::support::calls::Told;
use crate::support::played::browser::{Browser, Page};
use reqwest::Method;
use serde_json::json;

/// A browser that stops before the provider's way back, having signed in there.
async fn signed_in_at_the_provider(suite: &Suite, browser: &mut Browser, address: &str) -> Page {
    let page = browser.open(address, "").await.unwrap();
    let person = suite.installation.sandbox.persons.iter().find(|person| !person.is_suspended).unwrap();
    let mut form = page.form_with("pin").unwrap();
    form.set("card_number", &person.card_number);
    form.set("pin", &person.pin);
    let back = format!("{}/sign-in/callback", suite.issuer());
    let page = browser.submit(&page, &form, &back).await.unwrap();
    assert!(page.url.as_str().starts_with(&back), "{}", page.url);
    page
}

/// Cross-user session fixation: begun in jar A, never ended in jar B.
#[actix_web::test]
async fn what_one_browser_began_no_other_can_end() {
    each(Variant::covering(), async |suite| {
        let request = suite.request(&suite.client);
        let address = suite.pushed(&suite.client, &request).await;
        let (mut a, mut b) = (Browser::new("en").unwrap(), Browser::new("en").unwrap());
        let callback = signed_in_at_the_provider(&suite, &mut a, &address).await.url;
        // The way back of A's sign-in, opened by B, who has no jar or one of their own.
        assert_eq!(b.open(callback.as_str(), "").await.unwrap().status, 403);
        b.open(&address, "").await.unwrap();
        assert_eq!(b.open(callback.as_str(), "").await.unwrap().status, 403);
        // A goes on undisturbed, and B cannot see or answer A's consent page.
        let consent = a.open(callback.as_str(), "").await.unwrap();
        let mut form = consent.form_with("decision").unwrap();
        form.set("decision", "agree");
        assert_eq!(b.open(consent.url.as_str(), "").await.unwrap().status, 403);
        assert_eq!(b.submit(&consent, &form, "").await.unwrap().status, 403);
        let back = a.submit(&consent, &form, &suite.client.redirect_uri).await.unwrap();
        assert!(back.url.as_str().starts_with(&suite.client.redirect_uri), "{}", back.url);
    })
    .await;
}

/// An answer is used by the client that pushed the request, with the key and verifier of that very request.
#[actix_web::test]
async fn a_code_is_good_for_its_own_request_only() {
    each(Variant::covering(), async |suite| {
        let (one, other) = (suite.request(&suite.client), suite.request(&suite.client));
        let code = suite.code(&suite.client, &one).await;
        let told = suite.exchange(&suite.client, &other, &code).await;
        assert_refused(&told, &[400], &["invalid_grant"]);
        for (name, value) in [("redirect_uri", "https://suite.example/other"), ("code", "x")] {
            let request = suite.request(&suite.client);
            let code = suite.code(&suite.client, &request).await;
            let form = with(exchange_form(&suite.client, &request.verifier, &code), name, Some(value));
            assert_refused(&suite.token(&suite.client, &form).await, &[400], &["invalid_grant", "invalid_request"]);
        }
    })
    .await;
}

/// FAPI 2.0 SP §5.3.2.2-10 and -11: a form is never sent on, so every redirect is 303.
#[actix_web::test]
async fn every_redirect_of_the_browser_is_303() {
    each(Variant::covering(), async |suite| {
        let address = suite.pushed(&suite.client, &suite.request(&suite.client)).await;
        for method in [Method::GET, Method::POST] {
            let mut request = suite.http.request(method.clone(), &address);
            if method == Method::POST {
                let (url, query) = address.split_once('?').unwrap();
                request = suite.http.post(url).header("content-type", "application/x-www-form-urlencoded");
                request = request.body(query.to_owned());
            }
            let told = Told::by(request).await;
            assert_eq!(told.status, 303, "{method}: {told:?}");
            assert!(told.header("location").starts_with("http"), "{told:?}");
        }
    })
    .await;
}

/// No open redirector: whatever is wrong with client or request, the browser stays here (RFC 9700 §4.11).
#[actix_web::test]
async fn a_bad_request_never_leads_away() {
    each(Variant::covering(), async |suite| {
        let right = suite.pushed(&suite.client, &suite.request(&suite.client)).await;
        let endpoint = suite.endpoint("authorization_endpoint");
        let evil = "redirect_uri=https%3A%2F%2Fevil.example%2F&response_type=code&state=x";
        for address in [
            format!("{endpoint}?{evil}"),
            format!("{endpoint}?client_id={}&{evil}", suite.client.id),
            format!("{endpoint}?client_id=nobody&{evil}"),
            format!(
                "{endpoint}?client_id={}&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Ax&{evil}",
                suite.client.id
            ),
            format!("{endpoint}?client_id={}&request_uri=https%3A%2F%2Fevil.example%2Fr&{evil}", suite.client.id),
            format!("{right}&client_id={}", suite.client2.id),
            format!("{right}&request_uri=x"),
        ] {
            let told = Told::by(suite.http.get(&address)).await;
            assert_eq!((told.status, told.header("location")), (400, ""), "{address}");
            assert!(told.header("content-type").starts_with("text/html"), "{address}");
        }
    })
    .await;
}

/// FAPI 2.0 SP §5.2.3-3 and RFC 9700 §2.6: the authorization endpoint is for browsers to go to, not for scripts to call.
#[actix_web::test]
async fn the_authorization_endpoint_shares_nothing_with_other_origins() {
    each(Variant::covering(), async |suite| {
        let address = suite.pushed(&suite.client, &suite.request(&suite.client)).await;
        for method in [Method::OPTIONS, Method::GET, Method::HEAD] {
            let request = suite.http.request(method, &address).header("origin", "https://evil.example");
            let told = Told::by(request.header("access-control-request-method", "GET")).await;
            for (name, _) in &told.headers {
                assert!(!name.as_str().starts_with("access-control-"), "{name}: {told:?}");
            }
        }
        let page = User::of(&suite).look(&address).await;
        assert!(!page.html.contains("postMessage") && !page.html.contains("<script"));
    })
    .await;
}

/// A client's own token speaks for no person (RFC 9700 §4.15).
#[actix_web::test]
async fn a_clients_own_sub_is_no_persons() {
    each(Variant::covering(), async |suite| {
        let form = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
        let told = suite.token(&suite.client, &form).await;
        assert_eq!(told.status, 200, "{told:?}");
        let own = super::keys::claims(told.body["access_token"].as_str().unwrap());
        let of_person = super::keys::claims(&suite.flow(&suite.client).await.access);
        assert_eq!(own["sub"], json!(suite.client.id));
        assert!(of_person["sub"].as_str().unwrap().starts_with("p~"), "{of_person}");
    })
    .await;
}
