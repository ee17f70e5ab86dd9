//! The ready-made third parties of `madoguchi dev`: registered, with their keys in files.
//!
//! `ready_made` says who they are; a file that is there keeps its key, so that what was tried yesterday works today.
//! How to add one more: an entry there, with a redirect URI of its own.

mod making;
mod ready_made;

use super::directory::{Directory, write_private};
use super::key;
use crate::domain::client::ClientClass;
use crate::domain::{Secret, Timestamp, Words};
use crate::store::Store;
use anyhow::Context as _;
use making::words;
use ready_made::READY_MADE;
use serde_json::Value;
use std::path::PathBuf;

/// One ready-made third party.
struct ReadyMade {
    file: &'static str,
    id: &'static str,
    class: ClientClass,
    name: (&'static str, &'static str),
    corporate_number: &'static str,
    scope: &'static str,
    redirect_uri: &'static str,
    purpose: &'static str,
    purpose_words: (&'static str, &'static str),
    if_refused: (&'static str, &'static str),
    retention_days: u32,
    recipients: &'static [(&'static str, &'static str)],
    max_access_days: u32,
    rate_plan: &'static str,
}

/// A ready-made client, as shown.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its `client_id`.
    pub id: String,
    /// Its legal name.
    pub name: Words,
    /// Its own side of the registration, with its private key.
    pub file: PathBuf,
}

/// Registers every ready-made client with `store`, with the key in its file, which is made when there is none.
///
/// # Errors
/// When a file cannot be read or written, or the store does not answer.
pub async fn register(
    directory: &Directory,
    issuer: &str,
    store: &dyn Store,
    now: Timestamp,
) -> anyhow::Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for ready in READY_MADE {
        let path = directory.client_file(ready.file);
        let pem = match std::fs::read_to_string(&path) {
            Ok(text) => kept_key(&text).with_context(|| format!("{} does not read; delete it", path.display()))?,
            Err(_) => key::generate()?,
        };
        let jwk = key::public_jwk(&pem)?;
        write_private(&path, &ready.file_text(issuer, &pem, &key::kid(&jwk)))?;
        store.put_client(&ready.client(&jwk)?, now).await?;
        listed.push(Listed { id: ready.id.into(), name: words(ready.name), file: path });
    }
    Ok(listed)
}

fn kept_key(text: &str) -> Option<Secret<String>> {
    let file: Value = serde_json::from_str(text).ok()?;
    Some(Secret::new(file.get("private_key_pem")?.as_str()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_ready_made_client_is_one_that_the_domain_accepts() {
        for ready in READY_MADE {
            let client = ready.client(&json!({})).unwrap();
            assert!(client.purpose(ready.purpose).is_some());
            let pem = key::generate().unwrap();
            let client = ready.client(&key::public_jwk(&pem).unwrap()).unwrap();
            assert_eq!(crate::issuer::check_registration(&client), Ok(()));
        }
    }
}
