//! What can be called under `/v1`, each named once by its OpenAPI `operationId`.

use crate::domain::scope::Scope;

/// One operation.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its `operationId`, by which rate plans name it too.
    pub id: &'static str,
    /// Any one of these scopes allows it; every token does when there is none.
    pub scopes: &'static [Scope],
    /// Whether it is about a person: then a grant without one does not allow it.
    pub is_personal: bool,
}

const fn catalogue(id: &'static str) -> Operation {
    Operation { id, scopes: &[Scope::Catalog, Scope::SelfInformation], is_personal: false }
}

const fn personal(id: &'static str) -> Operation {
    Operation { id, scopes: &[Scope::SelfInformation], is_personal: true }
}

impl Operation {
    /// `GET /v1/data-sets`.
    pub const LIST_DATA_SETS: Self = catalogue("list_data_sets");
    /// `GET /v1/data-sets/{code}`.
    pub const GET_DATA_SET: Self = catalogue("get_data_set");
    /// `GET /v1/account`.
    pub const GET_ACCOUNT: Self = Self { id: "get_account", scopes: &[], is_personal: false };
    /// `GET /v1/consent`.
    pub const GET_CONSENT: Self = personal("get_consent");
    /// `POST /v1/self-information-requests`.
    pub const CREATE_REQUEST: Self = personal("create_self_information_request");
    /// `GET /v1/self-information-requests/{id}`.
    pub const GET_REQUEST: Self = personal("get_self_information_request");
    /// `DELETE /v1/self-information-requests/{id}`.
    pub const DELETE_REQUEST: Self = personal("delete_self_information_request");

    /// `GET /v1/receipts/{id}`.
    pub const GET_RECEIPT: Self = Self { id: "get_receipt", scopes: &[], is_personal: false };

    /// Every operation.
    pub const ALL: [&'static Self; 8] = [
        &Self::LIST_DATA_SETS,
        &Self::GET_DATA_SET,
        &Self::GET_ACCOUNT,
        &Self::GET_CONSENT,
        &Self::CREATE_REQUEST,
        &Self::GET_REQUEST,
        &Self::DELETE_REQUEST,
        &Self::GET_RECEIPT,
    ];
}
