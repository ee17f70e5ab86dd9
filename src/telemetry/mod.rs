//! How the counter speaks to its operator: log fields and their one list of names, the subscriber, redaction.
