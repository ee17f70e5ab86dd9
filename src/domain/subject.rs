//! The person asked about, as the counter knows them: by an upstream account, never by name or number.

use super::ids::SubjectId;
use serde::{Deserialize, Serialize};

/// An account at an upstream identity provider; its `sub` is already pairwise for us.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UpstreamAccount {
    /// The provider's issuer identifier.
    pub issuer: String,
    /// The provider's `sub` for this person.
    pub subject: String,
}

/// A person known to the counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Our own stable identifier.
    pub id: SubjectId,
    /// Where the person signs in.
    pub account: UpstreamAccount,
}
