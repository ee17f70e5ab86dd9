//! The rules of OAuth 2, OpenID Connect and FAPI 2.0, pure: text in, decision out, the RFC cited at the line that
//! obeys it.

pub mod authorization_request;
