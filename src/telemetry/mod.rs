//! What the counter says about itself: log lines, figures, their names, and what must never be in them.
//!
//! What for: an operator reads a line alone and understands it, and can still query for its fields; nobody ever
//! finds a person, a token or a body in it.
//!
//! How it flows: code logs by `tracing` with the names of [`field`]; [`start()`] sends the lines to standard error as
//! text or JSON; each line passes [`redact()`] on its way out, the last line of defence against what should not have
//! been logged at all. Two lines about the same person are tied together by a keyed [`Fingerprints`] value.
//!
//! Figures are counted by the functions of [`metric`] and read by the operator's Prometheus at `metrics.listen`.
//!
//! How to add one more: a name to [`field`], with its unit in the name where it has one; then log it. A figure: a name, its
//! words and its function in [`metric`].
//!
//! What it must never do: print a token, a body, an address, a name or a number of a person; count a caller's
//! mistake as an error of ours.

pub mod field;
mod fingerprint;
pub mod metric;
mod redact;
mod start;

pub use fingerprint::Fingerprints;
pub use redact::redact;
pub use start::{LogFormat, LogSettings, StartError, start};
