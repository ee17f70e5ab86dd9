//! Signed authorization responses (JARM, FAPI 2.0 Message Signing §5.4).

use super::counter::{Counter, ISSUER, Party, claims, with};
use madoguchi::issuer::interaction::{PushedRequests, SignedResponses};
use madoguchi::protocol::authorization_request::AuthorizationRequest;
use madoguchi::protocol::jose::{KeySet, PublicKey};
use serde_json::Value;

impl Counter {
    async fn kept(&self, party: &Party, mode: Option<&str>) -> AuthorizationRequest {
        let reply = self.post("/oauth/par", &with(self.pushed(party), "response_mode", mode), None).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        self.issuer.find_authorization(party.id, &reply.text("request_uri")).await.unwrap().1
    }

    /// The published key that signed `token`.
    pub fn verified(&self, token: &str) -> Value {
        let header = jsonwebtoken::decode_header(token).unwrap();
        let jwks: Value = serde_json::from_str(&self.issuer.published_keys().json()).unwrap();
        let alg = madoguchi::protocol::jose::Algorithm::Es256;
        let keys = KeySet::parse(&jwks).unwrap();
        let key: Vec<&PublicKey> = keys.candidates(header.kid.as_deref(), alg).collect();
        let (message, signature) = token.rsplit_once('.').unwrap();
        assert!(key.len() == 1 && key[0].verifies(message.as_bytes(), signature), "{token}");
        claims(token)
    }
}

#[actix_web::test]
async fn the_answer_is_a_jwt_for_the_client_and_iss_stands_inside() {
    let counter = Counter::open().await;
    for mode in ["jwt", "query.jwt"] {
        let request = counter.kept(&counter.bank, Some(mode)).await;
        for answer in [&[("code", "c-1")][..], &[("error", "access_denied"), ("error_description", "no")]] {
            let response = counter.issuer.sign_response(&request, answer).await.unwrap();
            let told = counter.verified(&response);
            assert_eq!((told["iss"].as_str(), told["aud"].as_str()), (Some(ISSUER), Some("bank")));
            assert_eq!(told["state"], "abc");
            let life = told["exp"].as_i64().unwrap() - counter.now().seconds();
            assert!((1..=600).contains(&life), "JARM §2.1: {life}");
            for (name, value) in answer {
                assert_eq!(told[*name], *value);
            }
            assert_eq!(told.as_object().unwrap().len(), 4 + answer.len());
        }
    }
}

#[actix_web::test]
async fn a_client_gets_only_the_modes_it_registered() {
    use madoguchi::domain::profile::ResponseMode;
    let counter = Counter::open().await;
    let push = async |mode: Option<&str>| {
        counter.post("/oauth/par", &with(counter.pushed(&counter.bank), "response_mode", mode), None).await
    };
    counter.change_bank(|bank| bank.profile.messages.response_modes = vec![ResponseMode::Jwt]).await;
    assert_eq!(push(Some("jwt")).await.status, 201);
    assert_eq!(push(Some("query.jwt")).await.status, 201);
    assert_eq!(push(Some("query")).await.error(), (400, "invalid_request"));
    assert_eq!(push(None).await.error(), (400, "invalid_request"), "the default is not signed");
    counter.change_bank(|bank| bank.profile.messages.response_modes = vec![ResponseMode::Query]).await;
    assert_eq!(push(Some("jwt")).await.error(), (400, "invalid_request"));
    assert_eq!(push(None).await.status, 201);
    for unknown in ["fragment", "form_post", "form_post.jwt", "fragment.jwt", "JWT"] {
        assert_eq!(push(Some(unknown)).await.error(), (400, "invalid_request"), "{unknown}");
    }
}
