//! The ping of CIBA (Core §10.2): telling a client that a citizen answered. What was answered it must fetch itself.

use super::outward::{Outward, OutwardError};
use crate::domain::decoupled::Notification;
use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable as _};
use std::time::Duration;

/// The first wait after a failed call.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait between two calls.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// How often a call is repeated: within a minute and a half. A client that is away for longer may poll all the same.
const REPEATS: usize = 6;

/// Tells clients that their question is answered.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Calls `endpoint`, and again a few times when nobody answers.
    ///
    /// # Errors
    /// [`OutwardError`]; the answer itself is not lost by it.
    async fn notify(&self, endpoint: &str, notification: &Notification) -> Result<(), OutwardError>;
}

#[async_trait]
impl Notifier for Outward {
    async fn notify(&self, endpoint: &str, notification: &Notification) -> Result<(), OutwardError> {
        let body = serde_json::json!({ "auth_req_id": notification.auth_req_id.expose() }).to_string();
        let pace = ExponentialBuilder::default()
            .with_min_delay(FIRST_WAIT)
            .with_max_delay(LONGEST_WAIT)
            .with_max_times(REPEATS)
            .with_jitter();
        let call = || async {
            let status = self.post(endpoint, ("application/json", body.clone()), Some(&notification.token)).await?;
            if (200..300).contains(&status) { Ok(()) } else { Err(OutwardError::Status(status)) }
        };
        call.retry(pace).when(is_passing).await
    }
}

/// Whether the same call may succeed a little later.
fn is_passing(error: &OutwardError) -> bool {
    match error {
        OutwardError::Unreachable(_) => true,
        OutwardError::Status(status) => *status >= 500 || *status == 429,
        _ => false,
    }
}
