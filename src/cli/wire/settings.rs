//! How the issuer and the gateway are to be, by the plan.

use super::Plan;
use crate::adapters::outward::Outward;
use crate::cli::ground::Ground;
use crate::gateway::GatewaySettings;
use crate::http::edge::Edge;
use crate::issuer::IssuerSettings;
use actix_web::http::header::HeaderName;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

/// How long a call may take in all: the longest `Prefer: wait` and the time to answer.
const DEADLINE: Duration = Duration::from_secs(75);

/// What stands around every call.
///
/// # Errors
/// When the field that certificates are passed on in is none.
pub(super) fn edge(plan: &Plan, ground: &Ground) -> anyhow::Result<Edge> {
    Ok(Edge {
        public_url: plan.public_url.clone(),
        trusted_proxies: plan.trusted_proxies.clone(),
        certificate_field: plan.certificate_field.as_deref().map(HeaderName::from_str).transpose()?,
        deadline: DEADLINE,
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
    })
}

/// How the gateway is to be.
pub(super) fn gateway(plan: &Plan) -> GatewaySettings {
    GatewaySettings {
        issuer: plan.public_url.clone(),
        audience: plan.public_url.clone(),
        public_url: plan.public_url.clone(),
        certificates: plan.certificates.clone(),
        environment: plan.environment,
    }
}

/// How the issuer is to be.
pub(super) fn issuer(plan: &Plan) -> IssuerSettings {
    IssuerSettings {
        public_url: plan.public_url.clone(),
        rotation: plan.rotation,
        request_object_encryption: plan.request_object_encryption.clone(),
        certificates: plan.certificates.clone(),
        register: plan.register.clone(),
        outward: Outward::new(plan.reach.clone()),
        environment: plan.environment,
    }
}
