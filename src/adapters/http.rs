//! What the calls to configured backends share: one hardened client, an answer of bounded size, `Retry-After`.

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response, Url};
use std::path::Path;
use std::time::Duration;

/// Opening a connection.
const CONNECT_DEADLINE: Duration = Duration::from_secs(3);

/// A client of one backend: no redirects, no proxy, https unless the operator named an address without it, and the
/// authorities of `authorities_file` (PEM) in place of the system's where one is named. A whole call takes `deadline`
/// at most. FAPI 2.0 SP §5.2.1-5: names, times and chain are checked in either case (RFC 9525).
///
/// # Errors
/// What keeps it from being made, naming the file.
pub(super) fn client(base: &Url, authorities_file: Option<&Path>, deadline: Duration) -> Result<Client, String> {
    // Whoever comes first installs it; the others find it there.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let builder = match authorities_file {
        None => Client::builder(),
        Some(file) => Client::builder().tls_certs_only(authorities(file)?),
    };
    let builder = builder.redirect(Policy::none()).no_proxy().https_only(base.scheme() == "https");
    let builder = builder.connect_timeout(CONNECT_DEADLINE).timeout(deadline).tcp_nodelay(true);
    builder.user_agent("madoguchi").build().map_err(|error| error.to_string())
}

fn authorities(file: &Path) -> Result<Vec<Certificate>, String> {
    let text = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let roots = Certificate::from_pem_bundle(&text).ok().filter(|roots| !roots.is_empty());
    roots.ok_or_else(|| format!("{} holds no certificate in PEM", file.display()))
}

/// Why there is no body.
#[derive(Debug)]
pub(super) enum Unread {
    /// It broke off.
    Broken(reqwest::Error),
    /// It is larger than any honest one.
    TooLarge,
}

/// The body, of `most` bytes at most.
pub(super) async fn whole(mut answer: Response, most: usize) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(Unread::Broken)? {
        if bytes.len() + chunk.len() > most {
            return Err(Unread::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// `Retry-After` in seconds (RFC 9110 §10.2.3), `longest` at most; a date is passed over, since our own pause does as
/// well.
pub(super) fn retry_after(headers: &HeaderMap, longest: Duration) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(longest))
}
