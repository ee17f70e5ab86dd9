//! The certificate that a caller showed, for whoever asks for it.

use crate::protocol::certificate::ClientCertificate;
use actix_web::dev::ServiceRequest;
use actix_web::{HttpMessage as _, HttpRequest};

/// The client certificate of a connection, as the listener found it in the TLS handshake (RFC 8705 §2, §3).
#[derive(Clone, Debug)]
pub struct ShownCertificate(pub ClientCertificate);

/// Notes the connection's certificate with the request.
pub(super) fn note(request: &ServiceRequest) {
    let shown = request.request().conn_data::<ShownCertificate>().cloned();
    if let Some(shown) = shown {
        request.extensions_mut().insert(shown);
    }
}

/// The certificate that came with a request, if one did.
#[must_use]
pub fn certificate_of(request: &HttpRequest) -> Option<ClientCertificate> {
    request.extensions().get::<ShownCertificate>().map(|shown| shown.0.clone())
}
