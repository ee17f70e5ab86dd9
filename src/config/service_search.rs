//! The search web service (ぴったりサービス): named whole, or not at all.

use super::reader::Reader;
use crate::adapters::servicesearch::ServiceSearchSettings;
use crate::catalog::municipalities::MunicipalityCode;
use std::time::Duration;

const BASE_URL: &str = "service_search.base_url";
const PASSWORD: &str = "service_search.password_file";
const AUTHORITIES: &str = "service_search.authorities_file";
const MUNICIPALITIES: &str = "service_search.municipalities";
const MINUTES: &str = "service_search.refresh_minutes";
/// How long one call may take: as the clients of the real service wait.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// The service, when one is named: by address, id and password, or not at all.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<ServiceSearchSettings> {
    let mut municipalities = Vec::new();
    for text in reader.list(MUNICIPALITIES) {
        match MunicipalityCode::parse(&text) {
            Ok(code) => municipalities.push(code),
            Err(error) => reader.fault(MUNICIPALITIES, &format!("{text:?} {error}"), "name each by its code"),
        }
    }
    let minutes = reader.parsed(MINUTES, "a number from 1 to 10080", |text| {
        text.parse::<u64>().ok().filter(|minutes| (1..=10_080).contains(minutes))
    });
    let [_, id, file] = reader.whole("service_search", ["base_url", "id", "password_file"])?;
    let base_url = reader.url(BASE_URL)?;
    let settings = ServiceSearchSettings {
        base_url,
        id: id?,
        password: reader.read_secret(PASSWORD, &file?)?,
        authorities_file: reader.given(AUTHORITIES).map(|file| reader.resolve(&file)),
        municipalities,
        every: Duration::from_secs(minutes? * 60),
        call_timeout: CALL_TIMEOUT,
    };
    if let Err(invalid) = settings.check() {
        reader.fault(BASE_URL, &invalid.0, "see `madoguchi config example`");
    }
    Some(settings)
}
