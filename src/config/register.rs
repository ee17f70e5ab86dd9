//! The register that is trusted to vouch for third parties (RFC 7591 §2.3).

use super::reader::Reader;
use crate::protocol::jose::KeySet;
use crate::protocol::registration::Register;
use std::sync::Arc;

const ISSUER: &str = "registration.issuer";
const KEYS: &str = "registration.jwks_file";

/// The register, when one is named: by both keys, or not at all.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Arc<Register>> {
    let issuer = reader.text(ISSUER);
    let path = reader.text(KEYS);
    match (issuer, path) {
        (Some(issuer), Some(path)) => {
            let keys = std::fs::read_to_string(reader.resolve(&path)).map_err(|error| error.to_string());
            let keys = keys.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
            let keys = keys.and_then(|jwks| KeySet::parse(&jwks).map_err(|error| error.to_string()));
            match keys {
                Ok(keys) => return Some(Arc::new(Register { issuer, keys })),
                Err(error) => reader.fault(KEYS, &format!("{path}: {error}"), "it must be a JWK Set of public keys"),
            }
        }
        (Some(_), None) => reader.fault(KEYS, "is missing", "name the file with the register's keys too"),
        (None, Some(_)) => reader.fault(ISSUER, "is missing", "name the register that the keys are of too"),
        (None, None) => {}
    }
    None
}
