//! What we sign reads back; what another signs, or another audience's, does not.

use super::*;
use crate::protocol::jose::Es256Signer;
use serde_json::json;

const NOW: i64 = 1_800_000_000;

fn token() -> AccessToken {
    AccessToken {
        issuer: "https://madoguchi.example".into(),
        subject: "p~x".into(),
        audience: "https://madoguchi.example".into(),
        id: "1".into(),
        client: ClientId::parse("c_1").unwrap(),
        grant: GrantId::parse("g_1").unwrap(),
        scope: ScopeSet::parse("openid self_information").unwrap(),
        acr: Some(Acr::Aal3),
        auth_time: Some(Timestamp::from_seconds(NOW - 5)),
        confirmation: Confirmation::Key(Jkt::parse(&"A".repeat(43)).unwrap()),
        act: None,
        may_act: None,
        authorization_details: None,
        issued_at: Timestamp::from_seconds(NOW),
        expires_at: Timestamp::from_seconds(NOW + 300),
    }
}

fn expected(now: i64) -> Expected<'static> {
    Expected {
        issuer: "https://madoguchi.example",
        audience: Some("https://madoguchi.example"),
        now: Timestamp::from_seconds(now),
    }
}

#[test]
fn a_token_reads_back_until_it_expires() {
    let (signer, _) = Es256Signer::generate().unwrap();
    let keys = PublishedKeys::default();
    keys.replace(&[signer.public_jwk().clone()]).unwrap();
    let text = token().sign(&signer).unwrap();
    assert_eq!(verify(&text, &keys, &expected(NOW)), Ok(token()));
    assert_eq!(verify(&text, &keys, &expected(NOW + 299)), Ok(token()));
    assert_eq!(verify(&text, &keys, &expected(NOW + 300)), Err(JoseError::Expired));
    assert_eq!(verify(&text, &keys, &expected(NOW - 11)), Err(JoseError::NotYet));
    let elsewhere = Expected { audience: Some("https://other.example"), ..expected(NOW) };
    assert_eq!(verify(&text, &keys, &elsewhere), Err(JoseError::Malformed));
    let by_another = Expected { issuer: "https://other.example", ..expected(NOW) };
    assert_eq!(verify(&text, &keys, &by_another), Err(JoseError::Malformed));
    assert_eq!(verify(&text, &PublishedKeys::default(), &expected(NOW)), Err(JoseError::UnknownKey));
}

#[test]
fn another_kind_of_token_of_ours_is_no_access_token() {
    let (signer, _) = Es256Signer::generate().unwrap();
    let keys = PublishedKeys::default();
    keys.replace(&[signer.public_jwk().clone()]).unwrap();
    let text = sign(&signer, "JWT", &token()).unwrap();
    assert_eq!(verify(&text, &keys, &expected(NOW)), Err(JoseError::Type));
    let mut claims = serde_json::to_value(token()).unwrap();
    for name in ["iss", "sub", "aud", "jti", "client_id", "grant_id", "scope", "cnf", "iat", "exp"] {
        let saved = claims[name].take();
        claims.as_object_mut().unwrap().remove(name);
        let text = sign(&signer, TYPE, &claims).unwrap();
        assert_eq!(verify(&text, &keys, &expected(NOW)), Err(JoseError::Malformed), "{name}");
        claims[name] = saved;
    }
    claims["aud"] = json!(["https://madoguchi.example"]);
    let text = sign(&signer, TYPE, &claims).unwrap();
    assert_eq!(verify(&text, &keys, &expected(NOW)), Err(JoseError::Malformed));
}
