//! Counters, marks, places and last uses in this process's own memory: what the memory engine is made of, and what others go on
//! with when their server is away.
//!
//! What for: exact answers within one process, in well under a microsecond and without waiting for anything but a lock.
//!
//! How it flows: keys are hashed into shards, each behind its own lock; a call takes the locks of all its keys in one
//! order, looks at every limit, and writes only when all of them allow it. What has run out is swept by the calls
//! themselves, a shard at a time, so that no task runs in the background.
//!
//! How to add one more: a file for the one thing kept, with its bound and its sweep.
//!
//! What it must never do: grow without bound; keep a quota's key in clear; read a clock.

mod awake;
mod marks;
mod places;
mod quotas;
mod rate;

pub use awake::LocalAwake;
pub use marks::LocalMarks;
pub use places::LocalPlaces;
pub use quotas::LocalQuotas;
pub use rate::Rate;
