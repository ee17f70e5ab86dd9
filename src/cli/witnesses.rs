//! Having the log's heads signed by others, beside the server.
//!
//! Each witness is asked for its signature of the newest head, with the proof that it follows from the last one that this
//! witness signed. A witness that is away, or that refuses, is told of once, and asked again: the log goes on without.

use crate::adapters::witness::{WitnessAnswer, WitnessClient};
use crate::domain::Fault;
use crate::evidence::EvidenceLog;
use crate::evidence::WitnessSettings;
use crate::evidence::cosigning::{cosignature, is_cosigned, known_size, request};
use crate::evidence::note::Verifier;
use crate::store::{HeldCheckpoint, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// How often the newest head is shown to witnesses.
const EVERY: Duration = Duration::from_secs(5);

/// What one witness said of the newest head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its name.
    pub witness: String,
    /// Over how many leaves it has signed; or why it has not.
    pub signed: Result<u64, String>,
}

struct Asked {
    key: Verifier,
    client: WitnessClient,
    /// The size that it signed last, as far as this process knows; it says itself when that is another.
    known: AtomicU64,
    is_away: AtomicBool,
}

/// The witnesses that are asked.
pub struct Witnesses {
    store: Arc<dyn Store>,
    log: Arc<EvidenceLog>,
    asked: Vec<Asked>,
}

impl Witnesses {
    /// Those of `settings` that have an address.
    ///
    /// # Errors
    /// What keeps a client from being made.
    pub fn new(settings: &[WitnessSettings], store: Arc<dyn Store>, log: Arc<EvidenceLog>) -> anyhow::Result<Self> {
        let with_address = settings.iter().filter_map(|one| Some((&one.key, one.url.as_ref()?)));
        let asked = with_address.map(|(key, url)| {
            let client = WitnessClient::new(url).map_err(anyhow::Error::msg)?;
            Ok(Asked { key: key.clone(), client, known: AtomicU64::new(0), is_away: AtomicBool::new(false) })
        });
        Ok(Self { store, log, asked: asked.collect::<anyhow::Result<_>>()? })
    }

    /// Shows the newest head to each witness that has not signed it, and writes down who did.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn turn(&self) -> Result<Vec<Said>, Fault> {
        let Some(head) = self.store.find_checkpoint(None).await? else { return Ok(Vec::new()) };
        let (mut all, mut lines) = (Vec::new(), String::new());
        for one in &self.asked {
            let signed =
                if is_cosigned(&head.note, &one.key) { Ok(None) } else { self.ask(one, &head).await.map(Some) };
            one.tell(signed.as_ref().err());
            lines.push_str(signed.as_ref().ok().and_then(Option::as_deref).unwrap_or_default());
            all.push(Said { witness: one.key.name().to_owned(), signed: signed.map(|_| head.size) });
        }
        // Another node may have been faster; then its signatures stand, and ours come with the next head.
        if !lines.is_empty() {
            self.store.replace_checkpoint(&head, &format!("{}{lines}", head.note)).await?;
        }
        Ok(all)
    }

    /// The line by which a witness signs the head.
    async fn ask(&self, one: &Asked, head: &HeldCheckpoint) -> Result<String, String> {
        // Once more when it says that it knows another size than we thought.
        for _ in 0..2 {
            let known = one.known.load(Ordering::Relaxed);
            let proof = self.log.growth(known, head.size).await.map_err(|fault| fault.to_string())?;
            let Some(proof) = proof else {
                return Err(format!(
                    "it has signed {known} leaves, and the log has {}: forked or rolled back",
                    head.size
                ));
            };
            let answer = one.client.add_checkpoint(request(known, &proof, &head.note)).await;
            let WitnessAnswer { status, body } = answer.map_err(|error| error.to_string())?;
            match (status, known_size(&body)) {
                (200, _) => {
                    let line = cosignature(&head.note, &body, &one.key);
                    one.known.store(head.size, Ordering::Relaxed);
                    return line.ok_or_else(|| "it answered without a signature that verifies".to_owned());
                }
                (409, Some(size)) if size != known => one.known.store(size, Ordering::Relaxed),
                _ => return Err(format!("it answered {status}")),
            }
        }
        Err("it does not say which size it knows".to_owned())
    }

    /// Turn after turn; none where nobody is asked.
    pub async fn run_forever(&self) {
        while !self.asked.is_empty() {
            if let Err(fault) = self.turn().await {
                tracing::warn!(%fault, "the log's newest head could not be shown to its witnesses");
            }
            tokio::time::sleep(EVERY).await;
        }
    }
}

impl Asked {
    /// Tells of a change, once.
    fn tell(&self, trouble: Option<&String>) {
        let was_away = self.is_away.swap(trouble.is_some(), Ordering::Relaxed);
        match trouble {
            Some(reason) if !was_away => {
                let witness = self.key.name();
                tracing::warn!(witness, reason, "a witness does not sign the log's heads; the log goes on without");
            }
            None if was_away => tracing::info!(witness = self.key.name(), "the witness signs again"),
            _ => {}
        }
    }
}
