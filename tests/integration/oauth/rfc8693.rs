//! Token exchange: a smaller token of one's own, or of one that a resource server was called with. Nothing ever grows.

use super::counter::{Counter, Pairs, Party, Reply, claims, with};
use super::elsewhere::{change, counter};
use madoguchi::domain::grant::RevokedBy;
use madoguchi::domain::ids::GrantId;
use madoguchi::domain::profile::GrantType;
use madoguchi::domain::scope::ScopeSet;
use std::time::Duration;

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
const SERVED: &str = "https://resources.example/api";
const FURTHER: &str = "https://resources.example/behind";

impl Counter {
    fn exchanging(&self, party: &Party, token: &str) -> Pairs<'static> {
        let pairs = with(self.authentication(party), "grant_type", Some(EXCHANGE));
        with(with(pairs, "subject_token", Some(token)), "subject_token_type", Some(ACCESS))
    }

    async fn exchange_token(&self, party: &Party, token: &str, changes: &[(&'static str, Option<&str>)]) -> Reply {
        let mut pairs = self.exchanging(party, token);
        for (name, value) in changes {
            pairs = with(pairs, name, *value);
        }
        self.token(party, &pairs).await
    }

    /// A token of the bank's that is for the resource that the app serves.
    async fn addressed(&self) -> Reply {
        let pushed = with(self.pushed(&self.bank), "resource", Some(SERVED));
        let pushed = self.post("/oauth/par", &pushed, None).await;
        assert_eq!(pushed.status, 201, "{pushed:?}");
        let code = self.agree(&self.bank, &pushed.text("request_uri")).await;
        let reply = self.token(&self.bank, &self.exchange(&self.bank, &code)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply
    }
}

/// A counter at which the app serves two resources.
async fn serving() -> Counter {
    let counter = counter().await;
    change(&counter, "app", |client| client.profile.resources = vec![SERVED.into(), FURTHER.into()]).await;
    counter
}

#[actix_web::test]
async fn a_client_makes_a_smaller_token_of_its_own() {
    let counter = counter().await;
    let token = counter.tokens(&counter.bank).await.text("access_token");
    counter.clock.advance(Duration::from_mins(2));
    let reply = counter.exchange_token(&counter.bank, &token, &[("scope", Some("openid"))]).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.json["issued_token_type"], ACCESS);
    assert_eq!(reply.json["token_type"], "DPoP");
    assert_eq!(reply.json["scope"], "openid");
    assert_eq!(reply.json.get("refresh_token"), None);
    assert_eq!(reply.json["expires_in"], 180, "no longer than what it was made of");
    let (old, new) = (claims(&token), claims(&reply.text("access_token")));
    for name in ["sub", "aud", "client_id", "grant_id", "exp"] {
        assert_eq!(old[name], new[name], "{name}");
    }
    assert_eq!(new.get("act"), None, "nobody acts for anybody");
    assert_ne!(old["jti"], new["jti"]);
    // It works where the scope allows it, and cannot grow back.
    let userinfo = counter.call(&counter.bank, "GET", "/oauth/userinfo", &reply.text("access_token")).await;
    assert_eq!(userinfo.status, 200, "{userinfo:?}");
    let small = reply.text("access_token");
    for scope in ["openid self_information", "offline_access", "catalog"] {
        let grown = counter.exchange_token(&counter.bank, &small, &[("scope", Some(scope))]).await;
        assert_eq!(grown.error(), (400, "invalid_scope"), "{scope}");
    }
}

#[actix_web::test]
async fn a_resource_server_acts_for_the_citizen_and_says_so() {
    let counter = serving().await;
    let token = counter.addressed().await.text("access_token");
    assert_eq!(claims(&token)["aud"], SERVED);
    let reply =
        counter.exchange_token(&counter.app, &token, &[("scope", Some("openid")), ("resource", Some(FURTHER))]).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let told = claims(&reply.text("access_token"));
    assert_eq!(told["aud"], FURTHER);
    assert_eq!((told["client_id"].as_str(), told["act"]["sub"].as_str()), (Some("app"), Some("app")));
    assert_eq!(told["grant_id"], claims(&token)["grant_id"]);
    assert_ne!(told["cnf"], claims(&token)["cnf"], "bound to its new holder's key");
    assert_eq!(reply.json.get("authorization_details"), None);
    assert_eq!(reply.json.get("refresh_token"), None);
    // Neither the citizen's data here, nor the client's own grant, is opened by it.
    let userinfo = counter.call(&counter.app, "GET", "/oauth/userinfo", &reply.text("access_token")).await;
    assert_eq!(userinfo.error(), (401, "invalid_token"));
    // The chain goes on in order, and ends.
    let mut chain = reply.text("access_token");
    for _ in 0..2 {
        let next = counter.exchange_token(&counter.app, &chain, &[]).await;
        assert_eq!(next.status, 200, "{next:?}");
        chain = next.text("access_token");
    }
    assert_eq!(claims(&chain)["act"]["sub"], "app");
}

#[actix_web::test]
async fn nobody_else_exchanges_a_token_and_it_leads_nowhere_else() {
    let counter = serving().await;
    let (own, addressed) = (counter.tokens(&counter.bank).await, counter.addressed().await);
    let (own, addressed) = (own.text("access_token"), addressed.text("access_token"));
    // A token for the counter itself is not for the app, whatever the app serves, or says that it serves.
    assert_eq!(counter.exchange_token(&counter.app, &own, &[]).await.error(), (400, "invalid_request"));
    change(&counter, "app", |client| client.profile.resources.push(super::counter::ISSUER.into())).await;
    assert_eq!(counter.exchange_token(&counter.app, &own, &[]).await.error(), (400, "invalid_request"));
    for (party, token, resource) in [
        (&counter.app, &addressed, super::counter::ISSUER),
        (&counter.app, &addressed, "https://other.example/"),
        (&counter.bank, &own, SERVED),
        (&counter.bank, &addressed, super::counter::ISSUER),
        (&counter.bank, &addressed, FURTHER),
    ] {
        let reply = counter.exchange_token(party, token, &[("resource", Some(resource))]).await;
        assert_eq!(reply.error(), (400, "invalid_target"), "{} {resource}", party.id);
    }
    change(&counter, "app", |client| client.profile.resources.clear()).await;
    assert_eq!(counter.exchange_token(&counter.app, &addressed, &[]).await.error(), (400, "invalid_request"));
}

#[actix_web::test]
async fn what_is_over_or_no_access_token_is_not_exchanged() {
    let counter = counter().await;
    let tokens = counter.tokens(&counter.bank).await;
    let (token, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    for wrong in ["x", "a.b.c", refresh.as_str(), tokens.text("id_token").as_str()] {
        assert_eq!(counter.exchange_token(&counter.bank, wrong, &[]).await.error(), (400, "invalid_request"));
    }
    for (name, value, error) in [
        ("subject_token", None, "invalid_request"),
        ("subject_token_type", Some("urn:ietf:params:oauth:token-type:id_token"), "invalid_request"),
        ("requested_token_type", Some("urn:ietf:params:oauth:token-type:refresh_token"), "invalid_request"),
        ("actor_token", Some("x"), "invalid_request"),
        ("audience", Some("app"), "invalid_target"),
        ("scope", Some("admin"), "invalid_scope"),
    ] {
        let reply = counter.exchange_token(&counter.bank, &token, &[(name, value)]).await;
        assert_eq!(reply.error(), (400, error), "{name}");
    }
    let no_proof = counter.post("/oauth/token", &counter.exchanging(&counter.bank, &token), None).await;
    assert_eq!(no_proof.error(), (400, "invalid_dpop_proof"), "never an unbound token");
    // Less is registered by now than was granted: the exchange goes by the less.
    change(&counter, "bank", |client| client.scope = ScopeSet::parse("openid").unwrap()).await;
    assert_eq!(counter.exchange_token(&counter.bank, &token, &[]).await.json["scope"], "openid");
    let id = GrantId::parse(&tokens.text("grant_id")).unwrap();
    counter.store().revoke_grant(&id, counter.now(), RevokedBy::Citizen).await.unwrap();
    assert_eq!(counter.exchange_token(&counter.bank, &token, &[]).await.error(), (400, "invalid_request"));
    change(&counter, "bank", |client| client.profile.grant_types = GrantType::USUAL.to_vec()).await;
    assert_eq!(counter.exchange_token(&counter.bank, &token, &[]).await.error(), (400, "unauthorized_client"));
    let late = counter.tokens(&counter.app).await.text("access_token");
    counter.clock.advance(Duration::from_mins(5));
    assert_eq!(counter.exchange_token(&counter.app, &late, &[]).await.error(), (400, "invalid_request"));
}
