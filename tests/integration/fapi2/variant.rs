//! The variants that a certification runs every module in, and the few that cover them.

/// `client_auth_type`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    PrivateKeyJwt,
    #[expect(dead_code, reason = "joined to the variants with the listener for client certificates")]
    Mtls,
}

/// `sender_constrain`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    Dpop,
    #[expect(dead_code, reason = "joined to the variants with the listener for client certificates")]
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
        for authentication in [Authentication::PrivateKeyJwt] {
            for constraint in [Constraint::Dpop] {
                for (is_openid, is_signed) in [(true, false), (false, false), (true, true), (false, true)] {
                    all.push(Self { authentication, constraint, is_openid, is_signed });
                }
            }
        }
        all
    }

    /// Few, among which every value of every parameter is: for the modules that differ in one step only.
    pub fn covering() -> Vec<Self> {
        Self::all().into_iter().filter(|variant| variant.is_openid != variant.is_signed).collect()
    }

    pub const fn uses_dpop(self) -> bool {
        matches!(self.constraint, Constraint::Dpop)
    }

    pub const fn uses_assertions(self) -> bool {
        matches!(self.authentication, Authentication::PrivateKeyJwt)
    }
}
