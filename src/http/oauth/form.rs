//! A form body as an extractor: the right type, not too long, each parameter once.

use super::failure::OauthFailure;
use crate::http::edge::certificate_of;
use crate::protocol::certificate::ClientCertificate;
use crate::protocol::code::INVALID_REQUEST;
use crate::protocol::form::Form;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, web};
use std::future::Future;
use std::pin::Pin;

/// Most bytes of a form: several times the longest honest one (a request for every item of the catalogue).
const MOST_BYTES: usize = 128 * 1024;

/// A form body, and the certificate that came with it.
pub struct OauthForm {
    /// The parameters.
    pub form: Form,
    /// The certificate of the connection.
    pub certificate: Option<ClientCertificate>,
}

impl FromRequest for OauthForm {
    type Error = OauthFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, OauthFailure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (is_form, tagged) = (is_form(request), request.clone());
        let body = web::Payload::from_request(request, payload);
        Box::pin(async move {
            let form = if is_form { read(body.await).await } else { Err(OauthFailure::media_type()) };
            let form = form.map_err(|failure| failure.tagged(&tagged))?;
            Ok(Self { form, certificate: certificate_of(&tagged) })
        })
    }
}

async fn read(body: Result<web::Payload, actix_web::Error>) -> Result<Form, OauthFailure> {
    let broken = |_| OauthFailure::refused(INVALID_REQUEST, "the body broke off");
    let bytes = body.map_err(broken)?.to_bytes_limited(MOST_BYTES).await.map_err(|_| OauthFailure::too_large())?;
    Ok(Form::parse(&bytes.map_err(broken)?)?)
}

fn is_form(request: &HttpRequest) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
