//! What a client chose, at its registration, among the ways that OAuth offers (RFC 7591 §2 and its extensions).
//!
//! The names are those of client metadata; whatever is left out has the default that the RFC says, or the strictest
//! one where FAPI 2.0 leaves a choice.

use serde::{Deserialize, Serialize};

/// A client's choices. Every one has a default, so a registration names only what differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientProfile {
    /// How it proves itself (`token_endpoint_auth_method`).
    pub authentication: ClientAuthentication,
    /// The only algorithm that it signs assertions by (`token_endpoint_auth_signing_alg`).
    pub assertion_signing_alg: Option<String>,
    /// What its access tokens are bound to.
    pub binding: TokenBinding,
    /// Whether it calls the addresses for callers with certificates (`use_mtls_endpoint_aliases`, RFC 8705 §5). It is
    /// told back; nothing is decided by it.
    pub use_mtls_endpoint_aliases: bool,
    /// The types of authorization details that it asks by (`authorization_details_types`, RFC 9396 §10); any when absent.
    pub authorization_details_types: Option<Vec<String>>,
    /// Where its keys are, when they are not registered themselves; https only.
    pub jwks_uri: Option<String>,
    /// The grant types that it uses; [`GrantType::USUAL`] when empty.
    pub grant_types: Vec<GrantType>,
    /// The form of its authorization requests and of what it is answered with.
    pub messages: Messages,
    /// How it learns that a citizen answered away from it (CIBA), if it asks so.
    pub backchannel: Option<Backchannel>,
    /// Where it is told of, and comes back from, a sign-out.
    pub logout: Logout,
    /// Where it is told what becomes of consents (RFC 8935); https only.
    pub consent_events_uri: Option<String>,
    /// The protected resources (RFC 8707) that it serves, for introspection (RFC 9701); empty for a plain client.
    pub resources: Vec<String>,
}

/// How a client proves itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// An assertion signed by its key (RFC 7523).
    #[default]
    PrivateKeyJwt,
    /// A certificate of a trusted authority with this subject (RFC 8705 §2.1).
    TlsClientAuth(CertificateSubject),
    /// A certificate whose key is in its JWK Set (RFC 8705 §2.2).
    SelfSignedTlsClientAuth,
}

/// What a certificate must name: exactly one of these (RFC 8705 §2.1.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateSubject {
    /// `tls_client_auth_subject_dn`, as RFC 4514 writes it.
    SubjectDn(String),
    /// `tls_client_auth_san_dns`
    SanDns(String),
    /// `tls_client_auth_san_uri`
    SanUri(String),
    /// `tls_client_auth_san_ip`
    SanIp(std::net::IpAddr),
    /// `tls_client_auth_san_email`
    SanEmail(String),
}

/// What access tokens are bound to. There is no unbound token (FAPI 2.0 SP §5.3.2.1-4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenBinding {
    /// The key of the DPoP proof when one is sent, else the certificate of the connection.
    #[default]
    AsPresented,
    /// The key of a DPoP proof (`dpop_bound_access_tokens`, RFC 9449 §5.2).
    Dpop,
    /// The certificate of the connection (`tls_client_certificate_bound_access_tokens`, RFC 8705 §3.4).
    Certificate,
}

/// A way to tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum GrantType {
    /// RFC 6749 §4.1.
    #[serde(rename = "authorization_code")]
    AuthorizationCode,
    /// RFC 6749 §6.
    #[serde(rename = "refresh_token")]
    RefreshToken,
    /// RFC 6749 §4.4.
    #[serde(rename = "client_credentials")]
    ClientCredentials,
    /// RFC 8693.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
    /// RFC 8628.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    /// OpenID Connect Client-Initiated Backchannel Authentication.
    #[serde(rename = "urn:openid:params:grant-type:ciba")]
    Ciba,
}

impl GrantType {
    /// Every one, as metadata lists them.
    pub const ALL: [Self; 6] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::TokenExchange,
        Self::DeviceCode,
        Self::Ciba,
    ];
    /// What a client may use that registered none.
    pub const USUAL: [Self; 3] = [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::Ciba => "urn:openid:params:grant-type:ciba",
        }
    }
}

/// The form of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Messages {
    /// Only signed request objects are taken (`require_signed_request_object`, RFC 9101 §10.5).
    pub require_signed_request_object: bool,
    /// Only this algorithm is taken for them (`request_object_signing_alg`).
    pub request_object_signing_alg: Option<String>,
    /// The response modes that it uses (`response_modes`, Message Signing §5.4); any when empty.
    pub response_modes: Vec<ResponseMode>,
    /// Authorization responses are encrypted to its key as well (`authorization_encrypted_response_alg`).
    pub authorization_encryption: Option<KeyManagement>,
    /// id_tokens are encrypted as well (`id_token_encrypted_response_alg`).
    pub id_token_encryption: Option<KeyManagement>,
    /// userinfo is signed (`userinfo_signed_response_alg`).
    pub sign_userinfo: bool,
    /// userinfo is encrypted (`userinfo_encrypted_response_alg`).
    pub userinfo_encryption: Option<KeyManagement>,
    /// Introspection is answered by a signed JWT always (`introspection_signed_response_alg`, RFC 9701 §6).
    pub sign_introspection: bool,
    /// Introspection is encrypted as well (`introspection_encrypted_response_alg`).
    pub introspection_encryption: Option<KeyManagement>,
}

/// How an authorization response comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// Parameters in the query.
    #[default]
    Query,
    /// One signed JWT (JARM); `query.jwt` is the same.
    #[serde(alias = "query.jwt")]
    Jwt,
}

/// How a content key reaches a client (RFC 7518 §4); content itself is always `A256GCM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyManagement {
    /// Elliptic-curve Diffie-Hellman, used directly.
    #[serde(rename = "ECDH-ES")]
    EcdhEs,
    /// RSA with OAEP and SHA-256.
    #[serde(rename = "RSA-OAEP-256")]
    RsaOaep256,
}

impl KeyManagement {
    /// Reads an `alg`, exact.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::EcdhEs, Self::RsaOaep256].into_iter().find(|known| known.as_str() == text)
    }

    /// The `alg` value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EcdhEs => "ECDH-ES",
            Self::RsaOaep256 => "RSA-OAEP-256",
        }
    }
}

/// How a client that asked by a back channel learns of the answer (CIBA Core §4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "delivery", rename_all = "snake_case")]
pub enum Backchannel {
    /// It asks again and again.
    Poll,
    /// It is called, and asks then.
    Ping {
        /// `backchannel_client_notification_endpoint`; https only.
        notification_endpoint: String,
    },
}

/// What a client wants of sign-outs (OpenID Connect RP-Initiated and Back-Channel Logout).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Logout {
    /// Exact addresses that a citizen may be sent back to.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where logout tokens are sent; https only.
    pub backchannel_logout_uri: Option<String>,
}

impl Logout {
    /// Whether the client is told when a sign-in ends; only then is there a `sid` in its id_tokens.
    #[must_use]
    pub const fn is_told(&self) -> bool {
        self.backchannel_logout_uri.is_some()
    }
}
