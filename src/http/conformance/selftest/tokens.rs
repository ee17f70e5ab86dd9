//! Probes of tokens: what they are made of, what they allow, how they end.

use super::Outcome;
use super::bench::Bench;
use super::clients::refused;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub(super) async fn probes(bench: &Bench) -> Vec<(&'static str, Outcome)> {
    vec![
        ("password_grant", password(bench).await),
        ("token_without_proof", without_proof(bench).await),
        ("refresh_tokens_stay", stay(bench).await),
        ("scope_only_narrows", narrows(bench).await),
        ("introspection_is_ones_own", ones_own(bench).await),
        ("revocation_cascades", cascades(bench).await),
        ("handles_are_unguessable", unguessable(bench).await),
    ]
}

/// The claims of a token of ours, unverified.
fn claims(token: &str) -> Result<Value, String> {
    let part = token.split('.').nth(1).ok_or("not a JWT")?;
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|error| error.to_string())?;
    serde_json::from_slice(&bytes).map_err(|error| error.to_string())
}

async fn password(bench: &Bench) -> Outcome {
    let mut pairs = bench.authentication(&bench.bank, &json!({}))?;
    pairs.extend([
        ("grant_type", "password".to_owned()),
        ("username", "self-test".to_owned()),
        ("password", "self-test".to_owned()),
    ]);
    refused("grant_type=password", "unsupported_grant_type", bench.proved(&bench.bank, &pairs).await)
}

async fn without_proof(bench: &Bench) -> Outcome {
    let code = bench.code(&bench.bank, None).await?;
    let pairs = bench.exchange(&bench.bank, &code)?;
    let bare = bench.token(&pairs, None).await;
    if bare.is_ok() {
        return Err("a token request without proof was answered".into());
    }
    let tokens = bench.tokens(&bench.bank).await?;
    let claims = claims(&tokens.access_token)?;
    let is_bound = ["/cnf/jkt", "/cnf/x5t#S256"].iter().any(|at| claims.pointer(at).is_some());
    let kind = &tokens.token_type;
    if is_bound { Ok(format!("without proof: refused; with it: token_type {kind}, cnf")) } else { Err("no cnf".into()) }
}

async fn stay(bench: &Bench) -> Outcome {
    let tokens = bench.tokens(&bench.bank).await?;
    let kept = tokens.refresh_token.ok_or("no refresh token")?;
    for round in 0..5 {
        let again = bench.refresh(&bench.bank, &kept, None).await.map_err(|code| format!("refresh {round}: {code}"))?;
        if again.refresh_token.is_some_and(|new| new != kept) {
            return Err(format!("refresh {round} gave another refresh token"));
        }
    }
    Ok("the same refresh token after 5 refreshes".into())
}

async fn narrows(bench: &Bench) -> Outcome {
    let tokens = bench.tokens(&bench.bank).await?;
    let kept = tokens.refresh_token.ok_or("no refresh token")?;
    let wide = bench.refresh(&bench.bank, &kept, Some("openid catalog self_information")).await;
    refused("a refresh that widens", "invalid_scope", wide)?;
    let narrow = bench.refresh(&bench.bank, &kept, Some("catalog")).await?;
    let scope = narrow.scope.to_string();
    if scope == "catalog" { Ok("wider: invalid_scope; narrower: as asked".into()) } else { Err(scope) }
}

async fn ones_own(bench: &Bench) -> Outcome {
    let tokens = bench.tokens(&bench.bank).await?;
    let (own, other) = (
        bench.is_active(&bench.bank, &tokens.access_token).await?,
        bench.is_active(&bench.app, &tokens.access_token).await?,
    );
    match (own, other) {
        (true, false) => Ok("its own token is active, another client's is not".into()),
        _ => Err(format!("its own active: {own}; another client's active: {other}")),
    }
}

async fn cascades(bench: &Bench) -> Outcome {
    bench.revoke(&bench.bank, "unknown").await.map_err(|code| format!("an unknown token: {code}"))?;
    let tokens = bench.tokens(&bench.bank).await?;
    let refresh = tokens.refresh_token.ok_or("no refresh token")?;
    bench.revoke(&bench.bank, &tokens.access_token).await?;
    refused("a refresh after revocation", "invalid_grant", bench.refresh(&bench.bank, &refresh, None).await)?;
    Ok("unknown token: 200; own token: its refresh token is over too".into())
}

async fn unguessable(bench: &Bench) -> Outcome {
    let pushed = bench.push(&bench.pushed(&bench.bank)?, None).await?;
    let uri = pushed.request_uri.rsplit(':').next().unwrap_or_default().len();
    let refresh = bench.tokens(&bench.bank).await?.refresh_token.unwrap_or_default().len();
    let code = bench.entropy.handle().len();
    let line = format!("characters of base64url: request_uri {uri}, code {code}, refresh token {refresh}");
    // 43 characters hold 256 bits.
    if uri >= 43 && code >= 43 && refresh >= 43 { Ok(line) } else { Err(line) }
}
