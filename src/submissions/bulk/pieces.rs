//! The pieces of a file: where one ends, how it is kept, and the digest of all of them.

use super::csv::Table;
use super::lines::{Checked, Piece};
use super::{LEAST_PIECE, Submissions};
use crate::domain::bulk::{Bulk, MOST_LINES, RecordFormat};
use crate::domain::ids::BulkId;
use crate::domain::submission::Finding;
use crate::domain::{Digest, Failure, Fault, Refusal};
use crate::store::{BulkPiece, NewPiece};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes of the length that stands before a piece that has records beside its own bytes.
const PREFIX: usize = size_of::<u64>();

/// What seals a piece.
pub(super) fn owner(id: &BulkId, no: u32) -> String {
    format!("bulk:{id}:{no}")
}

/// The bytes of a piece as it came, and its records: one JSON object on each line. What rows of a CSV were read as when they
/// came is kept, so that they are filed as they were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    file: Vec<u8>,
    records: Option<Vec<u8>>,
}

impl Text {
    /// Of the file, for its digest.
    fn file(&self) -> &[u8] {
        &self.file
    }

    /// One record on each line.
    pub fn records(&self) -> &[u8] {
        self.records.as_deref().unwrap_or(&self.file)
    }

    /// Both in one.
    fn kept(&self) -> Cow<'_, [u8]> {
        let Some(records) = &self.records else { return Cow::Borrowed(&self.file) };
        Cow::Owned([&(self.file.len() as u64).to_be_bytes(), self.file.as_slice(), records].concat())
    }

    /// Apart again.
    fn of_kept(format: RecordFormat, kept: Vec<u8>) -> Option<Self> {
        if format == RecordFormat::Ndjson {
            return Some(Self { file: kept, records: None });
        }
        let (prefix, rest) = kept.split_first_chunk::<PREFIX>()?;
        let (file, records) = rest.split_at_checked(usize::try_from(u64::from_be_bytes(*prefix)).ok()?)?;
        Some(Self { file: file.to_vec(), records: Some(records.to_vec()) })
    }
}

/// What is taken of the bytes that came.
#[derive(Debug)]
pub(super) struct Taken {
    pub text: Text,
    /// What is wrong with rows that hold no record, by their place, from 1.
    pub wrong: BTreeMap<u64, Finding>,
    /// What the header line says.
    pub columns: Vec<String>,
}

impl Submissions {
    /// Takes the whole lines of `bytes` and holds them against the rules, beside the workers: it takes some milliseconds.
    pub(super) async fn check_piece(
        &self,
        bulk: &Bulk,
        office: Vec<u8>,
        bytes: &[u8],
    ) -> Result<(Text, Checked), Failure> {
        let most = self.largest_piece(bulk);
        let is_last = fits(bulk, bytes.len(), most)?;
        let agency = Arc::clone(&self.post(&bulk.agency)?.agency);
        let (bulk, bytes) = (bulk.clone(), bytes.to_vec());
        let checking = tokio::task::spawn_blocking(move || {
            let taken = match bulk.format {
                RecordFormat::Ndjson => whole_lines(bytes, (is_last, most))?,
                RecordFormat::CsvUtf8 | RecordFormat::CsvShiftJis => {
                    let (columns, procedure) = (bulk.columns.clone(), agency.procedure(&bulk.procedure));
                    let table = Table { format: bulk.format, columns, procedure, is_last, most };
                    whole_rows(table, &bytes)?
                }
            };
            Piece { agency, bulk, office, taken }.check()
        });
        Ok(checking.await.map_err(|error| Fault::Internal(error.to_string()))??)
    }

    /// The bulk filing with one piece more.
    pub(super) fn grown(&self, bulk: &Bulk, text: &Text, checked: Checked) -> Result<(Bulk, NewPiece), Failure> {
        let lines = bulk.lines + checked.lines;
        if lines > MOST_LINES {
            let words = format!("Send at most {MOST_LINES} records in a file.");
            return Err(Refusal::new("content_too_large", words).into());
        }
        let piece = NewPiece {
            no: bulk.pieces,
            first_line: bulk.lines + 1,
            lines: checked.lines,
            rejected: checked.rejected,
            content: self.parts.master.seal(&owner(&bulk.id, bulk.pieces), &text.kept(), &*self.parts.entropy)?,
            outcomes: checked.outcomes,
        };
        let bulk = Bulk {
            received: bulk.received + text.file().len() as u64,
            pieces: bulk.pieces + 1,
            lines,
            rejected: bulk.rejected + checked.rejected,
            columns: checked.columns,
            ..bulk.clone()
        };
        Ok((bulk, piece))
    }

    pub(super) async fn digest_of_pieces(&self, bulk: &Bulk) -> Result<Digest, Fault> {
        let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        for no in 0..bulk.pieces {
            context.update(self.piece(bulk, no).await?.1.file());
        }
        let bytes = <[u8; 32]>::try_from(context.finish().as_ref());
        bytes.map(Digest::from_bytes).map_err(|_| Fault::Internal("SHA-256 has another length".into()))
    }

    pub(super) async fn piece(&self, bulk: &Bulk, no: u32) -> Result<(BulkPiece, Text), Fault> {
        let found = self.parts.store.find_bulk_piece(&bulk.id, no).await?;
        let gone = || Fault::Internal("a bulk filing's piece is gone".into());
        let (piece, sealed) = found.and_then(|(piece, sealed)| Some((piece, sealed?))).ok_or_else(gone)?;
        let kept = self.parts.master.open(&owner(&bulk.id, no), &sealed)?;
        Ok((piece, Text::of_kept(bulk.format, kept).ok_or_else(gone)?))
    }
}

/// Whether these are the last bytes of the file.
///
/// # Errors
/// `content_too_large`, `invalid_value` for more than there is.
fn fits(bulk: &Bulk, length: usize, most: usize) -> Result<bool, Refusal> {
    if length > most {
        return Err(Refusal::new("content_too_large", format!("Send at most {most} bytes at once.")));
    }
    let end = bulk.received.saturating_add(length as u64);
    if end > bulk.length {
        let left = bulk.length - bulk.received;
        let words = format!("There are {left} bytes left of the {} that were said.", bulk.length);
        return Err(Refusal::new("invalid_value", words));
    }
    Ok(end == bulk.length)
}

fn too_few(least: usize) -> Refusal {
    Refusal::new("invalid_value", format!("Send whole lines, of {least} bytes or more together."))
}

/// The part that is whole lines.
fn whole_lines(mut bytes: Vec<u8>, (is_last, most): (bool, usize)) -> Result<Taken, Refusal> {
    if !is_last {
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1));
        let least = LEAST_PIECE.min(most / 2);
        if bytes.len() < least {
            return Err(too_few(least));
        }
    }
    Ok(Taken { text: Text { file: bytes, records: None }, wrong: BTreeMap::new(), columns: Vec::new() })
}

/// The part that is whole rows, and no more than an agency takes at once when they are written as JSON.
fn whole_rows(table: Table<'_>, bytes: &[u8]) -> Result<Taken, Refusal> {
    let (is_last, most) = (table.is_last, table.most);
    let rows = table.read(bytes)?;
    let least = LEAST_PIECE.min(most / 2);
    let is_piece = rows.taken >= least || rows.records.len() >= least;
    if !is_last && (rows.records.is_empty() || !is_piece) {
        return Err(too_few(least));
    }
    // Of the last bytes, empty lines may be left over.
    let is_over = is_last && !rows.is_cut;
    let file = bytes.get(..if is_over { bytes.len() } else { rows.taken }).unwrap_or_default().to_vec();
    Ok(Taken { text: Text { file, records: Some(rows.records) }, wrong: rows.wrong, columns: rows.columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_piece_comes_apart_as_it_was() {
        let lines = Text { file: b"{}\n".to_vec(), records: None };
        assert_eq!(Text::of_kept(RecordFormat::Ndjson, lines.kept().into_owned()), Some(lines));
        for (file, records) in [(&b"a\n1\n"[..], &b"{\"a\":\"1\"}\n"[..]), (b"\n", b""), (b"", b"")] {
            let rows = Text { file: file.to_vec(), records: Some(records.to_vec()) };
            assert_eq!((rows.file(), rows.records()), (file, records));
            assert_eq!(Text::of_kept(RecordFormat::CsvUtf8, rows.kept().into_owned()), Some(rows));
        }
        for broken in [&b""[..], b"1234567", &[0, 0, 0, 0, 0, 0, 0, 9, 1], &[0xFF; 20]] {
            assert_eq!(Text::of_kept(RecordFormat::CsvUtf8, broken.to_vec()), None);
        }
    }

    #[test]
    fn a_piece_ends_with_a_line_unless_it_is_the_last() {
        let line = "x".repeat(LEAST_PIECE) + "\n";
        let taken = |text: &str, is_last| whole_lines(text.as_bytes().to_vec(), (is_last, 1_000_000));
        assert_eq!(taken(&format!("{line}{{"), false).unwrap().text.file().len(), line.len());
        assert_eq!(taken(&format!("{line}{{"), true).unwrap().text.file().len(), line.len() + 1);
        assert_eq!(taken("{}\n", false).unwrap_err().code, "invalid_value");
        assert_eq!(taken("{}\n", true).unwrap().text.records(), b"{}\n");
    }
}
