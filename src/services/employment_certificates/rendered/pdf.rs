//! The PDF that people print: PDF/A-2a, tagged, so that it can be kept and read aloud.

use super::letters::{Drawn, Letters, Setter};
use super::sheet::{Row, Sheet};
use crate::domain::Fault;
use chrono::{DateTime as Moment, Datelike as _, Timelike as _};
use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree};
use krilla::text::Font;
use std::num::NonZeroU16;

/// A4, in points.
const PAPER: (f32, f32) = (595.28, 841.89);
const MARGIN: f32 = 40.0;
const SIZE: f32 = 8.5;
const LEADING: f32 = 12.0;
const PAD: f32 = 3.0;
/// Where the columns of a row begin and the last ends: number, title, content.
const COLUMNS: [f32; 4] = [MARGIN, MARGIN + 22.0, MARGIN + 162.0, PAPER.0 - MARGIN];
const RED: (u8, u8, u8) = (176, 0, 32);

/// Something that stands across the page or in a row.
enum Block {
    /// A line of its own: how large, as which heading (0: none), and in which colour.
    Line { text: Drawn, size: f32, heading: u16, color: (u8, u8, u8) },
    /// A row of the table, in lines by column.
    Cells([Vec<Drawn>; 3]),
}

impl Block {
    fn height(&self) -> f32 {
        match self {
            Self::Line { size, heading, .. } => size * 1.5 + if *heading == 2 { 5.0 } else { 0.0 },
            Self::Cells(columns) => {
                let lines = columns.iter().map(Vec::len).max().unwrap_or_default();
                // Rows are short: a form's longest item has some hundred characters.
                f32::from(u16::try_from(lines).unwrap_or(u16::MAX)).mul_add(LEADING, 2.0 * PAD)
            }
        }
    }
}

/// The PDF's bytes.
///
/// # Errors
/// [`Fault`] when the font cannot be read, or the document not be written.
pub(super) fn draw(sheet: &Sheet, letters: &Letters) -> Result<Vec<u8>, Fault> {
    let broken = |what: &str| Fault::Internal(format!("a certificate as PDF: {what}"));
    let font = letters.font().ok_or_else(|| broken("the font cannot be read"))?;
    let mut setter = Setter::new().ok_or_else(|| broken("the font cannot be read"))?;
    let pages = paginated(blocks(sheet, &mut setter));
    let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A2_A).finish();
    let configuration = configuration.map_err(|_| broken("its standard is not known"))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let (mut tree, count) = (TagTree::new().with_lang(Some("ja".to_owned())), pages.len());
    for (n, blocks) in (1..).zip(pages) {
        let settings = PageSettings::from_wh(PAPER.0, PAPER.1).ok_or_else(|| broken("no such paper"))?;
        let mut page = document.start_page_with(settings);
        Pen { surface: page.surface(), font, table: None, y: MARGIN }.fill(
            blocks,
            &mut tree,
            &setter.set(&format!("{n} / {count}")),
        );
        page.finish();
    }
    document.set_tag_tree(tree);
    document.set_metadata(described(sheet));
    document.finish().map_err(|error| broken(&format!("{error:?}")))
}

fn described(sheet: &Sheet) -> Metadata {
    let metadata = Metadata::new().title(sheet.title.clone()).language("ja".to_owned()).creator("madoguchi".to_owned());
    let Some(at) = Moment::from_timestamp_millis(sheet.issued_at) else { return metadata };
    let (year, small) = (u16::try_from(at.year()).unwrap_or_default(), |n: u32| u8::try_from(n).unwrap_or_default());
    let date = DateTime::new(year).month(small(at.month())).day(small(at.day()));
    metadata.creation_date(date.hour(small(at.hour())).minute(small(at.minute())).second(small(at.second())))
}

/// Everything that is drawn, in its order. What the font lacks is named at the end.
fn blocks(sheet: &Sheet, setter: &mut Setter) -> Vec<Block> {
    let mut blocks = Vec::new();
    across(&mut blocks, setter, (&sheet.title, 14.0, 1, (0, 0, 0)));
    if let Some(revoked) = &sheet.revoked {
        across(&mut blocks, setter, (revoked, 11.0, 0, RED));
    }
    for part in &sheet.parts {
        across(&mut blocks, setter, (&part.title, 9.5, 2, (0, 0, 0)));
        blocks.extend(part.rows.iter().map(|row| cells(row, setter)));
    }
    across(&mut blocks, setter, ("この証明書の確認方法", 9.5, 2, (0, 0, 0)));
    for line in &sheet.verify {
        across(&mut blocks, setter, (line, SIZE, 0, (0, 0, 0)));
    }
    let missing = setter.missing.named();
    if !missing.is_empty() {
        let words = format!(
            "〓は、この書面の書体にない文字です（{}）。その文字と異体字の指定は、電子署名された原本とExcelのデータにあります。",
            missing.join("、")
        );
        across(&mut blocks, setter, (&words, SIZE, 0, (0, 0, 0)));
    }
    blocks
}

fn across(blocks: &mut Vec<Block>, setter: &mut Setter, (text, size, heading, color): (&str, f32, u16, (u8, u8, u8))) {
    let lines = wrapped(setter, &[text.to_owned()], (PAPER.0 - 2.0 * MARGIN) / size);
    blocks.extend(lines.into_iter().map(|text| Block::Line { text, size, heading, color }));
}

fn cells(row: &Row, setter: &mut Setter) -> Block {
    let [number, title, content, end] = COLUMNS;
    let most = |from: f32, to: f32| (to - from - 2.0 * PAD) / SIZE;
    let lines = row.lines.iter().flat_map(|pieces| wrapped(setter, pieces, most(content, end))).collect();
    let titles = wrapped(setter, std::slice::from_ref(&row.title), most(title, content));
    Block::Cells([wrapped(setter, std::slice::from_ref(&row.number), most(number, title)), titles, lines])
}

/// Pieces in lines no wider than `most` at a size of one; a piece that is wider alone is broken where it must be.
fn wrapped(setter: &mut Setter, pieces: &[String], most: f32) -> Vec<Drawn> {
    let (mut lines, mut line, mut width) = (Vec::new(), String::new(), 0.0);
    for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
        let wide = setter.width(piece);
        if !line.is_empty() && width + 1.0 + wide > most {
            lines.push(std::mem::take(&mut line));
            width = 0.0;
        }
        if !line.is_empty() {
            line.push('　');
            width += 1.0;
        }
        for c in piece.chars() {
            let wide = setter.width(c.encode_utf8(&mut [0; 4]));
            if width + wide > most && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                width = 0.0;
            }
            line.push(c);
            width += wide;
        }
    }
    lines.push(line);
    lines.iter().filter(|line| !line.is_empty()).map(|line| setter.set(line)).collect()
}

/// A heading never stands alone at the end of a page.
fn paginated(blocks: Vec<Block>) -> Vec<Vec<Block>> {
    let end = PAPER.1 - MARGIN - LEADING;
    let (mut pages, mut page, mut y) = (Vec::new(), Vec::new(), MARGIN);
    let mut blocks = blocks.into_iter().peekable();
    while let Some(block) = blocks.next() {
        let is_heading = matches!(block, Block::Line { heading, .. } if heading > 0);
        let with = blocks.peek().filter(|_| is_heading).map_or(0.0, Block::height);
        if y + block.height() + with > end && !page.is_empty() {
            pages.push(std::mem::take(&mut page));
            y = MARGIN;
        }
        y += block.height();
        page.push(block);
    }
    pages.push(page);
    pages
}

/// Draws on one page, from the top.
struct Pen<'a, 'f> {
    surface: Surface<'a>,
    font: &'f Font,
    /// The table that rows go into until something else comes.
    table: Option<TagGroup>,
    y: f32,
}

impl Pen<'_, '_> {
    /// Draws all that stands on its page, and the page's number.
    fn fill(mut self, blocks: Vec<Block>, tree: &mut TagTree, number: &Drawn) {
        for block in blocks {
            self.draw(block, tree);
        }
        if let Some(table) = self.table.take() {
            tree.push(table);
        }
        self.number(number);
        self.surface.finish();
    }

    fn draw(&mut self, block: Block, tree: &mut TagTree) {
        let height = block.height();
        match block {
            Block::Line { text, size, heading, color } => {
                if let Some(table) = self.table.take() {
                    tree.push(table);
                }
                let base = self.y + height - size * 0.45;
                let mut group = match NonZeroU16::new(heading) {
                    Some(level) => TagGroup::new(Tag::Hn(level, Some(text.text.clone()))),
                    None => TagGroup::new(Tag::P),
                };
                self.text(&mut group, &text, (MARGIN, base), (size, color));
                tree.push(group);
            }
            Block::Cells(columns) => {
                let mut row = TagGroup::new(Tag::TR);
                let [number, title, content] = columns;
                let mut head = TagGroup::new(Tag::TH(TableHeaderScope::Row));
                self.column(&mut head, &number, 0);
                self.column(&mut head, &title, 1);
                let mut cell = TagGroup::new(Tag::TD);
                self.column(&mut cell, &content, 2);
                row.push(head);
                row.push(cell);
                self.rule(height);
                self.table.get_or_insert_with(|| TagGroup::new(Tag::Table)).push(row);
            }
        }
        self.y += height;
    }

    fn column(&mut self, group: &mut TagGroup, lines: &[Drawn], column: usize) {
        let x = COLUMNS.get(column).copied().unwrap_or(MARGIN) + PAD;
        let mut base = self.y + PAD + SIZE;
        for line in lines {
            self.text(group, line, (x, base), (SIZE, (0, 0, 0)));
            base += LEADING;
        }
    }

    fn text(&mut self, group: &mut TagGroup, text: &Drawn, (x, y): (f32, f32), (size, color): (f32, (u8, u8, u8))) {
        group.push(self.surface.start_tagged(ContentTag::Span(SpanTag::empty())));
        self.glyphs(text, (x, y), (size, color));
        self.surface.end_tagged();
    }

    fn glyphs(&mut self, text: &Drawn, (x, y): (f32, f32), (size, (red, green, blue)): (f32, (u8, u8, u8))) {
        let fill = Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() };
        self.surface.set_fill(Some(fill));
        self.surface.draw_glyphs(Point::from_xy(x, y), &text.glyphs, self.font.clone(), &text.text, size, false);
    }

    /// The lines around a row.
    fn rule(&mut self, height: f32) {
        let [left, _, content, right] = COLUMNS;
        let mut path = PathBuilder::new();
        if let Some(around) = Rect::from_xywh(left, self.y, right - left, height) {
            path.push_rect(around);
        }
        path.move_to(content, self.y);
        path.line_to(content, self.y + height);
        self.artifact(ArtifactType::Layout, |surface| {
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke { width: 0.5, ..Stroke::default() }));
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
            surface.set_stroke(None);
        });
    }

    fn number(&mut self, text: &Drawn) {
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::PageNumber)));
        self.glyphs(text, (PAPER.0 / 2.0 - 10.0, PAPER.1 - MARGIN / 2.0), (SIZE, (0, 0, 0)));
        self.surface.end_tagged();
    }

    fn artifact(&mut self, kind: ArtifactType, draw: impl FnOnce(&mut Surface<'_>)) {
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
        draw(&mut self.surface);
        self.surface.end_tagged();
    }
}
