//! A procedure's blank forms (`GET /procedure/{proc_id}`), kept for an hour.

use super::calls::{Call, Calls, Failed};
use super::envelope::Envelope;
use crate::domain::Timestamp;
use crate::domain::archive::{self, File};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long forms are kept: e-Gov changes them by night.
const LIFE: Duration = Duration::from_hours(1);
/// Most procedures whose forms are kept.
const MOST_KEPT: usize = 200;

#[derive(Deserialize)]
struct Results {
    file_data: String,
    configuration_file_name: Vec<String>,
    file_info: Vec<Form>,
}

/// One form (様式).
#[derive(Clone, Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "e-Gov's own names")]
pub(super) struct Form {
    pub form_id: String,
    pub form_version: u32,
    pub form_name: String,
    pub apply_file_name: String,
}

/// A procedure's blank forms.
#[derive(Clone, Debug)]
pub(super) struct Skeleton {
    /// Every file, without its folder.
    pub files: Vec<File>,
    /// Names of the configurations: one, or three where each file is signed by itself.
    pub configurations: Vec<String>,
    pub forms: Vec<Form>,
}

#[derive(Default)]
pub(super) struct Skeletons(Mutex<BTreeMap<String, (Timestamp, Arc<Skeleton>)>>);

impl Skeletons {
    /// The forms of a procedure.
    pub async fn get(
        &self,
        calls: &Calls,
        procedure: &str,
        now: Timestamp,
        timeout: Duration,
    ) -> Result<Arc<Skeleton>, Failed> {
        let kept = self.lock().get(procedure).filter(|(until, _)| now < *until).map(|(_, kept)| Arc::clone(kept));
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let answer: Envelope<Results> = calls.make(Call::get(&["procedure", procedure], &[], timeout)).await?;
        let read = Arc::new(read(answer.results).ok_or(Failed::NotNow(None))?);
        let mut kept = self.lock();
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(procedure.to_owned(), (now.plus(LIFE), Arc::clone(&read)));
        Ok(read)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, (Timestamp, Arc<Skeleton>)>> {
        // Each change is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(results: Results) -> Option<Skeleton> {
    let bytes = STANDARD.decode(results.file_data.as_bytes()).ok()?;
    let files = archive::read(&bytes).ok()?;
    let files: Vec<File> = files.into_iter().map(|file| File::new(file.name().to_owned(), file.bytes)).collect();
    let has = |name: &String| files.iter().any(|file| file.path == *name);
    let is_whole = results.configuration_file_name.iter().all(has)
        && results.file_info.iter().all(|form| has(&form.apply_file_name))
        && !results.configuration_file_name.is_empty()
        && !results.file_info.is_empty();
    is_whole.then_some(Skeleton { files, configurations: results.configuration_file_name, forms: results.file_info })
}
