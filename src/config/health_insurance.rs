//! オンライン資格確認: the insurers' server and the qualification system, named whole, or not at all.

use super::reader::Reader;
use crate::adapters::qualification::QualificationSettings;
use std::time::Duration;

const INSURERS_URL: &str = "health_insurance.insurers_url";
const BASE_URL: &str = "health_insurance.base_url";
const CLIENT: &str = "health_insurance.client_id";
const KEY_ID: &str = "health_insurance.key_id";
const KEY: &str = "health_insurance.private_key_file";
const AUTHORITIES: &str = "health_insurance.authorities_file";
/// How long one of the two calls may take: somebody waits for both.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Both systems, when they are named: by addresses, id, key and its name, or not at all.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<QualificationSettings> {
    let names = [INSURERS_URL, BASE_URL, CLIENT, KEY_ID, KEY];
    let given = names.map(|key| reader.given(key));
    if given.iter().all(Option::is_none) {
        return None;
    }
    for (key, value) in names.iter().zip(&given) {
        if value.is_none() {
            let fix = "name insurers_url, base_url, client_id, key_id and private_key_file, or none of them";
            reader.fault(key, "is missing", fix);
        }
    }
    let [_, _, client_id, key_id, file] = given;
    let (insurers_url, base_url) = (reader.url(INSURERS_URL), reader.url(BASE_URL));
    let settings = QualificationSettings {
        insurers_url: insurers_url?,
        base_url: base_url?,
        client_id: client_id?,
        key_id: key_id?,
        private_key: reader.read_secret(KEY, &file?)?,
        authorities_file: reader.given(AUTHORITIES).map(|file| reader.resolve(&file)),
        call_timeout: CALL_TIMEOUT,
    };
    if let Err(invalid) = settings.check() {
        reader.fault(BASE_URL, &invalid.0, "see `madoguchi config example`");
    }
    Some(settings)
}
