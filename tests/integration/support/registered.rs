//! Third parties as an operator registers them.

use madoguchi::domain::Words;
use madoguchi::domain::client::{Client, ClientClass, ClientStatus, Contact, Purpose};
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::profile::{Backchannel, ClientProfile, GrantType};
use madoguchi::domain::scope::ScopeSet;
use serde_json::{Value, json};

/// A registration with one purpose, `loan_examination`, all scopes and all grant types.
pub fn registration(id: &str, class: ClientClass, jwk: &Value) -> Client {
    Client {
        id: ClientId::parse(id).unwrap(),
        class,
        status: ClientStatus::Production,
        name: words("試験銀行"),
        corporate_number: CorporateNumber::parse("7000012050002").unwrap(),
        contact: Contact { email: "desk@bank.example".into(), phone: "000".into() },
        redirect_uris: vec!["https://bank.example/callback".into()],
        jwks: json!({"keys": [jwk]}),
        scope: ScopeSet::parse(
            "openid offline_access self_information provision_records health_insurance private_documents linked_services catalog submissions employment_certificates agency_payments certificate_verification \
             establishments deposits agency_deposits service_search notices agency_notices applications \
             agency_applications",
        )
        .unwrap(),
        purposes: vec![Purpose {
            code: "loan_examination".into(),
            words: words("住宅ローンの審査"),
            if_refused: words("窓口でのお手続きになります"),
            retention_days: 90,
            recipients: vec![],
            max_access_days: 90,
        }],
        rate_plan: "measurement".into(),
        dpop_nonce_required: false,
        sector: "bank.example".into(),
        profile: ClientProfile {
            grant_types: GrantType::ALL.to_vec(),
            backchannel: Some(Backchannel::Poll),
            ..ClientProfile::default()
        },
    }
}

fn words(text: &str) -> Words {
    Words { ja: text.into(), en: text.into() }
}
