//! The calls.

use super::wire;
use super::{InvalidQualification, QualificationSettings, QualificationSystem, Reason, Registered, Trouble};
use crate::adapters::assertion::{ASSERTION_TYPE, Assertion, AssertionSigner};
use crate::adapters::breaker::{Breaker, BreakerSettings, Health, Pulse};
use crate::adapters::http::{self, Unread};
use crate::domain::health_insurance::{CertificateSerial, Insured, InsuredNumber};
use crate::domain::{Clock, Entropy};
use crate::telemetry::metric;
use async_trait::async_trait;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, Response};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// One that says "come back in an hour" is asked again after this at most.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(5);
/// Its name among the figures.
const NAME: &str = "health-insurance";

/// Both systems over HTTP.
pub struct QualificationClient {
    client: Client,
    insurers: String,
    base: String,
    client_id: String,
    signer: AssertionSigner,
    breaker: Breaker,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl QualificationClient {
    /// A client of the systems as configured.
    ///
    /// # Errors
    /// [`InvalidQualification`].
    pub fn new(
        settings: &QualificationSettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, InvalidQualification> {
        settings.check()?;
        let authorities = settings.authorities_file.as_deref();
        let client =
            http::client(&settings.base_url, authorities, settings.call_timeout).map_err(InvalidQualification)?;
        let signer = AssertionSigner::from_pem(&settings.private_key, &settings.key_id)
            .map_err(|error| InvalidQualification(format!("private_key_file: {error}")))?;
        let base = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        Ok(Self {
            client,
            insurers: base(&settings.insurers_url),
            base: base(&settings.base_url),
            client_id: settings.client_id.clone(),
            signer,
            breaker: Breaker::new(BreakerSettings::default()),
            clock,
            entropy,
        })
    }

    /// One call about a person, and what its answer reads as.
    async fn ask<T>(
        &self,
        (system, path): (&str, &str),
        person: Insured<'_>,
        fields: Vec<(&str, String)>,
        read: impl Fn(&[u8]) -> Result<T, Reason>,
    ) -> Result<T, Trouble> {
        if let Err(rest) = self.breaker.enter(self.clock.now()) {
            return Err(Trouble { reason: Reason::Resting, retry_after: Some(rest) });
        }
        let answer = self.post((system, path), person, fields).await;
        let answer = answer.and_then(|bytes| read(&bytes).map_err(Trouble::from));
        // That it has no capacity, or does not like us, is an answer of somebody who lives.
        let ill = |trouble: &Trouble| !matches!(trouble.reason, Reason::CapacityOver | Reason::Refused);
        let is_well = !answer.as_ref().is_err_and(ill);
        self.breaker.report(if is_well { Health::Well } else { Health::Ill }, self.clock.now());
        metric::backend_called(NAME, is_well);
        answer
    }

    async fn post(
        &self,
        (system, path): (&str, &str),
        person: Insured<'_>,
        fields: Vec<(&str, String)>,
    ) -> Result<Vec<u8>, Trouble> {
        let url = Url::parse(&format!("{system}{path}")).map_err(|_| Reason::Refused)?;
        let mut form = vec![
            ("client_id", self.client_id.clone()),
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
            ("client_assertion", self.assertion(&self.client_id, system)?),
            ("assertion", self.assertion(person.account(), system)?),
        ];
        form.extend(fields);
        let body = serde_urlencoded::to_string(form).map_err(|_| Reason::Refused)?;
        let call = self.client.post(url).header(ACCEPT, "application/json");
        let call = call.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let answer = call.send().await.map_err(|error| why(&error))?;
        check(&answer)?;
        http::whole(answer, wire::MOST_BYTES).await.map_err(|unread| match unread {
            Unread::Broken(error) => why(&error),
            Unread::TooLarge => Reason::MalformedAnswer.into(),
        })
    }

    /// RFC 7523 §3: who says it, of whom, to whom, until when, once.
    fn assertion(&self, subject: &str, audience: &str) -> Result<String, Trouble> {
        let said = Assertion {
            issuer: &self.client_id,
            subject,
            audience,
            now: self.clock.now(),
            id: self.entropy.short_handle(),
        };
        self.signer.assert(&said).map_err(|_| Reason::Refused.into())
    }
}

fn check(answer: &Response) -> Result<(), Trouble> {
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
    let is_json = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if is_json { Ok(()) } else { Err(Reason::MalformedAnswer.into()) }
}

fn why(error: &reqwest::Error) -> Trouble {
    if error.is_timeout() { Reason::Timeout.into() } else { Reason::Unreachable.into() }
}

#[async_trait]
impl QualificationSystem for QualificationClient {
    async fn insured_number(&self, person: Insured<'_>) -> Result<Option<InsuredNumber>, Trouble> {
        self.ask((&self.insurers, "/insured-number"), person, Vec::new(), wire::insured).await
    }

    async fn register(
        &self,
        person: Insured<'_>,
        number: &InsuredNumber,
        card: CertificateSerial,
    ) -> Result<Registered, Trouble> {
        let mut fields = vec![
            ("insurer_number", number.insurer.expose().clone()),
            ("insured_identification_number", number.number.expose().clone()),
            ("insured_branch_number", number.branch.expose().clone()),
            ("certificate_serial", card.expose()),
        ];
        fields.extend(number.symbol.as_ref().map(|symbol| ("insured_card_symbol", symbol.expose().clone())));
        self.ask((&self.base, "/registrations"), person, fields, wire::registered).await
    }

    async fn deregister(&self, person: Insured<'_>, card: CertificateSerial) -> Result<(), Trouble> {
        let fields = vec![("certificate_serial", card.expose())];
        self.ask((&self.base, "/deregistrations"), person, fields, wire::deregistered).await
    }

    fn pulse(&self) -> Pulse {
        self.breaker.pulse()
    }
}
