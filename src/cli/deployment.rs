//! How `serve` was started, as the clauses of the security profile see it.

use crate::config::{Config, Listener};
use crate::http::conformance::{Deployment, ListenerKind, Outbound};
use crate::http::edge::Network;
use url::{Host, Url};

/// What a configuration means for the clauses. Of an address only its scheme is kept.
pub fn of(config: &Config) -> Deployment {
    let proxies = config.server.trusted_proxies.iter();
    let mut outbound: Vec<Outbound> = [("store.url", &config.store_url), ("hot.url", &config.hot_url)]
        .into_iter()
        .filter_map(|(key, url)| engine(key, url.expose()))
        .collect();
    outbound.push(https("identity.issuer", &config.identity.issuer));
    if let Some(url) = config.companies.as_ref().and_then(|us| Url::parse(&us.issuer).ok()) {
        outbound.push(https("companies.issuer", &url));
    }
    let backends = config.backends.iter().filter_map(|backend| {
        let url = Url::parse(backend.base_url.as_str()).ok()?;
        Some(https(&format!("backends.{}", backend.name), &url))
    });
    outbound.extend(backends);
    Deployment {
        strict: config.is_strict,
        listener: match &config.server.listener {
            Listener::Tls(_) => ListenerKind::Tls,
            Listener::BehindProxy => ListenerKind::BehindProxy,
        },
        is_loopback: config.server.listen.ip().is_loopback(),
        trusted_proxies: proxies.filter_map(|network| Network::parse(network)).collect(),
        outbound,
        mtls_url: mtls_url(config),
        is_hot_shared: config.hot_url.expose().starts_with("redis"),
        scratch: std::env::temp_dir(),
    }
}

/// Where clients with certificates find us, when it is not the issuer's address.
fn mtls_url(config: &Config) -> Option<String> {
    let url = config.client_certificates.as_ref()?.public_url.as_ref()?;
    Some(url.as_str().trim_end_matches('/').to_owned())
}

fn https(key: &str, url: &Url) -> Outbound {
    let is_protected = url.scheme() == "https" || is_here(url);
    Outbound { key: key.to_owned(), scheme: url.scheme().to_owned(), is_protected }
}

/// An engine on another machine; none when it is embedded.
fn engine(key: &str, text: &str) -> Option<Outbound> {
    let scheme = text.split(':').next().unwrap_or_default().to_owned();
    if matches!(scheme.as_str(), "sqlite" | "memory") {
        return None;
    }
    let is_protected = Url::parse(text).is_ok_and(|url| {
        is_here(&url)
            || match url.scheme() {
                "rediss" => true,
                // Only these two look at the server's certificate (PostgreSQL, libpq "SSL Mode Descriptions").
                "postgres" | "postgresql" => {
                    url.query_pairs().any(|(k, v)| k == "sslmode" && matches!(&*v, "verify-full" | "verify-ca"))
                }
                _ => false,
            }
    });
    Some(Outbound { key: key.to_owned(), scheme, is_protected })
}

/// Whether the connection stays on this machine: a loopback address, its name, or a socket file.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        // A URL of another scheme than http keeps its host as it was written.
        Some(Host::Domain(name)) => matches!(name, "localhost" | "127.0.0.1" | "[::1]" | "") || name.starts_with("%2F"),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_elsewhere_must_be_reached_by_checked_tls() {
        for (url, wanted) in [
            ("sqlite:/var/lib/x.db", None),
            ("memory:", None),
            ("redis://127.0.0.1:6379/", Some(true)),
            ("redis://localhost/", Some(true)),
            ("redis://cache.example/", Some(false)),
            ("rediss://cache.example/", Some(true)),
            ("postgres://u:p@localhost/x", Some(true)),
            ("postgres://u:p@[::1]/x", Some(true)),
            ("postgres://u:p@db.example/x", Some(false)),
            ("postgres://u:p@db.example/x?sslmode=require", Some(false)),
            ("postgresql://u:p@db.example/x?sslmode=verify-full", Some(true)),
        ] {
            assert_eq!(engine("store.url", url).map(|outbound| outbound.is_protected), wanted, "{url}");
        }
    }
}
