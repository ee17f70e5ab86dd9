//! A log that grows by tiles is the tree that it stands for.

use super::*;
use proptest::prelude::*;

fn leaf(n: u64) -> Hash {
    tree::leaf_hash(&n.to_be_bytes())
}

/// A log as a store keeps it: tiles that appends replace.
#[derive(Default)]
struct Log {
    size: u64,
    tiles: BTreeMap<TileId, Vec<u8>>,
}

impl Log {
    fn append(&mut self, count: u64) -> Hash {
        let mut known = Tiles::default();
        for id in edge_of(self.size) {
            known.insert(id, &self.tiles[&id]).unwrap();
        }
        let mut edge = Edge::read(self.size, &known).unwrap();
        (self.size..self.size + count).for_each(|n| edge.append(leaf(n)));
        for (id, bytes) in edge.take_changed() {
            self.tiles.insert(id, bytes);
        }
        self.size = edge.size();
        edge.root()
    }

    fn tiles_for(&self, ranges: &[Range<u64>]) -> Tiles {
        let mut tiles = Tiles::default();
        for id in tiles_for(ranges) {
            tiles.insert(id, &self.tiles[&id]).unwrap();
        }
        tiles
    }
}

#[test]
fn a_path_has_one_spelling() {
    let hashes = |level, index, width| TilePath { resource: Resource::Hashes(TileId { level, index }), width };
    let entries = |index, width| TilePath { resource: Resource::Entries(index), width };
    for (path, known) in [
        ("0/000", hashes(0, 0, 256)),
        ("0/x001/x234/067", hashes(0, 1_234_067, 256)),
        ("63/999.p/255", hashes(63, 999, 255)),
        ("1/x001/000.p/1", hashes(1, 1000, 1)),
        ("entries/x001/x234/067.p/8", entries(1_234_067, 8)),
        ("entries/000", entries(0, 256)),
    ] {
        assert_eq!(TilePath::parse(path), Some(known), "{path}");
        assert_eq!(known.to_string(), path);
    }
    for bad in [
        "",
        "0",
        "0/",
        "0/0",
        "0/00",
        "0/0000",
        "0/1000",
        "0/x000/001",
        "0/001/001",
        "0/x01/001",
        "00/000",
        "01/000",
        "64/000",
        "-1/000",
        "+1/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/000.p/",
        "0/000.p/1/2",
        "0/-01",
        "entries/",
        "entry/000",
        "0/x999/x999/x999/x999/x999/x999/x999/999",
        "0/x001/000/",
        "0/ 01",
        "0/０００",
    ] {
        assert_eq!(TilePath::parse(bad), None, "{bad}");
    }
}

#[test]
fn a_tree_has_the_tiles_of_the_specifications_own_example() {
    let count = |level| tiles_at(level, 70_000).count();
    assert_eq!((count(0), count(1), count(2), count(3)), (274, 2, 1, 0));
    let width = |level, index| width_in(TileId { level, index }, 70_000);
    assert_eq!((width(0, 272), width(0, 273), width(0, 274)), (256, 112, 0));
    assert_eq!((width(1, 0), width(1, 1), width(2, 0)), (256, 17, 1));
    assert_eq!(edge_of(70_000).len(), 3);
    assert_eq!(edge_of(256), [TileId { level: 1, index: 0 }]);
    assert_eq!(edge_of(0), []);
}

#[test]
fn a_missing_or_torn_tile_is_named() {
    let mut log = Log::default();
    log.append(300);
    let mut tiles = Tiles::default();
    let id = TileId { level: 0, index: 1 };
    assert_eq!(tiles.hash(&(256..300)), Err(TileError::Missing(id)));
    assert_eq!(Edge::read(300, &tiles).map(drop), Err(TileError::Missing(id)));
    assert_eq!(tiles.insert(id, &[0; 33]), Err(TileError::Torn(id)));
    assert_eq!(tiles.insert(id, &[0; 32 * 257]), Err(TileError::Torn(id)));
    tiles.insert(id, &log.tiles[&id][..32]).unwrap();
    assert_eq!(tiles.row(id, 300), Err(TileError::Missing(id)));
}

#[test]
fn entries_come_back_from_a_bundle() {
    let entries: [&[u8]; 3] = [b"one", b"", b"three"];
    let bytes = bundle(entries).unwrap();
    assert_eq!(bytes, b"\x00\x03one\x00\x00\x00\x05three");
    assert_eq!(unbundle(&bytes).unwrap(), entries);
    for bad in [&b"\x00"[..], b"\x00\x03on", b"\x00\x01ab"] {
        assert_eq!(unbundle(bad), None);
    }
    assert!(bundle([vec![0; 65_536].as_slice()]).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_log_grown_in_batches_is_the_tree(batches in prop::collection::vec(0_u64..900, 1..6), a: u64, b: u64) {
        let mut log = Log::default();
        let mut heads = vec![(0, tree::empty_root())];
        for count in batches {
            let root = log.append(count);
            heads.push((log.size, root));
        }
        let leaves: Vec<Hash> = (0..log.size).map(leaf).collect();
        for (size, root) in &heads {
            prop_assert_eq!(tree::root_of_row(&leaves[..usize::try_from(*size).unwrap()]), *root);
        }
        for (id, bytes) in &log.tiles {
            prop_assert_eq!(bytes.len(), 32 * usize::from(width_in(*id, log.size)));
        }
        let (size, root) = *heads.last().unwrap();
        prop_assume!(size > 0);
        let index = a % size;
        let ranges = tree::inclusion_ranges(index, size).unwrap();
        let path = log.tiles_for(&ranges).proof(&ranges).unwrap();
        prop_assert_eq!(tree::verify_inclusion((index, size), &leaf(index), &path, &root), Ok(()));
        let first = b % size + 1;
        let ranges = tree::consistency_ranges(first, size).unwrap();
        let steps = log.tiles_for(&ranges).proof(&ranges).unwrap();
        let older = (first, tree::root_of_row(&leaves[..usize::try_from(first).unwrap()]));
        prop_assert_eq!(tree::verify_consistency(&older, &(size, root), &steps), Ok(()));
    }

    #[test]
    fn every_path_is_read_back_as_written(level in 0_u8..64, index: u64, width in 1_u16..=256, is_entries: bool) {
        let resource = if is_entries { Resource::Entries(index) } else { Resource::Hashes(TileId { level, index }) };
        let path = TilePath { resource, width };
        prop_assert_eq!(TilePath::parse(&path.to_string()), Some(path));
    }

    #[test]
    fn paths_and_sizes_from_outside_never_panic(text in "[0-9x/.pentris]{0,40}", level: u8, index: u64, size: u64) {
        let _ = TilePath::parse(&text);
        let _ = width_in(TileId { level, index }, size);
        drop(edge_of(size));
    }
}
