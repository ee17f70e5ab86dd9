//! How the service stands (稼働状況): its components by what their calls came to, incidents and planned maintenance.
//!
//! What for: whoever builds on the counter learns by machine that an agency is away, what is being done, and when something is
//! stopped, before calls fail.
//!
//! How it flows:
//! 1. [`Component`]s are given by the composition root, each with a look at what is known of it in memory: breakers, the way into
//!    the log, the shelf of the search. The store and what waits to be delivered are asked once in a look.
//! 2. [`Status::report`] gives the board of the moment, made anew when it is older than [`FRESH`]: one look at a time, so that no
//!    number of callers asks the store more often. While the store is away, what was told last stays, and `counter` is out.
//! 3. Each look puts what is stopped as planned into [`Closures`](crate::adapters::maintenance::Closures), where whoever
//!    calls a system behind the counter asks first, and notes the worst state of the day of each component; days are kept
//!    for [`DAYS`].
//! 4. [`desk`] is what the operator's command does: one conditional write for each act, with its leaf in the log of evidence.
//!
//! How to add one more: a component is a line in `cli/wire/status.rs`, and its code in
//! [`ComponentCode`](crate::domain::service_status::ComponentCode).
//!
//! What it must never do: tell an address, an error's text or who of the staff acted; say that something works which nobody asked;
//! ask the store for each caller.

mod board;
pub mod desk;
mod feed;
mod view;

pub use board::{Component, Sighting, Status, StatusParts, follow, look_of};
pub use feed::atom;
pub use view::{ComponentDayView, ComponentView, StatusNoticeView, StatusReport, StatusUpdateView};

use std::time::Duration;

/// How old a board may be when it is shown again.
pub const FRESH: Duration = Duration::from_secs(5);
/// For how many days it is told how components stood, today among them.
pub const DAYS: u32 = 90;
/// Most notices on the board.
const MOST_NOTICES: u32 = 200;
/// How long notices that are over stay on the board.
const TOLD_FOR: Duration = Duration::from_hours(24 * 365);

#[cfg(test)]
mod tests;
