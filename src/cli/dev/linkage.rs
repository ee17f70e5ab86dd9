//! The pretend private delivery providers, as what citizens can link their accounts with.

use crate::adapters::linkage::{LinkedServicePlan, LinkedServiceSettings};
use crate::domain::chain::Anchors;
use crate::domain::client::{Client, ClientClass, ClientStatus, Contact};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::ids::ClientId;
use crate::domain::profile::{ClientProfile, Logout};
use crate::domain::scope::ScopeSet;
use crate::domain::{Secret, Words};
use crate::sandbox::{delivery, tax_site};
use anyhow::Context as _;
use serde_json::{Value, json};

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

/// As which client the pretend tax site is registered.
pub const TAX_CLIENT: &str = "tax-site";

/// The pretend tax site at the sandbox of this address, as a site that citizens are handed over to.
///
/// # Errors
/// When an address cannot be read.
pub fn tax_site(sandbox: &str) -> anyhow::Result<LinkedServicePlan> {
    let (code, ja, en) = tax_site::NAMES;
    let at = format!("{}{}", sandbox.trim_end_matches('/'), tax_site::PATH);
    let targets: Vec<String> = tax_site::PAGES.iter().map(|page| format!("{at}/{page}")).collect();
    let settings = serde_json::from_value(json!({
        "kind": "sign_on", "code": code, "ja": ja, "en": en, "client": TAX_CLIENT,
        "initiate_login_uri": format!("{at}/begin"), "targets": targets,
    }))?;
    let LinkedServiceSettings::SignOn(settings) = settings else { anyhow::bail!("{code} is no site") };
    Ok(LinkedServicePlan::SignOn(settings))
}

/// The same as a client of the counter, with its public keys.
///
/// # Errors
/// When it is none that the domain accepts.
pub fn tax_client(sandbox: &str, jwks: Value) -> anyhow::Result<Client> {
    let (_, ja, en) = tax_site::NAMES;
    let at = format!("{}{}", sandbox.trim_end_matches('/'), tax_site::PATH);
    let logout = Logout { backchannel_logout_uri: Some(format!("{at}/logout")), ..Logout::default() };
    Ok(Client {
        id: ClientId::parse(TAX_CLIENT)?,
        class: ClientClass::Agency,
        status: ClientStatus::Production,
        name: Words { ja: ja.to_owned(), en: en.to_owned() },
        corporate_number: CorporateNumber::none(),
        contact: Contact { email: "desk@tax-site.example".into(), phone: "03-0000-0000".into() },
        redirect_uris: vec![format!("{at}/callback")],
        jwks,
        scope: ScopeSet::parse("openid")?,
        purposes: Vec::new(),
        rate_plan: "standard".into(),
        dpop_nonce_required: false,
        sector: "tax-site.example".into(),
        profile: ClientProfile { logout, ..ClientProfile::default() },
    })
}
