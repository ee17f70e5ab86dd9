//! Electronic signatures (電子署名): where they are made and what they are held against, named whole, or not at all.

use super::reader::Reader;
use crate::adapters::signatures::SignatureSettings;
use std::time::Duration;
use url::Url;

const SIGNING_URL: &str = "signatures.signing_url";
const ANCHORS: &str = "signatures.trust_anchors_file";
const LISTS: &str = "signatures.crl_urls";
const POLICIES: &str = "signatures.certificate_policies";
/// How long the fetching of one list of revoked certificates may take: somebody waits for it.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// Signatures, when they are named.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<SignatureSettings> {
    let (lists, policies) = (reader.list(LISTS), reader.list(POLICIES));
    let given = [SIGNING_URL, ANCHORS].map(|key| reader.given(key));
    if given.iter().all(Option::is_none) && lists.is_empty() && policies.is_empty() {
        return None;
    }
    let fix = "name signing_url, trust_anchors_file, crl_urls and certificate_policies, or none of them";
    for (key, is_given) in [
        (SIGNING_URL, given.first().is_some_and(Option::is_some)),
        (ANCHORS, given.last().is_some_and(Option::is_some)),
        (LISTS, !lists.is_empty()),
        (POLICIES, !policies.is_empty()),
    ] {
        if !is_given {
            reader.fault(key, "is missing", fix);
        }
    }
    let mut crl_urls = Vec::new();
    for text in lists {
        match Url::parse(&text) {
            Ok(url) => crl_urls.push(url),
            Err(_) => reader.fault(LISTS, &format!("{text:?} is no address"), "name each by http or https"),
        }
    }
    let [_, file] = given;
    let settings = SignatureSettings {
        signing_url: reader.url(SIGNING_URL)?,
        // They are no secret; read as one is, so that a file that is not there is named like any other.
        anchors: reader.read_secret(ANCHORS, &file?)?.expose().clone(),
        certificate_policies: policies,
        crl_urls,
        call_timeout: CALL_TIMEOUT,
    };
    if let Err(invalid) = settings.check() {
        reader.fault(SIGNING_URL, &invalid.0, "see `madoguchi config example`");
    }
    Some(settings)
}
