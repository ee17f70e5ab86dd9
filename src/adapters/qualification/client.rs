//! The calls.

use super::wire;
use super::{InvalidQualification, QualificationSettings, QualificationSystem, Registered, Trouble};
use crate::adapters::asserting::{AnswerForm, AssertingClient, Call};
use crate::adapters::breaker::Pulse;
use crate::domain::health_insurance::{CertificateSerial, Insured, InsuredNumber};
use crate::domain::{Clock, Entropy};
use async_trait::async_trait;
use std::sync::Arc;
use url::Url;

/// Its name among the figures.
const NAME: &str = "health-insurance";
const FORM: AnswerForm = AnswerForm { accepts: "application/json", is_it: is_json, most_bytes: wire::MOST_BYTES };

/// Both systems over HTTP.
pub struct QualificationClient {
    client: AssertingClient,
    insurers: String,
    base: String,
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
        let client = AssertingClient::new((NAME, FORM), &settings.base_url, &settings.account, (clock, entropy));
        let base = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        Ok(Self {
            client: client.map_err(InvalidQualification)?,
            insurers: base(&settings.insurers_url),
            base: base(&settings.base_url),
        })
    }
}

fn is_json(kind: &str) -> bool {
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

#[async_trait]
impl QualificationSystem for QualificationClient {
    async fn insured_number(&self, person: Insured<'_>) -> Result<Option<InsuredNumber>, Trouble> {
        let (system, path, person) = (self.insurers.as_str(), "/insured-number", person.account());
        self.client.ask(Call { system, path, person, fields: Vec::new() }, wire::insured).await
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
        let (system, path, person) = (self.base.as_str(), "/registrations", person.account());
        self.client.ask(Call { system, path, person, fields }, wire::registered).await
    }

    async fn deregister(&self, person: Insured<'_>, card: CertificateSerial) -> Result<(), Trouble> {
        let fields = vec![("certificate_serial", card.expose())];
        let (system, path, person) = (self.base.as_str(), "/deregistrations", person.account());
        self.client.ask(Call { system, path, person, fields }, wire::deregistered).await
    }

    fn pulse(&self) -> Pulse {
        self.client.pulse()
    }
}
