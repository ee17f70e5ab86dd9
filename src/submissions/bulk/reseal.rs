//! What bulk filings hold, wrapped under a new master key.

use super::{office_owner, pieces};
use crate::domain::{Entropy, Failure, MasterKey};
use crate::store::{SealedBulk, Store};

/// Looked at in one step: pieces are large.
const FEW: u32 = 8;

fn owner(of: &SealedBulk) -> String {
    of.piece.map_or_else(|| office_owner(&of.bulk), |no| pieces::owner(&of.bulk, no))
}

/// Wraps the data keys of what bulk filings hold until they are over under the present master key: what all records have in
/// common, and the pieces that are not handed on. `tell` hears after each step how many were seen and how many were changed.
///
/// # Errors
/// [`Fault`](crate::domain::Fault) when the store is away, or something's master key is not among ours.
pub async fn reseal_bulks(
    store: &dyn Store,
    (master, entropy): (&MasterKey, &dyn Entropy),
    tell: &(dyn Fn(usize, usize) + Sync),
) -> Result<(usize, usize), Failure> {
    let (mut seen, mut changed) = (0, 0);
    let (mut office, mut piece) = (Some(String::new()), (String::new(), -1));
    loop {
        let held = match &office {
            Some(after) => store.list_sealed_offices(after, FEW).await?,
            None => store.list_sealed_pieces((&piece.0, piece.1), FEW).await?,
        };
        let Some(last) = held.last() else {
            if office.take().is_none() {
                return Ok((seen, changed));
            }
            continue;
        };
        match last.piece {
            None => office = Some(last.bulk.to_string()),
            Some(no) => piece = (last.bulk.to_string(), i64::from(no)),
        }
        for one in &held {
            if let Some(sealed) = master.rewrap(&owner(one), &one.sealed, entropy)? {
                // What changed meanwhile is gone: nothing of it is sealed a second time.
                changed += usize::from(store.reseal_bulk(one, &sealed).await?);
            }
        }
        seen += held.len();
        tell(seen, changed);
    }
}
