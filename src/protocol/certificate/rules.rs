//! What the operator decided about client certificates, and how metadata tells it (RFC 8705 §3.3, §5).

use super::Authorities;
use serde_json::{Map, Value, json};

/// What the operator decided. By default no listener asks for certificates, and none is offered to be used.
#[derive(Clone, Debug, Default)]
pub struct CertificateRules {
    /// Whether callers can show certificates at all.
    pub is_offered: bool,
    /// Where they can, when that is another address than the issuer's; without a slash at its end.
    pub public_url: Option<String>,
    /// Who vouches for the names of `tls_client_auth`.
    pub authorities: Option<Authorities>,
}

impl CertificateRules {
    /// The methods of client authentication that certificates add.
    #[must_use]
    pub fn methods(&self) -> &'static [&'static str] {
        match (self.is_offered, &self.authorities) {
            (false, _) => &[],
            (true, None) => &["self_signed_tls_client_auth"],
            (true, Some(_)) => &["tls_client_auth", "self_signed_tls_client_auth"],
        }
    }

    /// Adds to an issuer's metadata what certificates make possible.
    pub fn tell(&self, metadata: &mut Value) {
        let Some(metadata) = metadata.as_object_mut().filter(|_| self.is_offered) else { return };
        for (name, methods) in metadata.iter_mut() {
            if let Some(methods) = methods.as_array_mut().filter(|_| name.ends_with("_endpoint_auth_methods_supported"))
            {
                methods.extend(self.methods().iter().map(|method| json!(method)));
            }
        }
        metadata.insert("tls_client_certificate_bound_access_tokens".to_owned(), json!(true));
        if let Some(aliases) = self.aliases(metadata) {
            metadata.insert("mtls_endpoint_aliases".to_owned(), Value::Object(aliases));
        }
    }

    /// RFC 8705 §5: every endpoint that clients, not browsers, call.
    fn aliases(&self, metadata: &Map<String, Value>) -> Option<Map<String, Value>> {
        let base = self.public_url.as_deref()?;
        let issuer = metadata.get("issuer").and_then(Value::as_str)?;
        let is_for_clients = |name: &str| {
            name.ends_with("_endpoint") && !matches!(name, "authorization_endpoint" | "end_session_endpoint")
        };
        let alias = |(name, at): (&String, &Value)| {
            let path = at.as_str().and_then(|at| at.strip_prefix(issuer))?;
            is_for_clients(name).then(|| (name.clone(), json!(format!("{base}{path}"))))
        };
        Some(metadata.iter().filter_map(alias).collect())
    }

    /// The same address as callers with certificates see it: what a DPoP proof may name there.
    #[must_use]
    pub fn alias_of(&self, uri: &str, issuer: &str) -> Option<String> {
        let path = uri.strip_prefix(issuer)?;
        self.public_url.as_ref().map(|base| format!("{base}{path}"))
    }
}
