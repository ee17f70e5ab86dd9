//! Migrations: forward only, the same numbers and names in every engine, each applied once.

use crate::domain::{Digest, Fault};

/// One step of an engine's schema.
#[derive(Clone, Copy, Debug)]
pub(super) struct Migration {
    /// Its number: 1, 2, 3, …
    pub number: i64,
    /// Its name: the file's, without number and ending.
    pub name: &'static str,
    /// What it does.
    pub sql: &'static str,
}

/// A migration that a database has had.
#[derive(Clone, Debug)]
pub(super) struct Applied {
    /// Its number.
    pub number: i64,
    /// Digest of its text, base64url.
    pub digest: String,
}

impl Migration {
    /// Digest of the text, by which a later change to it is seen.
    pub(super) fn digest(&self) -> String {
        Digest::of(self.sql).base64url()
    }
}

/// What is still to do, in order.
///
/// # Errors
/// [`Fault::Internal`] when the database has had a migration that this program does not know (it is newer), or one
/// that reads differently now.
pub(super) fn outstanding<'m>(all: &'m [Migration], applied: &[Applied]) -> Result<Vec<&'m Migration>, Fault> {
    for had in applied {
        let known = all.iter().find(|m| m.number == had.number);
        let known = known.ok_or_else(|| {
            Fault::Internal(format!("the database has migration {}, which this version does not know", had.number))
        })?;
        if known.digest() != had.digest {
            let text = format!("migration {} ({}) was changed after it had been applied", known.number, known.name);
            return Err(Fault::Internal(text));
        }
    }
    Ok(all.iter().filter(|m| applied.iter().all(|had| had.number != m.number)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Migration] =
        &[Migration { number: 1, name: "a", sql: "A" }, Migration { number: 2, name: "b", sql: "B" }];

    fn had(number: i64, text: &str) -> Applied {
        Applied { number, digest: Digest::of(text).base64url() }
    }

    #[test]
    fn only_what_is_new_is_done_and_nothing_is_rewritten() {
        let numbers =
            |applied: &[Applied]| -> Vec<i64> { outstanding(ALL, applied).unwrap().iter().map(|m| m.number).collect() };
        assert_eq!(numbers(&[]), [1, 2]);
        assert_eq!(numbers(&[had(1, "A")]), [2]);
        assert_eq!(numbers(&[had(1, "A"), had(2, "B")]), [0_i64; 0]);
        assert!(outstanding(ALL, &[had(1, "changed")]).is_err());
        assert!(outstanding(ALL, &[had(1, "A"), had(3, "from a newer version")]).is_err());
    }
}
