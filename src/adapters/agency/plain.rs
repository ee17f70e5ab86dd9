//! An agency that speaks the plain protocol: JSON over HTTP.
//!
//! `POST {base}/applications` hands in; `GET {base}/applications?reference=` asks whether something was; `GET
//! {base}/applications/{number}` asks how it stands, `GET {base}/applications/{number}/outcome` what the registry has of a new
//! company.

use super::settings::{AgencySettings, InvalidAgency, Repeats};
use super::{Agency, Filing, Found, Seen, Sent, check, wire};
use crate::adapters::http;
use crate::catalog::procedures::{Procedure, Procedures};
use crate::domain::Secret;
use crate::domain::establishment::RegistryEntry;
use crate::domain::submission::{ArrivalNumber, Finding};
use async_trait::async_trait;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, RequestBuilder, Url};
use std::sync::Arc;
use std::time::Duration;

/// Most bytes of an answer.
const MOST_BYTES: usize = 1024 * 1024;
/// An agency that says "come back in a week" is asked again after this at most.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(1);

/// An agency.
pub struct PlainAgency {
    settings: AgencySettings,
    client: Client,
    token: Option<Secret<String>>,
    procedures: Arc<Procedures>,
}

impl PlainAgency {
    /// An agency as configured.
    ///
    /// # Errors
    /// [`InvalidAgency`] naming the field to mend.
    pub fn new(settings: AgencySettings) -> Result<Self, InvalidAgency> {
        settings.check()?;
        let fault = |fault: String| InvalidAgency { name: settings.name.clone(), fault };
        let authorities = settings.authorities_file.as_deref();
        let client = http::client(&settings.base_url, authorities, settings.call_timeout()).map_err(fault)?;
        let token = match &settings.token_file {
            None => None,
            Some(file) => {
                let text = std::fs::read_to_string(file).map_err(|e| fault(format!("{}: {e}", file.display())))?;
                Some(Secret::new(text.trim().to_owned()))
            }
        };
        Ok(Self { settings, client, token, procedures: Arc::default() })
    }

    /// The same, holding filings against the procedures that are described here.
    #[must_use]
    pub fn knowing(mut self, procedures: Arc<Procedures>) -> Self {
        self.procedures = procedures;
        self
    }

    fn url(&self, path: &[&str], query: Option<(&str, &str)>) -> Option<Url> {
        let mut url = Url::parse(self.settings.base()).ok()?;
        url.path_segments_mut().ok()?.pop_if_empty().extend(path);
        if let Some((name, value)) = query {
            url.query_pairs_mut().append_pair(name, value);
        }
        Some(url)
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.header(ACCEPT, "application/json");
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {}", token.expose())),
            None => request,
        }
    }

    /// The body of a question that changes nothing; none, with when to ask again, unless it is answered with 200.
    async fn ask(&self, url: Option<Url>) -> Result<Vec<u8>, Option<Duration>> {
        let url = url.ok_or(None)?;
        let answer = self.signed(self.client.get(url)).send().await.map_err(|_| None)?;
        if answer.status().as_u16() != 200 {
            return Err(http::retry_after(answer.headers(), LONGEST_RETRY_AFTER));
        }
        http::whole(answer, MOST_BYTES).await.map_err(|_| None)
    }

    /// Hands a body in, once; `returned` reads what the agency says when it does not take it, where that is not said as the
    /// plain protocol says it.
    pub(super) async fn hand_in(
        &self,
        reference: &str,
        body: Vec<u8>,
        returned: impl Fn(&[u8]) -> Option<Sent> + Send,
    ) -> Sent {
        let Some(url) = self.url(&["applications"], None) else { return Sent::NotNow(None) };
        let mut request = self.signed(self.client.post(url)).header(CONTENT_TYPE, "application/json").body(body);
        if self.settings.repeats == Repeats::ByKey {
            request = request.header("idempotency-key", format!("\"{reference}\""));
        }
        let answer = match request.send().await {
            Ok(answer) => answer,
            // No connection was made, so nothing was sent.
            Err(error) if error.is_connect() => return Sent::NotNow(None),
            Err(_) => return Sent::Unknown,
        };
        let (status, pause) = (answer.status().as_u16(), http::retry_after(answer.headers(), LONGEST_RETRY_AFTER));
        match status {
            200..=202 => http::whole(answer, MOST_BYTES).await.map_or(Sent::Unknown, |bytes| wire::read_taken(&bytes)),
            400 | 413 | 415 | 422 => {
                let bytes = http::whole(answer, MOST_BYTES).await.unwrap_or_default();
                returned(&bytes).unwrap_or_else(|| wire::read_returned(&bytes))
            }
            // An agency that says when to come back says that it did nothing; a gateway before it says no such thing.
            // At 401 to 405 our own standing there is wrong, and nothing was looked at.
            401 | 403 | 404 | 405 | 429 => Sent::NotNow(pause),
            503 if pause.is_some() => Sent::NotNow(pause),
            _ => Sent::Unknown,
        }
    }
}

#[async_trait]
impl Agency for PlainAgency {
    fn settings(&self) -> &AgencySettings {
        &self.settings
    }

    fn procedure(&self, code: &str) -> Option<&Procedure> {
        self.procedures.get(code)
    }

    fn check(&self, filing: &Filing<'_>) -> Vec<Finding> {
        check::check(&self.settings, &self.procedures, filing)
    }

    async fn send(&self, filing: &Filing<'_>) -> Sent {
        let body = serde_json::to_vec(&wire::Application {
            reference: filing.reference,
            act: filing.act.as_str(),
            procedure: filing.procedure,
            applicant: filing.applicant,
            arrival_number: filing.arrival.map(ArrivalNumber::as_str),
            content: serde_json::from_slice(filing.content).ok(),
        });
        let Ok(body) = body else { return Sent::NotNow(None) };
        self.hand_in(filing.reference, body, |_| None).await
    }

    async fn look_up(&self, reference: &str) -> Found {
        match self.ask(self.url(&["applications"], Some(("reference", reference)))).await {
            Ok(bytes) => wire::read_found(&bytes),
            Err(pause) => Found::NoAnswer(pause),
        }
    }

    async fn look(&self, _procedure: &str, arrival: &ArrivalNumber) -> Seen {
        match self.ask(self.url(&["applications", arrival.as_str()], None)).await {
            Ok(bytes) => wire::read_standing(&bytes),
            Err(pause) => Seen::NoAnswer(pause),
        }
    }

    async fn registry_entry(&self, arrival: &ArrivalNumber) -> Option<RegistryEntry> {
        let bytes = self.ask(self.url(&["applications", arrival.as_str(), "outcome"], None)).await.ok()?;
        wire::read_entry(&bytes, arrival)
    }
}
