//! The subscriber: where log lines go, in which form, and how many of them.

use super::redact::redact;
use serde::Deserialize;
use std::io::{self, Write};
use tracing::Metadata;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How a line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// How the counter logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// How a line looks.
    pub format: LogFormat,
    /// Which lines: `info`, or directives such as `info,madoguchi::issuer=debug`.
    pub filter: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".into() }
    }
}

/// Why logging did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The filter does not read.
    #[error("log.filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Something else in the process logs already.
    #[error("logging was started twice")]
    Twice,
}

/// Starts logging to standard error, for the whole process.
///
/// # Errors
/// [`StartError`] when the filter does not read or logging was started before.
pub fn start(settings: &LogSettings) -> Result<(), StartError> {
    let filter = EnvFilter::builder().parse(&settings.filter)?;
    let lines = tracing_subscriber::registry().with(filter).with(discreet());
    let layer = tracing_subscriber::fmt::layer().with_writer(Redacting).with_ansi(false);
    let started = match settings.format {
        LogFormat::Text => lines.with(layer.with_target(false)).try_init(),
        LogFormat::Json => lines.with(layer.json().flatten_event(true)).try_init(),
    };
    started.map_err(|_| StartError::Twice)
}

/// Libraries that would log what callers say, whatever the filter lets through.
const TALKATIVE: [&str; 1] = ["rmcp"];

/// Lets everything through but what those say.
fn discreet() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    FilterFn::new(|line| !TALKATIVE.contains(&line.target().split("::").next().unwrap_or_default()))
}

/// Makes writers that redact each line.
struct Redacting;

impl<'a> MakeWriter<'a> for Redacting {
    type Writer = RedactingLine;

    fn make_writer(&'a self) -> RedactingLine {
        RedactingLine
    }
}

/// Writes one formatted line to standard error; the formatter hands over whole lines.
struct RedactingLine;

impl Write for RedactingLine {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        io::stderr().lock().write_all(redact(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(line)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_a_library_would_tell_of_callers_is_told_by_no_filter() {
        let kept = Kept::default();
        let writer = kept.clone();
        let layer = tracing_subscriber::fmt::layer().with_writer(move || writer.clone()).with_ansi(false);
        let filter = EnvFilter::builder().parse("trace,rmcp=trace,rmcp::service=trace").unwrap();
        let lines = tracing_subscriber::registry().with(filter).with(discreet()).with(layer);
        tracing::subscriber::with_default(lines, || {
            tracing::error!(target: "rmcp::service", "said by a caller");
            tracing::info!(target: "rmcp", "said by a caller");
            tracing::info!(target: "rmcpx", "ours");
        });
        let told = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert!(told.contains("ours") && !told.contains("caller"), "{told}");
    }
}
