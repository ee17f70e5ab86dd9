//! The folders into which municipalities' applications are put.

use super::reader::Reader;
use crate::adapters::file_drop::FileDropSettings;

const FILE_DROPS: &str = "applications.file_drops";

/// The folders, from the file's folder when relative.
pub(super) fn read(reader: &mut Reader<'_>) -> Vec<FileDropSettings> {
    let mut drops: Vec<FileDropSettings> = Vec::new();
    for text in reader.list(FILE_DROPS) {
        match text.parse::<FileDropSettings>() {
            Ok(FileDropSettings { client, folder }) => {
                let folder = reader.resolve(&folder);
                if drops.iter().any(|other| other.client == client || other.folder == folder) {
                    let fix = "name each municipality once, with a folder of its own";
                    reader.fault(FILE_DROPS, &format!("{text:?} names one a second time"), fix);
                }
                drops.push(FileDropSettings { client, folder });
            }
            Err(fix) => reader.fault(FILE_DROPS, &format!("{text:?} is no client and folder"), &fix.to_string()),
        }
    }
    drops
}
