//! Probes of the gateway: how a token may be presented, and what is checked of it.

use super::Outcome;
use super::bench::{Bench, Party};
use super::clients::refused;
use crate::domain::Digest;
use crate::gateway::{Call, Field, GatewayRefusal, Operation};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

const PATH: &str = "/v1/data-sets";

pub(super) async fn probes(bench: &Bench) -> Vec<(&'static str, Outcome)> {
    vec![
        ("gateway_takes_header_tokens_only", header_only(bench).await),
        ("gateway_checks_the_binding", binding(bench).await),
        ("gateway_sees_revocation", revocation(bench).await),
        ("gateway_checks_the_scope", scope(bench).await),
        ("gateway_checks_the_audience", audience(bench).await),
    ]
}

/// What is presented.
struct Shown<'a> {
    authorization: &'a str,
    proof: Option<&'a str>,
    query: &'a str,
}

async fn admit(bench: &Bench, shown: &Shown<'_>) -> Result<(), String> {
    let call = Call {
        operation: &Operation::LIST_DATA_SETS,
        method: "GET",
        path: PATH,
        query: shown.query,
        authorization: if shown.authorization.is_empty() { Field::Absent } else { Field::One(shown.authorization) },
        dpop: shown.proof.map_or(Field::Absent, Field::One),
        certificate: None,
        ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    bench.gateway.admit(&call).await.map(|_| ()).map_err(|refusal| match refusal {
        GatewayRefusal::Refused(refusal, _) => refusal.code.to_owned(),
        GatewayRefusal::Limited(_) => "rate_limited".to_owned(),
        GatewayRefusal::Broken(fault) => format!("a fault ({fault})"),
    })
}

fn proof(bench: &Bench, party: &Party, token: &str, changes: &Value) -> Result<String, String> {
    let mut claims = json!({"ath": Digest::of(token).base64url()});
    if let (Some(claims), Some(changes)) = (claims.as_object_mut(), changes.as_object()) {
        claims.extend(changes.clone());
    }
    bench.proof(&party.proof_key, ("GET", PATH), (&claims, &json!({})))
}

/// A call with this token under this scheme and a right proof.
async fn by(bench: &Bench, scheme: &str, token: &str) -> Result<(), String> {
    let proof = proof(bench, &bench.bank, token, &json!({}))?;
    admit(bench, &Shown { authorization: &format!("{scheme} {token}"), proof: Some(&proof), query: "" }).await
}

async fn header_only(bench: &Bench) -> Outcome {
    let token = bench.tokens(&bench.bank).await?.access_token;
    for scheme in ["DPoP", "dpop", "DPOP"] {
        by(bench, scheme, &token).await.map_err(|code| format!("scheme {scheme}: {code}"))?;
    }
    let query = format!("access_token={token}");
    let in_query = admit(bench, &Shown { authorization: "", proof: None, query: &query }).await;
    refused("a token in the query", "invalid_request", in_query)
}

async fn binding(bench: &Bench) -> Outcome {
    let token = bench.tokens(&bench.bank).await?.access_token;
    let authorization = format!("DPoP {token}");
    let foreign = proof(bench, &bench.app, &token, &json!({}))?;
    let other_token = proof(bench, &bench.bank, "another token", &json!({}))?;
    let other_method = proof(bench, &bench.bank, &token, &json!({"htm": "POST"}))?;
    let used = proof(bench, &bench.bank, &token, &json!({}))?;
    admit(bench, &Shown { authorization: &authorization, proof: Some(&used), query: "" }).await?;
    for (what, shown) in [
        ("another key", Some(&foreign)),
        ("another token's proof", Some(&other_token)),
        ("another method", Some(&other_method)),
        ("a used proof", Some(&used)),
        ("no proof", None),
    ] {
        let shown = Shown { authorization: &authorization, proof: shown.map(String::as_str), query: "" };
        if admit(bench, &shown).await.is_ok() {
            return Err(format!("{what} was let in"));
        }
    }
    let bearer = Shown { authorization: &format!("Bearer {token}"), proof: None, query: "" };
    if admit(bench, &bearer).await.is_ok() {
        return Err("a downgrade to Bearer was let in".into());
    }
    Ok("another key, another token's proof, another method, a used proof, no proof, Bearer: refused".into())
}

async fn revocation(bench: &Bench) -> Outcome {
    let token = bench.tokens(&bench.bank).await?.access_token;
    by(bench, "DPoP", &token).await?;
    bench.revoke(&bench.bank, &token).await?;
    // Nobody tells this gateway: the bound must hold by its clock alone.
    bench.clock.advance(Duration::from_secs(1));
    refused("a revoked token, a second later, without word of it", "invalid_token", by(bench, "DPoP", &token).await)
}

async fn scope(bench: &Bench) -> Outcome {
    let tokens = bench.tokens(&bench.bank).await?;
    let refresh = tokens.refresh_token.ok_or("no refresh token")?;
    let narrow = bench.refresh(&bench.bank, &refresh, Some("openid")).await?;
    refused("a token for openid only", "insufficient_scope", by(bench, "DPoP", &narrow.access_token).await)
}

/// A token that another issuer signed, with every claim right but by another key.
async fn audience(bench: &Bench) -> Outcome {
    let tokens = bench.tokens(&bench.bank).await?;
    let id_token = tokens.id_token.ok_or("no id_token")?;
    refused("an id_token in place of an access token", "invalid_token", by(bench, "DPoP", &id_token).await)?;
    let (head, signature) = tokens.access_token.rsplit_once('.').ok_or("no JWT")?;
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    refused("a forged token", "invalid_token", by(bench, "DPoP", &forged).await)?;
    let claims = json!({
        "iss": "https://other.example", "aud": "https://other.example", "sub": "x", "client_id": bench.bank.id,
        "iat": bench.seconds(), "exp": bench.seconds() + 60, "jti": "x", "scope": "catalog",
    });
    let other = crate::protocol::jose::sign(&bench.bank.key, "at+jwt", &claims).map_err(|fault| fault.to_string())?;
    refused("a token for elsewhere", "invalid_token", by(bench, "DPoP", &other).await)?;
    Ok("an id_token, a forged token, another issuer's for another audience: invalid_token".into())
}
