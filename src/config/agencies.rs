//! The agencies that take filings.

use super::reader::Reader;
use crate::adapters::agency::AgencySettings;

/// Every `[[agencies]]` table that can be used.
pub(super) fn read(reader: &mut Reader<'_>) -> Vec<AgencySettings> {
    let mut read: Vec<AgencySettings> = Vec::new();
    for (number, table) in reader.agencies().into_iter().enumerate() {
        let key = format!("agencies[{number}]");
        match table.try_into::<AgencySettings>() {
            Ok(mut agency) => {
                if let Err(invalid) = agency.check() {
                    reader.fault(&key, &invalid.fault, "see `madoguchi config example`");
                }
                if read.iter().any(|other| other.name == agency.name) {
                    reader.fault(&key, "has the name of another", "give each agency a name of its own");
                }
                agency.token_file = agency.token_file.map(|file| reader.resolve(&file));
                agency.authorities_file = agency.authorities_file.map(|file| reader.resolve(&file));
                if let Some(egov) = &mut agency.egov {
                    let files = [
                        &mut egov.api_key_file,
                        &mut egov.refresh_token_file,
                        &mut egov.key_file,
                        &mut egov.certificate_file,
                    ];
                    for file in files.into_iter().chain(egov.anchors_file.as_mut()) {
                        *file = reader.resolve(&file);
                    }
                }
                read.push(agency);
            }
            Err(error) => reader.fault(&key, error.message(), "see `madoguchi config example`"),
        }
    }
    read
}
