//! What every token opens: what it stands for, and what its client called.

use super::{Narrow, Operation};

impl Operation {
    /// `GET /v1/account`.
    pub const GET_ACCOUNT: Self = Self { id: "get_account", scopes: &[], is_personal: false, narrow: Narrow::None };
    /// `GET /v1/usage`.
    pub const GET_USAGE: Self = Self { id: "get_usage", ..Self::GET_ACCOUNT };
}
