//! Handing in: pack, have it checked, hand it in once, and ask for its number.

use super::EgovAgency;
use super::calls::{Call, Failed};
use super::envelope::{Amended, BulkSent, Checked, Envelope, Package, Pointers, SendFile, findings};
use super::package::{Packing, Unmade};
use crate::adapters::agency::{Filing, Found, Sent, Taken};
use crate::domain::submission::{Act, ArrivalNumber};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::time::Duration;

/// How often the number is asked for right after handing in.
const ASKS: u32 = 4;
/// The pause before the first of them; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// A package in Base64, ready to be sent.
struct Ready {
    data: String,
    pointers: Pointers,
}

impl EgovAgency {
    pub(super) async fn hand_in(&self, filing: &Filing<'_>) -> Sent {
        // Everything before the one call has an end of its own, so that the call has its time whole.
        let whole = self.settings.call_timeout();
        let ready = match tokio::time::timeout(whole * 3 / 10, self.ready(filing, whole / 5)).await {
            Ok(Ok(ready)) => ready,
            Ok(Err(sent)) => return sent,
            Err(_) => return Sent::NotNow(None),
        };
        let name = format!("{}.zip", filing.reference);
        let send_file = SendFile { file_name: &name, file_data: &ready.data };
        match filing.act {
            Act::File if self.is_for_delivery(filing.procedure) => {
                let body = Package { proc_id: Some(filing.procedure), arrive_id: None, send_file };
                let call = Call::post(&["post-apply"], &body, whole / 2);
                match self.calls.make::<_, Envelope<Amended>>(call).await {
                    Ok(answer) => number(&answer.results.arrive_id)
                        .map_or(Sent::Unknown, |arrival| Sent::Taken(Taken { arrival, findings: Vec::new() })),
                    Err(failed) => refused(failed, &ready.pointers),
                }
            }
            Act::File => {
                let body = Package { proc_id: None, arrive_id: None, send_file };
                let sent =
                    self.calls.make::<_, Envelope<BulkSent>>(Call::post(&["bulk-apply"], &body, whole / 2)).await;
                match sent {
                    Ok(answer) => self.number(&answer.results.send_number, &ready.pointers).await,
                    Err(failed) => refused(failed, &ready.pointers),
                }
            }
            Act::Amend => self.change(filing, send_file, "amend", &ready.pointers).await,
            Act::Withdraw => self.change(filing, send_file, "withdraw", &ready.pointers).await,
        }
    }

    async fn change(&self, filing: &Filing<'_>, send_file: SendFile<'_>, to: &str, pointers: &Pointers) -> Sent {
        let Some(arrival) = filing.arrival else { return Sent::NotNow(None) };
        let body = Package { proc_id: None, arrive_id: Some(arrival.as_str()), send_file };
        let path = ["apply", to];
        let call = Call::post(&path, &body, self.settings.call_timeout() / 2);
        match self.calls.make::<_, Envelope<Amended>>(call).await {
            Ok(answer) if answer.results.arrive_id == arrival.as_str() => {
                Sent::Taken(Taken { arrival: arrival.clone(), findings: Vec::new() })
            }
            Ok(_) => Sent::Unknown,
            Err(failed) => refused(failed, pointers),
        }
    }

    /// Packs, and has e-Gov check the form of a filing; nothing is handed in.
    async fn ready(&self, filing: &Filing<'_>, timeout: Duration) -> Result<Ready, Sent> {
        let now = self.clock.now();
        let skeleton = self.skeletons.get(&self.calls, filing.procedure, now, timeout).await;
        let skeleton = skeleton.map_err(|failed| before(&failed))?;
        let described = self.procedures.get(filing.procedure);
        let packing = Packing { egov: &self.egov, signer: &self.signer, now, described };
        let package = packing.pack(filing, &skeleton).map_err(|unmade| match unmade {
            Unmade::Findings(findings) => Sent::Returned(findings),
            Unmade::Fault(fault) => {
                tracing::warn!(agency = self.settings.name, %fault, "a package could not be made");
                Sent::NotNow(None)
            }
        })?;
        let ready = Ready { data: STANDARD.encode(&package.bytes), pointers: package.pointers };
        // Nothing is known of a check for what `POST /post-apply` takes: it refuses by itself.
        if filing.act == Act::File && !self.is_for_delivery(filing.procedure) {
            let send_file = SendFile { file_name: "check.zip", file_data: &ready.data };
            let body = Package { proc_id: Some(filing.procedure), arrive_id: None, send_file };
            let call = Call::post(&["apply", "check"], &body, timeout);
            let checked = self.calls.make::<_, Envelope<Checked>>(call).await;
            let checked = checked.map_err(|failed| match failed {
                Failed::Refused(problem) => Sent::Returned(problem.findings(&ready.pointers)),
                failed => before(&failed),
            })?;
            if checked.results.error_count > 0 {
                let found = findings(checked.results.report_list, &ready.pointers);
                return Err(if found.is_empty() { Sent::NotNow(None) } else { Sent::Returned(found) });
            }
        }
        Ok(ready)
    }

    /// The number of a bundle that e-Gov has; it may take a while.
    async fn number(&self, send_number: &str, pointers: &Pointers) -> Sent {
        let mut pause = FIRST_PAUSE;
        for _ in 0..ASKS {
            match self.report_of(send_number, pointers).await {
                Found::Taken(taken) => return Sent::Taken(taken),
                Found::Returned(findings) => return Sent::Returned(findings),
                Found::Nothing | Found::NoAnswer(_) => tokio::time::sleep(pause).await,
            }
            pause *= 2;
        }
        Sent::Handed
    }
}

/// What failed before anything was handed in.
fn before(failed: &Failed) -> Sent {
    match failed {
        Failed::NotNow(pause) => Sent::NotNow(*pause),
        _ => Sent::NotNow(None),
    }
}

/// What failed while something was.
fn refused(failed: Failed, pointers: &Pointers) -> Sent {
    match failed {
        Failed::NotNow(pause) => Sent::NotNow(pause),
        Failed::Refused(problem) => Sent::Returned(problem.findings(pointers)),
        Failed::Missing => Sent::NotNow(None),
        Failed::Lost => Sent::Unknown,
    }
}

/// A number that an answer gave.
pub(super) fn number(text: &str) -> Option<ArrivalNumber> {
    ArrivalNumber::parse(text).filter(|_| (16..=18).contains(&text.len()))
}
