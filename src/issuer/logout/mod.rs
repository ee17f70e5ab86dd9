//! The way out: what a third party may ask of it, what it is told of a sign-in, and how it learns that one is over.
//!
//! What for: whoever let a citizen in by our word must learn when that word no longer holds (OpenID Connect Back-Channel
//! Logout 1.0), and may send the citizen here to sign out (RP-Initiated Logout 1.0).
//!
//! How it flows:
//! 1. Each authorization has a sign-in of its own at the identity provider, so a sign-in belongs to one client: where
//!    that client is told of ends, the citizen's decision writes a [`SignIn`](crate::store::SignIn) beside the code, and
//!    the id_token names it (`sid`, [`sid`](self)). Chance makes it, so no two clients can compare theirs.
//! 2. [`Issuer::check_logout`](super::Issuer::check_logout) reads a request to sign out; the page asks the citizen.
//! 3. What the citizen then ends (a browser's sign-ins by signing out, a grant's by revoking it) is deleted in one
//!    transaction that leaves a notice of each.
//! 4. [`Issuer::send_logout_notices`](super::Issuer::send_logout_notices) lends notices that are due, one caller each,
//!    and posts logout tokens; what is not taken is tried again, less and less often, for a day.
//!
//! The same queue carries what became of a consent (revoked, paused, resumed, changed): the write that does it leaves a
//! notice where the client registered `consent_events_uri`, and it is pushed as a Security Event Token.
//!
//! How to add one more: another end of a sign-in is another statement in the store's `sign_ins` that leaves a notice in
//! its own transaction; another thing in the request is a field of [`crate::protocol::logout_request`].
//!
//! What it must never do: end anything on a request alone; send a browser to an address that the client did not
//! register; call an address but through [`crate::adapters::outward`]; forget a notice before its client was told or had
//! its day.

mod notices;
mod request;
mod sid;

pub use notices::{AT_ONCE, GIVE_UP};
pub use request::CheckedLogout;

pub(super) use sid::Sid;
