//! Work that is taken up again and again beside the server.

use crate::domain::Fault;
use std::time::Duration;

/// How long to wait while the store is away.
const AFTER_FAULT: Duration = Duration::from_secs(15);

/// Takes turns for as long as the process runs: at once after one that found all it could take, and else after `pause`.
/// `failed` is what the log says of a turn that failed.
pub(super) async fn forever<T: Future<Output = Result<bool, Fault>>>(
    pause: Duration,
    failed: &'static str,
    mut turn: impl FnMut() -> T,
) {
    loop {
        let pause = match turn().await {
            Ok(true) => continue,
            Ok(false) => pause,
            Err(fault) => {
                tracing::warn!(%fault, "{failed}");
                AFTER_FAULT
            }
        };
        tokio::time::sleep(pause).await;
    }
}
