//! The system that discloses records of exchanges (情報提供等記録): named whole, or not at all.

use super::reader::Reader;
use crate::adapters::provisionrecords::ProvisionRecordSettings;
use std::time::Duration;

const BASE_URL: &str = "provision_records.base_url";
const CLIENT: &str = "provision_records.client_id";
const KEY_ID: &str = "provision_records.key_id";
const KEY: &str = "provision_records.private_key_file";
const AUTHORITIES: &str = "provision_records.authorities_file";
/// How long one call may take: somebody waits at a page for it.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The system, when one is named: by address, id, key and its name, or not at all.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<ProvisionRecordSettings> {
    let given = [BASE_URL, CLIENT, KEY_ID, KEY].map(|key| reader.given(key));
    if given.iter().all(Option::is_none) {
        return None;
    }
    for (key, value) in [BASE_URL, CLIENT, KEY_ID, KEY].iter().zip(&given) {
        if value.is_none() {
            reader.fault(key, "is missing", "name base_url, client_id, key_id and private_key_file, or none of them");
        }
    }
    let [_, client_id, key_id, file] = given;
    let base_url = reader.url(BASE_URL)?;
    let settings = ProvisionRecordSettings {
        base_url,
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
