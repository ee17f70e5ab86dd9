//! Probes of pushed authorization requests.

use super::Outcome;
use super::bench::{Bench, with};
use super::clients::refused;
use crate::issuer::interaction::PushedRequests as _;
use crate::protocol::pushed_request::URI_PREFIX;

pub(super) async fn probes(bench: &Bench) -> Vec<(&'static str, Outcome)> {
    vec![
        ("pushed_parameters", parameters(bench).await),
        ("long_values", long_values(bench).await),
        ("request_uri_lasts_under_600_s", lasts(bench).await),
        ("request_uri_is_its_clients", is_its_clients(bench).await),
        ("request_uri_may_be_opened_twice", opened_twice(bench).await),
        ("details_of_unknown_type", unknown_type(bench).await),
    ]
}

async fn parameters(bench: &Bench) -> Outcome {
    let wrong = [
        ("response_type", Some("token"), "unsupported_response_type"),
        ("response_type", Some("code id_token"), "unsupported_response_type"),
        ("response_type", None, "invalid_request"),
        ("code_challenge", None, "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("redirect_uri", None, "invalid_request"),
        ("redirect_uri", Some("https://bank.example/callback/"), "invalid_request"),
        ("redirect_uri", Some("https://bank.example.invalid/callback"), "invalid_request"),
        ("request_uri", Some("urn:ietf:params:oauth:request_uri:x"), "invalid_request"),
    ];
    for (name, value, code) in wrong {
        let pairs = with(bench.pushed(&bench.bank)?, name, value);
        refused(&format!("{name} {}", value.unwrap_or("left out")), code, bench.push(&pairs, None).await)?;
    }
    Ok(format!("{} wrong pushes, each refused by its code", wrong.len()))
}

async fn long_values(bench: &Bench) -> Outcome {
    let pairs = with(bench.pushed(&bench.bank)?, "nonce", Some(&"n".repeat(64)));
    let pairs = with(pairs, "state", Some(&"s".repeat(1_200)));
    bench.push(&pairs, None).await.map_err(|code| format!("a nonce of 64, a state of 1,200 characters: {code}"))?;
    Ok("a nonce of 64 and a state of 1,200 characters are taken".into())
}

async fn lasts(bench: &Bench) -> Outcome {
    let pushed = bench.push(&bench.pushed(&bench.bank)?, None).await?;
    let line = format!("expires_in = {}", pushed.expires_in);
    if pushed.expires_in < 600 { Ok(line) } else { Err(line) }
}

async fn is_its_clients(bench: &Bench) -> Outcome {
    let pushed = bench.push(&bench.pushed(&bench.bank)?, None).await?;
    let unknown = format!("{URI_PREFIX}{}", bench.entropy.handle());
    for (client, uri, what) in [
        (bench.app.id, pushed.request_uri.as_str(), "another client's request_uri"),
        (bench.bank.id, unknown.as_str(), "an unknown request_uri"),
        (bench.bank.id, "https://bank.example/request.jwt", "a request_uri elsewhere"),
    ] {
        if bench.issuer.find_authorization(client, uri).await.is_ok() {
            return Err(format!("{what} was accepted"));
        }
    }
    Ok("another client's, an unknown one, one elsewhere: a page says so, and nothing is redirected".into())
}

async fn opened_twice(bench: &Bench) -> Outcome {
    let pushed = bench.push(&bench.pushed(&bench.bank)?, None).await?;
    for time in ["first", "second"] {
        let found = bench.issuer.find_authorization(bench.bank.id, &pushed.request_uri).await;
        found.map_err(|_| format!("the {time} look was refused"))?;
    }
    bench.agree(&bench.bank, &pushed.request_uri).await?;
    let after = bench.issuer.find_authorization(bench.bank.id, &pushed.request_uri).await;
    if after.is_ok() {
        Err("it opened again after the decision".into())
    } else {
        Ok("twice before, never after".into())
    }
}

async fn unknown_type(bench: &Bench) -> Outcome {
    let pairs = with(bench.pushed(&bench.bank)?, "scope", Some("openid self_information"));
    let pairs = with(pairs, "authorization_details", Some(r#"[{"type":"unknown"}]"#));
    refused("an unknown type", "invalid_authorization_details", bench.push(&pairs, None).await)
}
