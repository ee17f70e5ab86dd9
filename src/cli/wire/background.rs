//! What runs beside the server, again and again.

use crate::cli::ground::Ground;
use crate::issuer::Issuer;
use crate::issuer::logout::AT_ONCE;
use std::time::Duration;

/// How often short-lived records that are over are deleted, and signing keys looked after.
const UPKEEP: Duration = Duration::from_secs(30);

/// How often it is looked whether a client is to be told of a logout; after a failure that much less often.
const NOTICES: Duration = Duration::from_secs(1);
const NOTICES_AFTER_FAILURE: Duration = Duration::from_secs(15);

/// Deletes what is over and looks after the keys, again and again. A failure waits for the next round.
pub(super) async fn look_after(ground: &Ground, issuer: &Issuer) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        if let Err(error) = ground.store.purge(ground.clock.now()).await {
            tracing::warn!(error = %error, "what is over could not be deleted");
        }
        if let Err(error) = issuer.maintain_keys().await {
            tracing::warn!(error = %error, "the signing keys could not be looked after");
        }
    }
}

/// Tells clients of logouts, again and again; at once where more wait than one round takes.
pub(super) async fn tell_of_logouts(issuer: &Issuer) {
    loop {
        let pause = match issuer.send_logout_notices().await {
            Ok(told) if told >= AT_ONCE as usize => continue,
            Ok(_) => NOTICES,
            Err(error) => {
                tracing::warn!(error = %error, "clients could not be told of logouts");
                NOTICES_AFTER_FAILURE
            }
        };
        tokio::time::sleep(pause).await;
    }
}
