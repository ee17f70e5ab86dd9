//! Clients with certificates against the real binary: by a door of their own, by the one door, and behind a proxy.

use super::serving::{HOST, MTLS_HOST, Serving};
use crate::support::certificates::{Shown, self_signed};
use reqwest::Client;
use serde_json::{Value, json};

/// Keys of the server's section with TLS of our own.
const OWN_TLS: &str = "tls_certificate_file = \"server.pem\"\ntls_key_file = \"server.key\"";
/// A door of its own for certificates.
const DOOR: &str = "accepted = true\nlisten = \"127.0.0.1:0\"\npublic_url = \"https://mtls.madoguchi.example\"";

/// A self-signed client that asks for the catalogue only.
fn registered(shown: &Shown) -> Value {
    json!([{
        "client_id": "bank", "client_name": "Mihon Bank", "client_name#ja": "見本銀行", "client_class": "bank",
        "corporate_number": "8000000990001", "contacts": ["desk@bank.example"], "phone": "03-0000-0000",
        "redirect_uris": ["https://bank.example/callback"], "scope": "catalog",
        "token_endpoint_auth_method": "self_signed_tls_client_auth",
        "tls_client_certificate_bound_access_tokens": true, "jwks": {"keys": [shown.jwk()]},
    }])
}

async fn ask(client: &Client, url: &str) -> (u16, Value) {
    let form = [("grant_type", "client_credentials"), ("client_id", "bank")];
    let answer = client.post(url).form(&form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn catalogue(client: &Client, url: &str, token: &Value) -> u16 {
    let token = format!("Bearer {}", token.as_str().unwrap());
    let answer = client.get(url).header("Authorization", token).send().await.unwrap();
    if answer.status() == 401 {
        let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.contains("Bearer error=\"invalid_token\""), "{challenge}");
    }
    answer.status().as_u16()
}

#[tokio::test]
async fn at_a_door_of_its_own_a_certificate_authenticates_and_binds() {
    let (shown, other) = (self_signed("client"), self_signed("client"));
    let serving = Serving::start(OWN_TLS, DOOR, &registered(&shown));
    let [with, by_other, without] =
        [Some(&shown), Some(&other), None].map(|shown| serving.client(shown).build().unwrap());
    let (status, told) = ask(&with, &serving.at_second("/oauth/token")).await;
    assert_eq!((status, told["token_type"].as_str()), (200, Some("Bearer")), "{told}");
    let (door, token) = (serving.at_second("/v1/data-sets"), &told["access_token"]);
    assert_eq!(catalogue(&with, &door, token).await, 200);
    assert_eq!(catalogue(&by_other, &door, token).await, 401);
    assert_eq!(catalogue(&without, &door, token).await, 401);
    for client in [&by_other, &without] {
        assert_eq!(ask(client, &serving.at_second("/oauth/token")).await.0, 401);
    }
    // The first door asks nobody: browsers come in there.
    assert_eq!(ask(&with, &serving.at("/oauth/token")).await.0, 401);
    assert_eq!(catalogue(&with, &serving.at("/v1/data-sets"), token).await, 401);
    let metadata: Value =
        without.get(serving.at("/.well-known/oauth-authorization-server")).send().await.unwrap().json().await.unwrap();
    assert_eq!(metadata["mtls_endpoint_aliases"]["token_endpoint"], format!("https://{MTLS_HOST}/oauth/token"));
    // A token in the query is refused (FAPI 2.0 SP §5.3.4-2); sent by somebody else than its holder it ends its grant.
    let exposed = format!("{door}?access_token={}", token.as_str().unwrap());
    assert_eq!(with.get(&exposed).send().await.unwrap().status(), 400);
    assert_eq!(catalogue(&with, &door, token).await, 200);
    assert_eq!(without.get(&exposed).send().await.unwrap().status(), 400);
    assert_eq!(catalogue(&with, &door, token).await, 401);
}

#[tokio::test]
async fn one_door_may_ask_everybody_and_lets_in_who_shows_none() {
    let shown = self_signed("client");
    let serving = Serving::start(OWN_TLS, "accepted = true", &registered(&shown));
    let (with, without) = (serving.client(Some(&shown)).build().unwrap(), serving.client(None).build().unwrap());
    assert_eq!(ask(&with, &serving.at("/oauth/token")).await.0, 200);
    let answer = without.get(serving.at("/oauth/jwks")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    // FAPI 2.0 SP §5.2.3-1.
    assert!(answer.headers()["strict-transport-security"].to_str().unwrap().starts_with("max-age=63072000"));
}

fn rfc9440(shown: &Shown) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    format!(":{}:", STANDARD.encode(shown.certificate.der()))
}

fn escaped_pem(shown: &Shown) -> String {
    let escape = |byte: u8| {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if is_plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    shown.certificate_pem().bytes().map(escape).collect()
}

/// RFC 9700 §4.13: the field is a trusted proxy's only; whoever else sends it has sent nothing.
#[tokio::test]
async fn a_certificate_in_a_field_is_believed_from_trusted_proxies_only() {
    let shown = self_signed("client");
    let behind = "behind_tls_proxy = true\ntrusted_proxies = [\"127.0.0.1\"]";
    let field = "accepted = true\nproxy_field = \"Client-Cert\"";
    let serving = Serving::start(behind, field, &registered(&shown));
    let url = format!("http://{HOST}:{}/oauth/token", serving.door.port());
    let from = |address: &str| serving.client(None).local_address(address.parse::<std::net::IpAddr>().unwrap());
    let (proxy, stranger) = (from("127.0.0.1").build().unwrap(), from("127.0.0.2").build().unwrap());
    let form = [("grant_type", "client_credentials"), ("client_id", "bank")];
    let (right, escaped) = (rfc9440(&shown), escaped_pem(&shown));
    for (client, fields, expected) in [
        (&proxy, vec![("Client-Cert", right.as_str())], 200),
        (&proxy, vec![("client-cert", escaped.as_str())], 200),
        (&proxy, vec![("Client-Cert", right.as_str()), ("Client-Cert", right.as_str())], 401),
        (&proxy, vec![("Client-Cert", "nonsense")], 401),
        (&proxy, vec![("X-Client-Cert", right.as_str())], 401),
        (&proxy, vec![], 401),
        (&stranger, vec![("Client-Cert", right.as_str())], 401),
        (&stranger, vec![("Client-Cert", right.as_str()), ("X-Forwarded-For", "127.0.0.1")], 401),
        (&stranger, vec![("Client-Cert", right.as_str()), ("Forwarded", "for=127.0.0.1")], 401),
    ] {
        let mut request = client.post(&url).form(&form);
        for (name, value) in &fields {
            request = request.header(*name, *value);
        }
        let status = request.send().await.unwrap().status();
        assert_eq!(status, expected, "{:?}", fields.iter().map(|(name, _)| name).collect::<Vec<_>>());
    }
}
