//! Settings that cannot be used are told of.

use super::*;
use serde_json::{Value, json};

fn read(text: &str) -> Result<LinkedServiceSettings, String> {
    let settings: LinkedServiceSettings = toml::from_str(text).map_err(|error| error.to_string())?;
    settings.check().map_err(|error| error.to_string())?;
    Ok(settings)
}

fn site(change: &[(&str, Value)]) -> Result<(), String> {
    let mut made = json!({
        "code": "tax", "ja": "見本", "en": "Mihon", "client": "tax-site",
        "initiate_login_uri": "https://tax.example/begin", "targets": ["https://tax.example/home"],
    });
    for (name, value) in change {
        made[name] = value.clone();
    }
    let settings: SignOnSettings = serde_json::from_value(made).map_err(|error| error.to_string())?;
    settings.check().map_err(|error| error.to_string())
}

#[test]
fn a_site_leads_nowhere_but_to_itself() {
    site(&[]).unwrap();
    let cases = [
        ("targets", json!([])),
        ("targets", json!(["https://evil.example/home"])),
        ("targets", json!(["https://tax.example:444/home"])),
        ("targets", json!(["http://tax.example/home"])),
        ("initiate_login_uri", json!("http://tax.example/begin")),
        ("initiate_login_uri", json!("https://tax.example/begin?next=1")),
        ("code", json!("Tax")),
    ];
    for (name, value) in cases {
        assert!(site(&[(name, value.clone())]).is_err(), "{name} {value}");
    }
}

#[test]
fn a_provider_is_https_and_whole() {
    let whole = r#"
kind = "private_delivery"
code = "post"
ja = "見本"
en = "Mihon"
issuer = "https://post.example"
client_id = "madoguchi"
key_file = "k.pem"
kid = "k"
revocation_url = "https://post.example/revoke"
documents_url = "https://post.example/documents"
anchors_file = "a.pem"
"#;
    assert!(matches!(read(whole).unwrap(), LinkedServiceSettings::PrivateDelivery(_)));
    for (from, to) in [
        ("https://post.example/documents", "http://post.example/documents"),
        ("https://post.example\"", "http://post.example\""),
        ("client_id = \"madoguchi\"", "client_id = \"\""),
        ("kid = \"k\"", "kid = \"k\"\nnonsense = 1"),
        ("kid = \"k\"", "kid = \"k\"\nscope = \"documents\""),
        ("kid = \"k\"", "kid = \"k\"\ncall_timeout_seconds = 0"),
    ] {
        assert!(read(&whole.replace(from, to)).is_err(), "{to}");
    }
}
