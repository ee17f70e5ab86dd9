//! A clock that is off by each second of four minutes, for everything that a client dates (FAPI 2.0 SP §5.3.2.1-13):
//! up to ten seconds ahead is always taken, over sixty never; what a proof or assertion may be old is our own choice.

use super::request::plain_form;
use super::suite::{Suite, asserted, each};
use super::variant::Variant;
use crate::support::calls::Told;
use serde_json::json;

/// Every second near an edge, every seventh elsewhere, from two minutes behind to two minutes ahead.
fn offsets() -> impl Iterator<Item = i64> {
    let is_near = |offset: i64| [-60, 0, 10, 15, 60].iter().any(|edge: &i64| (offset - edge).abs() <= 2);
    (-120..=120).filter(move |offset| is_near(*offset) || offset % 7 == 1)
}

/// What the profile says of `offset`: must be taken, must be refused, or as we like (our bounds are told by `ours`).
#[track_caller]
fn assert_as_the_profile_says(what: &str, offset: i64, is_taken: bool, ours: std::ops::RangeInclusive<i64>) {
    if (0..=10).contains(&offset) {
        assert!(is_taken, "{what} {offset} s ahead must be taken");
    }
    if offset > 60 {
        assert!(!is_taken, "{what} {offset} s ahead must be refused");
    }
    assert_eq!(is_taken, ours.contains(&offset), "{what} at {offset} s is not as documented");
}

async fn pushed_by(suite: &Suite, assertion: &str) -> Told {
    let mut form = plain_form(&suite.request(&suite.client));
    form.extend(asserted(assertion));
    suite.post(&suite.endpoint("pushed_authorization_request_endpoint"), &form, None).await
}

fn plain() -> Vec<Variant> {
    Variant::covering().into_iter().filter(|v| v.uses_assertions() && v.uses_dpop() && !v.is_signed).collect()
}

/// `iat` and `nbf` of an assertion that lives a minute: behind by a minute and more, it is over.
#[actix_web::test]
async fn client_assertions() {
    each(plain(), async |suite| {
        suite.installation.clock.stop();
        for offset in offsets() {
            let then = suite.now() + offset;
            let edits = json!({"iat": then, "nbf": then, "exp": then + 60});
            let told = pushed_by(&suite, &suite.assertion(&suite.client, &edits)).await;
            assert_as_the_profile_says("iat and nbf of an assertion", offset, told.status == 201, -59..=15);
            let edits = json!({"nbf": then, "iat": null, "exp": suite.now() + 60});
            let told = pushed_by(&suite, &suite.assertion(&suite.client, &edits)).await;
            assert_as_the_profile_says("nbf of an assertion", offset, told.status == 201, -120..=15);
            let told = pushed_by(&suite, &suite.assertion(&suite.client, &json!({"iat": null, "exp": then}))).await;
            assert_eq!(told.status == 201, offset >= 1, "exp of an assertion at {offset} s");
        }
    })
    .await;
}

#[actix_web::test]
async fn dpop_proofs_at_the_token_endpoint_and_at_a_resource() {
    each(plain(), async |suite| {
        suite.installation.clock.stop();
        let client = &suite.client;
        let token = suite.flow(client).await.access;
        let (url, resource) = (suite.endpoint("token_endpoint"), suite.resource_url());
        for offset in offsets() {
            let iat = || (json!({}), json!({"iat": suite.now() + offset}));
            let mut form = suite.authentication(client);
            form.push(("grant_type".into(), "client_credentials".into()));
            let told = suite.post(&url, &form, Some(suite.proof(&client.dpop, ("POST", &url), None, iat()))).await;
            assert_as_the_profile_says("iat of a proof at the token endpoint", offset, told.status == 200, -60..=15);
            let proof = suite.proof(&client.dpop, ("GET", &resource), Some(&token), iat());
            let request = suite.http.get(&resource).header("authorization", format!("DPoP {token}"));
            let told = Told::by(request.header("DPoP", proof)).await;
            assert_as_the_profile_says("iat of a proof at a resource", offset, told.status == 200, -60..=15);
            if told.status != 200 {
                assert_eq!(told.body["dpop_error"], "time", "{told:?}");
                assert!(told.body["detail"].as_str().unwrap().contains(&format!("{offset:+} s")), "{told:?}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn request_objects() {
    let signed = Variant::covering().into_iter().filter(|variant| variant.is_signed).collect();
    each(signed, async |suite| {
        suite.installation.clock.stop();
        for offset in offsets() {
            let then = suite.now() + offset;
            let request = suite.request(&suite.client).claiming(json!({"nbf": then, "exp": then + 1_800}));
            let told = suite.push(&suite.client, &request).await;
            assert_as_the_profile_says("nbf of a request object", offset, told.status == 201, -120..=15);
            let request = suite.request(&suite.client).claiming(json!({"iat": then}));
            let told = suite.push(&suite.client, &request).await;
            assert_as_the_profile_says("iat of a request object", offset, told.status == 201, -120..=15);
        }
    })
    .await;
}
