//! A backend that is asked about one person by one `POST` at a time, where we prove ourselves by a signed assertion
//! (`private_key_jwt`, RFC 7523 §2.2) and name the person by another (§2.1).

use super::assertion::{ASSERTION_TYPE, Assertion, AssertionSigner};
use super::breaker::{Breaker, BreakerSettings, Health, Pulse};
use super::http::{self, Unread};
use super::selfinfo::{Reason, Trouble, is_safe};
use crate::domain::{Clock, Entropy, Secret};
use crate::telemetry::metric;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, Response};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// One that says "come back in an hour" is asked again after this at most.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(5);

/// Who we are at such a backend, and how it is called.
#[derive(Clone, Debug)]
pub struct AssertingSettings {
    /// Our id there, e.g. `SP12345678_AB1234`.
    pub client_id: String,
    /// The name (`kid`) of our key there.
    pub key_id: String,
    /// Our private key there: P-256, PEM.
    pub private_key: Secret<String>,
    /// Who vouches for its certificate, PEM; the system's authorities when absent.
    pub authorities_file: Option<PathBuf>,
    /// How long one call may take.
    pub call_timeout: Duration,
}

impl AssertingSettings {
    /// Checks what the form alone can tell, for a backend at these addresses.
    ///
    /// # Errors
    /// The first fault, in words.
    pub(super) fn check(&self, addresses: &[&Url]) -> Result<(), &'static str> {
        if !addresses.iter().all(|url| is_safe(url)) {
            return Err("every address must be https, or http on a loopback address, without query or credentials");
        }
        if !addresses.iter().all(|url| addresses.first().is_none_or(|first| first.scheme() == url.scheme())) {
            return Err("its addresses must all be https, or all be http on a loopback address");
        }
        if self.client_id.is_empty() || self.client_id.len() > 255 || self.key_id.is_empty() {
            return Err("client_id and key_id must be there, the first with 255 characters at most");
        }
        Ok(())
    }
}

/// One call about a person.
pub(super) struct Call<'c> {
    /// Where the system is, without a slash at its end; also the `aud` of our assertions.
    pub system: &'c str,
    /// What is called there, from its slash on.
    pub path: &'static str,
    /// How the person is known there.
    pub person: &'c str,
    /// What is asked.
    pub fields: Vec<(&'static str, String)>,
}

/// The only form in which a backend answers.
pub(super) struct AnswerForm {
    /// What we say that we take.
    pub accepts: &'static str,
    /// Whether a `Content-Type` is of it.
    pub is_it: fn(&str) -> bool,
    /// Most bytes of an answer.
    pub most_bytes: usize,
}

/// The backend over HTTP.
pub(super) struct AssertingClient {
    name: &'static str,
    form: AnswerForm,
    client: Client,
    client_id: String,
    signer: AssertionSigner,
    breaker: Breaker,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl AssertingClient {
    /// A client of the backend that figures know by `name`, whose certificate is `address`'s.
    ///
    /// # Errors
    /// What of the settings cannot be used, in words.
    pub(super) fn new(
        (name, form): (&'static str, AnswerForm),
        address: &Url,
        settings: &AssertingSettings,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
    ) -> Result<Self, String> {
        let signer = AssertionSigner::from_pem(&settings.private_key, &settings.key_id)
            .map_err(|error| format!("private_key_file: {error}"))?;
        Ok(Self {
            name,
            form,
            client: http::client(address, settings.authorities_file.as_deref(), settings.call_timeout)?,
            client_id: settings.client_id.clone(),
            signer,
            breaker: Breaker::new(BreakerSettings::default()),
            clock,
            entropy,
        })
    }

    /// One call, and what its answer reads as.
    ///
    /// # Errors
    /// [`Trouble`] when there is no answer that reads.
    pub(super) async fn ask<T>(&self, call: Call<'_>, read: impl Fn(&[u8]) -> Result<T, Reason>) -> Result<T, Trouble> {
        if let Err(rest) = self.breaker.enter(self.clock.now()) {
            return Err(Trouble { reason: Reason::Resting, retry_after: Some(rest) });
        }
        let answer = self.post(call).await.and_then(|bytes| read(&bytes).map_err(Trouble::from));
        // That it has no capacity, or does not like us, is an answer of somebody who lives.
        let ill = |trouble: &Trouble| !matches!(trouble.reason, Reason::CapacityOver | Reason::Refused);
        let is_well = !answer.as_ref().is_err_and(ill);
        self.breaker.report(if is_well { Health::Well } else { Health::Ill }, self.clock.now());
        metric::backend_called(self.name, is_well);
        answer
    }

    /// How it did lately.
    pub(super) fn pulse(&self) -> Pulse {
        self.breaker.pulse()
    }

    async fn post(&self, call: Call<'_>) -> Result<Vec<u8>, Trouble> {
        let Call { system, path, person, fields } = call;
        let url = Url::parse(&format!("{system}{path}")).map_err(|_| Reason::Refused)?;
        let mut form = vec![
            ("client_id", self.client_id.clone()),
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
            ("client_assertion", self.assertion(&self.client_id, system)?),
            ("assertion", self.assertion(person, system)?),
        ];
        form.extend(fields);
        let body = serde_urlencoded::to_string(form).map_err(|_| Reason::Refused)?;
        let call = self.client.post(url).header(ACCEPT, self.form.accepts);
        let call = call.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let answer = call.send().await.map_err(|error| why(&error))?;
        self.check(&answer)?;
        http::whole(answer, self.form.most_bytes).await.map_err(|unread| match unread {
            Unread::Broken(error) => why(&error),
            Unread::TooLarge => Reason::MalformedAnswer.into(),
        })
    }

    fn check(&self, answer: &Response) -> Result<(), Trouble> {
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
        if (self.form.is_it)(kind) { Ok(()) } else { Err(Reason::MalformedAnswer.into()) }
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

fn why(error: &reqwest::Error) -> Trouble {
    if error.is_timeout() { Reason::Timeout.into() } else { Reason::Unreachable.into() }
}
