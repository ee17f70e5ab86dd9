//! ZIP archives as agencies exchange them: small, flat, and from strangers.
//!
//! Reading is bounded before anything is unpacked: how many files, how large each may become, how large all of them, and
//! names that leave no folder. An archive that is written is the same bytes for the same files.

use std::io::{Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// Most files of one archive.
pub const MOST_FILES: usize = 200;
/// Most bytes of all files of one archive together.
pub const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// Most bytes that one byte of an archive may become: text packs well, bombs better.
const MOST_RATIO: u64 = 200;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name with its folder, `/` between them.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl File {
    /// A file.
    #[must_use]
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), bytes: bytes.into() }
    }

    /// Its name without its folder.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit_once('/').map_or(self.path.as_str(), |(_, name)| name)
    }
}

/// An archive that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadArchive {
    /// It is none, or broken.
    #[error("this is no ZIP archive, or it is broken")]
    Broken,
    /// It holds, or would become, more than any honest one.
    #[error("the archive holds too much")]
    TooLarge,
    /// A file's name leads out of its folder, or comes twice.
    #[error("a file of the archive has a name that cannot be used")]
    Name,
}

/// Every file of an archive, folders left out.
///
/// # Errors
/// [`BadArchive`]; nothing is unpacked beyond the limits.
pub fn read(bytes: &[u8]) -> Result<Vec<File>, BadArchive> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| BadArchive::Broken)?;
    if archive.len() > MOST_FILES {
        return Err(BadArchive::TooLarge);
    }
    let most = MOST_BYTES.min((bytes.len() as u64).saturating_mul(MOST_RATIO));
    let (mut files, mut left): (Vec<File>, u64) = (Vec::new(), most);
    for n in 0..archive.len() {
        let entry = archive.by_index(n).map_err(|_| BadArchive::Broken)?;
        if entry.is_dir() {
            continue;
        }
        // What the header says of the size is the sender's word: what is read counts.
        let path = entry.name().map_err(|_| BadArchive::Name)?.into_owned();
        if !entry.is_file() || !is_usable(&path) || files.iter().any(|file| file.path == path) {
            return Err(BadArchive::Name);
        }
        let mut bytes = Vec::new();
        let read = entry.take(left + 1).read_to_end(&mut bytes).map_err(|_| BadArchive::Broken)?;
        left = left.checked_sub(read as u64).ok_or(BadArchive::TooLarge)?;
        files.push(File { path, bytes });
    }
    Ok(files)
}

/// A path of plain names.
fn is_usable(path: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name != "."
            && name != ".."
            && !name.chars().any(|c| c.is_control() || matches!(c, '\\' | ':'))
    };
    path.len() <= 500 && path.split('/').all(is_name)
}

/// An archive of these files, in this order.
///
/// # Errors
/// [`BadArchive::Name`] for a path that [`read`] would not take; [`BadArchive::Broken`] when packing fails.
pub fn write(files: &[File]) -> Result<Vec<u8>, BadArchive> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // The earliest moment of the format, or the same files would be other bytes at another time.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for file in files {
        if !is_usable(&file.path) {
            return Err(BadArchive::Name);
        }
        archive.start_file(file.path.as_str(), options).map_err(|_| BadArchive::Broken)?;
        archive.write_all(&file.bytes).map_err(|_| BadArchive::Broken)?;
    }
    archive.finish().map(Cursor::into_inner).map_err(|_| BadArchive::Broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_reads_back_and_is_the_same_bytes_each_time() {
        let files =
            [File::new("4950013520711000/kousei.xml", "<a/>"), File::new("4950013520711000/見本.pdf", [1, 2, 3])];
        let written = write(&files).unwrap();
        assert_eq!(read(&written).unwrap(), files);
        assert_eq!(write(&files).unwrap(), written);
        assert_eq!(files[1].name(), "見本.pdf");
    }

    #[test]
    fn a_bomb_a_crowd_and_a_way_out_are_refused() {
        let bomb = write(&[File::new("a", vec![0; 8 * 1024 * 1024])]).unwrap();
        assert_eq!(read(&bomb), Err(BadArchive::TooLarge));
        let crowd: Vec<File> = (0..=MOST_FILES).map(|n| File::new(format!("{n}"), "x")).collect();
        assert_eq!(read(&write(&crowd).unwrap()), Err(BadArchive::TooLarge));
        for path in ["../a", "/a", "a//b", "a\\b", "c:a", "", "a/./b"] {
            assert_eq!(write(&[File::new(path, "x")]), Err(BadArchive::Name), "{path}");
        }
        // The same length, so that the archive stays whole.
        let mut out = write(&[File::new("aa/b", "x")]).unwrap();
        for at in 0..out.len() - 4 {
            if &out[at..at + 4] == b"aa/b" {
                out[at..at + 2].copy_from_slice(b"..");
            }
        }
        assert_eq!(read(&out), Err(BadArchive::Name));
        assert_eq!(read(b"PK"), Err(BadArchive::Broken));
    }

    proptest! {
        #[test]
        fn any_bytes_read_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0_usize..200) {
            let _ = read(&bytes);
            let mut whole = write(&[File::new("a/b", "見本")]).unwrap();
            let at = cut % whole.len();
            whole[at] ^= 0x55;
            let _ = read(&whole);
        }
    }
}
