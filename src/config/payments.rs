//! The payment service (公金決済): named whole, or not at all.

use super::reader::Reader;
use crate::adapters::payment::PaymentSettings;
use std::time::Duration;

const BASE_URL: &str = "payments.base_url";
const SECRET: &str = "payments.secret_file";
const AUTHORITIES: &str = "payments.authorities_file";
/// How long one call may take: a citizen waits.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);

/// The service, when one is named: by address, shop and secret, or not at all.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<PaymentSettings> {
    let [_, shop, file] = reader.whole("payments", ["base_url", "shop", "secret_file"])?;
    let settings = PaymentSettings {
        base_url: reader.url(BASE_URL)?,
        shop: shop?,
        secret: reader.read_secret(SECRET, &file?)?,
        authorities_file: reader.given(AUTHORITIES).map(|file| reader.resolve(&file)),
        call_timeout: CALL_TIMEOUT,
    };
    if let Err(invalid) = settings.check() {
        reader.fault(BASE_URL, &invalid.0, "see `madoguchi config example`");
    }
    Some(settings)
}
