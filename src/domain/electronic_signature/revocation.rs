//! Lists of certificates that were taken back (CRLs, RFC 5280 §5 and §6.3): whole ones, signed by whoever issued the certificate.

use super::path::{BadSigner, is_signed};
use crate::domain::time::Timestamp;
use std::time::Duration;
use x509_parser::extensions::{DistributionPointName, IssuingDistributionPoint};
use x509_parser::prelude::{FromDer as _, ParsedExtension, X509Certificate, X509Version};
use x509_parser::revocation_list::CertificateRevocationList;

/// How far the authority's clock may be ahead of ours.
const LEEWAY: Duration = Duration::from_mins(5);

type List<'l> = CertificateRevocationList<'l>;

/// The lists that read, whole.
pub(super) fn read(lists: &[impl AsRef<[u8]>]) -> Vec<List<'_>> {
    let read = |bytes| List::from_der(bytes).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, list)| list);
    lists.iter().filter_map(|bytes| read(bytes.as_ref())).collect()
}

/// Whether this is a list at all that is in force `now`; who signed it is known where a certificate is looked up in it.
#[must_use]
pub fn is_current_list(bytes: &[u8], now: Timestamp) -> bool {
    read(&[bytes]).first().is_some_and(|list| is_current(list, now))
}

fn is_current(list: &List<'_>, now: Timestamp) -> bool {
    let is_begun = list.last_update().timestamp() <= now.plus(LEEWAY).seconds();
    let is_over = list.next_update().is_none_or(|next| next.timestamp() <= now.seconds());
    list.version() == Some(X509Version::V2) && is_begun && !is_over
}

/// That a list of `issuer`'s is about `one`, and does not name it.
///
/// # Errors
/// [`BadSigner::Revoked`]; [`BadSigner::UnknownStatus`] where no list that counts is about it.
pub(super) fn check(
    one: &X509Certificate<'_>,
    issuer: &X509Certificate<'_>,
    lists: &[List<'_>],
    now: Timestamp,
) -> Result<(), BadSigner> {
    let counts = |list: &&List<'_>| is_current(list, now) && is_of(list, issuer) && is_about(list, one);
    let mut is_known = false;
    for list in lists.iter().filter(counts) {
        if list.iter_revoked_certificates().any(|revoked| revoked.user_certificate == one.tbs_certificate.serial) {
            return Err(BadSigner::Revoked);
        }
        is_known = true;
    }
    if is_known { Ok(()) } else { Err(BadSigner::UnknownStatus) }
}

/// Whether `issuer` signed the list, and may sign lists.
fn is_of(list: &List<'_>, issuer: &X509Certificate<'_>) -> bool {
    let may_sign = issuer.key_usage().is_ok_and(|said| said.is_some_and(|said| said.value.crl_sign()));
    let algorithms = (&list.signature_algorithm, &list.tbs_cert_list.signature);
    may_sign
        && list.issuer().as_raw() == issuer.subject().as_raw()
        && is_signed(list.tbs_cert_list.as_ref(), algorithms, &list.signature_value.data, issuer.public_key())
}

/// Whether the list is whole, all that it must be understood by is understood, and `one` is among those it speaks of.
fn is_about(list: &List<'_>, one: &X509Certificate<'_>) -> bool {
    let of_list = list.extensions().iter().all(|extension| match extension.parsed_extension() {
        ParsedExtension::IssuingDistributionPoint(scope) => is_in(scope, one),
        ParsedExtension::ParseError { .. } => false,
        // A list of changes alone (deltaCRLIndicator) is critical, and so ends here.
        _ => !extension.critical,
    });
    // An entry that speaks of another issuer's certificate is critical (certificateIssuer).
    let of_entries = || {
        list.iter_revoked_certificates().all(|entry| {
            entry.extensions().iter().all(|extension| {
                let is_known = matches!(
                    extension.parsed_extension(),
                    ParsedExtension::ReasonCode(_) | ParsedExtension::InvalidityDate(_)
                );
                is_known || !extension.critical
            })
        })
    };
    of_list && of_entries()
}

fn is_in(scope: &IssuingDistributionPoint<'_>, one: &X509Certificate<'_>) -> bool {
    let is_whole = scope.only_some_reasons.is_none() && !scope.indirect_crl && !scope.only_contains_attribute_certs;
    let of_others = if one.is_ca() { scope.only_contains_user_certs } else { scope.only_contains_ca_certs };
    is_whole && !of_others && scope.distribution_point.as_ref().is_none_or(|place| is_named(place, one))
}

/// Whether the certificate names this place as where its list is (RFC 5280 §6.3.3 (b) (2) (i)).
fn is_named(place: &DistributionPointName<'_>, one: &X509Certificate<'_>) -> bool {
    let is_there = |wanted: &DistributionPointName<'_>| match (place, wanted) {
        (DistributionPointName::FullName(has), DistributionPointName::FullName(wanted)) => {
            has.iter().any(|name| wanted.contains(name))
        }
        _ => false,
    };
    one.extensions().iter().any(|extension| match extension.parsed_extension() {
        ParsedExtension::CRLDistributionPoints(points) => {
            points.iter().any(|point| point.distribution_point.as_ref().is_some_and(is_there))
        }
        _ => false,
    })
}
