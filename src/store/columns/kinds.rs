//! What is said of a column, and how a table of them is written.

/// What a column holds about persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A record about a person, sealed.
    Sealed,
    /// A digest of something unguessable, or under a key of ours.
    Digest,
    /// An identifier that we made up: whoever has only it knows nobody.
    Pseudonym,
    /// Nothing about a person.
    Nothing,
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Why it may.
    pub why: &'static str,
}

macro_rules! columns {
    ($($table:literal { $($holds:ident $($name:literal),+ : $why:literal;)+ })+) => {
        /// Every column.
        pub const COLUMNS: &[$crate::store::columns::Column] = &[$($($(
            $crate::store::columns::Column {
                table: $table, name: $name, holds: $crate::store::columns::Holds::$holds, why: $why,
            },
        )+)+)+];
    };
}
pub(super) use columns;
