//! The gateway's refusals as problems, with their header fields.

use crate::gateway::GatewayRefusal;
use crate::http::problem::Problem;
use crate::limits::LimitRefusal;
use actix_web::http::header::{HeaderName, WWW_AUTHENTICATE};

pub(super) fn problem(refusal: GatewayRefusal) -> Problem {
    match refusal {
        GatewayRefusal::Broken(fault) => fault.into(),
        GatewayRefusal::Limited(limit) => limited(*limit),
        GatewayRefusal::Refused(refusal, challenge) => {
            let mut problem = Problem::of(*refusal);
            if let Some(field) = challenge.authenticate {
                problem = problem.header(WWW_AUTHENTICATE, field);
            }
            if let Some(nonce) = challenge.nonce {
                problem = problem.header(HeaderName::from_static("dpop-nonce"), nonce);
            }
            problem
        }
    }
}

pub(in crate::http) fn limited(limit: LimitRefusal) -> Problem {
    let violated = limit.violated().into_iter().map(str::to_owned).collect();
    let (policy, standing) = (limit.policy().map(str::to_owned), limit.limit());
    let mut problem = Problem::of(*limit.refusal).violated(violated);
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", standing)] {
        if let Some(value) = value {
            problem = problem.header(HeaderName::from_static(name), value);
        }
    }
    problem
}
