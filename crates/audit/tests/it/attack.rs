//! Each attack on a real log, and the verdict it must get.

use std::fs;
use std::path::{Path, PathBuf};

use stagedoor_audit::{Fault, FaultKind, Receipt, Verification, VerifyOptions, verify};
use tempfile::{TempDir, tempdir};

use crate::sample;

/// Records in the log: two levels of tiles, an unfinished bundle.
const SIZE: u64 = 1000;

struct Victim {
    directory: TempDir,
    key: String,
    receipts: Vec<Receipt>,
}

impl Victim {
    async fn new() -> Self {
        let directory = tempdir().unwrap();
        let receipts = sample::closed_log(directory.path(), SIZE).await;
        let key = fs::read_to_string(directory.path().join("key.pub")).unwrap();
        let victim = Self { directory, key, receipts };
        assert_eq!(victim.verify().faults, []);
        victim
    }

    fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    fn options(&self) -> VerifyOptions {
        VerifyOptions { key: Some(self.key.clone()), ..VerifyOptions::default() }
    }

    fn verify(&self) -> Verification {
        self.verify_with(&self.options())
    }

    fn verify_with(&self, options: &VerifyOptions) -> Verification {
        verify(self.directory.path(), options, &mut |_, _| {}).unwrap()
    }

    /// Changes the entries of a bundle, and forgets the journal's copies.
    fn change(&self, bundle: &str, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
        let path = self.path(bundle);
        let mut entries = entries(&fs::read(&path).unwrap());
        change(&mut entries);
        fs::write(&path, joined(&entries)).unwrap();
        let _ = fs::remove_dir_all(self.path("journal"));
    }

    fn checkpoint(&self) -> String {
        fs::read_to_string(self.path("checkpoint")).unwrap()
    }
}

fn entries(bundle: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = bundle;
    let mut entries = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (entry, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
        entries.push(entry.to_vec());
        rest = after;
    }
    entries
}

fn joined(entries: &[Vec<u8>]) -> Vec<u8> {
    let length = |entry: &Vec<u8>| u16::try_from(entry.len()).unwrap().to_be_bytes();
    entries.iter().flat_map(|entry| length(entry).into_iter().chain(entry.clone())).collect()
}

fn place(fault: &Fault) -> (FaultKind, Option<u64>, String) {
    let file = fault.file.as_ref().map(|file| file.display().to_string());
    (fault.kind, fault.index, file.unwrap_or_default())
}

fn places(verification: &Verification) -> Vec<(FaultKind, Option<u64>, String)> {
    verification.faults.iter().map(place).collect()
}

#[tokio::test]
async fn edited() {
    let victim = Victim::new().await;
    victim.change("tile/entries/001", |entries| {
        let text = String::from_utf8(entries[44].clone()).unwrap();
        entries[44] = text.replace("\"decision\":\"allow\"", "\"decision\":\"deny\"").into_bytes();
    });
    assert_eq!(places(&victim.verify()), [(FaultKind::Edited, Some(300), "tile/entries/001".into())]);
}

#[tokio::test]
async fn edited_in_the_unfinished_bundle() {
    let victim = Victim::new().await;
    victim.change("tile/entries/003.p/232", |entries| entries[231][10] ^= 1);
    assert_eq!(places(&victim.verify()), [(FaultKind::Edited, Some(999), "tile/entries/003.p/232".into())]);
}

#[tokio::test]
async fn edited_with_its_tiles() {
    let victim = Victim::new().await;
    victim.change("tile/entries/001", |entries| entries[44][10] ^= 1);
    let bundle = entries(&fs::read(victim.path("tile/entries/001")).unwrap());
    let leaves = bundle.iter().flat_map(|entry| tlog_tiles::record_hash(entry).0);
    fs::write(victim.path("tile/0/001"), leaves.collect::<Vec<_>>()).unwrap();
    let verification = victim.verify();
    assert_eq!(verification.faults[0].kind, FaultKind::Edited);
    assert!(verification.faults[0].detail.contains("rewritten"), "{:?}", verification.faults);
}

#[tokio::test]
async fn edited_personal_members() {
    let victim = Victim::new().await;
    let path = victim.path("personal/002");
    let mut blobs = entries(&fs::read(&path).unwrap());
    *blobs[7].last_mut().unwrap() = b' ';
    fs::write(&path, joined(&blobs)).unwrap();
    assert_eq!(places(&victim.verify()), [(FaultKind::Edited, Some(519), "personal/002".into())]);
}

#[tokio::test]
async fn edited_checkpoint() {
    let victim = Victim::new().await;
    fs::write(victim.path("checkpoint"), victim.checkpoint().replace("\n1000\n", "\n1001\n")).unwrap();
    assert_eq!(places(&victim.verify()), [(FaultKind::Edited, None, "checkpoint".into())]);
}

#[tokio::test]
async fn edited_journal() {
    let victim = Victim::new().await;
    let segment = fs::read_dir(victim.path("journal")).unwrap().map(|entry| entry.unwrap().path());
    let segment = segment.filter(|path| path.file_name().unwrap() != "reserve").min().unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    bytes[90] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let verification = victim.verify();
    assert_eq!(verification.faults[0].kind, FaultKind::Edited, "{:?}", verification.faults);
    assert!(verification.faults[0].file.as_ref().unwrap().starts_with("journal"));
}

#[tokio::test]
async fn deleted() {
    let victim = Victim::new().await;
    victim.change("tile/entries/001", |entries| drop(entries.remove(44)));
    assert_eq!(places(&victim.verify()), [(FaultKind::Deleted, Some(300), "tile/entries/001".into())]);
}

#[tokio::test]
async fn deleted_and_the_rest_moved_up() {
    let victim = Victim::new().await;
    let files = ["tile/entries/000", "tile/entries/001", "tile/entries/002", "tile/entries/003.p/232"];
    let mut all: Vec<_> =
        files.iter().flat_map(|file| entries(&fs::read(victim.path(file)).unwrap())).collect();
    all.drain(200..500);
    let mut rest = all.chunks(256);
    for file in files {
        victim.change(file, |entries| *entries = rest.next().unwrap_or_default().to_vec());
    }
    assert_eq!(places(&victim.verify()), [(FaultKind::Deleted, Some(200), "tile/entries/000".into())]);
}

#[tokio::test]
async fn deleted_bundle() {
    let victim = Victim::new().await;
    victim.change("tile/entries/001", |_| {});
    fs::remove_file(victim.path("tile/entries/001")).unwrap();
    assert_eq!(places(&victim.verify()), [(FaultKind::Deleted, Some(256), "tile/entries/001".into())]);
}

#[tokio::test]
async fn inserted() {
    let victim = Victim::new().await;
    victim.change("tile/entries/001", |entries| entries.insert(44, b"{}".to_vec()));
    assert_eq!(places(&victim.verify()), [(FaultKind::Inserted, Some(300), "tile/entries/001".into())]);
}

#[tokio::test]
async fn reordered() {
    let victim = Victim::new().await;
    victim.change("tile/entries/001", |entries| entries.swap(44, 50));
    assert_eq!(places(&victim.verify()), [(FaultKind::Reordered, Some(300), "tile/entries/001".into())]);
}

#[tokio::test]
async fn cut_tail() {
    let victim = Victim::new().await;
    victim.change("tile/entries/003.p/232", |entries| entries.truncate(200));
    assert_eq!(places(&victim.verify()), [(FaultKind::CutTail, Some(968), "tile/entries/003.p/232".into())]);
}

#[tokio::test]
async fn cut_tail_with_its_tiles() {
    let victim = Victim::new().await;
    victim.change("tile/entries/002", |_| {});
    for file in ["tile/entries/002", "tile/entries/003.p/232", "tile/0/002", "tile/0/003.p/232"] {
        fs::remove_file(victim.path(file)).unwrap();
    }
    assert_eq!(places(&victim.verify()), [(FaultKind::CutTail, Some(512), String::new())]);
}

#[tokio::test]
async fn cut_tail_after_the_checkpoint() {
    let directory = tempdir().unwrap();
    let log = sample::open(directory.path());
    sample::append(&log, 0..10).await;
    log.checkpoint().await.unwrap();
    let mut receipts = sample::append(&log, 10..11).await;
    receipts.extend(sample::append(&log, 11..12).await);
    let copy = tempdir().unwrap();
    copy_directory(directory.path(), copy.path());
    log.close().await.unwrap();
    let whole = VerifyOptions { receipts: receipts.clone(), ..VerifyOptions::default() };
    let verification = verify(copy.path(), &whole, &mut |_, _| {}).unwrap();
    assert_eq!((verification.size, verification.unsigned), (10, 2));
    assert_eq!(verification.faults, []);

    let journal = copy.path().join("journal/00000000000000000000");
    let mut bytes = fs::read(&journal).unwrap();
    let last = memmem_last(&bytes, b"\xffSDJRN1\n");
    bytes.truncate(last);
    fs::write(&journal, bytes).unwrap();
    let verification = verify(copy.path(), &whole, &mut |_, _| {}).unwrap();
    assert_eq!(verification.faults[0].kind, FaultKind::CutTail);
    assert_eq!(verification.faults[0].index, Some(11));
}

fn memmem_last(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).rposition(|window| window == needle).unwrap()
}

#[tokio::test]
async fn rolled_back() {
    let directory = tempdir().unwrap();
    sample::closed_log(directory.path(), 300).await;
    let earlier = tempdir().unwrap();
    copy_directory(directory.path(), earlier.path());
    let log = sample::open(directory.path());
    let receipts = sample::append(&log, 300..700).await;
    log.close().await.unwrap();
    let newer = fs::read_to_string(directory.path().join("checkpoint")).unwrap();

    let unaware = verify(earlier.path(), &VerifyOptions::default(), &mut |_, _| {}).unwrap();
    assert!(unaware.is_intact(), "an older state of a log is a log");
    let aware = VerifyOptions { checkpoint: Some(newer), ..VerifyOptions::default() };
    let verification = verify(earlier.path(), &aware, &mut |_, _| {}).unwrap();
    assert_eq!(places(&verification), [(FaultKind::RolledBack, Some(300), String::new())]);
    let aware = VerifyOptions { receipts: receipts[..1].to_vec(), ..VerifyOptions::default() };
    let verification = verify(earlier.path(), &aware, &mut |_, _| {}).unwrap();
    assert_eq!(places(&verification), [(FaultKind::CutTail, Some(300), String::new())]);
}

#[tokio::test]
async fn rolled_back_checkpoint_only() {
    let directory = tempdir().unwrap();
    sample::closed_log(directory.path(), 10).await;
    let older = fs::read_to_string(directory.path().join("checkpoint")).unwrap();
    let log = sample::open(directory.path());
    sample::append(&log, 10..3000).await;
    log.close().await.unwrap();
    fs::write(directory.path().join("checkpoint"), older).unwrap();
    let verification = verify(directory.path(), &VerifyOptions::default(), &mut |_, _| {}).unwrap();
    assert_eq!(verification.faults[0].kind, FaultKind::RolledBack);
    assert_eq!(verification.faults[0].index, Some(10));
    let error = stagedoor_audit::Log::open(sample::options(directory.path())).unwrap_err();
    assert_eq!(error.code(), "audit_damaged");
}

#[tokio::test]
async fn forked() {
    let ours = tempdir().unwrap();
    let log = sample::open(ours.path());
    let theirs = tempdir().unwrap();
    fs::create_dir_all(theirs.path()).unwrap();
    fs::copy(ours.path().join("key"), theirs.path().join("key")).unwrap();
    let receipts = sample::append(&log, 0..300).await;
    log.close().await.unwrap();
    let log = sample::open(theirs.path());
    sample::append(&log, 1000..1700).await;
    log.close().await.unwrap();

    let checkpoint = fs::read_to_string(ours.path().join("checkpoint")).unwrap();
    let aware = VerifyOptions { checkpoint: Some(checkpoint), ..VerifyOptions::default() };
    let verification = verify(theirs.path(), &aware, &mut |_, _| {}).unwrap();
    assert_eq!(places(&verification), [(FaultKind::Forked, None, String::new())]);
    let aware = VerifyOptions { receipts: receipts[7..8].to_vec(), ..VerifyOptions::default() };
    let verification = verify(theirs.path(), &aware, &mut |_, _| {}).unwrap();
    assert_eq!(places(&verification), [(FaultKind::Forked, Some(receipts[7].index), String::new())]);
}

#[tokio::test]
async fn wrong_key() {
    let victim = Victim::new().await;
    let stranger = Victim::new().await;
    let options = VerifyOptions { key: Some(stranger.key.clone()), ..VerifyOptions::default() };
    let verification = victim.verify_with(&options);
    assert_eq!(places(&verification), [(FaultKind::WrongKey, None, "checkpoint".into())]);
    let options = VerifyOptions { checkpoint: Some(stranger.checkpoint()), ..victim.options() };
    assert_eq!(places(&victim.verify_with(&options)), [(FaultKind::WrongKey, None, String::new())]);
}

#[tokio::test]
async fn torn() {
    let directory = tempdir().unwrap();
    let log = sample::open(directory.path());
    sample::append(&log, 0..10).await;
    log.checkpoint().await.unwrap();
    log.append(sample::record(10)).await.unwrap();
    let copy = tempdir().unwrap();
    copy_directory(directory.path(), copy.path());
    log.close().await.unwrap();
    let journal = copy.path().join("journal/00000000000000000000");
    let mut bytes = fs::read(&journal).unwrap();
    let last = memmem_last(&bytes, b"\xffSDJRN1\n");
    bytes[last + 100..].fill(0);
    fs::write(&journal, bytes).unwrap();
    let verification = verify(copy.path(), &VerifyOptions::default(), &mut |_, _| {}).unwrap();
    let file = "journal/00000000000000000000";
    assert_eq!(places(&verification), [(FaultKind::Torn, Some(10), file.into())]);

    // Opening repairs it; what was lost was never acknowledged in this state.
    let log = sample::open(copy.path());
    assert_eq!(log.size(), 10);
    log.close().await.unwrap();
    assert!(verify(copy.path(), &VerifyOptions::default(), &mut |_, _| {}).unwrap().is_intact());
}

#[tokio::test]
async fn torn_publication() {
    let victim = Victim::new().await;
    let partial = victim.path("tile/entries/003.p/232");
    let bytes = fs::read(&partial).unwrap();
    fs::write(&partial, &bytes[..bytes.len() / 2]).unwrap();
    let verification = victim.verify();
    assert_eq!(places(&verification), [(FaultKind::Torn, Some(768), "tile/entries/003.p/232".into())]);
    sample::open(victim.directory.path()).close().await.unwrap();
    assert_eq!(victim.verify().faults, []);
}

#[tokio::test]
async fn damaged_tile() {
    let victim = Victim::new().await;
    let path = victim.path("tile/1/000.p/3");
    let mut bytes = fs::read(&path).unwrap();
    bytes[40] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(places(&victim.verify()), [(FaultKind::Tile, None, "tile/1/000.p/3".into())]);
}

#[tokio::test]
async fn an_older_checkpoint_and_receipts_are_borne_out() {
    let directory = tempdir().unwrap();
    for (from, to) in [(0, 300), (300, 301), (301, 900)] {
        let old = fs::read_to_string(directory.path().join("checkpoint")).ok();
        let log = sample::open(directory.path());
        let receipts = sample::append(&log, from..to).await;
        log.close().await.unwrap();
        let options = VerifyOptions { checkpoint: old, receipts, ..VerifyOptions::default() };
        let verification = verify(directory.path(), &options, &mut |_, _| {}).unwrap();
        assert_eq!(verification.faults, []);
        assert_eq!(verification.size, to);
    }
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn every_receipt_is_borne_out() {
    let victim = Victim::new().await;
    let options = VerifyOptions { receipts: victim.receipts.clone(), ..victim.options() };
    assert_eq!(victim.verify_with(&options).faults, []);
}
