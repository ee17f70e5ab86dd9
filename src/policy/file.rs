//! The operator's TOML files beside the rules, read in one way.

use super::PolicyFault;
use crate::domain::Digest;
use serde::de::DeserializeOwned;
use std::path::Path;

/// Reads `name` in the directory of the rules, with the digest of its text; none where there is no such file.
///
/// # Errors
/// That it can't be read, or what is wrong with it and where.
pub fn read_file<T: DeserializeOwned>(rules: &Path, name: &str) -> Result<Option<(T, Digest)>, PolicyFault> {
    let path = rules.join(name);
    if !path.exists() {
        return Ok(None);
    }
    let fault = |problem: String| PolicyFault::new(name, problem);
    let text = std::fs::read_to_string(path).map_err(|error| fault(format!("can't be read: {error}")))?;
    let read = toml::from_str(&text).map_err(|error| fault(error.to_string().trim_end().to_owned()))?;
    Ok(Some((read, Digest::of(&text))))
}
