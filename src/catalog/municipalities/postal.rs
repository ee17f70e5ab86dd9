//! Postal codes (郵便番号), as runs of codes that are delivered to the same municipalities.

use super::MunicipalityCode;

/// A postal code: seven digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PostalCode(u32);

/// Codes from the first to the last, none of which is another municipality's.
#[derive(Clone, Debug)]
pub(super) struct PostalRun {
    pub first: PostalCode,
    pub last: PostalCode,
    pub municipalities: Vec<MunicipalityCode>,
}

impl PostalCode {
    /// Reads seven ASCII digits, with a hyphen after the third or without.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = match text.split_once('-') {
            Some((three, four)) if three.len() == 3 => format!("{three}{four}"),
            Some(_) => return None,
            None => text.to_owned(),
        };
        let is_whole = digits.len() == 7 && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|_| is_whole).map(Self)
    }
}

/// Where a code is delivered to, by the one run that can hold it.
pub(super) fn find(runs: &[PostalRun], code: PostalCode) -> &[MunicipalityCode] {
    let at = runs.partition_point(|run| run.last < code);
    runs.get(at).filter(|run| run.first <= code).map_or(&[], |run| run.municipalities.as_slice())
}
