//! A folder (受渡しフォルダ) into which files are put for a municipality whose systems are on a closed network: whoever carries
//! them there takes them away.
//!
//! A file appears under its name only when it is whole and durable. How far the folder is stands in it, too, in a file whose
//! name begins with a dot: whoever empties the folder leaves that one, or gets everything once more.

use crate::domain::Fault;
use crate::domain::ids::ClientId;
use std::fs::{DirBuilder, File, OpenOptions, rename};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use tokio::task::spawn_blocking;

/// How far the folder is.
const PLACE: &str = ".madoguchi-place";
/// What is not whole yet.
const UNFINISHED: &str = ".madoguchi-unfinished";

/// Whose files are put where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDropSettings {
    /// The municipality, by its own client.
    pub client: ClientId,
    /// Its folder.
    pub folder: PathBuf,
}

/// Why a text does not say whose files are put where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write it as \"CLIENT FOLDER\": the municipality's client_id, and a folder of its own")]
pub struct NoFileDrop;

impl FromStr for FileDropSettings {
    type Err = NoFileDrop;
    fn from_str(text: &str) -> Result<Self, NoFileDrop> {
        let (client, folder) = text.split_once(' ').ok_or(NoFileDrop)?;
        let client = ClientId::parse(client).map_err(|_| NoFileDrop)?;
        let folder = Some(folder.trim()).filter(|folder| !folder.is_empty()).ok_or(NoFileDrop)?;
        Ok(Self { client, folder: folder.into() })
    }
}

/// The folder.
#[derive(Debug)]
pub struct DropFolder {
    path: PathBuf,
}

impl DropFolder {
    /// The folder at this path. It is made when the first file is put into it, for its owner alone.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The place after which the folder goes on; 0 at the beginning.
    ///
    /// # Errors
    /// [`Fault`] when the folder cannot be read, or says something else.
    pub async fn place(&self) -> Result<u64, Fault> {
        let path = self.path.join(PLACE);
        let text = match blocking(move || std::fs::read_to_string(path)).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
            other => other.map_err(away)?,
        };
        text.trim().parse().map_err(|_| Fault::Internal(format!("{PLACE} of a drop folder holds no number")))
    }

    /// Puts a file there, or the same again, and notes how far the folder is with it.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be written: then it is as it was, or the whole file is there and its place is not.
    pub async fn put(&self, name: String, bytes: Vec<u8>, place: u64) -> Result<(), Fault> {
        let folder = self.path.clone();
        let written = blocking(move || {
            DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
            replace(&folder, &name, &bytes)?;
            replace(&folder, PLACE, format!("{place}\n").as_bytes())
        });
        written.await.map_err(away)
    }
}

/// Writes a file beside its name, and gives it that when it is durable.
fn replace(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(UNFINISHED);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    rename(&unfinished, folder.join(name))?;
    File::open(folder)?.sync_all()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

fn away(error: io::Error) -> Fault {
    Fault::unavailable("drop folder", error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[tokio::test]
    async fn a_file_is_whole_and_its_owners_alone_and_its_place_is_kept() {
        let base = tempfile::tempdir().unwrap();
        let folder = DropFolder::new(base.path().join("a/b"));
        assert_eq!(folder.place().await.unwrap(), 0);
        folder.put("one.zip".into(), b"first".to_vec(), 3).await.unwrap();
        folder.put("one.zip".into(), b"once more".to_vec(), 7).await.unwrap();
        let path = base.path().join("a/b");
        assert_eq!(std::fs::read(path.join("one.zip")).unwrap(), b"once more");
        assert_eq!(folder.place().await.unwrap(), 7);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join("one.zip"))), (0o700, 0o600));
        assert!(!path.join(UNFINISHED).exists());
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_used_is_told_and_nothing_is_noted() {
        let base = tempfile::tempdir().unwrap();
        std::fs::write(base.path().join("taken"), "").unwrap();
        let folder = DropFolder::new(base.path().join("taken"));
        assert!(folder.put("one.zip".into(), Vec::new(), 1).await.is_err());
        let folder = DropFolder::new(base.path().to_path_buf());
        std::fs::write(base.path().join(PLACE), "soon").unwrap();
        assert!(matches!(folder.place().await, Err(Fault::Internal(_))));
    }
}
