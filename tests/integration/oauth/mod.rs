//! The authorization server, one folder per RFC; tests that cover a module of the OpenID Foundation's FAPI 2.0 suite
//! carry its name in snake_case.

mod banks;
mod ciba;
mod counter;
mod elsewhere;
mod grant_management;
mod jarm;
mod jwe;
mod keys;
mod jwks_uri;
mod openid;
mod rfc6749;
mod rfc7009;
mod register;
mod rfc7523;
mod rfc7591;
mod rfc7592;
mod rfc7636;
mod rfc7662;
mod rfc8414;
mod rfc8628;
mod rfc8693;
mod rfc8705;
mod rfc9068;
mod refresh_expiration;
mod rfc8707;
mod rfc8725;
mod rfc9101;
mod rfc9126;
mod rfc9396;
mod rfc9449;
mod rfc9470;
mod rfc9701;
mod rfc9728;
mod rights;
mod shown;
