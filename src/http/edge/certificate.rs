//! The certificate that a caller showed: to our own listener, or to a proxy that we trust.
//!
//! RFC 9700 §4.13: what a stranger writes into the fields by which proxies speak is taken away before anybody reads it.

use super::Edge;
use super::address::Network;
use crate::protocol::certificate::ClientCertificate;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{HttpMessage as _, HttpRequest};
use std::net::IpAddr;

/// The client certificate of a connection, as the listener found it in the TLS handshake (RFC 8705 §2, §3).
#[derive(Clone, Debug)]
pub struct ShownCertificate(pub ClientCertificate);

/// Where the rest of a chain stands beside RFC 9440's `Client-Cert`.
const CHAIN: &str = "client-cert-chain";

/// Fields in which proxies of all makes say who called. None is read here but those of trusted proxies, and those no
/// later than at the edge.
const OF_PROXIES: [&str; 17] = [
    "client-cert",
    CHAIN,
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-user",
    "x-forwarded-client-cert",
    "x-client-cert",
    "x-ssl-cert",
    "x-ssl-client-cert",
    "x-ssl-client-verify",
    "x-ssl-client-s-dn",
    "x-amzn-mtls-clientcert",
    "x-arr-clientcert",
    "x-real-ip",
    "remote-user",
];

/// Notes the certificate that came with the request, and takes away every field of proxies.
pub(super) fn note(request: &mut ServiceRequest, edge: &Edge) {
    let is_proxy = request.peer_addr().is_some_and(|peer| is_trusted(peer.ip(), &edge.trusted_proxies));
    let shown = match &edge.certificate_field {
        // The connection is the proxy's own; so would its certificate be.
        Some(field) if is_proxy => told(request.headers(), field),
        _ => request.request().conn_data::<ShownCertificate>().cloned(),
    };
    let headers = request.headers_mut();
    for name in OF_PROXIES {
        headers.remove(HeaderName::from_static(name));
    }
    if let Some(field) = &edge.certificate_field {
        headers.remove(field);
    }
    if let Some(shown) = shown {
        request.extensions_mut().insert(shown);
    }
}

fn is_trusted(peer: IpAddr, proxies: &[Network]) -> bool {
    proxies.iter().any(|network| network.contains(peer))
}

/// What a trusted proxy told; nothing when it told it twice or so that it does not read.
fn told(headers: &HeaderMap, field: &HeaderName) -> Option<ShownCertificate> {
    let mut fields = headers.get_all(field);
    let (certificate, None) = (fields.next()?.to_str().ok()?, fields.next()) else { return None };
    // A list may come in several fields (RFC 9110 §5.3).
    let chain: Vec<&str> = headers.get_all(CHAIN).filter_map(|value| value.to_str().ok()).collect();
    let chain = (!chain.is_empty()).then(|| chain.join(","));
    match ClientCertificate::from_field(certificate, chain.as_deref()) {
        Ok(certificate) => Some(ShownCertificate(certificate)),
        Err(error) => {
            tracing::warn!(error = %error, "a proxy passed on a client certificate that does not read");
            None
        }
    }
}

/// The certificate that came with a request, if one did.
#[must_use]
pub fn certificate_of(request: &HttpRequest) -> Option<ClientCertificate> {
    request.extensions().get::<ShownCertificate>().map(|shown| shown.0.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use crate::domain::entropy::SeededEntropy;
    use crate::domain::time::ManualClock;
    use actix_web::test::TestRequest;
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use std::sync::Arc;
    use std::time::Duration;

    fn edge(field: Option<&'static str>) -> Edge {
        Edge {
            public_url: "https://gateway.example".into(),
            trusted_proxies: vec![Network::parse("10.0.0.0/8").unwrap()],
            certificate_field: field.map(HeaderName::from_static),
            deadline: Duration::from_secs(1),
            clock: Arc::new(ManualClock::at(Timestamp::from_seconds(0))),
            entropy: Arc::new(SeededEntropy::new(1)),
        }
    }

    #[test]
    fn a_field_counts_only_from_a_trusted_proxy_and_is_gone_afterwards() {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
        let right = format!(":{}:", STANDARD.encode(certificate.der()));
        let (proxy, stranger) = ("10.1.1.1:1000", "192.0.2.1:1000");
        for (peer, field, sent, expected) in [
            (proxy, Some("client-cert"), vec![("client-cert", right.as_str())], true),
            (proxy, Some("x-certificate"), vec![("x-certificate", right.as_str())], true),
            (proxy, Some("x-certificate"), vec![("client-cert", right.as_str())], false),
            (proxy, Some("client-cert"), vec![("client-cert", right.as_str()), ("client-cert", right.as_str())], false),
            (proxy, Some("client-cert"), vec![("client-cert", "x")], false),
            (proxy, Some("client-cert"), vec![], false),
            (proxy, None, vec![("client-cert", right.as_str())], false),
            (stranger, Some("client-cert"), vec![("client-cert", right.as_str())], false),
            (stranger, Some("x-certificate"), vec![("x-certificate", right.as_str())], false),
        ] {
            let mut request = TestRequest::get().peer_addr(peer.parse().unwrap());
            for name in OF_PROXIES.into_iter().filter(|name| *name != "client-cert" && *name != CHAIN) {
                request = request.insert_header((name, "someone else"));
            }
            for (name, value) in &sent {
                request = request.append_header((*name, *value));
            }
            let mut request = request.insert_header(("accept", "*/*")).to_srv_request();
            note(&mut request, &edge(field));
            let shown = request.extensions().get::<ShownCertificate>().is_some();
            assert_eq!(shown, expected, "{peer} {field:?} {}", sent.len());
            let left: Vec<&str> = request.headers().keys().map(HeaderName::as_str).collect();
            assert_eq!(left, ["accept"], "{peer} {field:?}");
        }
    }
}
