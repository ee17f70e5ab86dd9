//! Reads back what was written: the text of a PDF, and the cells of a workbook.

use flate2::read::ZlibDecoder;
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use zip::ZipArchive;

/// A cell: its place from 0, `s` for a text, `b` for a flag, `n` for a number or a moment; its text as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub at: (u32, u32),
    pub kind: String,
    pub text: String,
    pub is_quoted: bool,
}

/// A file of a workbook.
pub(super) fn file_of(workbook: &[u8], name: &str) -> String {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> Option<&'t str> {
    text.split_once(from)?.1.split_once(to).map(|(found, _)| found)
}

/// The cells of the sheet with this number.
pub(super) fn cells(workbook: &[u8], sheet: usize) -> Vec<Cell> {
    let shared = file_of(workbook, "xl/sharedStrings.xml");
    let texts: Vec<&str> = shared
        .split("<si>")
        .skip(1)
        .map(|one| one.split_once("<t").and_then(|(_, rest)| between(rest, ">", "</t>")).unwrap())
        .collect();
    let styles = file_of(workbook, "xl/styles.xml");
    let formats: Vec<&str> = between(&styles, "<cellXfs", "</cellXfs>").unwrap().split("<xf ").skip(1).collect();
    let read = |cell: &str| {
        let place = between(cell, "r=\"", "\"").unwrap();
        let digits = place.find(|c: char| c.is_ascii_digit()).unwrap();
        let column = place[..digits].bytes().fold(0, |sum, letter| sum * 26 + u32::from(letter - b'A') + 1) - 1;
        let kind = between(cell, " t=\"", "\"").unwrap_or("n").to_owned();
        let value = between(cell, "<v>", "</v>")?;
        let text = if kind == "s" { texts[value.parse::<usize>().unwrap()] } else { value };
        let style = between(cell, " s=\"", "\"").map_or(0, |n| n.parse::<usize>().unwrap());
        let is_quoted = formats[style].contains("quotePrefix=\"1\"");
        let row = place[digits..].parse::<u32>().unwrap() - 1;
        Some(Cell { at: (row, column), kind, text: text.to_owned(), is_quoted })
    };
    file_of(workbook, &format!("xl/worksheets/sheet{sheet}.xml")).split("<c ").skip(1).filter_map(read).collect()
}

/// What a PDF of ours says, a line for each text that is shown.
pub(super) fn text_of(pdf: &[u8]) -> String {
    let streams = streams(pdf);
    let mut letters = BTreeMap::new();
    for stream in &streams {
        let text = String::from_utf8_lossy(stream);
        for part in text.split("beginbfchar").skip(1) {
            let words: Vec<&str> = part.split("endbfchar").next().unwrap().split_ascii_whitespace().collect();
            for pair in words.chunks_exact(2) {
                letters.insert(code(pair[0]), utf16(pair[1]));
            }
        }
    }
    let mut said = String::new();
    for stream in streams.iter().filter(|stream| stream.windows(4).any(|four| four == b"]TJ\n")) {
        for shown in shown(stream) {
            let codes = shown.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]]));
            said.extend(codes.map(|code| letters[&code].clone()));
            said.push('\n');
        }
    }
    said
}

fn streams(pdf: &[u8]) -> Vec<Vec<u8>> {
    let find = |from: usize, what: &[u8]| pdf[from..].windows(what.len()).position(|at| at == what).map(|n| from + n);
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(start) = find(from, b"stream\n") {
        let end = find(start, b"endstream").unwrap();
        let bytes = &pdf[start + 7..end];
        let mut inflated = Vec::new();
        let is_packed = ZlibDecoder::new(bytes).read_to_end(&mut inflated).is_ok();
        found.push(if is_packed { inflated } else { bytes.to_vec() });
        from = end + 9;
    }
    found
}

fn code(hex: &str) -> u16 {
    u16::from_str_radix(hex.trim_matches(['<', '>']), 16).unwrap()
}

fn utf16(hex: &str) -> String {
    let hex = hex.trim_matches(['<', '>']);
    let units: Vec<u16> =
        (0..hex.len() / 4).map(|n| u16::from_str_radix(&hex[n * 4..n * 4 + 4], 16).unwrap()).collect();
    String::from_utf16(&units).unwrap()
}

/// The strings of a page that are shown: those before `Tj` or `TJ`.
fn shown(content: &[u8]) -> Vec<Vec<u8>> {
    let (mut shown, mut strings, mut at) = (Vec::new(), Vec::new(), 0);
    while at < content.len() {
        match content[at..] {
            [b'(', ..] => {
                let mut text: Vec<u8> = Vec::new();
                let mut depth = 1;
                at += 1;
                while depth > 0 {
                    match content[at] {
                        b'\\' => {
                            at += 1;
                            match content[at] {
                                b'n' => text.push(b'\n'),
                                b'r' => text.push(b'\r'),
                                b't' => text.push(b'\t'),
                                b'b' => text.push(8),
                                b'f' => text.push(12),
                                digit @ b'0'..=b'7' => {
                                    let octal = std::str::from_utf8(&content[at..at + 3]).unwrap();
                                    text.push(u8::from_str_radix(octal, 8).unwrap_or(digit));
                                    at += 2;
                                }
                                other => text.push(other),
                            }
                        }
                        byte => {
                            depth += i32::from(byte == b'(') - i32::from(byte == b')');
                            if depth > 0 {
                                text.push(byte);
                            }
                        }
                    }
                    at += 1;
                }
                strings.extend(text);
            }
            [b'<', b'<', ..] => at += 2,
            [b'<', ..] => {
                let end = at + content[at..].iter().position(|byte| *byte == b'>').unwrap();
                let hex = std::str::from_utf8(&content[at + 1..end]).unwrap();
                strings.extend((0..hex.len() / 2).map(|n| u8::from_str_radix(&hex[n * 2..n * 2 + 2], 16).unwrap()));
                at = end + 1;
            }
            [b'T', b'j' | b'J', ..] => {
                shown.push(std::mem::take(&mut strings));
                at += 2;
            }
            [b'B', b'D', b'C', ..] => {
                strings.clear();
                at += 3;
            }
            _ => at += 1,
        }
    }
    shown
}
