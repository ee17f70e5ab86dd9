//! Fifty callers at once, over HTTP, for everything that is good once; and for the refresh token, which is not.

use super::suite::{Pairs, Suite, asserted, each, exchange_form, refresh_form};
use super::user::User;
use super::variant::Variant;
use crate::support::calls::Told;
use futures_util::future::join_all;
use serde_json::json;

const CALLERS: usize = 50;

fn one_of_each() -> Vec<Variant> {
    Variant::covering().into_iter().filter(|variant| variant.uses_dpop()).take(1).collect()
}

/// Sends fifty forms to the token endpoint at once, each with a proof of its own.
async fn at_once(suite: &Suite, forms: Vec<Pairs>) -> Vec<Told> {
    let url = suite.endpoint("token_endpoint");
    let calls = forms.into_iter().map(|form| {
        let proof = suite.proof(&suite.client.dpop, ("POST", &url), None, (json!({}), json!({})));
        let (url, http) = (url.clone(), suite.http.clone());
        async move { Told::by(http.post(url).form(&form).header("DPoP", proof)).await }
    });
    join_all(calls).await
}

fn count(told: &[Told], status: u16) -> usize {
    told.iter().filter(|told| told.status == status).count()
}

#[actix_web::test]
async fn of_fifty_exchanges_of_one_code_one_at_most_stands() {
    each(one_of_each(), async |suite| {
        let client = &suite.client;
        let request = suite.request(client);
        let code = suite.code(client, &request).await;
        let form = exchange_form(client, &request.verifier, &code);
        let forms = (0..CALLERS).map(|_| [form.clone(), suite.authentication(client)].concat()).collect();
        let told = at_once(&suite, forms).await;
        assert!(count(&told, 200) <= 1, "{told:?}");
        assert!(told.iter().all(|told| told.status == 200 || told.brief() == (400, "invalid_grant")), "{told:?}");
        // The others were replays: whatever the first got is over (RFC 9700 §4.2.4).
        for won in told.iter().filter(|told| told.status == 200) {
            let token = won.body["access_token"].as_str().unwrap();
            assert_eq!(suite.resource(client, token).await.brief(), (401, "invalid_token"));
        }
    })
    .await;
}

#[actix_web::test]
async fn of_fifty_uses_of_one_assertion_one_is_heard() {
    each(one_of_each(), async |suite| {
        let assertion = asserted(&suite.assertion(&suite.client, &json!({})));
        let grant = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
        let forms = (0..CALLERS).map(|_| [assertion.clone(), grant.clone()].concat()).collect();
        let told = at_once(&suite, forms).await;
        assert_eq!((count(&told, 200), count(&told, 401)), (1, CALLERS - 1), "{told:?}");
    })
    .await;
}

#[actix_web::test]
async fn of_fifty_uses_of_one_proof_one_is_heard_at_each_end() {
    each(one_of_each(), async |suite| {
        let client = &suite.client;
        let url = suite.endpoint("token_endpoint");
        let proof = suite.proof(&client.dpop, ("POST", &url), None, (json!({}), json!({})));
        let calls = (0..CALLERS).map(|_| {
            let mut form = suite.authentication(client);
            form.push(("grant_type".into(), "client_credentials".into()));
            Told::by(suite.http.post(&url).form(&form).header("DPoP", &proof))
        });
        let told = join_all(calls).await;
        assert_eq!((count(&told, 200), count(&told, 400)), (1, CALLERS - 1), "{told:?}");
        let token = suite.flow(client).await.access;
        let resource = suite.resource_url();
        let proof = suite.proof(&client.dpop, ("GET", &resource), Some(&token), (json!({}), json!({})));
        let calls = (0..CALLERS).map(|_| {
            let request = suite.http.get(&resource).header("authorization", format!("DPoP {token}"));
            Told::by(request.header("DPoP", &proof))
        });
        let told = join_all(calls).await;
        assert_eq!((count(&told, 200), count(&told, 401)), (1, CALLERS - 1), "{told:?}");
    })
    .await;
}

/// Fifty browsers that all signed in for one `request_uri`, and all agree.
#[actix_web::test]
async fn of_fifty_decisions_about_one_request_uri_one_counts() {
    each(one_of_each(), async |suite| {
        let request = suite.request(&suite.client);
        let address = suite.pushed(&suite.client, &request).await;
        let mut arrived = Vec::new();
        // A few at a time: the sign-in is no part of the race.
        for _ in 0..CALLERS / 5 {
            let arrivals = (0..5).map(|_| async {
                let mut user = User::of(&suite);
                let page = user.arrive(&address).await;
                (user, page.unwrap_or_else(|landed| panic!("no consent page: {landed:?}")))
            });
            arrived.extend(join_all(arrivals).await);
        }
        let decisions = arrived.into_iter().map(|(mut user, page)| async move { user.decide(&page, "agree").await });
        let (back, pages): (Vec<_>, Vec<_>) =
            join_all(decisions).await.into_iter().partition(|landed| matches!(landed, super::user::Landed::Back(_)));
        assert_eq!((back.len(), pages.len()), (1, CALLERS - 1));
        for page in pages {
            assert_eq!(page.page().0, 410);
        }
        let landed = back.into_iter().next().unwrap();
        suite.finish(&suite.client, &request, landed).await;
    })
    .await;
}

/// There is no rotation (FAPI 2.0 SP §5.3.2.1-9), so nothing can be lost between two nodes of a client.
#[actix_web::test]
async fn of_fifty_refreshes_at_once_all_succeed() {
    each(one_of_each(), async |suite| {
        let client = &suite.client;
        let tokens = suite.flow(client).await;
        let form = refresh_form(&tokens.refresh);
        let forms = (0..CALLERS).map(|_| [form.clone(), suite.authentication(client)].concat()).collect();
        let told = at_once(&suite, forms).await;
        assert_eq!(count(&told, 200), CALLERS, "{told:?}");
        for told in &told {
            let token = told.body["access_token"].as_str().unwrap();
            assert!(told.body["refresh_token"].as_str().is_none_or(|same| same == tokens.refresh));
            assert_ne!(token, tokens.access);
        }
        assert_eq!(suite.resource(client, told[0].body["access_token"].as_str().unwrap()).await.status, 200);
    })
    .await;
}
