//! The issuer's series of keys, kept in order.

use super::series::KeyUse;
use crate::domain::{Entropy, Fault, MasterKey, Secret, Timestamp};
use crate::issuer::IssuerParts;
use crate::store::rotation::{Keeper, Rotation, Series};
use crate::store::{HeldKey, Store};
use std::time::Duration;

/// The keys of a series, oldest first, after what was due is written.
pub(super) async fn in_order(usage: KeyUse, rotation: Rotation, parts: &IssuerParts) -> Result<Vec<HeldKey>, Fault> {
    let generate = || usage.generate();
    let keeper = Keeper { store: &*parts.store, master: &parts.master, entropy: &*parts.entropy };
    series(usage, &generate).in_order(rotation, keeper, parts.clock.now()).await
}

/// Makes the next key of a series at once, known now and used after `lead`; none when one is waiting already.
///
/// # Errors
/// [`Fault`] when the store does not answer.
pub async fn rotate_now(
    usage: KeyUse,
    (store, master, entropy): (&dyn Store, &MasterKey, &dyn Entropy),
    lead: Duration,
    now: Timestamp,
) -> Result<Option<String>, Fault> {
    let generate = || usage.generate();
    series(usage, &generate).rotate_now(Keeper { store, master, entropy }, lead, now).await
}

fn series(usage: KeyUse, generate: &(dyn Fn() -> Result<Secret<Vec<u8>>, Fault> + Send + Sync)) -> Series<'_> {
    Series { purpose: usage.as_str(), generate }
}
