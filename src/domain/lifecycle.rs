//! Which operations are to go: since when they are deprecated (RFC 9745), from when they answer no more (RFC 8594), and what
//! takes their place. One table: header fields, the description of the API, refusals and reports are made of it.

use super::time::Timestamp;

/// An operation that is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retiring {
    /// Its `operationId`.
    pub operation: &'static str,
    /// Since when nobody should begin to use it: seconds since 1970.
    pub deprecated_at: i64,
    /// From when it answers 410: seconds since 1970; not before it is deprecated.
    pub sunset_at: Option<i64>,
    /// The `operationId` of what takes its place.
    pub successor: Option<&'static str>,
    /// Where people read about it: an address, or a path of the service.
    pub link: &'static str,
}

/// The operations of this version that are to go: none.
pub const TABLE: &[Retiring] = &[];

impl Retiring {
    /// Whether it answers no more.
    #[must_use]
    pub fn is_gone(&self, now: Timestamp) -> bool {
        self.sunset_at.is_some_and(|at| now.seconds() >= at)
    }

    /// `Deprecation` (RFC 9745 §2.1): a date of structured fields (RFC 9651).
    #[must_use]
    pub fn deprecation(&self) -> String {
        format!("@{}", self.deprecated_at)
    }

    /// `Sunset` (RFC 8594 §3): an HTTP date.
    #[must_use]
    pub fn sunset(&self) -> Option<String> {
        let at = chrono::DateTime::from_timestamp(self.sunset_at?, 0)?;
        Some(at.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
    }

    /// `Link` (RFC 8288): why it goes, and when.
    #[must_use]
    pub fn links(&self) -> String {
        let link = self.link;
        match self.sunset_at {
            Some(_) => format!("<{link}>; rel=\"deprecation\", <{link}>; rel=\"sunset\""),
            None => format!("<{link}>; rel=\"deprecation\""),
        }
    }
}

/// The entry of an operation.
#[must_use]
pub fn find(table: &'static [Retiring], operation: &str) -> Option<&'static Retiring> {
    table.iter().find(|one| one.operation == operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Retiring = Retiring {
        operation: "list_data_sets",
        deprecated_at: 1_688_169_599,
        sunset_at: Some(1_719_791_999),
        successor: None,
        link: "/docs/",
    };

    #[test]
    fn dates_are_written_as_their_fields_want_them() {
        assert_eq!(ONE.deprecation(), "@1688169599");
        assert_eq!(ONE.sunset().as_deref(), Some("Sun, 30 Jun 2024 23:59:59 GMT"));
        assert_eq!(ONE.links(), "</docs/>; rel=\"deprecation\", </docs/>; rel=\"sunset\"");
        assert!(!ONE.is_gone(Timestamp::from_seconds(1_719_791_998)));
        assert!(ONE.is_gone(Timestamp::from_seconds(1_719_791_999)));
    }

    #[test]
    fn every_entry_of_the_table_names_another_operation_and_ends_after_it_begins() {
        for (n, one) in TABLE.iter().enumerate() {
            assert!(one.sunset_at.is_none_or(|at| at > one.deprecated_at), "{one:?}");
            assert!(TABLE.iter().skip(n + 1).all(|other| other.operation != one.operation), "{one:?}");
        }
    }
}
