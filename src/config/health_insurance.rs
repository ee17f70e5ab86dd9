//! オンライン資格確認: the insurers' server and the qualification system, named whole, or not at all.

use super::asserting;
use super::reader::Reader;
use crate::adapters::qualification::QualificationSettings;

const SECTION: &str = "health_insurance";
const INSURERS_URL: &str = "health_insurance.insurers_url";
const BASE_URL: &str = "health_insurance.base_url";

/// Both systems, when they are named.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<QualificationSettings> {
    let names = ["insurers_url", "base_url", "client_id", "key_id", "private_key_file"];
    let [_, _, client_id, key_id, file] = reader.whole(SECTION, names)?;
    let (insurers_url, base_url) = (reader.url(INSURERS_URL), reader.url(BASE_URL));
    let account = asserting::read(reader, SECTION, [client_id, key_id, file]);
    let settings = QualificationSettings { insurers_url: insurers_url?, base_url: base_url?, account: account? };
    if let Err(invalid) = settings.check() {
        reader.fault(BASE_URL, &invalid.0, "see `madoguchi config example`");
    }
    Some(settings)
}
