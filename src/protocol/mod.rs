//! The rules of OAuth 2, OpenID Connect and FAPI 2.0, pure: text in, decision out, the RFC cited at the line that
//! obeys it.
//!
//! What for: whether a request, an assertion or a proof is right must not depend on who asks, on a database or on a
//! web framework. Here are only such questions.
//!
//! How it flows: 1. [`form`] reads a body and refuses what is doubled or malformed; 2. [`client_assertion`],
//! [`certificate`] and [`dpop`] say who speaks and which key they hold, through [`jose`]; 3. [`pushed_request`] and [`token_request`] turn the
//! parameters into values that keep every rule; 4. [`access_token`], [`id_token`] and [`token_response`] are what the
//! answer holds. [`code`] lists the errors, [`discovery`] what is offered.
//!
//! How to add one more: one file for one RFC or one message, a type that only its own parser can make, and an error
//! that says which field and how to mend it; a table of wrong input beside it. [`certificate`] is another way to say who
//! speaks; [`request_object`] and [`authorization_response`] are other envelopes around the same values.
//!
//! What it must never do: read the clock, make randomness, or know HTTP; let a check be optional that an RFC demands.

pub mod access_token;
pub mod authorization_details;
pub mod authorization_request;
pub mod authorization_response;
pub mod certificate;
pub mod backchannel_request;
pub mod claims;
pub mod client_assertion;
pub mod code;
pub mod consent_event;
pub mod deposit_pass;
pub mod payment_receipt;
pub mod device_request;
pub mod discovery;
pub mod dpop;
pub mod employment_certificate;
pub mod form;
pub mod id_token;
pub mod id_token_hint;
pub mod jose;
pub mod login_hint;
pub mod logout_request;
pub mod logout_token;
pub mod nonce;
pub mod pkce;
pub mod pushed_request;
pub mod redirect_uri;
pub mod registration;
pub mod refresh_token;
pub mod request_object;
pub mod target;
pub mod token_exchange;
pub mod token_request;
pub mod token_response;
pub mod webhook;
