//! The search of what people apply for (ぴったりサービス), by programs and by AI agents.

use super::{Operation, filing};
use crate::domain::scope::Scope;

const fn searching(id: &'static str) -> Operation {
    Operation { scopes: &[Scope::ServiceSearch], ..filing(id) }
}

impl Operation {
    /// `GET /v1/municipalities`.
    pub const LIST_MUNICIPALITIES: Self = searching("list_municipalities");
    /// `GET /v1/municipalities/{municipality_code}`.
    pub const GET_MUNICIPALITY: Self = searching("get_municipality");
    /// `GET /v1/service-coverage`.
    pub const GET_SERVICE_COVERAGE: Self = searching("get_service_coverage");
    /// `GET /v1/service-procedures`.
    pub const SEARCH_SERVICE_PROCEDURES: Self = searching("search_service_procedures");
    /// `GET /v1/service-procedures/standards`.
    pub const LIST_SERVICE_STANDARDS: Self = searching("list_service_standards");
    /// `GET /v1/service-procedures/comparison`.
    pub const COMPARE_SERVICE_PROCEDURES: Self = searching("compare_service_procedures");
    /// `GET /v1/service-procedures/{psid}`.
    pub const GET_SERVICE_PROCEDURE: Self = searching("get_service_procedure");

    /// `POST /mcp`.
    pub const CALL_MCP: Self = Self { scopes: &[Scope::ServiceSearch, Scope::Applications], ..searching("call_mcp") };
}
