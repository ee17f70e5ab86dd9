//! How the issuer and the gateway are to be, by the plan.

use super::Plan;
use crate::adapters::outward::Outward;
use crate::gateway::GatewaySettings;
use crate::issuer::IssuerSettings;

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
