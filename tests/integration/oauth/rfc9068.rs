//! What access tokens say.

use super::counter::{Counter, ISSUER, claims};

#[actix_web::test]
async fn an_access_token_has_the_claims_of_the_profile_and_nothing_personal() {
    let counter = Counter::open().await;
    let tokens = counter.tokens(&counter.bank).await;
    let token = tokens.text("access_token");
    assert_eq!(jsonwebtoken::decode_header(&token).unwrap().typ.as_deref(), Some("at+jwt"));
    let told = claims(&token);
    let names: Vec<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
    let expected =
        ["acr", "aud", "auth_time", "client_id", "cnf", "exp", "grant_id", "iat", "iss", "jti", "scope", "sub"];
    assert_eq!(
        {
            let mut names = names;
            names.sort_unstable();
            names
        },
        expected
    );
    assert_eq!((told["iss"].as_str(), told["aud"].as_str()), (Some(ISSUER), Some(ISSUER)));
    assert_eq!(told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap(), 300);
    assert_eq!(told["cnf"]["jkt"], madoguchi::protocol::jose::Signer::kid(&counter.bank.dpop));
    assert_eq!(told["grant_id"], tokens.json["grant_id"]);
}
