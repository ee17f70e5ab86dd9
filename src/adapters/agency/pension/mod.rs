//! 日本年金機構: the pension office, which takes notifications as a CSV file of its own form (`SHFD0006.CSV`).
//!
//! What for: a filer hands in `{office, records}` with one employee or a hundred thousand; the office wants lines of columns
//! in Shift_JIS limited to JIS X 0208, of 4.5 MB at most a file.
//!
//! How it flows: [`PensionAgency`] holds a filing against its procedure's form, lets `file` write as many files as it
//! takes, and hands them in by one call that the office does once for each reference. What the office says about a row and a
//! column becomes a finding about the filer's own item.
//!
//! How to add one more: a form is a file under `policies/procedures/` with `[csv]`; what is the same for every form is in
//! `file`.
//!
//! What it must never do: write a line that its procedure's check refused; hand in the files of one filing by more than one
//! call, of which one could be lost.

pub mod file;

use super::plain::PlainAgency;
use super::{Agency, AgencySettings, Filing, Found, InvalidAgency, Seen, Sent};
use crate::catalog::procedures::{Procedure, Procedures};
use crate::domain::submission::{Act, ArrivalNumber, Finding, MOST_FINDINGS, tamed};
use crate::domain::words::Words;
use crate::domain::{Clock, Digest};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use file::{CsvFile, Medium};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// The pension office.
pub struct PensionAgency {
    inner: PlainAgency,
    procedures: Arc<Procedures>,
    clock: Arc<dyn Clock>,
}

#[derive(Serialize)]
struct HandedIn<'a> {
    reference: &'a str,
    act: &'a str,
    procedure: &'a str,
    applicant: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival_number: Option<&'a str>,
    files: Vec<SentFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox_scenario: Option<&'a str>,
}

#[derive(Serialize)]
struct SentFile {
    file_name: &'static str,
    media_number: String,
    file_data: String,
}

/// What the office says about a row. All are counted from 1; the row among the data lines of its file.
#[derive(Deserialize)]
struct RowError {
    file: usize,
    row: usize,
    column: usize,
    rule: String,
    words: Words,
}

#[derive(Deserialize)]
struct Refused {
    errors: Vec<RowError>,
}

impl PensionAgency {
    /// The office as configured.
    ///
    /// # Errors
    /// [`InvalidAgency`] naming the field to mend.
    pub fn new(
        settings: AgencySettings,
        procedures: Arc<Procedures>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidAgency> {
        let inner = PlainAgency::new(settings)?.knowing(Arc::clone(&procedures));
        Ok(Self { inner, procedures, clock })
    }

    fn form(&self, code: &str) -> Option<&Procedure> {
        self.procedures.get(code).filter(|procedure| procedure.csv.is_some())
    }

    /// The files of a filing; none where there is nothing to write, or it cannot be.
    fn files(&self, filing: &Filing<'_>, content: &Value) -> Option<Vec<CsvFile>> {
        let made_on = self.clock.now().date_in_japan();
        let medium = Medium { first: first_number(filing.reference), made_on };
        file::write(self.form(filing.procedure)?, content, &medium)
    }

    /// The body of the call, and which record each of its files begins with. All else that is made on the way is many times
    /// as large as either, and is gone before anybody waits for the office.
    fn written(&self, filing: &Filing<'_>) -> Result<(Vec<u8>, Vec<usize>), Sent> {
        let content: Value = serde_json::from_slice(filing.content).unwrap_or_default();
        let files = match filing.act {
            Act::Withdraw => Vec::new(),
            // What has passed its check can be written; what was not sent certainly had no effect.
            _ => self.files(filing, &content).ok_or_else(|| Sent::Returned(vec![unwritable()]))?,
        };
        let sent = |file: &CsvFile| SentFile {
            file_name: file::NAME,
            media_number: format!("{:03}", file.media_number),
            file_data: STANDARD.encode(&file.bytes),
        };
        let body = HandedIn {
            reference: filing.reference,
            act: filing.act.as_str(),
            procedure: filing.procedure,
            applicant: filing.applicant,
            arrival_number: filing.arrival.map(ArrivalNumber::as_str),
            files: files.iter().map(sent).collect(),
            // The pretend office alone reads it.
            sandbox_scenario: content.get("sandbox_scenario").and_then(Value::as_str),
        };
        let body = serde_json::to_vec(&body).map_err(|_| Sent::NotNow(None))?;
        Ok((body, files.iter().map(|file| file.first_record).collect()))
    }

    fn findings(&self, filing: &Filing<'_>, starts: &[usize], bytes: &[u8]) -> Option<Vec<Finding>> {
        let refused: Refused = serde_json::from_slice(bytes).ok()?;
        let procedure = self.form(filing.procedure)?;
        let finding = |error: RowError| {
            let first = starts.get(error.file.wrapping_sub(1));
            let record = first.zip(error.row.checked_sub(1)).map(|(first, row)| first + row);
            let field = procedure.fields.iter().find(|field| field.fills(error.column));
            let pointer = match (record, field) {
                (Some(n), Some(field)) => format!("/records/{n}/{}", field.name),
                (Some(n), None) => format!("/records/{n}"),
                (None, _) => "/office".to_owned(),
            };
            Finding::reject(&error.rule, pointer, &error.words.ja, &error.words.en)
        };
        let found: Vec<Finding> = refused.errors.into_iter().take(MOST_FINDINGS).map(finding).collect();
        (!found.is_empty()).then(|| tamed(found))
    }
}

/// The first media number (媒体通番) of a filing. Files of one filing count on from it; a repeated call has the same ones.
/// The office tells media apart by them within one office and day.
fn first_number(reference: &str) -> u16 {
    let digest = Digest::of(reference);
    let [first, second, ..] = *digest.as_bytes();
    u16::from_be_bytes([first, second]) % 999 + 1
}

#[async_trait]
impl Agency for PensionAgency {
    fn settings(&self) -> &AgencySettings {
        self.inner.settings()
    }

    fn procedure(&self, code: &str) -> Option<&Procedure> {
        self.procedures.get(code)
    }

    fn check(&self, filing: &Filing<'_>) -> Vec<Finding> {
        let mut findings = self.inner.check(filing);
        if findings.is_empty() && filing.act != Act::Withdraw && self.form(filing.procedure).is_none() {
            let (ja, en) = ("CSV形式の届書がない手続です。", "This procedure has no form in the pension office's CSV.");
            findings.push(Finding::reject("MG005", "", ja, en));
        }
        findings
    }

    async fn send(&self, filing: &Filing<'_>) -> Sent {
        let (body, starts) = match self.written(filing) {
            Ok(written) => written,
            Err(sent) => return sent,
        };
        let returned = |bytes: &[u8]| self.findings(filing, &starts, bytes).map(Sent::Returned);
        self.inner.hand_in(filing.reference, body, returned).await
    }

    async fn look_up(&self, reference: &str) -> Found {
        self.inner.look_up(reference).await
    }

    async fn look(&self, procedure: &str, arrival: &ArrivalNumber) -> Seen {
        self.inner.look(procedure, arrival).await
    }
}

fn unwritable() -> Finding {
    let (ja, en) = ("CSV形式の届書に書き出せない内容です。", "It cannot be written into the pension office's CSV.");
    Finding::reject("MG006", "", ja, en)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use crate::domain::time::ManualClock;
    use serde_json::json;
    use std::path::Path;

    #[test]
    fn what_the_office_says_about_a_row_is_told_about_the_filers_own_item() {
        let procedures = Arc::new(Procedures::load(Path::new("policies/procedures")).unwrap());
        let settings = json!({
            "name": "pension-office", "kind": "pension", "base_url": "https://pension.example", "procedures": ["2265700"],
            "repeats": "by_key",
        });
        let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(0)));
        let office = PensionAgency::new(serde_json::from_value(settings).unwrap(), procedures, clock).unwrap();
        let filing = Filing {
            reference: "dlv_1-0",
            act: Act::File,
            arrival: None,
            procedure: "2265700",
            applicant: "8000000990001",
            content: b"{}",
        };
        for (at, pointer) in [
            ((1, 1, 8), "/records/0/birth_date"),
            ((1, 1, 9), "/records/0/birth_date"),
            ((2, 3, 6), "/records/42/name_kana"),
            ((2, 3, 14), "/records/42"),
            ((2, 0, 0), "/office"),
            ((9, 1, 1), "/office"),
        ] {
            let (file, row, column) = at;
            let words = json!({"ja": "見本", "en": "Sample"});
            let error = json!({"file": file, "row": row, "column": column, "rule": "N1", "words": words});
            let said = json!({"errors": [error]}).to_string();
            let found = office.findings(&filing, &[0, 40], said.as_bytes()).unwrap();
            assert_eq!(found[0].pointer, pointer, "{at:?}");
        }
        for nonsense in ["", "{}", "[]", "{\"errors\":[]}", "{\"errors\":[1]}"] {
            assert_eq!(office.findings(&filing, &[0, 40], nonsense.as_bytes()), None);
        }
        assert!((1..=999).contains(&first_number("dlv_1-0")));
    }
}
