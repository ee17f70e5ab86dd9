//! The files of `madoguchi dev`: made once, read afterwards; folders 0700, files 0600.

use super::key;
use crate::domain::{Entropy, MasterKey, Secret};
use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The directory, its folders made.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// Makes the directory where there is none.
    ///
    /// # Errors
    /// When it cannot be made, or its rights cannot be narrowed to its owner.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        for folder in [path.to_path_buf(), path.join("clients")] {
            std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
            narrow(&folder, 0o700)?;
        }
        Ok(Self(path.to_path_buf()))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The URL of the embedded store.
    #[must_use]
    pub fn store_url(&self) -> String {
        format!("sqlite:{}", self.0.join("madoguchi.db").display())
    }

    /// The master key; made when there is none.
    ///
    /// # Errors
    /// When the file does not hold 32 bytes in base64url.
    pub fn master_key(&self, entropy: &dyn Entropy) -> anyhow::Result<MasterKey> {
        let text = self.read_or_make("master.key", || Ok(Secret::new(entropy.handle())))?;
        let bytes = URL_SAFE_NO_PAD.decode(text.expose().trim()).ok();
        let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        Ok(MasterKey::new(bytes.context("master.key does not hold 32 bytes in base64url")?))
    }

    /// The gateway's private key at the sandbox; made when there is none.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub fn gateway_key(&self) -> anyhow::Result<Secret<String>> {
        self.read_or_make("gateway-key.pem", key::generate)
    }

    /// The made-up register's private key; made when there is none.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub fn register_key(&self) -> anyhow::Result<Secret<String>> {
        self.read_or_make("register-key.pem", key::generate)
    }

    /// Writes the gateway's public key for a sandbox that runs elsewhere (`madoguchi sandbox --gateway-jwks`).
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_gateway_jwks(&self, jwks: &serde_json::Value) -> anyhow::Result<()> {
        write_private(&self.0.join("gateway-jwks.json"), &format!("{jwks:#}\n"))
    }

    /// A client's file.
    #[must_use]
    pub fn client_file(&self, name: &str) -> PathBuf {
        self.0.join("clients").join(format!("{name}.json"))
    }

    /// Reads the file `name`, or makes it with what `make` gives.
    fn read_or_make(
        &self,
        name: &str,
        make: impl FnOnce() -> anyhow::Result<Secret<String>>,
    ) -> anyhow::Result<Secret<String>> {
        let path = self.0.join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Secret::new(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let made = make()?;
                write_private(&path, made.expose())?;
                Ok(made)
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }
}

/// Writes a file that only its owner can read: whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let next = path.with_extension("new");
    let told = || format!("cannot write {}", path.display());
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&next).with_context(told)?;
    file.write_all(text.as_bytes()).with_context(told)?;
    file.sync_all().with_context(told)?;
    narrow(&next, 0o600)?;
    std::fs::rename(&next, path).with_context(told)
}

/// Takes everybody else's rights away.
fn narrow(path: &Path, mode: u32) -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        let rights = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(mode);
        std::fs::set_permissions(path, rights)
            .with_context(|| format!("cannot set the rights of {}", path.display()))?;
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SystemEntropy;

    #[test]
    fn keys_are_made_once_and_only_their_owner_can_read_them() {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::open(&place.path().join("dev")).unwrap();
        let first = directory.gateway_key().unwrap();
        assert_eq!(first.expose(), directory.gateway_key().unwrap().expose());
        let sealed = directory.master_key(&SystemEntropy).unwrap().seal("x", b"y", &SystemEntropy).unwrap();
        assert_eq!(directory.master_key(&SystemEntropy).unwrap().open("x", &sealed).unwrap(), b"y");
        #[cfg(unix)]
        for (name, mode) in [("", 0o700), ("clients", 0o700), ("master.key", 0o600), ("gateway-key.pem", 0o600)] {
            use std::os::unix::fs::PermissionsExt as _;
            let rights = std::fs::metadata(directory.path().join(name)).unwrap().permissions().mode();
            assert_eq!(rights & 0o777, mode, "{name}");
        }
    }

    #[test]
    fn a_broken_master_key_is_told() {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::open(place.path()).unwrap();
        std::fs::write(place.path().join("master.key"), "short").unwrap();
        assert!(directory.master_key(&SystemEntropy).is_err());
    }
}
