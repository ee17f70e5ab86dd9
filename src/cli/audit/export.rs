//! `madoguchi audit export`: the log as files, in the layout in which it is served (C2SP tlog-tiles), and its leaves as
//! lines of JSON.

use super::super::arguments::StorePlace;
use super::super::bar::{Bar, Bars, Looks};
use super::super::say;
use super::open;
use crate::evidence::tiles::{self, Resource, TileId, TilePath};
use crate::store::HeldLeaf;
use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;

/// Leaves read at once.
const PAGE: u32 = 2048;

/// Writes the log below `directory`.
///
/// # Errors
/// When the store is away, a tile is missing, or a file cannot be written.
pub async fn export(directory: &Path, looks: Looks, place: &StorePlace) -> anyhow::Result<()> {
    let open = open(place).await?;
    let newest = open.store.find_checkpoint(None).await?.context("the log has no checkpoint yet")?;
    write(&directory.join("checkpoint"), newest.note.as_bytes())?;
    let keys: String = open.log.verifiers().await?.iter().map(|key| key.vkey() + "\n").collect();
    write(&directory.join("keys"), keys.as_bytes())?;
    let all_tiles =
        (0..8).flat_map(|level| tiles::tiles_at(level, newest.size)).map(|id| resources(id).count() as u64).sum();
    let (mut bars, mut count) = (Bars::new(looks), 0);
    for level in 0..8 {
        for id in tiles::tiles_at(level, newest.size) {
            let width = tiles::width_in(id, newest.size);
            for resource in resources(id) {
                let path = TilePath { resource, width };
                let bytes = open.log.tile(&path).await?.with_context(|| format!("tile/{path} is missing"))?;
                write(&directory.join("tile").join(path.to_string()), &bytes)?;
                count += 1;
            }
            bars.draw(&[Bar::new("tiles and bundles", count, all_tiles)]);
        }
    }
    let file = directory.join("leaves.jsonl");
    let told = || format!("cannot write {}", file.display());
    let mut lines = std::io::BufWriter::new(std::fs::File::create(&file).with_context(told)?);
    let mut next = 0;
    while next < newest.size {
        let page = open.store.list_leaves(next, PAGE).await?;
        anyhow::ensure!(!page.is_empty(), "truncated log: leaf {next} is missing");
        for leaf in page.iter().filter(|leaf| leaf.index < newest.size) {
            writeln!(lines, "{}", line(leaf)).with_context(told)?;
        }
        next += page.len() as u64;
        bars.draw(&[Bar::new("tiles and bundles", count, all_tiles), Bar::new("leaves", next, newest.size)]);
    }
    lines.flush().with_context(told)?;
    say(&format!("{} leaves, {count} tiles and bundles are in {}", newest.size, directory.display()));
    Ok(())
}

/// A tile of leaves has a bundle of entries beside it.
fn resources(id: TileId) -> impl Iterator<Item = Resource> {
    let entries = (id.level == 0).then_some(Resource::Entries(id.index));
    std::iter::once(Resource::Hashes(id)).chain(entries)
}

fn line(leaf: &HeldLeaf) -> Value {
    let (salt, record) = match &leaf.kept {
        None => (Value::Null, Value::Null),
        Some((salt, record)) => (STANDARD.encode(salt).into(), serde_json::from_str(record).unwrap_or_default()),
    };
    json!({
        "leaf_index": leaf.index,
        "receipt": leaf.receipt.as_str(),
        "commitment": STANDARD.encode(leaf.commitment.as_bytes()),
        "salt": salt,
        "record": record,
    })
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let told = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(told)?;
    }
    std::fs::write(path, bytes).with_context(told)
}
