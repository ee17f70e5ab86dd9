//! The registrations of the counter's two clients.

use super::counter::REDIRECT_URI;
use madoguchi::domain::Words;
use madoguchi::domain::client::{Client, ClientClass, ClientStatus, Contact, Purpose};
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::profile::ClientProfile;
use madoguchi::domain::scope::ScopeSet;
use madoguchi::protocol::jose::Es256Signer;
use serde_json::json;

fn words(text: &str) -> Words {
    Words { ja: text.into(), en: text.into() }
}

pub fn registration(id: &str, key: &Es256Signer) -> Client {
    Client {
        id: ClientId::parse(id).unwrap(),
        class: ClientClass::Bank,
        status: ClientStatus::Production,
        name: words("試験銀行"),
        corporate_number: CorporateNumber::parse("7000012050002").unwrap(),
        contact: Contact { email: "desk@bank.example".into(), phone: "000".into() },
        redirect_uris: vec![REDIRECT_URI.into()],
        jwks: json!({"keys": [key.public_jwk()]}),
        scope: ScopeSet::parse("openid offline_access self_information catalog").unwrap(),
        purposes: vec![Purpose {
            code: "loan_examination".into(),
            words: words("loan"),
            if_refused: words("none"),
            retention_days: 90,
            recipients: vec![],
            max_access_days: 30,
        }],
        rate_plan: "measurement".into(),
        dpop_nonce_required: false,
        sector: "bank.example".into(),
        profile: ClientProfile::default(),
    }
}
