//! Which thresholds of a fact a party was told.

use super::database::Database;
use crate::domain::predicate::Threshold;
use crate::domain::{Fault, Timestamp};
use crate::store::ThresholdsTold;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use rusqlite::params;

statements! {
    IS_TOLD = "SELECT 1 FROM predicate_thresholds WHERE line = ?1 AND point = ?2 AND kept_until > ?3";
    /// Writes nothing when the line has as many as are allowed. One that is over and still there begins anew.
    TELL = "INSERT INTO predicate_thresholds (line, point, kept_until)
        SELECT ?1, ?2, ?3
        WHERE (SELECT COUNT(*) FROM predicate_thresholds WHERE line = ?1 AND kept_until > ?4) < ?5
        ON CONFLICT (line, point) DO UPDATE SET kept_until = excluded.kept_until";
    LIST_TOLD = "SELECT kept_until FROM predicate_thresholds WHERE line = ?1 AND kept_until > ?2";
}

/// Takes what `thresholds` cost, within the write that takes the request on; the first that is one too many, if one is.
pub(super) fn tell(
    database: Database<'_>,
    thresholds: &[Threshold],
    now: Timestamp,
    vault: &Vault,
) -> Result<Option<ThresholdsTold>, Fault> {
    for (place, one) in thresholds.iter().enumerate() {
        // A plain digest of a number could be guessed.
        let (line, point) = (vault.blinded("line", &one.line)?, vault.blinded("point", &one.point)?);
        if database.find(IS_TOLD, params![line, point, now.millis()], |_| Ok(()))?.is_some() {
            continue;
        }
        let values = params![line, point, one.kept_until.millis(), now.millis(), one.allowed];
        if database.execute(TELL, values)? == 1 {
            continue;
        }
        let kept =
            database.list(LIST_TOLD, params![line, now.millis()], |row| Ok(Timestamp::from_millis(row.get(0)?)))?;
        return Ok(Some(ThresholdsTold::of(place, kept, one.allowed)));
    }
    Ok(None)
}
