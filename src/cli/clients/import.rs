//! `madoguchi clients import`: several registrations from one file of client metadata (RFC 7591 §2).

use super::super::say;
use crate::config;
use crate::domain::client::{Client, ClientStatus};
use crate::domain::ids::ClientId;
use crate::domain::{Clock as _, Entropy, SystemClock, SystemEntropy};
use crate::limits::Limits;
use crate::protocol::registration::{Given, client_of, faults_of};
use anyhow::Context as _;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// The plan of a client whose metadata names none.
const USUAL_PLAN: &str = "standard";

/// Registers every client of `file`, or none: each fault of each client is told.
pub async fn import(file: &Path, path: Option<&Path>) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let config = config::load::load(path)?;
    let hot = crate::hot::open("memory:", SystemClock.now(), true).await?;
    let limits = Limits::load(&config.policies.join("rate-plans.toml"), hot)?;
    let clients = read(&text, &SystemEntropy, |plan| limits.has_plan(plan)).map_err(|faults| {
        anyhow::anyhow!(
            "{}: {} fault(s); nothing was registered\n  {}",
            file.display(),
            faults.len(),
            faults.join("\n  ")
        )
    })?;
    let store = crate::store::open(config.store_url.expose(), &config.master_key).await?;
    for client in &clients {
        store.put_client(client, SystemClock.now()).await?;
        say(&format!("{} is registered ({})", client.id, client.status.as_str()));
    }
    Ok(())
}

/// The clients of a file: one metadata object or a list of them; an object as `clients put` takes it will do as well.
fn read(text: &str, entropy: &dyn Entropy, is_plan: impl Fn(&str) -> bool) -> Result<Vec<Client>, Vec<String>> {
    let file: Value = serde_json::from_str(text).map_err(|error| vec![format!("is no JSON: {error}")])?;
    let entries = match file {
        Value::Array(entries) => entries,
        one => vec![one],
    };
    let (mut clients, mut faults) = (Vec::<Client>::new(), Vec::new());
    if entries.is_empty() {
        faults.push("holds no client".to_owned());
    }
    let mut ids = BTreeSet::new();
    for (number, entry) in entries.iter().enumerate() {
        match read_entry(entry, entropy) {
            Ok(client) => {
                if !is_plan(&client.rate_plan) {
                    faults.push(format!("[{number}] rate_plan: there is no plan {:?}", client.rate_plan));
                }
                if !ids.insert(client.id.clone()) {
                    faults.push(format!("[{number}] client_id: {} stands in the file twice", client.id));
                }
                clients.push(client);
            }
            Err(told) => faults.extend(told.into_iter().map(|fault| format!("[{number}] {fault}"))),
        }
    }
    if faults.is_empty() { Ok(clients) } else { Err(faults) }
}

fn read_entry(entry: &Value, entropy: &dyn Entropy) -> Result<Client, Vec<String>> {
    let Some(metadata) = entry.as_object() else { return Err(vec!["is no JSON object".into()]) };
    if metadata.contains_key("id") && !metadata.contains_key("client_id") {
        let client: Client = serde_json::from_value(entry.clone()).map_err(|error| vec![error.to_string()])?;
        let faults: Vec<String> = faults_of(&client).into_iter().map(|fault| fault.public).collect();
        return if faults.is_empty() { Ok(client) } else { Err(faults) };
    }
    let id = match metadata.get("client_id") {
        None => ClientId::generate(entropy),
        Some(id) => {
            let read = id.as_str().map(ClientId::parse);
            let invalid = || vec!["client_id: must be 1 to 128 characters of A-Z a-z 0-9 . _ : -".to_owned()];
            read.and_then(Result::ok).ok_or_else(invalid)?
        }
    };
    // The operator who imports it vouches for it.
    let given = Given { id, status: ClientStatus::Production, rate_plan: USUAL_PLAN.into() };
    client_of(metadata, given).map_err(|faults| faults.into_iter().map(|fault| fault.public).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::jose::Es256Signer;
    use serde_json::json;

    fn key() -> Value {
        Es256Signer::generate().unwrap().0.public_jwk().clone()
    }

    fn read_all(file: &Value) -> Result<Vec<Client>, Vec<String>> {
        read(&file.to_string(), &SystemEntropy, |plan| plan == USUAL_PLAN)
    }

    #[test]
    fn one_client_or_several_are_read_with_little_said() {
        let one = json!({
            "client_id": "suite-1",
            "redirect_uris": ["https://suite.example/test/a/madoguchi/callback"],
            "jwks": {"keys": [key()]},
        });
        let client = read_all(&one).unwrap().remove(0);
        assert_eq!((client.id.as_str(), client.sector.as_str()), ("suite-1", "suite.example"));
        assert_eq!(client.scope.to_string(), "openid offline_access catalog");
        assert_eq!(client.status, ClientStatus::Production);
        let two = json!([one, {"redirect_uris": ["http://127.0.0.1/callback"], "jwks": {"keys": [key()]}}]);
        let clients = read_all(&two).unwrap();
        assert!(clients[1].id.as_str().starts_with("c_"));
        assert_eq!(clients[1].sector, clients[1].id.as_str(), "a sector of its own on a shared host");
    }

    #[test]
    fn the_operators_own_form_is_read_too() {
        let one = json!({"client_id": "a", "redirect_uris": ["https://a.example/cb"], "jwks": {"keys": [key()]}});
        let client = read_all(&one).unwrap().remove(0);
        let own = serde_json::to_value(&client).unwrap();
        assert_eq!(read_all(&own).unwrap(), [client]);
    }

    #[test]
    fn every_fault_of_every_client_is_told() {
        let file = json!([
            {"client_id": "a", "redirect_uris": ["http://a.example/cb"], "jwks": {"keys": []}, "scope": "all"},
            {"client_id": "b", "redirect_uris": ["https://b.example/cb"], "jwks": {"keys": [key()]}, "rate_plan": "free"},
            {"client_id": "b", "redirect_uris": ["https://b.example/cb"], "jwks": {"keys": [key()]}},
            {"client_id": "c/d"},
            7,
        ]);
        let faults = read_all(&file).unwrap_err();
        for told in [
            "[0] redirect_uris:",
            "[0] jwks:",
            "[0] scope:",
            "[1] rate_plan:",
            "[2] client_id: b stands",
            "[3] client_id:",
            "[4] is no",
        ] {
            assert!(faults.iter().any(|fault| fault.starts_with(told)), "{told} in {faults:#?}");
        }
        assert_eq!(faults.len(), 7, "{faults:#?}");
    }
}
