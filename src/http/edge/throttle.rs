//! Calls from one network address, counted before anything costly is done with them.
//!
//! `/v1` is not counted here: the gateway counts it as its own first stage.

use crate::gateway::Gateway;
use crate::http::oauth::OauthFailure;
use crate::http::v1::refusal::limited;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError as _, web};
use std::net::IpAddr;

/// What costs nothing, or must answer whoever asks.
const NOT_COUNTED: [&str; 5] = ["/v1/", "/healthz", "/livez", "/readyz", "/assets/"];

/// The refusal, in the words of its family, when the address calls too often.
pub(super) fn refuse(request: &ServiceRequest, ip: IpAddr, tag: &str) -> Option<HttpResponse> {
    let path = request.path();
    if NOT_COUNTED.iter().any(|start| path.starts_with(start)) {
        return None;
    }
    let limit = request.app_data::<web::Data<Gateway>>()?.admit_address(ip).err()?;
    if !path.starts_with("/oauth/") {
        return Some(limited(limit).render(&format!("e_{tag}")));
    }
    let mut refused = OauthFailure::from((*limit.refusal).clone()).tagged(request.request()).error_response();
    for (name, value) in [("ratelimit-policy", limit.policy().map(str::to_owned)), ("ratelimit", limit.limit())] {
        if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
            refused.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    Some(refused)
}
