//! Probes of DPoP proofs at the token endpoint.

use super::Outcome;
use super::bench::Bench;
use super::clients::refused;
use serde_json::{Value, json};

pub(super) async fn probes(bench: &Bench) -> Vec<(&'static str, Outcome)> {
    vec![("proof_faults", faults(bench).await), ("proof_replay", replay(bench).await)]
}

/// A token request of the client itself, which nothing but the proof can spoil.
async fn with_proof(bench: &Bench, proof: &str) -> Result<(), String> {
    let mut pairs = bench.authentication(&bench.bank, &json!({}))?;
    pairs.extend([("grant_type", "client_credentials".to_owned()), ("scope", "catalog".to_owned())]);
    bench.token(&pairs, Some(proof)).await.map(|_| ())
}

async fn faults(bench: &Bench) -> Outcome {
    let (none, now) = (json!({}), bench.seconds());
    let target = ("POST", "/oauth/token");
    let right = |claims: &Value, header: &Value| bench.proof(&bench.bank.proof_key, target, (claims, header));
    with_proof(bench, &right(&none, &none)?).await.map_err(|code| format!("a right proof: {code}"))?;
    let near = right(&json!({"iat": now + 8, "htu": format!("{}/oauth/token?x=1#y", bench.url)}), &none)?;
    with_proof(bench, &near).await.map_err(|code| format!("8 s ahead, with a query: {code}"))?;
    let other = bench.app.proof_key.public_jwk().clone();
    let wrong = [
        (json!({"htm": "GET"}), none.clone()),
        (json!({"htu": "https://other.example/oauth/token"}), none.clone()),
        (json!({"iat": now - 3_600}), none.clone()),
        (json!({"iat": now + 61}), none.clone()),
        (json!({"jti": null}), none.clone()),
        (json!({"htm": null}), none.clone()),
        (json!({"htu": null}), none.clone()),
        (json!({"iat": null}), none.clone()),
        (none.clone(), json!({"typ": "JWT"})),
        (none.clone(), json!({"typ": null})),
        (none.clone(), json!({"alg": "none"})),
        (none.clone(), json!({"alg": "RS256"})),
        (none.clone(), json!({"jwk": null})),
        (none.clone(), json!({"jwk": other})),
    ];
    for (claims, header) in &wrong {
        let proof = right(claims, header)?;
        refused(&format!("{claims} {header}"), "invalid_dpop_proof", with_proof(bench, &proof).await)?;
    }
    refused("no JWT at all", "invalid_dpop_proof", with_proof(bench, "x").await)?;
    Ok(format!("a right proof is taken; {} wrong ones: invalid_dpop_proof", wrong.len() + 1))
}

async fn replay(bench: &Bench) -> Outcome {
    let none = json!({});
    let proof = bench.proof(&bench.bank.proof_key, ("POST", "/oauth/token"), (&none, &none))?;
    with_proof(bench, &proof).await?;
    refused("a proof's second use", "invalid_dpop_proof", with_proof(bench, &proof).await)
}
