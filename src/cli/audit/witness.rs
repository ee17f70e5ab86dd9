//! `madoguchi audit witness`: a second key says which head it has seen, and that every later one followed from it.
//!
//! The key is a file of the witness's own, not of the counter. Beside it the witness keeps the last head that it signed;
//! it signs no head that does not follow from that one.

use super::super::arguments::StorePlace;
use super::super::bar::Looks;
use super::super::dev::write_private;
use super::super::say;
use super::{open, progress, read, tell};
use crate::domain::{Clock as _, Entropy as _, Secret, SystemClock, SystemEntropy};
use crate::evidence::Audit;
use crate::evidence::checkpoint::cosign;
use crate::evidence::note::{KeyKind, Signer};
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// Makes a witness's key under `name` and prints its public half.
///
/// # Errors
/// When the file is there already or cannot be written.
pub fn make_witness(file: &Path, name: &str) -> anyhow::Result<()> {
    anyhow::ensure!(!file.exists(), "{} is there already", file.display());
    let mut seed = [0_u8; 32];
    SystemEntropy.fill(&mut seed);
    let seed = Secret::new(seed);
    let signer = Signer::new(name, KeyKind::Witness, &seed)?;
    write_private(file, &signer.private_text(&seed))?;
    say(&signer.verifier().vkey());
    Ok(())
}

fn state_of(file: &Path) -> PathBuf {
    file.with_extension("seen")
}

/// Reads the log, and signs its newest head if it is whole and follows from the last one that was signed.
///
/// # Errors
/// When it is not, with each finding.
pub async fn witness(file: &Path, place: &StorePlace) -> anyhow::Result<()> {
    let text = Secret::new(read(file)?);
    let signer = Signer::parse(text.expose()).with_context(|| format!("{} holds no key", file.display()))?;
    anyhow::ensure!(signer.verifier().kind() == KeyKind::Witness, "{} is no witness's key", file.display());
    let state = state_of(file);
    let kept = if state.exists() { Some(read(&state)?) } else { None };
    let open = open(place).await?;
    let newest = open.store.find_checkpoint(None).await?.context("the log has no checkpoint yet")?;
    let keys = open.log.verifiers().await?;
    let audit = Audit { store: &*open.store, keys, witness: None, kept };
    tell(&audit.run(false, &mut progress(Looks { no_progress: false })).await?)?;
    let note = cosign(&newest.note, &signer, SystemClock.now())?;
    // What was signed is kept first: a crash between the two only means that the head is signed again.
    write_private(&state, &note)?;
    anyhow::ensure!(
        open.store.replace_checkpoint(&newest, &note).await?,
        "another witness signed at this moment; again"
    );
    say(&format!("the checkpoint over {} leaves is signed by {}", newest.size, signer.verifier().name()));
    Ok(())
}
