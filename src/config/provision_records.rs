//! The system that discloses records of exchanges (情報提供等記録): named whole, or not at all.

use super::asserting;
use super::reader::Reader;
use crate::adapters::provisionrecords::ProvisionRecordSettings;

const SECTION: &str = "provision_records";
const BASE_URL: &str = "provision_records.base_url";

/// The system, when one is named.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<ProvisionRecordSettings> {
    let [_, client_id, key_id, file] =
        reader.whole(SECTION, ["base_url", "client_id", "key_id", "private_key_file"])?;
    let base_url = reader.url(BASE_URL);
    let account = asserting::read(reader, SECTION, [client_id, key_id, file]);
    let settings = ProvisionRecordSettings { base_url: base_url?, account: account? };
    if let Err(invalid) = settings.check() {
        reader.fault(BASE_URL, &invalid.0, "see `madoguchi config example`");
    }
    Some(settings)
}
