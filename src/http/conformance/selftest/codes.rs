//! Probes of authorization codes.

use super::Outcome;
use super::bench::{Bench, with};
use super::clients::refused;
use crate::store::CODE_LIFE;
use serde_json::json;

pub(super) async fn probes(bench: &Bench) -> Vec<(&'static str, Outcome)> {
    vec![
        ("a_right_flow_succeeds", right_flow(bench).await),
        ("code_is_bound_to_its_key", bound_to_key(bench).await),
        ("code_is_used_once", used_once(bench).await),
        ("code_lasts_a_minute", lasts(bench).await),
        ("code_is_bound_to_its_client", bound_to_client(bench).await),
    ]
}

async fn right_flow(bench: &Bench) -> Outcome {
    let tokens = bench.tokens(&bench.bank).await?;
    let refresh = tokens.refresh_token.as_deref().ok_or("no refresh token")?;
    if tokens.id_token.is_none() {
        return Err("no id_token".into());
    }
    bench.refresh(&bench.bank, refresh, None).await?;
    Ok("PAR, consent, code, tokens, id_token, refresh".into())
}

async fn bound_to_key(bench: &Bench) -> Outcome {
    let none = json!({});
    let shown = bench.proof(&bench.bank.proof_key, ("POST", "/oauth/par"), (&none, &none))?;
    let code = bench.code(&bench.bank, Some(&shown)).await?;
    let other = bench.proof(&bench.app.proof_key, ("POST", "/oauth/token"), (&none, &none))?;
    let pairs = bench.exchange(&bench.bank, &code)?;
    refused("another key than at the push", "invalid_grant", bench.token(&pairs, Some(&other)).await)?;
    let code = bench
        .code(&bench.bank, Some(&bench.proof(&bench.bank.proof_key, ("POST", "/oauth/par"), (&none, &none))?))
        .await?;
    bench.proved(&bench.bank, &bench.exchange(&bench.bank, &code)?).await?;
    Ok("the key of the push gets tokens; another key: invalid_grant".into())
}

async fn used_once(bench: &Bench) -> Outcome {
    let code = bench.code(&bench.bank, None).await?;
    let tokens = bench.proved(&bench.bank, &bench.exchange(&bench.bank, &code)?).await?;
    let again = bench.proved(&bench.bank, &bench.exchange(&bench.bank, &code)?).await;
    refused("a code's second use", "invalid_grant", again)?;
    if bench.is_active(&bench.bank, &tokens.access_token).await? {
        return Err("the tokens of the first use are still active".into());
    }
    Ok("second use: invalid_grant, and the first tokens are over".into())
}

async fn lasts(bench: &Bench) -> Outcome {
    let code = bench.code(&bench.bank, None).await?;
    bench.clock.advance(CODE_LIFE);
    let late = bench.proved(&bench.bank, &bench.exchange(&bench.bank, &code)?).await;
    refused(&format!("a code after {} s", CODE_LIFE.as_secs()), "invalid_grant", late)
}

async fn bound_to_client(bench: &Bench) -> Outcome {
    let code = bench.code(&bench.bank, None).await?;
    let other = bench.proved(&bench.app, &bench.exchange(&bench.app, &code)?).await;
    refused("another client's code", "invalid_grant", other)?;
    let code = bench.code(&bench.bank, None).await?;
    let pairs = with(bench.exchange(&bench.bank, &code)?, "code_verifier", Some(&"a".repeat(43)));
    refused("a wrong verifier", "invalid_grant", bench.proved(&bench.bank, &pairs).await)?;
    Ok("another client, a wrong verifier: invalid_grant".into())
}
