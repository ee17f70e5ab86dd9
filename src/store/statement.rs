//! A SQL text with a place in its engine's list, so that a check can prepare every one of them against the schema.

/// One SQL text of an engine. Engines run nothing else, and [`statements!`] is how one is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Statement(&'static str);

impl Statement {
    /// For [`statements!`] only.
    pub(super) const fn new(sql: &'static str) -> Self {
        Self(sql)
    }

    /// The SQL text.
    pub(super) const fn sql(self) -> &'static str {
        self.0
    }
}

/// Declares a file's statements, and `STATEMENTS`, the list of them.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$doc])* const $name: $crate::store::statement::Statement = $crate::store::statement::Statement::new($sql);)+
        /// Every statement of this file, for the check that prepares them all.
        pub(super) const STATEMENTS: &[$crate::store::statement::Statement] = &[$($name),+];
    };
}
pub(super) use statements;
