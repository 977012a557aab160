//! The suite on SQLite, and what only a file can do.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
    sync::Arc,
};

use stagedoor_store::{NewRevocation, Revoked, Store, StoreError, open};
use tempfile::TempDir;

use crate::conformance::{key, now, suite};

struct Fixture {
    store: Arc<dyn Store>,
    _directory: TempDir,
}

impl Fixture {
    async fn finish(self) {
        self.store.close().await.unwrap();
    }
}

fn url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

async fn file(_test: &str) -> Option<Fixture> {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&url(&directory.path().join("state/s.db"))).await.unwrap();
    Some(Fixture { store, _directory: directory })
}

suite!(file);

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let url = url(&directory.path().join("s.db"));
    let store = open(&url).await.unwrap();
    let first = key("a", b"secret", 0);
    store.put_key(&first).await.unwrap();
    let order = NewRevocation {
        revoked: Revoked::Everything,
        issued_before: now(),
        expires_at: now(),
        created_at: now(),
        actor: "jane".into(),
        reason: String::new(),
    };
    let revocation = store.revoke(&order).await.unwrap();
    let later = now() + jiff::SignedDuration::from_hours(1);
    assert!(store.note_use(&[9; 32], later, now()).await.unwrap());
    store.close().await.unwrap();

    let store = open(&url).await.unwrap();
    assert_eq!(store.keys().await.unwrap(), vec![first.clone()]);
    assert_eq!(store.revocations_after(0).await.unwrap(), vec![revocation]);
    assert!(!store.note_use(&[9; 32], later, now()).await.unwrap());
    let late = key("late", b"other", 5);
    assert_eq!(store.put_first_key(&late).await.unwrap(), vec![first]);
}

#[tokio::test]
async fn two_openings_of_one_file_see_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let url = url(&directory.path().join("s.db"));
    let (one, two) = (open(&url).await.unwrap(), open(&url).await.unwrap());
    one.put_key(&key("a", b"secret", 0)).await.unwrap();
    assert_eq!(two.keys().await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_file_is_for_its_owner_only() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("new/state/s.db");
    let store = open(&url(&path)).await.unwrap();
    store.put_key(&key("a", b"secret", 0)).await.unwrap();
    let mut modes = Vec::new();
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        modes.push(entry.unwrap().metadata().unwrap().mode() & 0o777);
    }
    assert!(modes.len() >= 2, "the write-ahead log lies beside the file");
    assert!(modes.iter().all(|mode| *mode == 0o600), "{modes:?}");
    let parent = fs::metadata(path.parent().unwrap()).unwrap();
    assert_eq!(parent.mode() & 0o777, 0o700);
    store.close().await.unwrap();

    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    open(&url(&path)).await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.db");
    let text = "not a database, and longer than the header of one: ".repeat(40);
    fs::write(&path, &text).unwrap();
    let error = open(&url(&path)).await.unwrap_err();
    assert!(!error.is_transient(), "{error:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let error = open(&url(&file.join("state/s.db"))).await.unwrap_err();
    assert!(matches!(error, StoreError::File { ref path, .. } if path.ends_with("file/state/s.db")));
}

#[tokio::test]
async fn other_urls_are_refused_without_repeating_a_password() {
    for url in [
        "",
        "state.db",
        "sqlite:",
        "sqlite::memory:",
        "sqlite:s.db?mode=memory",
        "mysql://root:hunter2@db/x",
        "postgres://u:hunter2@host:notaport/x",
    ] {
        let error = open(url).await.expect_err(url);
        assert!(matches!(error, StoreError::Url { .. }), "{url}: {error:?}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
