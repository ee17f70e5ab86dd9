//! A ready-made third party as its registration, and as its own side's file.

use super::ReadyMade;
use crate::domain::client::{Client, ClientClass, ClientStatus, Contact, Purpose};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::ids::ClientId;
use crate::domain::profile::{ClientProfile, GrantType};
use crate::domain::scope::ScopeSet;
use crate::domain::{Secret, Words};
use serde_json::{Value, json};

impl ReadyMade {
    pub(super) fn file_text(&self, issuer: &str, pem: &Secret<String>, kid: &str) -> String {
        let file = json!({
            "client_id": self.id,
            "issuer": issuer,
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "purpose": self.purpose,
            "alg": "ES256",
            "kid": kid,
            "private_key_pem": pem.expose(),
        });
        format!("{file:#}\n")
    }

    pub(super) fn client(&self, jwk: &Value) -> anyhow::Result<Client> {
        Ok(Client {
            id: ClientId::parse(self.id)?,
            class: self.class,
            status: ClientStatus::Production,
            name: words(self.name),
            corporate_number: CorporateNumber::parse(self.corporate_number)?,
            contact: Contact { email: format!("desk@{}.example", self.id), phone: "03-0000-0000".into() },
            redirect_uris: vec![self.redirect_uri.into()],
            jwks: json!({"keys": [jwk]}),
            scope: ScopeSet::parse(self.scope)?,
            purposes: vec![Purpose {
                code: self.purpose.into(),
                words: words(self.purpose_words),
                if_refused: words(self.if_refused),
                retention_days: self.retention_days,
                recipients: self.recipients.iter().copied().map(words).collect(),
                max_access_days: self.max_access_days,
            }],
            rate_plan: self.rate_plan.into(),
            dpop_nonce_required: false,
            // Every loopback redirect has the same host, so a sector of its own keeps the pairwise subjects apart.
            sector: format!("{}.example", self.id),
            profile: ClientProfile { grant_types: self.grant_types(), ..ClientProfile::default() },
        })
    }

    /// A shared terminal has one way to tokens; the others have what a client has that says nothing.
    fn grant_types(&self) -> Vec<GrantType> {
        if self.class == ClientClass::Kiosk { vec![GrantType::DeviceCode] } else { Vec::new() }
    }
}

pub(super) fn words((ja, en): (&str, &str)) -> Words {
    Words { ja: ja.into(), en: en.into() }
}
