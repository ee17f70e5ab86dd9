//! Our tree is the one that the published vectors and another implementation know.

use super::*;
use ct_merkle::RootHash;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

/// The leaves and roots that implementations of Certificate Transparency are tried with.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hex(hash: &Hash) -> String {
    let (high, low) = hash.split_first_chunk::<16>().unwrap();
    let low = <[u8; 16]>::try_from(low).unwrap();
    format!("{:032x}{:032x}", u128::from_be_bytes(*high), u128::from_be_bytes(low))
}

/// The hash of a range by its definition (RFC 9162 §2.1.1).
fn by_definition(leaves: &[Hash], range: &Range<u64>) -> Hash {
    let part = &leaves[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
    root_of_row(part)
}

fn proof(leaves: &[Hash], ranges: &[Range<u64>]) -> Vec<Hash> {
    ranges.iter().map(|range| by_definition(leaves, range)).collect()
}

fn entry(n: u64) -> [u8; 8] {
    n.to_be_bytes()
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&entry(n))).collect()
}

fn oracle(count: u64) -> MemoryBackedTree<Sha256, [u8; 8]> {
    let mut tree = MemoryBackedTree::new();
    (0..count).for_each(|n| tree.push(entry(n)));
    tree
}

fn output(hash: &Hash) -> sha2::digest::Output<Sha256> {
    (*hash).into()
}

fn outputs(hashes: &[Hash]) -> Vec<sha2::digest::Output<Sha256>> {
    hashes.iter().map(output).collect()
}

#[test]
fn roots_are_those_of_the_published_vectors() {
    let hashes: Vec<Hash> = LEAVES.iter().map(|leaf| leaf_hash(leaf)).collect();
    for (n, root) in ROOTS.iter().enumerate() {
        assert_eq!(hex(&root_of_row(&hashes[..=n])), *root, "{} leaves", n + 1);
    }
    assert_eq!(hex(&empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn a_range_falls_into_whole_subtrees() {
    let node = |height, index| Node { height, index };
    assert_eq!(parts_of(&(0..7)), [node(2, 0), node(1, 2), node(0, 6)]);
    assert_eq!(parts_of(&(4..7)), [node(1, 2), node(0, 6)]);
    assert_eq!(parts_of(&(0..8)), [node(3, 0)]);
    assert_eq!(parts_of(&(3..3)), []);
}

#[test]
fn a_tree_without_leaves_begins_every_other() {
    let (first, second) = ((0, empty_root()), (3, root_of_row(&leaves(3))));
    assert_eq!(verify_consistency(&first, &second, &[]), Ok(()));
    assert_eq!(verify_consistency(&(0, [1; 32]), &second, &[]), Err(ProofError::Root));
    assert_eq!(verify_consistency(&first, &second, &[[0; 32]]), Err(ProofError::Length));
    assert_eq!(verify_consistency(&second, &first, &[]), Err(ProofError::Sizes));
    assert!(inclusion_ranges(0, 0).is_none());
    assert!(consistency_ranges(0, 3).is_none());
    assert!(consistency_ranges(4, 3).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn inclusion_is_proven_as_another_tree_proves_it((size, index) in (1_u64..700).prop_flat_map(|n| (Just(n), 0..n))) {
        let (ours, theirs) = (leaves(size), oracle(size));
        let root = root_of_row(&ours);
        let other = theirs.root();
        prop_assert_eq!(root.as_slice(), other.as_bytes().as_slice());
        let path = proof(&ours, &inclusion_ranges(index, size).unwrap());
        let place = usize::try_from(index).unwrap();
        let expected = theirs.prove_inclusion(place);
        prop_assert_eq!(path.concat(), expected.as_bytes());
        let known = outputs(&path);
        let judged = RootHash::<Sha256>::new(output(&root), size);
        let known = ct_merkle::InclusionProof::from_digests(known.iter());
        prop_assert!(judged.verify_inclusion(&entry(index), index, &known).is_ok());
        prop_assert_eq!(verify_inclusion((index, size), &ours[place], &path, &root), Ok(()));
    }

    #[test]
    fn a_changed_inclusion_proof_shows_nothing(
        (size, index, bit) in (2_u64..300).prop_flat_map(|n| (Just(n), 0..n, 0_usize..256)),
        how in 0_u8..6,
    ) {
        let ours = leaves(size);
        let mut root = root_of_row(&ours);
        let mut path = proof(&ours, &inclusion_ranges(index, size).unwrap());
        let mut leaf = ours[usize::try_from(index).unwrap()];
        let mut at = (index, size);
        let middle = path.len() / 2;
        match how {
            0 => root[bit / 8] ^= 1 << (bit % 8),
            1 => leaf[bit / 8] ^= 1 << (bit % 8),
            2 => path[middle][bit / 8] ^= 1 << (bit % 8),
            3 => drop(path.pop()),
            4 => path.push([7; 32]),
            _ => at = ((index + 1) % size, size),
        }
        prop_assert!(verify_inclusion(at, &leaf, &path, &root).is_err());
    }

    #[test]
    fn consistency_is_proven_as_another_tree_proves_it(
        (second, first) in (1_u64..700).prop_flat_map(|n| (Just(n), 1..=n)),
    ) {
        let ours = leaves(second);
        let steps = proof(&ours, &consistency_ranges(first, second).unwrap());
        let heads = ((first, by_definition(&ours, &(0..first))), (second, root_of_row(&ours)));
        prop_assert_eq!(verify_consistency(&heads.0, &heads.1, &steps), Ok(()));
        if first < second {
            let expected = oracle(second).prove_consistency(usize::try_from(second - first).unwrap());
            prop_assert_eq!(steps.concat(), expected.as_bytes());
        }
    }

    #[test]
    fn a_fork_is_never_consistent(
        (second, first) in (2_u64..300).prop_flat_map(|n| (Just(n), 1..n)), changed in any::<prop::sample::Index>(),
    ) {
        let ours = leaves(second);
        let mut forked = ours.clone();
        forked[changed.index(usize::try_from(first).unwrap())] = [9; 32];
        let ranges = consistency_ranges(first, second).unwrap();
        let heads = ((first, by_definition(&ours, &(0..first))), (second, root_of_row(&forked)));
        prop_assert!(verify_consistency(&heads.0, &heads.1, &proof(&ours, &ranges)).is_err());
        prop_assert!(verify_consistency(&heads.0, &heads.1, &proof(&forked, &ranges)).is_err());
    }

    #[test]
    fn sizes_and_proofs_from_outside_never_panic(
        index: u64, size: u64, first: u64, proof in prop::collection::vec(any::<Hash>(), 0..70),
    ) {
        let _ = verify_inclusion((index, size), &[0; 32], &proof, &[0; 32]);
        let _ = verify_consistency(&(first, [0; 32]), &(size, [1; 32]), &proof);
        let _ = inclusion_ranges(index, size).map(|ranges| ranges.iter().map(parts_of).count());
        let _ = consistency_ranges(first, size);
    }
}
