//! Applications as files in a folder, for municipalities whose systems are on a closed network.
//!
//! Each application, and each change of it, is one archive: its place and arrival number are its name, so that names sort in
//! the order of events, and one that is put down again after a crash is the same file. Putting it there counts as giving it
//! out: it is logged before, and whoever applied sees when.

use super::files::{FileKind, written};
use super::{AgencySignature, Applications};
use crate::adapters::file_drop::{DropFolder, FileDropSettings};
use crate::domain::archive::{self, File};
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::scope::Scope;
use crate::domain::{Digest, Failure, Fault, Refusal};
use crate::services::turns::forever;
use crate::store::HeldApplication;
use std::sync::Arc;
use std::time::Duration;

/// How long to wait when there is nothing new.
const LOOK: Duration = Duration::from_secs(2);
/// Most applications of one turn.
const AT_ONCE: u32 = 50;

impl Applications {
    /// Puts down what comes, for as long as the process runs.
    pub async fn put_down_forever(self: Arc<Self>, drop: FileDropSettings) {
        let (client, folder) = (drop.client, DropFolder::new(drop.folder));
        let turn = || self.put_down(&client, &folder);
        forever(LOOK, "applications could not be put into a folder", turn).await;
    }

    /// Puts down what is new. True when there may be more.
    async fn put_down(&self, id: &ClientId, folder: &DropFolder) -> Result<bool, Fault> {
        let client = self.parts.store.find_client(id).await?;
        let client = client.filter(|client| client.scope.has(Scope::AgencyApplications));
        let Some((client, municipality)) = client.as_ref().and_then(of_municipality) else {
            return Err(Fault::Internal(format!("{id} is no municipality that takes applications")));
        };
        self.parts.gateway.clear_giving_applications(client).map_err(|refusal| refused(&refusal))?;
        let after = folder.place().await?;
        let found = self.parts.store.list_received_applications(municipality, after, AT_ONCE).await?;
        for held in &found {
            self.parts.evidence.intake().admit().map_err(|refusal| refused(&refusal))?;
            let (one, by) = (&held.application, (&client.id, self.parts.clock.now()));
            // None where it was erased meanwhile.
            if let Some(given) = self.parts.store.read_application(&one.id, municipality, by).await? {
                let name = format!("{:010}-{}.zip", held.place, one.arrival);
                folder.put(name, self.archived(&given).await?, held.place).await?;
            }
        }
        Ok(u32::try_from(found.len()).is_ok_and(|found| found == AT_ONCE))
    }

    /// The same in every form, and a list of digests.
    async fn archived(&self, held: &HeldApplication) -> Result<Vec<u8>, Fault> {
        let view = self.told(held).await.map_err(failed)?;
        let form = self.parts.forms.get(&held.application.form);
        let json = serde_json::to_vec_pretty(&view).map_err(|_| Fault::Internal("an application as JSON".into()))?;
        let mut files = vec![File::new(format!("{}.json", held.application.arrival), json)];
        for kind in FileKind::ALL {
            let file = written((&view, form), &held.application, kind)?;
            files.push(File::new(file.name, file.bytes));
        }
        // Who cannot ask for the signature is given it.
        if let Some(signature) = &held.application.signature {
            let signature = AgencySignature::of(&held.application, signature);
            let json =
                serde_json::to_vec_pretty(&signature).map_err(|_| Fault::Internal("a signature as JSON".into()))?;
            files.push(File::new(format!("{}.signature.json", held.application.arrival), json));
        }
        let digests = files.iter().map(|file| format!("{}  {}\n", Digest::of_bytes(&file.bytes).hex(), file.path));
        files.push(File::new("SHA256SUMS", digests.collect::<String>()));
        archive::write(&files).map_err(|error| Fault::Internal(format!("an application as an archive: {error}")))
    }
}

fn of_municipality(client: &Client) -> Option<(&Client, &str)> {
    Some((client, client.corporate_number.local_government()?))
}

fn refused(refusal: &Refusal) -> Fault {
    Fault::Internal(format!("refused: {refusal}"))
}

fn failed(failure: Failure) -> Fault {
    match failure {
        Failure::Refused(refusal) => refused(&refusal),
        Failure::Broken(fault) => fault,
    }
}
