//! The names of log fields, once each. Dots group them; units stand at the end.

/// What one call is known by in every line about it, and in the reply's `X-Request-Id`.
pub const REQUEST_ID: &str = "request.id";
/// The operation's `operationId`.
pub const OPERATION: &str = "operation";
/// `GET`, `POST`, …
pub const METHOD: &str = "http.method";
/// The route's pattern, never the address that was called.
pub const ROUTE: &str = "http.route";
/// The status that was answered.
pub const STATUS: &str = "http.status";
/// How long the call took.
pub const DURATION_US: &str = "duration_us";
/// The third party's `client_id`.
pub const CLIENT_ID: &str = "client.id";
/// The grant's id.
pub const GRANT_ID: &str = "grant.id";
/// A person, as a keyed fingerprint.
pub const SUBJECT: &str = "subject.fingerprint";
/// The stable code of a refusal.
pub const REFUSAL: &str = "refusal.code";
/// The id that the caller was told with a problem.
pub const ERROR_ID: &str = "error.id";
/// A backend's name.
pub const BACKEND: &str = "backend";
/// A data set's code.
pub const DATA_SET: &str = "data_set";
