//! The call.

use super::wire;
use super::{Days, InvalidProvisionRecords, ProvisionRecordSettings, ProvisionRecordSource, Reason, Trouble};
use crate::adapters::asserting::{AnswerForm, AssertingClient, Call};
use crate::adapters::breaker::Pulse;
use crate::domain::provision_record::{ProvisionRecord, RecordsClearance};
use crate::domain::subject::UpstreamAccount;
use crate::domain::{Clock, Entropy};
use async_trait::async_trait;
use std::sync::Arc;

/// Its name among the figures.
const NAME: &str = "provision-records";
/// Most bytes: some 37,000 records.
const FORM: AnswerForm = AnswerForm { accepts: "text/plain", is_it: is_file, most_bytes: 8 * 1024 * 1024 };

/// The system over HTTP.
pub struct ProvisionRecordClient {
    client: AssertingClient,
    base: String,
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
        let client = AssertingClient::new((NAME, FORM), &settings.base_url, &settings.account, (clock, entropy));
        Ok(Self {
            client: client.map_err(InvalidProvisionRecords)?,
            base: settings.base_url.as_str().trim_end_matches('/').to_owned(),
        })
    }
}

fn is_file(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("text/plain; charset=shift_jis")
}

fn read(bytes: &[u8], days: Days) -> Result<Vec<ProvisionRecord>, Reason> {
    wire::read(bytes, days).map_err(|fault| {
        // Where, and never what: it is about a person.
        tracing::warn!(record = fault.record, column = fault.column, "records of exchanges do not read");
        Reason::MalformedAnswer
    })
}

#[async_trait]
impl ProvisionRecordSource for ProvisionRecordClient {
    async fn list(
        &self,
        _clearance: &RecordsClearance,
        person: &UpstreamAccount,
        days: Days,
    ) -> Result<Vec<ProvisionRecord>, Trouble> {
        let call = Call {
            system: &self.base,
            path: "/provision-records",
            person: &person.subject,
            fields: vec![
                ("from", days.from.format("%Y%m%d").to_string()),
                ("to", days.to.format("%Y%m%d").to_string()),
            ],
        };
        self.client.ask(call, |bytes| read(bytes, days)).await
    }

    fn pulse(&self) -> Pulse {
        self.client.pulse()
    }
}
