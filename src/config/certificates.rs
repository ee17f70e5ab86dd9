//! What the operator decides about client certificates (RFC 8705).

use super::Listener;
use super::reader::Reader;
use std::net::SocketAddr;
use std::path::PathBuf;
use url::Url;

/// Where clients may show certificates, and who vouches for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateSettings {
    /// A door of its own that asks for them; without it the one door asks everybody.
    pub listen: Option<SocketAddr>,
    /// The address at which clients find it, when it is not the issuer's.
    pub public_url: Option<Url>,
    /// Authorities for `tls_client_auth`, PEM.
    pub authorities: Option<PathBuf>,
    /// The field in which a trusted proxy passes a certificate on.
    pub proxy_field: Option<String>,
}

const ACCEPTED: &str = "client_certificates.accepted";
const LISTEN: &str = "client_certificates.listen";
const PUBLIC_URL: &str = "client_certificates.public_url";
const AUTHORITIES: &str = "client_certificates.authorities_file";
const PROXY_FIELD: &str = "client_certificates.proxy_field";

/// Fields that mean something else already.
const TAKEN: [&str; 8] = [
    "authorization",
    "cookie",
    "content-length",
    "content-type",
    "dpop",
    "host",
    "transfer-encoding",
    "x-forwarded-for",
];

/// Reads the section; nothing when certificates are not accepted.
pub(super) fn read(
    reader: &mut Reader<'_>,
    listener: Option<&Listener>,
    proxies: &[String],
) -> Option<CertificateSettings> {
    let is_accepted = reader.parsed(ACCEPTED, "true or false", |text| text.parse::<bool>().ok())?;
    let listen = reader.parsed(LISTEN, "an address and a port, e.g. 0.0.0.0:8444", |text| text.parse().ok());
    let public_url = reader.url(PUBLIC_URL).filter(|url| is_plain(reader, url));
    let authorities = reader.text(AUTHORITIES).map(|path| reader.resolve(&path));
    let proxy_field = reader.text(PROXY_FIELD).filter(|name| is_field(reader, name));
    let settings = CertificateSettings { listen, public_url, authorities, proxy_field };
    if !is_accepted {
        if settings != CertificateSettings::NOTHING {
            let fix = "say true, or leave the rest of the section out";
            reader.fault(ACCEPTED, "is false, but more is said about them", fix);
        }
        return None;
    }
    check(reader, &settings, listener, proxies);
    Some(settings)
}

impl CertificateSettings {
    const NOTHING: Self = Self { listen: None, public_url: None, authorities: None, proxy_field: None };
}

fn check(reader: &mut Reader<'_>, settings: &CertificateSettings, listener: Option<&Listener>, proxies: &[String]) {
    if settings.proxy_field.is_some() && proxies.is_empty() {
        let fix = "name the proxies in server.trusted_proxies: the field is believed from nobody else";
        reader.fault(PROXY_FIELD, "is given, but no proxy is trusted", fix);
    }
    if settings.listen.is_some() && settings.public_url.is_none() {
        reader.fault(PUBLIC_URL, "is missing", "say at which address clients find client_certificates.listen");
    }
    if listener == Some(&Listener::BehindProxy) {
        if settings.proxy_field.is_none() {
            let fix = "name the field in which the proxy passes certificates on, e.g. Client-Cert (RFC 9440)";
            reader.fault(PROXY_FIELD, "is missing", fix);
        }
        if settings.listen.is_some() {
            reader.fault(LISTEN, "is given, but a proxy terminates TLS", "let the proxy ask for certificates");
        }
    }
}

/// https, a host, and nothing after it: paths are those of the issuer.
fn is_plain(reader: &mut Reader<'_>, url: &Url) -> bool {
    let is_plain = url.scheme() == "https" && url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !is_plain {
        reader.fault(PUBLIC_URL, &format!("{url} will not do"), "https, a host, and nothing after it");
    }
    is_plain
}

fn is_field(reader: &mut Reader<'_>, name: &str) -> bool {
    let is_token = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let is_field = is_token && !TAKEN.iter().any(|taken| name.eq_ignore_ascii_case(taken));
    if !is_field {
        reader.fault(PROXY_FIELD, &format!("{name:?} will not do"), "a field of its own, e.g. Client-Cert");
    }
    is_field
}
