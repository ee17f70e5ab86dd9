//! How the signed statements of operators are kept: sealed under a key of the request itself, because a reason can name
//! somebody, and because what operators did outlasts the keys of whom they did it to.

use super::vault::{self, Vault};
use crate::domain::Fault;
use crate::domain::sealed::RecordKey;

/// Which of the two statements.
#[derive(Clone, Copy, Debug)]
pub(super) enum Signed {
    Request,
    Approval,
}

impl Signed {
    fn named(self, id: &str) -> String {
        match self {
            Self::Request => format!("emergency request:{id}"),
            Self::Approval => format!("emergency approval:{id}"),
        }
    }

    /// As it is kept.
    pub(super) fn seal(self, id: &str, text: &str, (key, vault): (&RecordKey, &Vault)) -> Result<String, Fault> {
        vault.seal_text(key, &self.named(id), text)
    }

    /// As it was signed.
    pub(super) fn open(self, id: &str, kept: String, key: Option<&RecordKey>) -> Result<String, Fault> {
        let opened = vault::open(key, &self.named(id), kept)?;
        opened.ok_or_else(|| Fault::Internal("the key of an operator's statement is not in the store".into()))
    }
}
