//! What citizens can link their accounts with (もっとつながる).

use super::reader::Reader;
use crate::adapters::linkage::LinkedServiceSettings;

/// Every `[[linked_services]]` table that can be used.
pub(super) fn read(reader: &mut Reader<'_>) -> Vec<LinkedServiceSettings> {
    let mut read: Vec<LinkedServiceSettings> = Vec::new();
    for (number, table) in reader.linked_services().into_iter().enumerate() {
        let key = format!("linked_services[{number}]");
        match table.try_into::<LinkedServiceSettings>() {
            Ok(mut service) => {
                if let Err(invalid) = service.check() {
                    reader.fault(&key, &invalid.fault, "see `madoguchi config example`");
                }
                if read.iter().any(|other| other.code() == service.code()) {
                    reader.fault(&key, "has the code of another", "give each service a code of its own");
                }
                if let LinkedServiceSettings::PrivateDelivery(provider) = &mut service {
                    let files = [&mut provider.key_file, &mut provider.anchors_file];
                    for file in files.into_iter().chain(provider.authorities_file.as_mut()) {
                        *file = reader.resolve(&file);
                    }
                }
                read.push(service);
            }
            Err(error) => reader.fault(&key, error.message(), "see `madoguchi config example`"),
        }
    }
    read
}
