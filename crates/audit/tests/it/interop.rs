//! Our logs read by crates that others wrote.

use std::fs;
use std::path::{Path, PathBuf};

use signed_note::{Note, StandardVerifier, VerifierList};
use stagedoor_audit::{InclusionProof, VerifierKey, prove, prove_consistency};
use tempfile::tempdir;
use tlog_tiles::{
    Checkpoint, Hash, Tile, TileHashReader, TileReader, check_record, check_tree, prove_record, prove_tree,
    record_hash, tree_hash,
};

use crate::sample;

/// Reads tiles where a static web server would.
struct Files(PathBuf);

impl TileReader for Files {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        // Their paths carry the tile height, which C2SP fixes.
        let path = |tile: &Tile| self.0.join(tile.path().replacen("tile/8/", "tile/", 1));
        Ok(tiles.iter().map(|tile| fs::read(path(tile)).unwrap()).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

fn open_checkpoint(directory: &Path) -> Checkpoint {
    let key = fs::read_to_string(directory.join("key.pub")).unwrap();
    let verifier = StandardVerifier::new(key.trim_end()).unwrap();
    let note = Note::from_bytes(&fs::read(directory.join("checkpoint")).unwrap()).unwrap();
    let (verified, _) = note.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert_eq!(verified.len(), 1);
    Checkpoint::from_bytes(note.text()).unwrap()
}

#[tokio::test]
async fn others_read_checkpoint_tiles_and_entries() {
    let directory = tempdir().unwrap();
    sample::closed_log(directory.path(), 1000).await;
    let checkpoint = open_checkpoint(directory.path());
    assert_eq!((checkpoint.origin(), checkpoint.size()), (sample::ORIGIN, 1000));
    let files = Files(directory.path().to_owned());
    let reader = TileHashReader::new(1000, *checkpoint.hash(), &files);
    assert_eq!(tree_hash(1000, &reader).unwrap(), *checkpoint.hash());
    for index in [0, 255, 256, 511, 768, 999] {
        let (entry, proof) = prove(directory.path(), index).unwrap();
        let hash = record_hash(&entry.raw);
        let theirs = prove_record(1000, index, &reader).unwrap();
        check_record(&theirs, 1000, *checkpoint.hash(), index, hash).unwrap();
        assert_eq!(theirs, proof.hashes.iter().copied().map(Hash).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn others_check_our_consistency_proofs() {
    let directory = tempdir().unwrap();
    let log = sample::open(directory.path());
    let mut old: Option<(String, Checkpoint)> = None;
    for (from, to) in [(0, 1), (1, 255), (255, 256), (256, 700), (700, 1000)] {
        sample::append(&log, from..to).await;
        let note = log.checkpoint().await.unwrap();
        let new = open_checkpoint(directory.path());
        if let Some((old_note, old)) = &old {
            let ours = prove_consistency(directory.path(), old_note).unwrap();
            ours.verify(old_note, log.key()).unwrap();
            let hashes: Vec<_> = ours.hashes.iter().copied().map(Hash).collect();
            check_tree(&hashes, to, *new.hash(), from, *old.hash()).unwrap();
            let files = Files(directory.path().to_owned());
            let theirs = prove_tree(to, from, &TileHashReader::new(to, *new.hash(), &files)).unwrap();
            assert_eq!(theirs, hashes);
        }
        old = Some((note, new));
    }
}

#[tokio::test]
async fn a_proof_convinces_who_has_only_the_key() {
    let directory = tempdir().unwrap();
    sample::closed_log(directory.path(), 300).await;
    let key = VerifierKey::parse(&fs::read_to_string(directory.path().join("key.pub")).unwrap()).unwrap();
    let (entry, proof) = prove(directory.path(), 277).unwrap();
    let parsed = InclusionProof::parse(&proof.to_string()).unwrap();
    assert_eq!(parsed, proof);
    assert_eq!(parsed.verify(&entry.raw, &key).unwrap().size, 300);
    assert!(parsed.verify(b"{}", &key).is_err());
    let moved = InclusionProof { index: 276, ..parsed.clone() };
    assert!(moved.verify(&entry.raw, &key).is_err());
    assert!(prove(directory.path(), 300).is_err());
}
