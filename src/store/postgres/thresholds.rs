//! Which thresholds of a fact a party was told.

use super::{ask, is_one};
use crate::domain::predicate::Threshold;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::ThresholdsTold;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use sqlx::{PgConnection, Row as _};

statements! {
    /// Of two requests about one line at once, the second waits for the first to end, and then sees what it wrote.
    LOCK_LINE = "SELECT pg_advisory_xact_lock($1)";
    IS_TOLD = "SELECT 1 FROM predicate_thresholds WHERE line = $1 AND point = $2 AND kept_until > $3";
    /// Writes nothing when the line has as many as are allowed. One that is over and still there begins anew.
    TELL = "INSERT INTO predicate_thresholds (line, point, kept_until)
        SELECT $1, $2, $3
        WHERE (SELECT COUNT(*) FROM predicate_thresholds WHERE line = $1 AND kept_until > $4) < $5
        ON CONFLICT (line, point) DO UPDATE SET kept_until = excluded.kept_until";
    LIST_TOLD = "SELECT kept_until FROM predicate_thresholds WHERE line = $1 AND kept_until > $2";
}

/// Takes what `thresholds` cost, within the transaction that takes the request on; the first that is one too many, if
/// one is.
pub(super) async fn tell(
    connection: &mut PgConnection,
    thresholds: &[Threshold],
    now: Timestamp,
    vault: &Vault,
) -> Result<Option<ThresholdsTold>, Fault> {
    let mut locks: Vec<i64> = thresholds.iter().map(|one| lock(&one.line)).collect();
    // In one order for all, so that no two wait for each other.
    locks.sort_unstable();
    locks.dedup();
    for lock in locks {
        ask(LOCK_LINE).bind(lock).execute(&mut *connection).await?;
    }
    for (place, one) in thresholds.iter().enumerate() {
        // A plain digest of a number could be guessed.
        let (line, point) = (vault.blinded("line", &one.line)?, vault.blinded("point", &one.point)?);
        let (line, point) = (line.as_slice(), point.as_slice());
        let known = ask(IS_TOLD).bind(line).bind(point).bind(now.millis());
        if known.fetch_optional(&mut *connection).await?.is_some() {
            continue;
        }
        let tell = ask(TELL).bind(line).bind(point).bind(one.kept_until.millis()).bind(now.millis());
        if is_one(tell.bind(i64::from(one.allowed)), &mut *connection).await? {
            continue;
        }
        let rows = ask(LIST_TOLD).bind(line).bind(now.millis()).fetch_all(&mut *connection).await?;
        let kept = rows.iter().map(|row| Ok(Timestamp::from_millis(row.try_get(0)?)));
        return Ok(Some(ThresholdsTold::of(place, kept.collect::<Result<_, Fault>>()?, one.allowed)));
    }
    Ok(None)
}

/// The lock of a line: its first eight bytes. Two lines with the same wait for each other without need, no more.
fn lock(line: &Digest) -> i64 {
    line.as_bytes().first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}
