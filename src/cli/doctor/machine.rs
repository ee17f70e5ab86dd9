//! What a running process cannot see of itself: files, the clock, the name.

use super::resolver::{self, Answer};
use super::{Look, words};
use crate::config::{Config, Listener};
use crate::domain::{Clock as _, SystemClock, Words};
use crate::http::conformance::State;
use chrono::DateTime;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use std::path::Path;
use std::time::Duration;
use url::{Host, Url};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// A certificate that ends sooner is told before it does.
const WARN_DAYS: i64 = 21;
/// How far our clock may be from another's: what a client may be ahead of us (FAPI 2.0 SP §5.3.2.1-13).
const MOST_SKEW_SECONDS: i64 = 10;
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks at the machine around an installation.
pub(super) async fn look(config: &Config) -> Vec<Look> {
    let mut looks = Vec::new();
    if let Listener::Tls(files) = &config.server.listener {
        looks.push(certificate(&files.certificate, &config.server.public_url));
        looks.push(private_file(&files.key, words("TLSの秘密鍵を他人が読めない", "Nobody else reads the TLS key")));
    }
    for file in &config.master_key_files {
        looks.push(private_file(file, words("主鍵を他人が読めない", "Nobody else reads a master key")));
    }
    for backend in &config.backends {
        let what = words("保有機関への鍵を他人が読めない", "Nobody else reads the key to a backend");
        looks.push(private_file(&backend.key_file, what));
    }
    looks.push(clock(&config.identity.issuer).await);
    looks.push(dnssec(&config.server.public_url).await);
    looks
}

fn certificate(path: &Path, public_url: &Url) -> Look {
    let what =
        words("TLSの証明書が有効で、公開URLの名前を含む", "The TLS certificate is valid and names the public address");
    let (state, saw) = match read_certificate(path, public_url) {
        Ok((days, true)) if days > WARN_DAYS => (State::Met, format!("{days} days left")),
        Ok((days, true)) if days >= 0 => (State::Partial, format!("{days} days left: renew it")),
        Ok((_, true)) => (State::Broken, "it has expired".to_owned()),
        Ok((_, false)) => (State::Broken, format!("it does not name {}", public_url.host_str().unwrap_or_default())),
        Err(fault) => (State::Broken, fault),
    };
    Look { what, state, saw }
}

/// Days until the first certificate of the file ends, and whether it names the host.
fn read_certificate(path: &Path, public_url: &Url) -> Result<(i64, bool), String> {
    let unreadable = |error: &dyn std::fmt::Display| format!("the certificate does not read: {error}");
    let chain = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))?;
    let first = chain.into_iter().next().ok_or("the file holds no certificate")?.map_err(|error| unreadable(&error))?;
    let (_, certificate) = X509Certificate::from_der(&first).map_err(|error| unreadable(&error))?;
    let days = (certificate.validity().not_after.timestamp() - SystemClock.now().seconds()).div_euclid(86_400);
    Ok((days, names(&certificate, public_url)))
}

/// RFC 9525 §6: the subject alternative names only, a wildcard for the leftmost label only.
fn names(certificate: &X509Certificate<'_>, public_url: &Url) -> bool {
    let Some(host) = public_url.host_str() else { return false };
    let alternatives = certificate.subject_alternative_name().ok().flatten();
    alternatives.is_some_and(|extension| {
        extension.value.general_names.iter().any(|name| match name {
            GeneralName::DNSName(name) => is_name_of(name, host),
            GeneralName::IPAddress(bytes) => match public_url.host() {
                Some(Host::Ipv4(ip)) => ip.octets() == **bytes,
                Some(Host::Ipv6(ip)) => ip.octets() == **bytes,
                _ => false,
            },
            _ => false,
        })
    })
}

fn is_name_of(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        None => name.eq_ignore_ascii_case(host),
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
    }
}

fn private_file(path: &Path, what: Words) -> Look {
    let (state, saw) = match std::fs::metadata(path) {
        Ok(metadata) => match strangers(&metadata) {
            0 => (State::Met, "its owner only".to_owned()),
            mode => (State::Partial, format!("others may, too (mode {mode:03o}): chmod 600")),
        },
        Err(error) => (State::Broken, error.to_string()),
    };
    Look { what, state, saw }
}

/// What others than the owner may do with a file.
#[cfg(unix)]
fn strangers(metadata: &std::fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o077
}

#[cfg(not(unix))]
fn strangers(_: &std::fs::Metadata) -> u32 {
    0
}

/// By the `Date` field of the identity provider, whose times we must agree with anyway.
async fn clock(issuer: &Url) -> Look {
    let what = words("時計が本人確認の提供者の時計と合っている", "The clock agrees with the identity provider's");
    let (state, saw) = match date_at(issuer).await {
        Some(theirs) => {
            let skew = SystemClock.now().seconds() - theirs;
            let state = if skew.abs() <= MOST_SKEW_SECONDS { State::Met } else { State::Broken };
            (state, format!("{skew:+} s"))
        }
        None => (State::Partial, "it did not answer, so the clock could not be compared".to_owned()),
    };
    Look { what, state, saw }
}

async fn date_at(issuer: &Url) -> Option<i64> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build().ok()?;
    let address = format!("{}/.well-known/openid-configuration", issuer.as_str().trim_end_matches('/'));
    let answer = client.get(address).send().await.ok()?;
    let date = answer.headers().get("date")?.to_str().ok()?;
    Some(DateTime::parse_from_rfc2822(date).ok()?.timestamp())
}

async fn dnssec(public_url: &Url) -> Look {
    let what = words("公開URLの名前がDNSSECで署名されている", "The public name is signed by DNSSEC");
    let (state, saw) = match public_url.host() {
        Some(Host::Domain(name)) if name != "localhost" => match resolver::ask(name, PATIENCE).await {
            Some(Answer::Authenticated) => (State::Met, format!("{name}: authenticated by this machine's resolver")),
            Some(Answer::Plain) => (State::Partial, format!("{name}: not authenticated by this machine's resolver")),
            None => (State::Partial, format!("{name}: this machine's resolver did not answer")),
        },
        _ => (State::Partial, "the public address has no name of its own".to_owned()),
    };
    Look { what, state, saw }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_names_its_hosts_and_no_others() {
        let made =
            rcgen::generate_simple_self_signed(vec!["madoguchi.example".into(), "*.city.example".into()]).unwrap();
        let (_, certificate) = X509Certificate::from_der(made.cert.der()).unwrap();
        for (url, is_named) in [
            ("https://madoguchi.example", true),
            ("https://MADOGUCHI.example:8443", true),
            ("https://ward.city.example", true),
            ("https://a.ward.city.example", false),
            ("https://city.example", false),
            ("https://madoguchi.example.invalid", false),
            ("https://127.0.0.1", false),
        ] {
            assert_eq!(names(&certificate, &Url::parse(url).unwrap()), is_named, "{url}");
        }
    }

    #[test]
    fn a_file_that_others_may_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        assert_eq!(private_file(&path, words("鍵", "key")).state, State::Broken);
        std::fs::write(&path, "x").unwrap();
        for (mode, state) in [(0o600, State::Met), (0o644, State::Partial)] {
            let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
            std::fs::set_permissions(&path, permissions).unwrap();
            assert_eq!(private_file(&path, words("鍵", "key")).state, state);
        }
    }
}
