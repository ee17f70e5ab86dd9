//! The call.

use super::wire;
use super::{Days, InvalidProvisionRecords, ProvisionRecordSettings, ProvisionRecordSource, Reason, Trouble};
use crate::adapters::assertion::{ASSERTION_TYPE, Assertion, AssertionSigner};
use crate::adapters::breaker::{Breaker, BreakerSettings, Health, Pulse};
use crate::adapters::http::{self, Unread};
use crate::domain::provision_record::{ProvisionRecord, RecordsClearance};
use crate::domain::subject::UpstreamAccount;
use crate::domain::{Clock, Entropy};
use crate::telemetry::metric;
use async_trait::async_trait;
use reqwest::Client;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Most bytes of an answer: some 37,000 records.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// One that says "come back in an hour" is asked again after this at most.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(5);
/// The only form of an answer.
const ANSWER_TYPE: &str = "text/plain; charset=shift_jis";
/// Its name among the figures.
const NAME: &str = "provision-records";

/// The system over HTTP.
pub struct ProvisionRecordClient {
    client: Client,
    base: String,
    client_id: String,
    signer: AssertionSigner,
    breaker: Breaker,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl ProvisionRecordClient {
    /// A client of the system as configured.
    ///
    /// # Errors
    /// [`InvalidProvisionRecords`].
    pub fn new(
        settings: &ProvisionRecordSettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, InvalidProvisionRecords> {
        settings.check()?;
        let authorities = settings.authorities_file.as_deref();
        let client =
            http::client(&settings.base_url, authorities, settings.call_timeout).map_err(InvalidProvisionRecords)?;
        let signer = AssertionSigner::from_pem(&settings.private_key, &settings.key_id)
            .map_err(|error| InvalidProvisionRecords(format!("private_key_file: {error}")))?;
        Ok(Self {
            client,
            base: settings.base_url.as_str().trim_end_matches('/').to_owned(),
            client_id: settings.client_id.clone(),
            signer,
            breaker: Breaker::new(BreakerSettings::default()),
            clock,
            entropy,
        })
    }

    async fn ask(&self, person: &UpstreamAccount, days: Days) -> Result<Vec<ProvisionRecord>, Trouble> {
        let url = Url::parse(&format!("{}/provision-records", self.base)).map_err(|_| Reason::Refused)?;
        let form = [
            ("client_id", self.client_id.clone()),
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
            ("client_assertion", self.assertion(&self.client_id)?),
            ("assertion", self.assertion(&person.subject)?),
            ("from", days.from.format("%Y%m%d").to_string()),
            ("to", days.to.format("%Y%m%d").to_string()),
        ];
        let body = serde_urlencoded::to_string(form).map_err(|_| Reason::Refused)?;
        let call = self.client.post(url).header(ACCEPT, "text/plain");
        let call = call.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let answer = call.send().await.map_err(|error| why(&error))?;
        match answer.status().as_u16() {
            200 => {}
            429 | 503 => {
                let told = http::retry_after(answer.headers(), LONGEST_RETRY_AFTER);
                let busy = Trouble::from(Reason::CapacityOver);
                return Err(Trouble { retry_after: told.or(busy.retry_after), ..busy });
            }
            400..=499 => return Err(Reason::Refused.into()),
            _ => return Err(Reason::BackendError.into()),
        }
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.eq_ignore_ascii_case(ANSWER_TYPE) {
            return Err(Reason::MalformedAnswer.into());
        }
        let bytes = http::whole(answer, MOST_BYTES).await.map_err(|unread| match unread {
            Unread::Broken(error) => why(&error),
            Unread::TooLarge => Reason::MalformedAnswer.into(),
        })?;
        let read = wire::read(&bytes, days);
        read.map_err(|fault| {
            // Where, and never what: it is about a person.
            tracing::warn!(record = fault.record, column = fault.column, "records of exchanges do not read");
            Reason::MalformedAnswer.into()
        })
    }

    /// RFC 7523 §3: who says it, of whom, to whom, until when, once.
    fn assertion(&self, subject: &str) -> Result<String, Trouble> {
        let said = Assertion {
            issuer: &self.client_id,
            subject,
            audience: &self.base,
            now: self.clock.now(),
            id: self.entropy.short_handle(),
        };
        self.signer.assert(&said).map_err(|_| Reason::Refused.into())
    }
}

fn why(error: &reqwest::Error) -> Trouble {
    if error.is_timeout() { Reason::Timeout.into() } else { Reason::Unreachable.into() }
}

#[async_trait]
impl ProvisionRecordSource for ProvisionRecordClient {
    async fn list(
        &self,
        _clearance: &RecordsClearance,
        person: &UpstreamAccount,
        days: Days,
    ) -> Result<Vec<ProvisionRecord>, Trouble> {
        if let Err(rest) = self.breaker.enter(self.clock.now()) {
            return Err(Trouble { reason: Reason::Resting, retry_after: Some(rest) });
        }
        let answer = self.ask(person, days).await;
        // That it has no capacity, or does not like us, is an answer of somebody who lives.
        let ill = |trouble: &Trouble| !matches!(trouble.reason, Reason::CapacityOver | Reason::Refused);
        let is_well = !answer.as_ref().is_err_and(ill);
        self.breaker.report(if is_well { Health::Well } else { Health::Ill }, self.clock.now());
        metric::backend_called(NAME, is_well);
        answer
    }

    fn pulse(&self) -> Pulse {
        self.breaker.pulse()
    }
}
