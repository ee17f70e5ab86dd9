//! The rules of OAuth 2, OpenID Connect and FAPI 2.0, pure: text in, decision out, the RFC cited at the line that
//! obeys it.
//!
//! What for: whether a request, an assertion or a proof is right must not depend on who asks, on a database or on a
//! web framework. Here are only such questions.
//!
//! How it flows: 1. a body is read into parameters, and what is doubled is refused; 2. the client's assertion and [`dpop`]
//! say who speaks and which key they hold, through [`jose`]; 3. the parameters become values that keep every rule
//! ([`authorization_request`]); 4. [`access_token`] is what the answer holds.
//!
//! How to add one more: one file for one RFC or one message, a type that only its own parser can make, and an error
//! that says which field and how to mend it; a table of wrong input beside it. Mutual TLS (RFC 8705), request objects
//! (RFC 9101) and signed responses (JARM) get a file each here, as another way to say who speaks or another
//! envelope around the same values.
//!
//! What it must never do: read the clock, make randomness, or know HTTP; let a check be optional that an RFC demands.

pub mod access_token;
pub mod authorization_request;
pub mod dpop;
pub mod jose;
pub mod nonce;
