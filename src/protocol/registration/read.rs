//! From metadata to a client.

use super::members::Members;
use super::{check, faults_of, profile};
use crate::domain::client::{Client, ClientClass, ClientStatus, Contact, Purpose};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::ids::ClientId;
use crate::domain::profile::{ClientProfile, GrantType};
use crate::domain::scope::{Scope, ScopeSet};
use crate::domain::{Refusal, Words};
use serde::Deserialize as _;
use serde_json::{Map, Value, json};
use url::Url;

/// What does not come from the metadata.
#[derive(Clone, Debug)]
pub struct Given {
    /// The client's id: never its own choice in a registration of its own (RFC 9700 §2.6).
    pub id: ClientId,
    /// How far the registration has come.
    pub status: ClientStatus,
    /// Its rate plan, when the metadata names none.
    pub rate_plan: String,
}

/// Reads metadata. What is not known is ignored (RFC 7591 §2); what is left out has its default.
///
/// # Errors
/// Everything that is wrong, each with a code of RFC 7591 §3.2.2, its member and the fix.
pub fn client_of(metadata: &Map<String, Value>, given: Given) -> Result<Client, Vec<Refusal>> {
    let mut members = Members::new(metadata);
    let profile = profile::read(&mut members);
    let redirect_uris = members.texts("redirect_uris");
    let purposes = purposes(&mut members);
    let client = Client {
        class: class(&mut members),
        status: given.status,
        name: members.words("client_name").unwrap_or_else(|| same(given.id.as_str())),
        corporate_number: corporate_number(&mut members),
        contact: contact(&mut members),
        jwks: jwks(&mut members),
        scope: scope(&mut members, &profile, !purposes.is_empty()),
        purposes,
        rate_plan: members.text("rate_plan").unwrap_or(given.rate_plan),
        dpop_nonce_required: members.flag("dpop_nonce_required"),
        sector: members.text("sector").unwrap_or_else(|| sector(&redirect_uris, &given.id)),
        redirect_uris,
        profile,
        id: given.id,
    };
    let mut faults = members.into_faults();
    // A member that did not read has been told already; the whole is looked at beside it all the same.
    let told: Vec<Option<Box<str>>> = faults.iter().map(|fault| fault.pointer.clone()).collect();
    faults.extend(faults_of(&client).into_iter().filter(|fault| !told.contains(&fault.pointer)));
    if faults.is_empty() { Ok(client) } else { Err(faults) }
}

fn same(text: &str) -> Words {
    Words { ja: text.to_owned(), en: text.to_owned() }
}

fn class(members: &mut Members<'_>) -> ClientClass {
    let form = format!("one of {}", ClientClass::ALL.map(ClientClass::as_str).join(", "));
    members.parsed("client_class", &form, ClientClass::parse).unwrap_or(ClientClass::General)
}

fn corporate_number(members: &mut Members<'_>) -> CorporateNumber {
    let form = "13 digits whose first is the check digit of the other twelve (法人番号)";
    let read = members.parsed("corporate_number", form, |text| CorporateNumber::parse(text).ok());
    read.unwrap_or_else(CorporateNumber::none)
}

fn contact(members: &mut Members<'_>) -> Contact {
    let email = members.texts("contacts").into_iter().next().unwrap_or_default();
    Contact { email, phone: members.text("contact_phone").unwrap_or_default() }
}

/// An empty set where the keys are elsewhere; what is in it is judged with the registration as a whole.
fn jwks(members: &mut Members<'_>) -> Value {
    match members.value("jwks") {
        None => json!({ "keys": [] }),
        Some(set) if set.get("keys").is_some_and(Value::is_array) => set.clone(),
        Some(_) => {
            members.fault("jwks", "must be a JWK Set: an object with a list `keys` (RFC 7517 §5)");
            json!({ "keys": [] })
        }
    }
}

/// A client that says nothing gets what its grant types can use, and self-information only where it has a purpose.
fn scope(members: &mut Members<'_>, profile: &ClientProfile, has_purpose: bool) -> ScopeSet {
    if let Some(text) = members.text("scope") {
        return ScopeSet::parse(&text).unwrap_or_else(|unknown| {
            members.fault("scope", &unknown.to_string());
            ScopeSet::default()
        });
    }
    let grants = &profile.grant_types;
    let is_client_only = !grants.is_empty() && grants.iter().all(|kind| *kind == GrantType::ClientCredentials);
    match (is_client_only, has_purpose) {
        (true, _) => ScopeSet::of(&[Scope::Catalog]),
        (false, false) => ScopeSet::of(&[Scope::Openid, Scope::OfflineAccess, Scope::Catalog]),
        (false, true) => {
            // To apply somewhere for a person, to see who else asked about them, or to
            // register their card, is never meant by saying nothing.
            let asked = |s: Scope| matches!(s, Scope::Applications | Scope::ProvisionRecords | Scope::HealthInsurance);
            let is_meant = |scope: Scope| !asked(scope);
            let is_left_out = |scope: Scope| scope.is_of_the_client() || !is_meant(scope);
            ScopeSet::of(&Scope::ALL.map(|scope| if is_left_out(scope) { Scope::Openid } else { scope }))
        }
    }
}

fn purposes(members: &mut Members<'_>) -> Vec<Purpose> {
    let Some(value) = members.value("purposes") else { return Vec::new() };
    Vec::<Purpose>::deserialize(value).unwrap_or_else(|error| {
        members.fault("purposes", &format!("must be a list of purposes: {error}"));
        Vec::new()
    })
}

/// The host of the redirect URIs (OpenID Connect Core §8.1); the client alone where there is none, or only this machine.
fn sector(redirect_uris: &[String], id: &ClientId) -> String {
    let mut uris = redirect_uris.iter().filter_map(|uri| Url::parse(uri).ok()).filter(|uri| !check::is_loopback(uri));
    let first = uris.find_map(|uri| uri.host_str().map(str::to_owned));
    first.unwrap_or_else(|| id.as_str().to_owned())
}
