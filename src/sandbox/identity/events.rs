//! What the provider tells its clients without being asked: that a card was suspended, or may be used again.
//!
//! A security event token (RFC 8417) with the event of RISC, pushed (RFC 8935) to `events` beside each redirect URI.
//! Publicly known is only that the card's certificates can be suspended by telephone at any hour; how a client hears of it
//! is decided here.

use super::super::people::Person;
use super::super::server::Sandbox;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How often one push is tried.
const MOST_TRIES: u32 = 5;
/// The pause after the first that failed; each later one is twice as long.
const PAUSE: Duration = Duration::from_millis(200);

/// Suspends a card or lets it be used again, and tells every client.
pub(in crate::sandbox) fn switch_card(sandbox: &Arc<Sandbox>, person: &Person, is_suspended: bool) {
    person.suspend(is_suspended);
    let word = if is_suspended { "account-disabled" } else { "account-enabled" };
    let kind = format!("https://schemas.openid.net/secevent/risc/event-type/{word}");
    let issuer = &sandbox.addresses.identity;
    for party in sandbox.parties.iter() {
        let subject = party.subject(&person.file.id);
        let claims = json!({
            "iss": issuer,
            "aud": party.identity_client_id,
            "iat": sandbox.clock.now().seconds(),
            "jti": sandbox.entropy.handle(),
            "sub_id": {"format": "iss_sub", "iss": issuer, "sub": subject},
            "events": {&kind: {}},
        });
        let place = party.redirect_uris.first().and_then(|uri| Url::parse(uri).ok()?.join("events").ok());
        if let (Some(token), Some(place)) = (sandbox.identity.key.sign_event(&claims), place) {
            let (sandbox, runtime) = (Arc::clone(sandbox), sandbox.inquiries.runtime.clone());
            runtime.spawn(async move { push(&sandbox, &place, &token).await });
        }
    }
}

async fn push(sandbox: &Sandbox, place: &Url, token: &str) {
    for n in 0..MOST_TRIES {
        let post = sandbox.inquiries.notices.post(place.clone()).header("content-type", "application/secevent+jwt");
        match post.body(token.to_owned()).send().await {
            Ok(answer) if answer.status().is_success() => return,
            Ok(answer) if answer.status().is_client_error() => {
                tracing::warn!(status = answer.status().as_u16(), "a client refused an event about a card");
                return;
            }
            Ok(_) | Err(_) => tokio::time::sleep(PAUSE * (1 << n)).await,
        }
    }
    tracing::warn!("a client was not reached by an event about a card");
}
