//! Asking a citizen who answers away from the client: shared terminals (RFC 8628) and desks (CIBA).
//!
//! What for: a terminal in a hall has no page of its own to send the citizen through, and a call centre has not even a
//! screen. The client asks here, the citizen answers at the dashboard, and the client fetches the answer.
//!
//! How it flows:
//! 1. `device` or `backchannel` keeps the question under the digest of a handle that the client alone holds;
//! 2. the citizen signs in, finds it ([`crate::services::confirmations`]) and decides: one conditional write answers it
//!    and writes the grant;
//! 3. `redeem` lets the client poll the token endpoint: one conditional write gives the answer to one caller, and
//!    whoever asks too often is told to slow down.
//!
//! How to add one more way to ask: a variant of [`crate::domain::decoupled::Channel`], its request in
//! [`crate::protocol`], a file here.
//!
//! What it must never do: let whoever holds a user code answer without signing in; tell a client that is not the one
//! that asked anything; give a shared terminal a refresh token.

mod backchannel;
mod device;
mod redeem;
