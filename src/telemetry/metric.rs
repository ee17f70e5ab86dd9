//! The names of figures, their units and their labels, once each; and the one place where they are counted.
//!
//! A label is a route's pattern, a code of ours, or a name that the operator gave: never what a caller sent, so that there
//! are as many series as the installation is large, and nobody can be found in them.
//!
//! Nothing is counted until [`install`] was called; calling one of the functions before costs next to nothing.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;

/// How long requests took, by method, route and status (the semantic conventions of OpenTelemetry).
pub const REQUEST_SECONDS: &str = "http_server_request_duration_seconds";
/// Problems that were answered, by their code.
pub const PROBLEMS: &str = "madoguchi_problems_total";
/// Answers with tokens, by the grant type that was used.
pub const TOKENS: &str = "madoguchi_token_responses_total";
/// Calls of backends for self-information, by backend and whether it answered sensibly.
pub const BACKEND_CALLS: &str = "madoguchi_backend_calls_total";
/// Calls by which filings are delivered or asked for, by agency and whether it answered sensibly.
pub const AGENCY_CALLS: &str = "madoguchi_agency_calls_total";
/// 1 while calls of an agency are let through, 0 while its breaker holds them back.
pub const AGENCY_OPEN: &str = "madoguchi_agency_open";
/// Deliveries that wait, by agency and by what for: `to_send`, `in_review`, `person`.
pub const DELIVERIES: &str = "madoguchi_deliveries";
/// Messages to receivers of webhooks, by what came of the attempt: `done`, `later`, `dead`.
pub const WEBHOOKS: &str = "madoguchi_webhook_attempts_total";
/// Leaves that wait for the log of evidence.
pub const LEAVES: &str = "madoguchi_evidence_waiting_leaves";
/// 1 while the log of evidence moves.
pub const LOG_MOVES: &str = "madoguchi_evidence_moves";
/// 1, labelled with what runs.
pub const BUILD: &str = "madoguchi_build_info";

/// Upper bounds of the histogram, in seconds: those of the conventions, and finer ones where most answers are.
const SECONDS: [f64; 15] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// How often what was measured is summed up while nobody reads it.
const UPKEEP: Duration = Duration::from_secs(5);

/// The figures of this process.
#[derive(Clone)]
pub struct Figures(PrometheusHandle);

impl Figures {
    /// All of them as they are now, in the text format of Prometheus (0.0.4).
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Sums up what was measured, for as long as the process runs; without it measurements pile up unread.
    pub async fn keep(self) {
        loop {
            tokio::time::sleep(UPKEEP).await;
            self.0.run_upkeep();
        }
    }
}

/// Why nothing is counted.
#[derive(Debug, thiserror::Error)]
pub enum NotCounted {
    /// The histogram has no bounds.
    #[error("the bounds of {REQUEST_SECONDS} are not in order: {0}")]
    Bounds(#[from] metrics_exporter_prometheus::BuildError),
    /// Something else in the process counts already.
    #[error("counting was started twice")]
    Twice,
}

/// Counts from now on, for the whole process.
///
/// # Errors
/// [`NotCounted`], above all when it was called before.
pub fn install() -> Result<Figures, NotCounted> {
    let matcher = Matcher::Full(REQUEST_SECONDS.to_owned());
    let recorder = PrometheusBuilder::new().set_buckets_for_metric(matcher, &SECONDS)?.build_recorder();
    let figures = Figures(recorder.handle());
    metrics::set_global_recorder(recorder).map_err(|_| NotCounted::Twice)?;
    describe();
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(figures)
}

fn describe() {
    describe_histogram!(REQUEST_SECONDS, Unit::Seconds, "How long requests took.");
    describe_counter!(PROBLEMS, "Problems that were answered.");
    describe_counter!(TOKENS, "Answers with tokens.");
    describe_counter!(BACKEND_CALLS, "Calls of backends for self-information.");
    describe_counter!(AGENCY_CALLS, "Calls of agencies about filings.");
    describe_gauge!(AGENCY_OPEN, "1 while calls of the agency are let through.");
    describe_gauge!(DELIVERIES, "Deliveries that wait, as of the last half minute.");
    describe_counter!(WEBHOOKS, "Attempts to tell receivers of webhooks.");
    describe_gauge!(LEAVES, "Leaves that wait for the log of evidence.");
    describe_gauge!(LOG_MOVES, "1 while the log of evidence moves.");
    describe_gauge!(BUILD, "What runs.");
}

/// A request was answered. `route` is its pattern, empty when none fits.
pub fn answered(method: &str, route: String, status: u16, took: Duration) {
    let labels = [
        ("http_request_method", known(method).into()),
        ("http_route", metrics::SharedString::from(route)),
        ("http_response_status_code", status.to_string().into()),
    ];
    histogram!(REQUEST_SECONDS, &labels).record(took.as_secs_f64());
}

/// A problem with this code was answered.
pub fn problem(code: &'static str) {
    counter!(PROBLEMS, "code" => code).increment(1);
}

/// Tokens were answered.
pub fn tokens(grant_type: &'static str) {
    counter!(TOKENS, "grant_type" => grant_type).increment(1);
}

/// A backend was called.
pub fn backend_called(backend: &str, is_well: bool) {
    counter!(BACKEND_CALLS, "backend" => backend.to_owned(), "outcome" => outcome(is_well)).increment(1);
}

/// An agency was called.
pub fn agency_called(agency: &str, is_well: bool) {
    counter!(AGENCY_CALLS, "agency" => agency.to_owned(), "outcome" => outcome(is_well)).increment(1);
}

/// Whether calls of an agency are let through.
pub fn agency_open(agency: &str, is_open: bool) {
    gauge!(AGENCY_OPEN, "agency" => agency.to_owned()).set(f64::from(u8::from(is_open)));
}

/// How many deliveries wait at an agency; `wait` is one of [`DELIVERIES`].
pub fn waiting(agency: &str, wait: &'static str, count: u64) {
    let count = u32::try_from(count).map_or(f64::MAX, f64::from);
    gauge!(DELIVERIES, "agency" => agency.to_owned(), "wait" => wait).set(count);
}

/// A receiver of webhooks was called.
pub fn webhook(outcome: &'static str) {
    counter!(WEBHOOKS, "outcome" => outcome).increment(1);
}

/// How the log of evidence stands.
pub fn evidence_waits(leaves: u64) {
    gauge!(LEAVES).set(u32::try_from(leaves).map_or(f64::MAX, f64::from));
}

/// Whether the log of evidence moves.
pub fn evidence_moves(does: bool) {
    gauge!(LOG_MOVES).set(f64::from(u8::from(does)));
}

const fn outcome(is_well: bool) -> &'static str {
    if is_well { "well" } else { "ill" }
}

/// Callers may send any word as a method.
fn known(method: &str) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].into_iter().find(|m| *m == method).unwrap_or("_OTHER")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told_with_its_labels_and_a_strange_method_is_none() {
        let figures = install().unwrap();
        answered("GET", "/v1/things/{id}".to_owned(), 200, Duration::from_micros(700));
        answered("見本", String::new(), 405, Duration::from_millis(3));
        problem("strange");
        waiting("an-agency", "to_send", 7);
        agency_open("an-agency", false);
        assert!(matches!(install(), Err(NotCounted::Twice)));
        let text = figures.render();
        assert!(!text.contains("見本"), "{text}");
        for line in [
            "http_server_request_duration_seconds_bucket{http_request_method=\"GET\",http_route=\"/v1/things/{id}\",http_response_status_code=\"200\",le=\"0.0005\"} 0",
            "http_server_request_duration_seconds_bucket{http_request_method=\"GET\",http_route=\"/v1/things/{id}\",http_response_status_code=\"200\",le=\"0.001\"} 1",
            "http_request_method=\"_OTHER\",http_route=\"\",http_response_status_code=\"405\"",
            "madoguchi_problems_total{code=\"strange\"} 1",
            "madoguchi_deliveries{agency=\"an-agency\",wait=\"to_send\"} 7",
            "madoguchi_agency_open{agency=\"an-agency\"} 0",
            "madoguchi_build_info{version=",
        ] {
            assert!(text.contains(line), "{line} is not in:\n{text}");
        }
        assert_eq!(figures.render().matches("# TYPE madoguchi_problems_total counter").count(), 1);
    }
}
