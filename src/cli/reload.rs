//! Other rules without a restart: `kill -HUP`, as for most servers.
//!
//! A signal and not a look at the files: a directory is edited file by file, and what lies there between two edits may
//! well be in order and yet not what anybody meant. The data sets and the rate plans are read at start only.

use crate::policy::{Policies, PolicyFault, Reloaded};
use std::sync::Arc;

/// The process being asked to read its rules again (SIGHUP); heard from when this is made.
pub struct ReloadSignal {
    #[cfg(unix)]
    hung_up: tokio::signal::unix::Signal,
}

impl ReloadSignal {
    /// Starts to listen. Call it inside a tokio runtime.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn listen() -> anyhow::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self { hung_up: signal(SignalKind::hangup())? })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Reads the rules again at every signal, and tells the log what came of it. Where there is no such signal, never.
    #[cfg_attr(not(unix), expect(unused_variables, clippy::unused_async, reason = "only unix has the signal"))]
    pub async fn follow(self, policies: Arc<Policies>) {
        #[cfg(unix)]
        {
            let mut hung_up = self.hung_up;
            while hung_up.recv().await.is_some() {
                reload(Arc::clone(&policies)).await;
            }
        }
    }
}

/// Reads the rules again, beside the threads that answer.
async fn reload(policies: Arc<Policies>) {
    match tokio::task::spawn_blocking(move || policies.reload()).await {
        Ok(ended) => tell(ended),
        Err(error) => tracing::error!(error = %error, "the rules could not be read again"),
    }
}

fn tell(ended: Result<Reloaded, Vec<PolicyFault>>) {
    match ended {
        Ok(Reloaded { before, after }) if before == after => {
            tracing::info!(policy.digest = after.base64url(), "the rules are the same as before");
        }
        Ok(Reloaded { before, after }) => {
            let (before, after) = (before.base64url(), after.base64url());
            tracing::info!(policy.digest = after, policy.before = before, "other rules are in force");
        }
        Err(faults) => {
            for fault in &faults {
                tracing::error!(
                    policy.file = fault.file,
                    policy.fault = fault.problem,
                    "the new rules are not in order"
                );
            }
            tracing::error!(faults = faults.len(), "the rules that were in force stay");
        }
    }
}
