//! Who we are at a backend that is asked by signed assertions.

use super::reader::Reader;
use crate::adapters::asserting::AssertingSettings;
use std::time::Duration;

/// How long one call may take: somebody waits at a page for it.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The account that `section` names, of its `client_id`, `key_id` and `private_key_file`.
pub(super) fn read(reader: &mut Reader<'_>, section: &str, given: [Option<String>; 3]) -> Option<AssertingSettings> {
    let [client_id, key_id, file] = given;
    let private_key = reader.read_secret(&format!("{section}.private_key_file"), &file?)?;
    let authorities_file = reader.given(&format!("{section}.authorities_file"));
    Some(AssertingSettings {
        client_id: client_id?,
        key_id: key_id?,
        private_key,
        authorities_file: authorities_file.map(|file| reader.resolve(&file)),
        call_timeout: CALL_TIMEOUT,
    })
}
