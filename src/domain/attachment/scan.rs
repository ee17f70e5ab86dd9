//! What the bytes of a document are, and whether a municipality can open them without harm.
//!
//! Bounded, and closed where something is not understood: a PDF with active content, with files inside, encrypted, or that
//! becomes far more than it is, is none that goes with an application; nor is a picture of more pixels than any camera's.
//! It is no virus scanner, and looks for nothing that is not named here.

use flate2::read::ZlibDecoder;
use serde::{Deserialize, Serialize};
use std::io::Read as _;
use utoipa::ToSchema;

/// Most bytes that all streams of a PDF may become together.
const MOST_INFLATED: u64 = 100 * 1024 * 1024;
/// Most pixels of a picture.
const MOST_PIXELS: u64 = 100_000_000;
/// Most characters of a name that is looked at.
const LONGEST_NAME: usize = 64;
/// What a PDF is not to have: what runs, what opens or sends something, what hides something.
const ACTIVE: [&[u8]; 10] = [
    b"JavaScript",
    b"Launch",
    b"EmbeddedFile",
    b"EmbeddedFiles",
    b"RichMedia",
    b"XFA",
    b"SubmitForm",
    b"ImportData",
    b"GoToE",
    b"GoToR",
];
/// Ways to write streams that could hide objects from whoever reads no further than ours.
const OPAQUE: [&[u8]; 6] =
    [b"LZWDecode", b"ASCIIHexDecode", b"ASCII85Decode", b"RunLengthDecode", b"Crypt", b"DecodeParms"];

/// What a document can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = AttachmentMediaType)]
pub enum MediaType {
    /// PDF (ISO 32000).
    #[serde(rename = "application/pdf")]
    Pdf,
    /// PNG.
    #[serde(rename = "image/png")]
    Png,
    /// JPEG.
    #[serde(rename = "image/jpeg")]
    Jpeg,
}

impl MediaType {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Pdf, Self::Png, Self::Jpeg];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// Why a document is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AttachmentRefusal)]
pub enum BadContent {
    /// The bytes are not those whose digest was said.
    DigestMismatch,
    /// They are of no kind that the form takes, whatever the file is called.
    MediaType,
    /// They break off, or are not as their kind is written.
    Broken,
    /// They are encrypted, so that nobody can look into them.
    Encrypted,
    /// They hold what runs, opens other files, or holds other files.
    ActiveContent,
    /// They would become far more than they are.
    TooLargeInside,
}

/// What the bytes begin as.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<MediaType> {
    let begins = [
        (b"%PDF-".as_slice(), MediaType::Pdf),
        (b"\x89PNG\r\n\x1a\n".as_slice(), MediaType::Png),
        (b"\xff\xd8\xff".as_slice(), MediaType::Jpeg),
    ];
    begins.into_iter().find(|(begin, _)| bytes.starts_with(begin)).map(|(_, kind)| kind)
}

/// Looks whether they are what they begin as, and can be opened without harm.
///
/// # Errors
/// [`BadContent`].
pub fn scan(kind: MediaType, bytes: &[u8]) -> Result<(), BadContent> {
    match kind {
        MediaType::Pdf => pdf(bytes),
        MediaType::Png => png(bytes),
        MediaType::Jpeg => jpeg(bytes),
    }
}

/// Reads the names of PDF (§7.3.5) as they go by, wherever they stand.
#[derive(Default)]
struct Names {
    name: Option<Vec<u8>>,
    refused: Option<BadContent>,
    is_object_stream: bool,
    is_opaque: bool,
}

impl Names {
    fn read(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let ends = matches!(byte, 0 | 9 | 10 | 12 | 13 | b' ' | b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{')
                || matches!(byte, b'}' | b'/' | b'%');
            match &mut self.name {
                Some(name) if !ends && name.len() < LONGEST_NAME => name.push(*byte),
                Some(_) if !ends => {}
                _ => {
                    self.end();
                    self.name = (*byte == b'/').then(Vec::new);
                }
            }
        }
    }

    fn end(&mut self) {
        let Some(name) = self.name.take() else { return };
        let name = unescaped(&name);
        if name == b"Encrypt" {
            self.refused = Some(BadContent::Encrypted);
        } else if ACTIVE.contains(&name.as_slice()) {
            self.refused = self.refused.or(Some(BadContent::ActiveContent));
        }
        self.is_opaque |= OPAQUE.contains(&name.as_slice());
        self.is_object_stream |= name == b"ObjStm";
    }

    fn told(&self) -> Result<(), BadContent> {
        self.refused.map_or(Ok(()), Err)
    }
}

/// A name without its `#xx`.
fn unescaped(name: &[u8]) -> Vec<u8> {
    let (mut plain, mut rest) = (Vec::with_capacity(name.len()), name);
    while let [first, others @ ..] = rest {
        let digits = others.get(..2).filter(|_| *first == b'#').and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = digits.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            plain.push(byte);
            rest = others.get(2..).unwrap_or_default();
        } else {
            plain.push(*first);
            rest = others;
        }
    }
    plain
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn pdf(bytes: &[u8]) -> Result<(), BadContent> {
    let tail = bytes.len().saturating_sub(1024);
    if bytes.get(tail..).is_none_or(|end| find(end, b"%%EOF").is_none()) {
        return Err(BadContent::Broken);
    }
    // What stands in the file itself, also where a reader would not look.
    let mut names = Names::default();
    names.read(bytes);
    names.end();
    names.told()?;
    let (mut rest, mut left) = (bytes, MOST_INFLATED);
    while let Some(at) = find(rest, b"stream") {
        let (head, after) = rest.split_at(at);
        let after = after.get(b"stream".len()..).unwrap_or_default();
        let after = after.strip_prefix(b"\r").unwrap_or(after);
        let after = after.strip_prefix(b"\n").unwrap_or(after);
        let ends = find(after, b"endstream");
        let content = ends.and_then(|end| after.get(..end)).unwrap_or(after);
        left = inside(dictionary(head), content, left)?;
        rest = ends.and_then(|end| after.get(end + b"endstream".len()..)).unwrap_or_default();
    }
    Ok(())
}

/// What is said of a stream: from the object's beginning.
fn dictionary(head: &[u8]) -> &[u8] {
    let from = head.windows(4).rposition(|window| window == b" obj").unwrap_or_default();
    head.get(from..).unwrap_or_default()
}

/// Looks into one stream; gives how much all others may still become.
fn inside(dictionary: &[u8], content: &[u8], mut left: u64) -> Result<u64, BadContent> {
    let mut said = Names::default();
    said.read(dictionary);
    said.end();
    // Objects that nobody but their reader sees are not taken on trust. Predictors are for cross-references alone.
    if said.is_object_stream && said.is_opaque {
        return Err(BadContent::ActiveContent);
    }
    let (mut names, mut decoder, mut buffer) = (Names::default(), ZlibDecoder::new(content), [0_u8; 16 * 1024]);
    let mut is_begun = false;
    loop {
        let Ok(count) = decoder.read(&mut buffer) else {
            let is_hidden = said.is_object_stream && !is_begun;
            return if is_hidden { Err(BadContent::Broken) } else { Ok(left) };
        };
        if count == 0 {
            names.end();
            return names.told().map(|()| left);
        }
        is_begun = true;
        left = left.checked_sub(count as u64).ok_or(BadContent::TooLargeInside)?;
        names.read(buffer.get(..count).unwrap_or_default());
        names.told()?;
    }
}

fn number(bytes: &[u8]) -> Option<u64> {
    (!bytes.is_empty()).then(|| bytes.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}

fn pixels(width: Option<u64>, height: Option<u64>) -> Result<(), BadContent> {
    let (width, height) = width.zip(height).ok_or(BadContent::Broken)?;
    match width.checked_mul(height) {
        Some(0) => Err(BadContent::Broken),
        Some(count) if count <= MOST_PIXELS => Ok(()),
        _ => Err(BadContent::TooLargeInside),
    }
}

/// Every chunk up to the last, behind which nothing stands.
fn png(bytes: &[u8]) -> Result<(), BadContent> {
    let (mut rest, mut is_first) = (bytes.get(8..).ok_or(BadContent::Broken)?, true);
    loop {
        let length = rest.get(..4).and_then(number).and_then(|length| usize::try_from(length).ok());
        let (length, kind) = length.zip(rest.get(4..8)).ok_or(BadContent::Broken)?;
        let data = rest.get(8..).and_then(|data| data.get(..length)).ok_or(BadContent::Broken)?;
        if is_first {
            if kind != b"IHDR" || length != 13 {
                return Err(BadContent::Broken);
            }
            pixels(data.get(..4).and_then(number), data.get(4..8).and_then(number))?;
        }
        is_first = false;
        rest = rest.get(length.saturating_add(12)..).ok_or(BadContent::Broken)?;
        if kind == b"IEND" {
            return if rest.is_empty() { Ok(()) } else { Err(BadContent::Broken) };
        }
    }
}

/// Every segment up to the picture itself, which must have an end.
fn jpeg(bytes: &[u8]) -> Result<(), BadContent> {
    let (mut rest, mut is_sized) = (bytes.get(2..).ok_or(BadContent::Broken)?, false);
    loop {
        let [0xff, marker, after @ ..] = rest else { return Err(BadContent::Broken) };
        let length = after.get(..2).and_then(number).and_then(|length| usize::try_from(length).ok());
        let data = length.and_then(|length| after.get(2..length)).ok_or(BadContent::Broken)?;
        match marker {
            0xff => {
                rest = rest.get(1..).ok_or(BadContent::Broken)?;
                continue;
            }
            // A frame, but none of the tables that have numbers among theirs.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                pixels(data.get(3..5).and_then(number), data.get(1..3).and_then(number))?;
                is_sized = true;
            }
            0xda => {
                let has_end = is_sized && find(after, b"\xff\xd9").is_some();
                return if has_end { Ok(()) } else { Err(BadContent::Broken) };
            }
            _ => {}
        }
        rest = length.and_then(|length| after.get(length..)).ok_or(BadContent::Broken)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use proptest::prelude::*;
    use std::io::Write as _;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    fn with_stream(said: &str, content: &[u8]) -> Vec<u8> {
        let head = format!("%PDF-1.7\n1 0 obj\n<< {said} >>\nstream\r\n");
        [head.as_bytes(), content, b"\nendstream\nendobj\n%%EOF\n"].concat()
    }

    #[test]
    fn the_content_says_what_it_is() {
        assert_eq!(sniff(b"%PDF-1.7"), Some(MediaType::Pdf));
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n"), Some(MediaType::Png));
        assert_eq!(sniff(b"\xff\xd8\xff\xe0"), Some(MediaType::Jpeg));
        for other in [b"".as_slice(), b"MZ", b"<html>", b" %PDF-1.7", b"PK\x03\x04", b"GIF89a"] {
            assert_eq!(sniff(other), None);
        }
    }

    #[test]
    fn a_pdf_that_runs_or_hides_something_is_refused_however_it_writes_that() {
        let plain = |said: &str| [b"%PDF-1.7\n1 0 obj\n", said.as_bytes(), b"\nendobj\n%%EOF"].concat();
        assert_eq!(pdf(&plain("<< /Type /Catalog /OpenAction [3 0 R /Fit] >>")), Ok(()));
        for (said, because) in [
            ("<< /S /JavaScript /JS (app.alert(1)) >>", BadContent::ActiveContent),
            ("<< /S/J#61v#61Script/JS(x) >>", BadContent::ActiveContent),
            ("<</Type/Action/S/Launch/F(cmd.exe)>>", BadContent::ActiveContent),
            ("<< /Names << /EmbeddedFiles 4 0 R >> >>", BadContent::ActiveContent),
            ("<< /AcroForm << /XFA 5 0 R >> >>", BadContent::ActiveContent),
            ("trailer << /Encrypt 6 0 R >>", BadContent::Encrypted),
        ] {
            assert_eq!(pdf(&plain(said)), Err(because), "{said}");
        }
        assert_eq!(pdf(b"%PDF-1.7 and nothing more"), Err(BadContent::Broken));
        let hidden = packed(b"1 0 2 40 << /S /JavaScript /JS (x) >>");
        assert_eq!(pdf(&with_stream("/Type /ObjStm /Filter /FlateDecode", &hidden)), Err(BadContent::ActiveContent));
        assert_eq!(pdf(&with_stream("/Filter /FlateDecode", &hidden)), Err(BadContent::ActiveContent));
        let twice = "/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]";
        assert_eq!(pdf(&with_stream(twice, b"789c")), Err(BadContent::ActiveContent));
        assert_eq!(pdf(&with_stream("/Type /ObjStm /Filter /FlateDecode", b"nonsense")), Err(BadContent::Broken));
        assert_eq!(pdf(&with_stream("/Filter /DCTDecode", b"\xff\xd8\xff")), Ok(()), "a picture in it");
        assert_eq!(pdf(&with_stream("/Filter /FlateDecode", &packed(b"BT (name) Tj ET"))), Ok(()));
    }

    #[test]
    fn a_bomb_is_refused_before_it_goes_off() {
        let bomb = packed(&vec![0; 101 * 1024 * 1024]);
        assert!(bomb.len() < 200 * 1024);
        assert_eq!(pdf(&with_stream("/Filter /FlateDecode", &bomb)), Err(BadContent::TooLargeInside));
        let size = |width: u32, height: u32| {
            let header = [&width.to_be_bytes(), &height.to_be_bytes(), [8, 2, 0, 0].as_slice(), &[0]].concat();
            let ihdr = [&13_u32.to_be_bytes(), b"IHDR".as_slice(), &header, &[0; 4]].concat();
            [b"\x89PNG\r\n\x1a\n".as_slice(), &ihdr, &[0; 4], b"IEND", &[0; 4]].concat()
        };
        assert_eq!(png(&size(800, 600)), Ok(()));
        assert_eq!(png(&size(100_000, 100_000)), Err(BadContent::TooLargeInside));
        assert_eq!(png(&size(0, 600)), Err(BadContent::Broken));
        let more = [size(800, 600), b"PK\x03\x04".to_vec()].concat();
        assert_eq!(png(&more), Err(BadContent::Broken), "something stands behind it");
    }

    #[test]
    fn a_jpeg_has_a_size_and_an_end() {
        let frame =
            |height: [u8; 2]| [b"\xff\xc0\x00\x0b\x08".as_slice(), &height, b"\x02\x00\x01\x01\x11\x00"].concat();
        let whole = |frame: &[u8], end: &[u8]| {
            [b"\xff\xd8\xff\xe0\x00\x04ab".as_slice(), frame, b"\xff\xda\x00\x03\x01\x22\x33", end].concat()
        };
        assert_eq!(jpeg(&whole(&frame([1, 0]), b"\xff\xd9")), Ok(()));
        assert_eq!(jpeg(&whole(&frame([1, 0]), b"")), Err(BadContent::Broken));
        assert_eq!(jpeg(&whole(&frame([0, 0]), b"\xff\xd9")), Err(BadContent::Broken));
        assert_eq!(jpeg(&whole(b"", b"\xff\xd9")), Err(BadContent::Broken));
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            for kind in MediaType::ALL {
                let _ = scan(kind, &bytes);
            }
        }
    }
}
