//! The pretend e-Gov as one of the agencies: its files are made up and known to everybody.

use super::directory::write_private;
use crate::adapters::agency::AgencySettings;
use crate::sandbox::egov;
use serde_json::json;
use std::path::Path;

/// e-Gov at the sandbox of this address; its keys go into `folder`. It is asked more often than the real one likes to be.
/// Who vouches for official documents is known of a sandbox of this process alone.
///
/// # Errors
/// When no keys can be made, or the files cannot be written.
pub fn agency(sandbox: &str, is_own: bool, folder: &Path) -> anyhow::Result<AgencySettings> {
    let keys = egov::keys().map_err(anyhow::Error::msg)?;
    let [key, certificate] =
        ["e-gov-applicant-key.pem", "e-gov-applicant-certificate.pem"].map(|name| folder.join(name));
    if !(key.exists() && certificate.exists()) {
        write_private(&key, &keys.applicant_key)?;
        write_private(&certificate, &keys.applicant_certificate)?;
    }
    let anchors = is_own.then(|| folder.join("e-gov-anchors.pem"));
    if let Some(file) = &anchors {
        write_private(file, &keys.anchor)?;
    }
    let files = [("e-gov-api.key", egov::API_KEY), ("e-gov-account.token", egov::REFRESH_TOKEN)];
    for (name, text) in files {
        // What `madoguchi agencies connect` wrote stays.
        if !folder.join(name).exists() {
            write_private(&folder.join(name), text)?;
        }
    }
    let [api_key, token] = files.map(|(name, _)| folder.join(name));
    Ok(serde_json::from_value(json!({
        "name": egov::NAME,
        "kind": "egov",
        "base_url": format!("{sandbox}{}", egov::PATH),
        "procedures": egov::procedures().collect::<Vec<_>>(),
        "repeats": "after_look_up",
        "call_timeout_seconds": 4,
        "look_up_after_seconds": 5,
        "look_every_seconds": 1,
        "first_pause_millis": 200,
        "longest_pause_seconds": 5,
        "egov": {
            "account_url": format!("{sandbox}{}", egov::ACCOUNT_PATH),
            "software_id": egov::SOFTWARE_ID,
            "api_key_file": api_key,
            "redirect_uri": format!("{sandbox}{}", egov::REDIRECT_PATH),
            "refresh_token_file": token,
            "key_file": key,
            "certificate_file": certificate,
            "anchors_file": anchors,
            "electronic_delivery": {
                "client": "payroll", "procedures": egov::DELIVERY_PROCEDURES, "look_every_seconds": 1,
            },
            "applicant": {
                "corporation": "見本工業株式会社", "name": "見本　太郎", "name_kana": "ミホン　タロウ",
                "postal_code": "1000000", "address": "東京都見本区例示1-1", "address_kana": "トウキョウトミホンクレイジ",
                "telephone": "03-0000-0000", "mail": "filing@mihon.example",
            },
        },
    }))?)
}
