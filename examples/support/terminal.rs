//! A shared terminal: shows a code (RFC 8628), polls, and ends the visit (RFC 7009). Each visit has a key of its own.

use super::third_party::{ThirdParty, Tokens};
use anyhow::{Context, bail, ensure};
use serde_json::Value;
use std::time::Duration;

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What the terminal shows, and what it polls with.
pub struct Shown {
    device_code: String,
    /// The code that the person types.
    pub user_code: String,
    /// Where, with the code in it.
    pub address: String,
    interval: u64,
}

/// Why the counter said no, in its own words.
#[derive(Debug, thiserror::Error)]
#[error("{error}: {description}")]
pub struct Refused {
    pub error: String,
    pub description: String,
}

/// Asks: for `details` (RFC 9396), or for the scope alone where they are null.
pub async fn ask(party: &ThirdParty, scope: &str, details: &Value) -> anyhow::Result<Shown> {
    let details = (!details.is_null()).then(|| details.to_string());
    let mut form = vec![("scope", scope)];
    form.extend(details.as_deref().map(|details| ("authorization_details", details)));
    let told = post(party, "/oauth/device_authorization", &form).await?;
    let text = |name: &str| told[name].as_str().map(str::to_owned).with_context(|| format!("no {name}"));
    Ok(Shown {
        device_code: text("device_code")?,
        user_code: text("user_code")?,
        address: text("verification_uri_complete")?,
        interval: told["interval"].as_u64().context("no interval")?,
    })
}

/// Polls once: the tokens when the person has agreed, nothing while they have not answered.
pub async fn poll(party: &ThirdParty, shown: &Shown) -> anyhow::Result<Option<Tokens>> {
    let form = [("grant_type", DEVICE), ("device_code", shown.device_code.as_str())];
    let told = match post(party, "/oauth/token", &form).await {
        Err(error) if error.downcast_ref::<Refused>().is_some_and(|no| no.error == "authorization_pending") => {
            return Ok(None);
        }
        told => told?,
    };
    ensure!(told.get("refresh_token").is_none(), "a terminal is given nothing that outlives the visit");
    let access = told["access_token"].as_str().context("no access_token")?.to_owned();
    Ok(Some(Tokens { access, refresh: None, subject: None, id_token: told["id_token"].as_str().map(str::to_owned) }))
}

/// Polls at the pace that the counter said, until the person answered.
pub async fn wait(party: &ThirdParty, shown: &Shown) -> anyhow::Result<Tokens> {
    loop {
        if let Some(tokens) = poll(party, shown).await? {
            return Ok(tokens);
        }
        tokio::time::sleep(Duration::from_secs(shown.interval)).await;
    }
}

/// Ends the visit.
pub async fn end(party: &ThirdParty, tokens: &Tokens) -> anyhow::Result<()> {
    post(party, "/oauth/revoke", &[("token", tokens.access.as_str())]).await.map(|_| ())
}

/// A form with a fresh assertion and proof; a nonce that is asked for is sent once (RFC 9449 §8).
async fn post(party: &ThirdParty, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Value> {
    let url = format!("{}{path}", party.file.issuer);
    for _ in 0..2 {
        let assertion = party.assertion()?;
        let mut form = vec![
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion.as_str()),
        ];
        form.extend_from_slice(fields);
        let proof = party.binding.proof("POST", &url, None, party.last_nonce().as_deref())?;
        let response = party.http.post(&url).header("dpop", proof).form(&form).send().await?;
        let status = response.status();
        let has_nonce = party.keep_nonce(response.headers());
        let body: Value = response.json().await.unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(body);
        }
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if !(has_nonce && text("error") == "use_dpop_nonce") {
            return Err(Refused { error: text("error"), description: text("error_description") }.into());
        }
    }
    bail!("the counter keeps asking for another nonce")
}
