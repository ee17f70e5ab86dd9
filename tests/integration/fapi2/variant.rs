//! The variants that a certification runs every module in, and the few that cover them.

/// `client_auth_type`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    PrivateKeyJwt,
    Mtls,
}

/// `sender_constrain`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    Dpop,
    Mtls,
}

/// One selection of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    pub authentication: Authentication,
    pub constraint: Constraint,
    /// `openid`: whether the scope has it.
    pub is_openid: bool,
    /// `fapi_request_method=signed_non_repudiation` and `fapi_response_mode=jarm`: Message Signing.
    pub is_signed: bool,
}

impl Variant {
    /// Every one.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for authentication in [Authentication::PrivateKeyJwt, Authentication::Mtls] {
            for constraint in [Constraint::Dpop, Constraint::Mtls] {
                for (is_openid, is_signed) in [(true, false), (false, false), (true, true), (false, true)] {
                    all.push(Self { authentication, constraint, is_openid, is_signed });
                }
            }
        }
        all
    }

    /// Few, among which every value of every parameter is: for the modules that differ in one step only.
    pub fn covering() -> Vec<Self> {
        use {Authentication as A, Constraint as C};
        let variant = |authentication, constraint, is_openid, is_signed| Self {
            authentication,
            constraint,
            is_openid,
            is_signed,
        };
        vec![
            variant(A::PrivateKeyJwt, C::Dpop, true, false),
            variant(A::PrivateKeyJwt, C::Dpop, false, true),
            variant(A::PrivateKeyJwt, C::Mtls, false, false),
            variant(A::Mtls, C::Dpop, true, true),
            variant(A::Mtls, C::Mtls, false, false),
        ]
    }

    /// Whether the client shows a certificate, for either reason.
    pub const fn uses_certificates(self) -> bool {
        !self.uses_dpop() || !self.uses_assertions()
    }

    pub const fn uses_dpop(self) -> bool {
        matches!(self.constraint, Constraint::Dpop)
    }

    pub const fn uses_assertions(self) -> bool {
        matches!(self.authentication, Authentication::PrivateKeyJwt)
    }
}
