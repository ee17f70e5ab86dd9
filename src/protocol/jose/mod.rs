//! Signed JSON (RFC 7515, 7517, 7519) behind one strict door.
//!
//! What for: the libraries below accept more than we may. Here an unknown `crit`, a foreign `typ`, a private key sent as a
//! public one, a weak RSA key, a key used with another algorithm, and everything but ES256, PS256 and EdDSA
//! (FAPI 2.0 SP §5.4.1) is refused.
//!
//! How it flows: [`Compact`] splits the text and borrows from it; the caller reads header and claims into its own
//! struct (a doubled known member is an error); [`PublicKey`] verifies. Keys are parsed once: elliptic keys by aws-lc
//! (parsing at every call would cost a tenth of the verification), RSA keys by `jsonwebtoken`. A set of a client's
//! keys is a [`KeySet`], our own published ones are [`PublishedKeys`], and what signs is a [`Signer`]. Encryption, where
//! a client asks for it, is [`jwe`].
//!
//! How to add one more algorithm: a variant of [`Algorithm`] with its kind of key in `jwk.rs`; every `match` will ask.
//!
//! What it must never do: choose a key by what the token itself offers, except where the token is a proof of
//! holding that very key ([`crate::protocol::dpop`]); fetch a key from an address in a token (`jku`, `x5u` are ignored).

mod algorithm;
mod compact;
pub mod jwe;
mod jwk;
mod key_set;
mod members;
mod published;
mod signer;
mod window;

pub use algorithm::Algorithm;
pub use compact::{Compact, Header, decode_part, read};
pub use jwk::{EncryptionParts, Jkt, JwkError, PublicKey, RawJwk};
pub use key_set::KeySet;
pub use members::read_members;
pub use published::{PublishedKeys, PublishedSet};
pub use signer::{Es256Signer, Signer, sign, sign_parts};
pub use window::{Presence, Times, Window};

use compact::present;

/// Why a signed token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoseError {
    /// Longer than any honest one.
    #[error("is longer than any honest one")]
    TooLong,
    /// Not three base64url parts holding JSON objects, or a known member is doubled or of another type.
    #[error("is not a compact JWS of JSON objects with the members required")]
    Malformed,
    /// The `typ` is that of another kind of token.
    #[error("has a typ that is not the one expected")]
    Type,
    /// The `alg` is missing or not allowed.
    #[error("has an alg other than ES256, PS256 and EdDSA")]
    Algorithm,
    /// It has `crit`, and we understand no extension (RFC 7515 §4.1.11).
    #[error("has a crit header, and no extension is understood")]
    Critical,
    /// No key of the set has this `kid` and `alg`.
    #[error("names no key of the key set with its kid and alg")]
    UnknownKey,
    /// The key in it is not acceptable.
    #[error("holds a key that is not acceptable: {0}")]
    Key(#[from] JwkError),
    /// The signature is not by that key.
    #[error("has a signature that does not verify")]
    Signature,
    /// Its time has not come: `iat` or `nbf` is too far in the future.
    #[error("is not valid yet: iat or nbf is in the future")]
    NotYet,
    /// Its time is over.
    #[error("has expired")]
    Expired,
    /// `exp` is further away than allowed.
    #[error("has an exp further away than allowed")]
    TooLongLived,
}

#[cfg(test)]
mod tests;
