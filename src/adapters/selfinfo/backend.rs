//! The engine: one backend that speaks IF001 over HTTP.

use super::callbacks::{Callbacks, Waiting};
use super::client::{BackendClient, NoAnswer, Outgoing};
use super::settings::{BackendSettings, InvalidBackend};
use super::token::{HeldToken, Tokens};
use super::wire::{self, CommonHeader, Envelope, Progress, RequestBody, ResultQuery, Taken};
use super::{Call, Reason, Retrieved, SelfInformationSource, Trouble};
use crate::adapters::assertion::AssertionSigner;
use crate::adapters::breaker::{Breaker, BreakerSettings, Health, Pulse};
use crate::domain::clearance::Clearance;
use crate::domain::{Clock, Entropy, Secret};
use crate::telemetry::metric;
use async_trait::async_trait;
use backon::{BackoffBuilder, ExponentialBuilder};
use dashmap::DashMap;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

/// How often a call that changes nothing is repeated when it gets no answer.
const MOST_REPEATS: usize = 3;
/// The longest pause between two looks at a result.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// A backend.
pub struct SelfInformationBackend {
    settings: BackendSettings,
    client: BackendClient,
    tokens: Tokens,
    callbacks: Callbacks,
    breakers: DashMap<String, Arc<Breaker>>,
    places: Semaphore,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// Why one try did not end in an answer.
enum Stopped {
    /// Not taken on: try again after this, or after the usual pause.
    Busy(Option<Duration>),
    /// The token is not valid any more.
    TokenRefused,
    /// Never reached.
    NotSent,
    /// Not to be repeated.
    Broken(Trouble),
}

impl From<NoAnswer> for Stopped {
    fn from(no: NoAnswer) -> Self {
        match no {
            NoAnswer::NotSent => Self::NotSent,
            NoAnswer::Unauthorized => Self::TokenRefused,
            NoAnswer::Busy(pause) => Self::Busy(pause),
            NoAnswer::Lost(_) => Self::Broken(no.trouble()),
        }
    }
}

impl SelfInformationBackend {
    /// A backend as configured; `key` is the text of its key file.
    ///
    /// # Errors
    /// [`InvalidBackend`] naming the field to mend.
    pub fn new(
        settings: BackendSettings,
        key: &Secret<String>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, InvalidBackend> {
        settings.check()?;
        let signer = AssertionSigner::from_pem(key, &settings.kid)
            .map_err(|e| InvalidBackend { name: settings.name.clone(), fault: format!("key_file: {e}") })?;
        Ok(Self {
            client: BackendClient::new(&settings)?,
            tokens: Tokens::new(&settings, signer, Arc::clone(&clock), Arc::clone(&entropy)),
            callbacks: Callbacks::default(),
            breakers: DashMap::new(),
            places: Semaphore::new(usize::from(settings.most_at_once)),
            settings,
            clock,
            entropy,
        })
    }

    /// Its name in the backends file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    fn breaker(&self, provider: &str) -> Arc<Breaker> {
        if let Some(breaker) = self.breakers.get(provider) {
            return Arc::clone(&breaker);
        }
        let new = || Arc::new(Breaker::new(BreakerSettings::default()));
        Arc::clone(&self.breakers.entry(provider.to_owned()).or_insert_with(new))
    }

    fn note(&self, breaker: &Breaker, health: Health) {
        breaker.report(health, self.clock.now());
        metric::backend_called(self.name(), health == Health::Well);
    }

    /// Tries until there is an answer, or no try is worth it any more.
    async fn ask(&self, clearance: &Clearance, call: &Call<'_>) -> Retrieved {
        let breaker = self.breaker(call.provider);
        let mut pauses = pauses(Duration::from_millis(250), Duration::from_secs(5));
        let (mut unsent, mut has_renewed) = (0, false);
        loop {
            if let Err(rest) = breaker.enter(self.clock.now()) {
                return Retrieved::Failed(Trouble { reason: Reason::Resting, retry_after: Some(rest) });
            }
            let stopped = match self.ask_once(clearance, call).await {
                Ok(answer) => {
                    self.note(&breaker, health(&answer));
                    return answer;
                }
                Err(stopped) => stopped,
            };
            let ill = matches!(stopped, Stopped::NotSent | Stopped::Broken(_));
            self.note(&breaker, if ill { Health::Ill } else { Health::Well });
            let pause = pauses.next().unwrap_or(LONGEST_PAUSE);
            match stopped {
                Stopped::Broken(trouble) => return Retrieved::Failed(trouble),
                Stopped::TokenRefused if has_renewed => return Retrieved::Failed(Reason::Refused.into()),
                Stopped::TokenRefused => {
                    has_renewed = true;
                    self.tokens.drop_for(call.person);
                }
                Stopped::NotSent if unsent >= MOST_REPEATS => return Retrieved::Failed(Reason::Unreachable.into()),
                Stopped::NotSent => {
                    unsent += 1;
                    sleep(pause).await;
                }
                Stopped::Busy(told) => sleep(told.unwrap_or(pause)).await,
            }
        }
    }

    async fn ask_once(&self, clearance: &Clearance, call: &Call<'_>) -> Result<Retrieved, Stopped> {
        let token = self.token(call).await?;
        let waiting = self.settings.callback_base.is_some().then(|| self.callbacks.wait(&*self.entropy));
        let body = RequestBody {
            person_info_name_cd: clearance.query().code.as_str(),
            inquiry_cond: (&clearance.query().condition).into(),
            callback_url: waiting.as_ref().and_then(|w| self.callback_url(&w.handle)),
        };
        let sent = self.post("/request", &body, &token, call).await?;
        match wire::read_taken(&sent) {
            Taken::On(process_id) => self.watch(&process_id, waiting.as_ref(), &token, clearance, call).await,
            Taken::Busy => Err(Stopped::Busy(None)),
            Taken::TokenRefused => Err(Stopped::TokenRefused),
            Taken::Ended(answer) => Ok(answer),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the state of one wait; a struct would only rename it")]
    async fn watch(
        &self,
        process_id: &str,
        waiting: Option<&Waiting<'_>>,
        token: &HeldToken,
        clearance: &Clearance,
        call: &Call<'_>,
    ) -> Result<Retrieved, Stopped> {
        let first = Duration::from_millis(u64::from(self.settings.first_pause_millis));
        let mut pauses = pauses(first, LONGEST_PAUSE);
        let mut lost = 0;
        loop {
            let seen = self.post("/result", &ResultQuery { process_id }, token, call).await;
            let mut told = None;
            match seen.map(|bytes| wire::read_progress(&bytes, clearance.query())) {
                Ok(Progress::Ended(answer)) => return Ok(answer),
                Ok(Progress::Busy) => return Err(Stopped::Busy(None)),
                Ok(Progress::TokenRefused) | Err(NoAnswer::Unauthorized) => return Err(Stopped::TokenRefused),
                Ok(Progress::Pending) => lost = 0,
                Err(NoAnswer::Busy(pause)) => told = pause,
                Err(no) if lost >= MOST_REPEATS => return Err(Stopped::Broken(no.trouble())),
                Err(_) => lost += 1,
            }
            let pause = told.unwrap_or_else(|| pauses.next().unwrap_or(LONGEST_PAUSE));
            match waiting {
                Some(waiting) if told.is_none() => {
                    let _ = timeout(pause, waiting.rung()).await;
                }
                _ => sleep(pause).await,
            }
        }
    }

    /// A token, asked for again when there was no answer: asking changes nothing.
    async fn token(&self, call: &Call<'_>) -> Result<Arc<HeldToken>, Stopped> {
        let mut pauses = pauses(Duration::from_millis(100), Duration::from_secs(1)).take(MOST_REPEATS - 1);
        loop {
            let no = match self.tokens.get(&self.client, call.person, self.scenario(call)).await {
                Ok(token) => return Ok(token),
                Err(no @ NoAnswer::Lost(Reason::Refused | Reason::MalformedAnswer)) => return Err(no.into()),
                // Our own assertion was refused: a new token will not be had either.
                Err(NoAnswer::Unauthorized) => return Err(Stopped::Broken(Reason::Refused.into())),
                Err(no) => no,
            };
            let Some(pause) = pauses.next() else { return Err(no.into()) };
            sleep(pause).await;
        }
    }

    async fn post<T: Serialize>(
        &self,
        path: &'static str,
        body: &T,
        token: &HeldToken,
        call: &Call<'_>,
    ) -> Result<Vec<u8>, NoAnswer> {
        let common_header = CommonHeader { client_id: &self.settings.client_id, request_id: call.request.as_str() };
        let body = serde_json::to_vec(&Envelope { common_header, req_body: body }).map_err(|_| NoAnswer::NotSent)?;
        let token = Some(token.text.expose().as_str());
        let scenario = self.scenario(call);
        self.client.post(Outgoing { path, content_type: "application/json", body, token, scenario }).await
    }

    fn scenario<'a>(&self, call: &Call<'a>) -> Option<&'a str> {
        call.scenario.filter(|_| self.settings.forwards_scenario)
    }

    fn callback_url(&self, handle: &str) -> Option<String> {
        let base = self.settings.callback_base.as_ref()?.as_str().trim_end_matches('/');
        Some(format!("{base}/backends/{}/if001/callbacks/{handle}", self.settings.name))
    }
}

#[async_trait]
impl SelfInformationSource for SelfInformationBackend {
    async fn retrieve(&self, clearance: &Clearance, call: &Call<'_>) -> Retrieved {
        let bounded = async {
            match self.places.acquire().await {
                Ok(_place) => self.ask(clearance, call).await,
                Err(_) => Retrieved::Failed(Reason::CapacityOver.into()),
            }
        };
        let ended = timeout(self.settings.deadline(), bounded).await;
        ended.unwrap_or(Retrieved::Failed(Reason::Timeout.into()))
    }

    fn wake(&self, handle: &str) {
        self.callbacks.ring(handle);
    }

    fn pulses(&self) -> Vec<Pulse> {
        self.breakers.iter().map(|breaker| breaker.pulse()).collect()
    }
}

/// An answer that is no answer is an illness; every other says that the backend lives.
const fn health(answer: &Retrieved) -> Health {
    match answer {
        Retrieved::Failed(Trouble { reason: Reason::MalformedAnswer, .. }) => Health::Ill,
        _ => Health::Well,
    }
}

fn pauses(first: Duration, longest: Duration) -> impl Iterator<Item = Duration> {
    let growth = ExponentialBuilder::default().with_min_delay(first).with_max_delay(longest);
    growth.with_factor(1.6).without_max_times().with_jitter().build()
}
