//! `stagedoor check`, its whole output.

use std::fs;
use std::path::Path;

use crate::support::cli::stagedoor;

fn shop() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop").canonicalize().unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The shop with a fault of each kind of file.
fn broken() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    copy(&shop(), directory.path());
    let edit = |name: &str, from: &str, to: &str| {
        let path = directory.path().join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{name} has no `{from}`");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    edit("stagedoor.toml", "region", "regoin");
    edit("issuers/circleci.toml", "\"circleci\"", "\"circle\"");
    edit("roles/build/trust.json", "\"Allow\"", "\"Permit\"");
    edit("roles/build/trust.json", "\"Bool\"", "\"Boolean\"");
    edit("gates/orders.toml", "127.0.0.1:8020", "127.0.0.1");
    directory
}

#[test]
fn the_example_is_fine() {
    let ended = stagedoor(["check"]).args([shop()]).run().expect(0);
    assert!(ended.stdout.starts_with("fine: "), "{}", ended.stdout);
    assert_eq!(ended.stderr, "");
    let value = stagedoor(["check", "--format", "json"]).args([shop()]).run().expect(0).json();
    assert_eq!(value["errors"], 0);
    assert_eq!(value["digest"].as_str().unwrap().len(), 64);
}

#[test]
fn every_fault_of_every_file_is_shown_with_its_line() {
    let directory = broken();
    let ended = stagedoor(["check"]).args([directory.path()]).run().expect(2);
    insta::assert_snapshot!(ended.shown(directory.path()));
}

#[test]
fn the_faults_as_json_have_their_places() {
    let directory = broken();
    let value = stagedoor(["check", "--format", "json"]).args([directory.path()]).run().expect(2).json();
    let places: Vec<String> = value["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let start = &finding["span"]["start"];
            format!(
                "{}:{}:{} {}",
                finding["file"].as_str().unwrap(),
                start["line"],
                start["column"],
                finding["id"].as_str().unwrap()
            )
        })
        .collect();
    insta::assert_snapshot!(places.join("\n"));
}

#[test]
fn a_directory_without_a_configuration_is_bad_input() {
    let directory = tempfile::tempdir().unwrap();
    let ended = stagedoor(["check"]).in_directory(directory.path()).run().expect(2);
    assert!(ended.stdout.contains("stagedoor init"), "{}", ended.stdout);
}
