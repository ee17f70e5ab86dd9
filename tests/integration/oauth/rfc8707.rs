//! Resource indicators: one token has one audience, and only one that was granted.

use super::counter::{Counter, Reply, claims, with};
use madoguchi::domain::client::ClientStatus;
use madoguchi::domain::ids::ClientId;
use serde_json::Value;

const OWN: &str = super::counter::ISSUER;
const FOREIGN: &str = "https://resources.example/api";

/// A counter at which the app is a registered resource server.
async fn counter() -> Counter {
    let counter = Counter::open().await;
    let id = ClientId::parse("app").unwrap();
    let mut client = counter.store().find_client(&id).await.unwrap().unwrap();
    client.profile.resources = vec![FOREIGN.into()];
    counter.store().put_client(&client, counter.now()).await.unwrap();
    counter
}

/// A code for the bank, asked for with these resources.
async fn code(counter: &Counter, resources: &[&str]) -> Result<String, Reply> {
    let mut pairs = counter.pushed(&counter.bank);
    pairs.extend(resources.iter().map(|resource| ("resource", (*resource).to_owned())));
    let pushed = counter.post("/oauth/par", &pairs, None).await;
    if pushed.status == 201 { Ok(counter.agree(&counter.bank, &pushed.text("request_uri")).await) } else { Err(pushed) }
}

/// The tokens of an exchange that names `resource`.
async fn tokens(counter: &Counter, granted: &[&str], resource: Option<&str>) -> Reply {
    let code = code(counter, granted).await.unwrap();
    counter.token(&counter.bank, &with(counter.exchange(&counter.bank, &code), "resource", resource)).await
}

#[actix_web::test]
async fn the_audience_is_the_resource_that_was_asked_for_or_this_service() {
    let counter = counter().await;
    let slashed = format!("{OWN}/");
    for (granted, resource, audience) in [
        (&[][..], None, Ok(OWN)),
        (&[][..], Some(OWN), Ok(OWN)),
        (&[OWN][..], None, Ok(OWN)),
        (&[OWN][..], Some(slashed.as_str()), Ok(OWN)),
        (&[FOREIGN][..], None, Ok(FOREIGN)),
        (&[OWN, FOREIGN][..], Some(FOREIGN), Ok(FOREIGN)),
        (&[OWN, FOREIGN][..], Some(OWN), Ok(OWN)),
        // Several were granted and none is named; one is named that was not granted.
        (&[OWN, FOREIGN][..], None, Err((400, "invalid_target"))),
        (&[OWN][..], Some(FOREIGN), Err((400, "invalid_target"))),
        (&[][..], Some(FOREIGN), Err((400, "invalid_target"))),
        (&[][..], Some("not a URI"), Err((400, "invalid_target"))),
    ] {
        let reply = tokens(&counter, granted, resource).await;
        match audience {
            Ok(audience) => {
                let told = claims(&reply.text("access_token"));
                assert_eq!(told["aud"], Value::String(audience.into()), "{granted:?} {resource:?}");
            }
            Err(error) => assert_eq!(reply.error(), error, "{granted:?} {resource:?}"),
        }
    }
}

#[actix_web::test]
async fn only_registered_resources_are_granted() {
    let counter = counter().await;
    let unknown = [
        &["https://elsewhere.example"][..],
        &[OWN, "https://elsewhere.example"],
        &["https://resources.example/api/"],
        &["https://resources.example/api#x"],
        &["api"],
    ];
    for resources in unknown {
        let refused = code(&counter, resources).await.unwrap_err();
        assert_eq!(refused.error(), (400, "invalid_target"), "{resources:?}");
    }
    let mut app = counter.store().find_client(&ClientId::parse("app").unwrap()).await.unwrap().unwrap();
    app.status = ClientStatus::Suspended;
    counter.store().put_client(&app, counter.now()).await.unwrap();
    counter.clock.advance(std::time::Duration::from_secs(5));
    let refused = code(&counter, &[FOREIGN]).await.unwrap_err();
    assert_eq!(refused.error(), (400, "invalid_target"), "its resource server is suspended");
}

#[actix_web::test]
async fn a_token_request_names_one_resource() {
    let counter = counter().await;
    let code = code(&counter, &[OWN, FOREIGN]).await.unwrap();
    let mut pairs = counter.exchange(&counter.bank, &code);
    pairs.extend([("resource", OWN.to_owned()), ("resource", FOREIGN.to_owned())]);
    assert_eq!(counter.token(&counter.bank, &pairs).await.error(), (400, "invalid_target"));
    // It was refused for its form, so the code is still good.
    let pairs = with(counter.exchange(&counter.bank, &code), "resource", Some(FOREIGN));
    let reply = counter.token(&counter.bank, &pairs).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    // A refresh may name another one that was granted, and no other.
    let refresh = |resource: &'static str| {
        with(counter.refreshing(&counter.bank, &reply.text("refresh_token")), "resource", Some(resource))
    };
    let own = counter.token(&counter.bank, &refresh(OWN)).await;
    assert_eq!(claims(&own.text("access_token"))["aud"], OWN);
    let none = counter.token(&counter.bank, &refresh("https://elsewhere.example")).await;
    assert_eq!(none.error(), (400, "invalid_target"));
}

#[actix_web::test]
async fn a_token_for_another_resource_opens_nothing_here_and_is_known_to_its_client() {
    let counter = counter().await;
    let tokens = tokens(&counter, &[FOREIGN], None).await;
    let token = tokens.text("access_token");
    assert_eq!(counter.call(&counter.bank, "GET", "/oauth/userinfo", &token).await.error(), (401, "invalid_token"));
    let told = counter.introspect(&counter.bank, &token).await;
    assert_eq!((told.json["active"].as_bool(), told.json["aud"].as_str()), (Some(true), Some(FOREIGN)));
    let mut pairs = counter.authentication(&counter.bank);
    pairs.push(("token", token.clone()));
    assert_eq!(counter.post("/oauth/revoke", &pairs, None).await.status, 200);
    assert_eq!(counter.introspect(&counter.bank, &token).await.json["active"], false);
}
