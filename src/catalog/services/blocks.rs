//! The markup of the search web service, read into blocks: `|a|b|` rows, `|^|` and `|<|` cells that go on from above and
//! from the left, `<br>`, and `text;https://…` links.

use serde::Serialize;
use url::Url;

/// Most characters of a text; what is beyond is not read.
const MOST_CHARS: usize = 20_000;
/// Most cells of a row.
const MOST_CELLS: usize = 20;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Block {
    /// Plain text; a line break is `\n`.
    Paragraph {
        /// The text.
        text: String,
    },
    /// A list without order.
    List {
        /// What is listed.
        items: Vec<String>,
    },
    /// A table. Cells that go on from above or from the left repeat what they go on from; every row has as many cells.
    Table {
        /// The first row, where there are more.
        columns: Vec<String>,
        /// The other rows.
        rows: Vec<Vec<String>>,
    },
    /// A link.
    Link {
        /// What is there.
        text: String,
        /// The address, https.
        url: Url,
    },
}

/// One line, by what it is.
enum Line {
    Text(String),
    Item(String),
    Row(Vec<String>),
    Link(String, Url),
    Empty,
}

/// Reads a text. Whatever it is, this ends, and gives no more than came.
#[must_use]
pub fn read(text: &str) -> Vec<Block> {
    let text: String = text.chars().take(MOST_CHARS).filter(|c| !c.is_control() || *c == '\n').collect();
    let mut blocks = Vec::new();
    for raw in text.lines() {
        // In a cell a break is a break of the cell; elsewhere it ends the line.
        if is_row(raw) {
            add(&mut blocks, line_of(raw));
        } else {
            without_breaks(raw).split('\n').for_each(|line| add(&mut blocks, line_of(line)));
        }
    }
    blocks.retain(|block| !matches!(block, Block::Paragraph { text } if text.is_empty()));
    blocks.into_iter().map(finished).collect()
}

/// Writes blocks as that markup.
#[must_use]
pub fn write(blocks: &[Block]) -> String {
    let row = |cells: &Vec<String>| format!("|{}|", cells.join("|").replace('\n', "<br>"));
    let one = |block: &Block| match block {
        Block::Paragraph { text } => text.replace('\n', "<br>"),
        Block::List { items } => items.iter().map(|item| format!("・{item}")).collect::<Vec<_>>().join("\n"),
        Block::Table { columns, rows } => {
            let head = Some(columns).filter(|columns| !columns.is_empty());
            head.into_iter().chain(rows).map(row).collect::<Vec<_>>().join("\n")
        }
        Block::Link { text, url } => format!("{text};{url}"),
    };
    // An empty line keeps two of a kind apart.
    blocks.iter().map(one).collect::<Vec<_>>().join("\n\n")
}

/// A link that may be shown: https, to a named host, without credentials.
#[must_use]
pub fn https(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let is_plain = url.scheme() == "https" && url.domain().is_some() && url.username().is_empty();
    (is_plain && url.password().is_none() && url.as_str().len() <= 2048).then_some(url)
}

fn without_breaks(line: &str) -> String {
    ["<br>", "<br/>", "<br />", "<BR>"].iter().fold(line.to_owned(), |line, tag| line.replace(tag, "\n"))
}

fn is_row(line: &str) -> bool {
    let line = line.trim();
    line.len() > 1 && line.starts_with('|') && line.ends_with('|')
}

fn line_of(line: &str) -> Line {
    let line = line.trim();
    if line.is_empty() {
        return Line::Empty;
    }
    if let Some(inner) = line.strip_prefix('|').and_then(|rest| rest.strip_suffix('|')) {
        let cells = inner.split('|').take(MOST_CELLS).map(|cell| without_breaks(cell).trim().to_owned());
        return Line::Row(cells.collect());
    }
    if let Some(item) = line.strip_prefix(['・', '●', '○', '■']) {
        return Line::Item(item.trim().to_owned());
    }
    match line.rsplit_once(';').and_then(|(text, url)| Some((text.trim(), https(url)?))) {
        Some((text, url)) => Line::Link(if text.is_empty() { url.to_string() } else { text.to_owned() }, url),
        None => Line::Text(line.to_owned()),
    }
}

fn add(blocks: &mut Vec<Block>, line: Line) {
    match (line, blocks.last_mut()) {
        // An empty paragraph is a mark that what follows begins anew.
        (Line::Empty, _) => blocks.push(Block::Paragraph { text: String::new() }),
        (Line::Text(line), Some(Block::Paragraph { text })) if !text.is_empty() => {
            text.push('\n');
            text.push_str(&line);
        }
        (Line::Text(text), _) => blocks.push(Block::Paragraph { text }),
        (Line::Item(item), Some(Block::List { items })) => items.push(item),
        (Line::Item(item), _) => blocks.push(Block::List { items: vec![item] }),
        (Line::Row(cells), Some(Block::Table { rows, .. })) => {
            let row = spread(cells, rows.last());
            rows.push(row);
        }
        (Line::Row(cells), _) => blocks.push(Block::Table { columns: Vec::new(), rows: vec![spread(cells, None)] }),
        (Line::Link(text, url), _) => blocks.push(Block::Link { text, url }),
    }
}

/// A row with what its cells go on from in place of the marks.
fn spread(cells: Vec<String>, above: Option<&Vec<String>>) -> Vec<String> {
    let mut row: Vec<String> = Vec::with_capacity(cells.len());
    for (at, cell) in cells.into_iter().enumerate() {
        let cell = match cell.as_str() {
            "^" => above.and_then(|above| above.get(at)).cloned().unwrap_or_default(),
            "<" => row.last().cloned().unwrap_or_default(),
            _ => cell,
        };
        row.push(cell);
    }
    row
}

/// A table's first row is its head, where there are more; all rows become as wide as the widest.
fn finished(block: Block) -> Block {
    let Block::Table { mut rows, .. } = block else { return block };
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    for row in &mut rows {
        row.resize(width, String::new());
    }
    let columns = if rows.len() > 1 { rows.remove(0) } else { Vec::new() };
    Block::Table { columns, rows }
}
