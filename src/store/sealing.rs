//! What a version before sealing left in clear, as both engines seal it.

use super::statement::Statement;

/// One kind of record. `list` takes a limit and gives the record's id, its key's owner, its body, and of evidence its
/// salt; `seal` takes id, the body that was seen, the sealed one, and the owner.
#[derive(Clone, Copy)]
pub(super) struct InClear {
    /// The kind, as in the names of sealed records; none for evidence, whose salt is sealed with it.
    pub kind: Option<&'static str>,
    /// Finds some.
    pub list: Statement,
    /// Writes one.
    pub seal: Statement,
}

/// One record in clear.
pub(super) struct Found {
    /// Its id.
    pub id: String,
    /// Its key's owner.
    pub owner: String,
    /// Its JSON.
    pub body: String,
    /// Its salt, where it is evidence.
    pub salt: Option<Vec<u8>>,
}
