//! The file that `madoguchi dev` writes for each ready-made client.

use anyhow::Context;
use serde::Deserialize;
use std::path::Path;

/// A client's own side of its registration.
#[derive(Clone, Deserialize)]
pub struct ClientFile {
    pub client_id: String,
    pub issuer: String,
    pub redirect_uri: String,
    pub private_key_pem: String,
    pub kid: String,
    pub purpose: String,
}

impl ClientFile {
    /// Reads `clients/{name}.json` under the directory of `madoguchi dev`.
    pub fn read(directory: &Path, name: &str) -> anyhow::Result<Self> {
        let path = directory.join("clients").join(format!("{name}.json"));
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!("cannot read {}; is `cargo run -- dev` running in this directory?", path.display())
        })?;
        serde_json::from_str(&text).with_context(|| format!("{} is not a client file", path.display()))
    }

    /// The port on which the counter listens.
    pub fn port(&self) -> u16 {
        url::Url::parse(&self.issuer).ok().and_then(|u| u.port_or_known_default()).unwrap_or(8080)
    }
}
