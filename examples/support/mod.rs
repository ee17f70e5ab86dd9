//! What the examples share: a third party as its own engineers would write it, from public crates and RFCs.
//!
//! Nothing here calls into the counter's own code but for its clock and randomness: everything goes over HTTP.
//!
//! 1. [`files`] reads the client file that `madoguchi dev` wrote.
//! 2. [`keys`] signs client assertions (RFC 7523) and DPoP proofs (RFC 9449).
//! 3. [`third_party`] discovers, pushes, exchanges, refreshes (`openidconnect` and `oauth2` do the OAuth).
//! 4. [`payroll`] calls for a company by the software's own tokens; [`bulk`] sends a file of many records; [`santei`] makes one up.
//! 5. [`terminal`] asks at a shared terminal, by a code that it shows.
//! 6. [`show`] prints what came; [`browser`] plays the citizen's browser through the real HTML pages; [`callback`] waits for a real one,
//!    and [`person`] chooses between them.

#![expect(dead_code, reason = "each example uses a part")]

pub mod browser;
pub mod bulk;
pub mod callback;
pub mod citizen;
pub mod files;
pub mod keys;
pub mod payroll;
pub mod person;
pub mod santei;
pub mod show;
pub mod terminal;
pub mod third_party;

/// Chooses the one cryptographic library for TLS and JOSE, before anything needs one.
pub fn install_crypto() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}

/// An HTTP client that follows no redirect: what an OAuth client must use.
pub fn http() -> anyhow::Result<reqwest::Client> {
    Ok(reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?)
}

/// Tells whoever runs the example what happens.
#[expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]
pub fn say(line: &str) {
    println!("{line}");
}

/// A text of an answer, or a question mark where there is none.
pub fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap_or("?")
}
