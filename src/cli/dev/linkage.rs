//! The pretend private delivery providers, as what citizens can link their accounts with.

use crate::adapters::linkage::{LinkedServicePlan, LinkedServiceSettings};
use crate::domain::Secret;
use crate::domain::chain::Anchors;
use crate::sandbox::delivery;
use anyhow::Context as _;
use serde_json::json;

/// Where they send browsers back to.
pub const CALLBACK: &str = "/links/callback";

/// The providers at the sandbox of this address; who we are there, and our key. Who vouches for documents is known of a sandbox
/// of this process alone.
///
/// # Errors
/// When no keys can be made.
pub fn linked_services(
    sandbox: &str,
    client_id: &str,
    (key, kid): (&Secret<String>, &str),
) -> anyhow::Result<Vec<LinkedServicePlan>> {
    let anchors = delivery::anchors().map_err(anyhow::Error::msg)?;
    let plan = |(code, ja, en): &(&str, &str, &str)| {
        let issuer = format!("{sandbox}{}/{code}", delivery::PATH);
        let settings = serde_json::from_value(json!({
            "kind": "private_delivery", "code": code, "ja": ja, "en": en, "issuer": issuer, "client_id": client_id,
            "key_file": "gateway-key.pem", "kid": kid, "anchors_file": "delivery-anchors.pem",
            "revocation_url": format!("{issuer}/revoke"), "documents_url": format!("{issuer}/documents"),
            "call_timeout_seconds": 5,
        }))?;
        let LinkedServiceSettings::PrivateDelivery(settings) = settings else {
            anyhow::bail!("{code} is no private delivery provider");
        };
        let anchors = Anchors::from_pem(anchors).context("the sandbox's authority does not read")?;
        Ok(LinkedServicePlan::Delivery(settings, key.clone(), anchors))
    };
    delivery::PROVIDERS.iter().map(plan).collect()
}
