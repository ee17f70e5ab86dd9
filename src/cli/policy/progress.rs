//! How far a long command has come, on the terminal's own line; nothing where nobody watches.

use std::io::{IsTerminal as _, Write as _};

/// Characters of the bar.
const WIDTH: u64 = 30;

/// A bar on standard error.
pub struct Progress {
    total: u64,
    is_watched: bool,
}

impl Progress {
    /// A bar for `total` steps.
    pub fn new(total: u64) -> Self {
        Self { total, is_watched: std::io::stderr().is_terminal() }
    }

    /// Shows that `done` steps are done.
    pub fn show(&self, done: u64) {
        if self.is_watched {
            let total = self.total.max(done).max(1);
            let filled = usize::try_from(done * WIDTH / total).unwrap_or(0);
            let empty = usize::try_from(WIDTH).unwrap_or(0) - filled;
            // A terminal that is gone is no reason to stop.
            let _ = write!(std::io::stderr(), "\r[{}{}] {done} of {total}", "#".repeat(filled), "-".repeat(empty));
        }
    }

    /// Clears the line.
    pub fn clear(&self) {
        if self.is_watched {
            let _ = write!(std::io::stderr(), "\r\x1b[2K");
        }
    }
}
