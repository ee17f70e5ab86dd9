//! The provider for companies.

use super::{Bench, REDIRECT, parameter};
use serde_json::{Value, json};
use std::time::Duration;

const SECRET: &str = "s3cret/+ &:x";

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn code(bench: &Bench, scope: &str) -> String {
    let pairs = [
        ("client_id", "madoguchigateway"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", scope),
        ("state", "s"),
        ("nonce", "n"),
    ];
    let query = serde_urlencoded::to_string(pairs).unwrap();
    let answer = bench.http.get(format!("{}authorize?{query}", bench.running.corporate_issuer())).send().await.unwrap();
    let page = bench.url(answer.headers()["location"].to_str().unwrap());
    let page = url::Url::parse(&page).unwrap();
    let transaction = page.query_pairs().find(|(name, _)| name == "transaction").unwrap().1.into_owned();
    let form = [
        ("transaction", transaction.as_str()),
        ("method", "password"),
        ("account_id", "daihyo@mihon-kogyo.example"),
        ("password", "mihon-prime"),
    ];
    let answer = bench.post_form(&bench.url("/gbizid/oauth/sign-in"), &form).await;
    parameter(&answer, "code").expect("a code")
}

async fn token(bench: &Bench, secret: &str, form: &[(&str, &str)]) -> reqwest::Response {
    let call = bench.http.post(bench.url("/gbizid/oauth/token"));
    call.basic_auth("madoguchigateway", Some(encoded(secret))).form(form).send().await.unwrap()
}

#[tokio::test]
async fn a_company_signs_in_and_is_told_about_by_scope() {
    let bench = Bench::start();
    let code = code(&bench, "openid profile").await;
    assert!(code.len() == 22 && code.bytes().all(|b| b.is_ascii_alphanumeric()), "{code}");
    let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", REDIRECT)];
    let wrong = token(&bench, "wrong", &form).await;
    assert_eq!(
        (wrong.status().as_u16(), wrong.json::<Value>().await.unwrap()["error"].clone()),
        (401, json!("unauthorized"))
    );
    let tokens: Value = token(&bench, SECRET, &form).await.json().await.unwrap();
    assert_eq!(tokens["expires_in"], 3600);
    assert!(tokens.get("refresh_token").is_none(), "only with offline_access");
    let jwks: Value = bench.http.get(bench.url("/gbizid/oauth/certs")).send().await.unwrap().json().await.unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(&serde_json::from_value(jwks["keys"][0].clone()).unwrap()).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    rules.validate_exp = false;
    rules.validate_aud = false;
    let read = |name: &str| jsonwebtoken::decode::<Value>(tokens[name].as_str().unwrap(), &key, &rules).unwrap().claims;
    assert_eq!(read("access_token")["azp"], "madoguchigateway");
    assert!(read("access_token").get("scope").is_none());
    let id = read("id_token");
    assert_eq!((&id["iss"], &id["nonce"]), (&json!(bench.running.corporate_issuer()), &json!("n")));
    assert!(id.get("name").is_none() && id.get("email").is_none(), "no personal data");
    let userinfo =
        bench.http.get(bench.url("/gbizid/oauth/userinfo")).bearer_auth(tokens["access_token"].as_str().unwrap());
    let told: Value = userinfo.send().await.unwrap().json().await.unwrap();
    assert_eq!((&told["account_type"], &told["name"]), (&json!("2"), &json!("株式会社見本工業")));
    assert!(told.get("email").is_none(), "not in the scope");
    let again = token(&bench, SECRET, &form).await;
    assert_eq!(again.json::<Value>().await.unwrap()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_refresh_token_is_rotated_and_the_old_one_ends() {
    let bench = Bench::start();
    let code = code(&bench, "openid offline_access").await;
    let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", REDIRECT)];
    let first: Value = token(&bench, SECRET, &form).await.json().await.unwrap();
    let old = first["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", old)];
    let second: Value = token(&bench, SECRET, &form).await.json().await.unwrap();
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let replay = token(&bench, SECRET, &form).await;
    assert_eq!(
        (replay.status().as_u16(), replay.json::<Value>().await.unwrap()["error"].clone()),
        (401, json!("invalid_token"))
    );
    let userinfo = bench.http.get(bench.url("/gbizid/oauth/userinfo"));
    let told = userinfo.bearer_auth(second["access_token"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(told.status(), 403, "openid alone opens nothing");
}

#[tokio::test]
async fn a_code_ends_after_five_minutes() {
    let bench = Bench::start();
    let code = code(&bench, "openid").await;
    bench.clock.advance(Duration::from_mins(5));
    let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", REDIRECT)];
    assert_eq!(token(&bench, SECRET, &form).await.status(), 400);
}

#[tokio::test]
async fn what_is_given_on_application_is_told_by_its_own_scope() {
    let bench = Bench::start();
    for (scope, member) in [
        ("role", "role"),
        ("mandate", "mandate"),
        ("delegation_info", "delegation_info"),
        ("jp_gbizid_v1_ida", "verified_claims"),
    ] {
        let code = code(&bench, &format!("openid {scope}")).await;
        let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", REDIRECT)];
        let tokens: Value = token(&bench, SECRET, &form).await.json().await.unwrap();
        let asked = bench.http.get(bench.url("/gbizid/oauth/userinfo"));
        let told = asked.bearer_auth(tokens["access_token"].as_str().unwrap()).send().await.unwrap();
        let told: Value = told.json().await.unwrap();
        let names: Vec<&String> = told.as_object().unwrap().keys().filter(|name| *name != "sub").collect();
        assert_eq!(names, [member], "{told}");
    }
}
