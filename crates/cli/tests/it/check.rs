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

/// The shop with one text replaced.
fn edited(name: &str, from: &str, to: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    copy(&shop(), directory.path());
    let path = directory.path().join(name);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{name} has no `{from}`");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
    directory
}

#[test]
fn a_token_for_two_environments_breaks_the_isolation() {
    // An environment other than production still tells the two roles apart.
    let apart = edited("roles/reader/trust.json", "\"Null\"", "\"StringEqualsIfExists\"");
    stagedoor(["check"]).args([apart.path()]).run().expect(0);
    // Without any demand on the environment, a production job gets the reviewers' role as well.
    let null = "\"gitlab.com:environment\": \"true\"";
    let open = edited("roles/reader/trust.json", null, "\"gitlab.com:sub\": \"false\"");
    let ended = stagedoor(["check"]).args([open.path()]).run().expect(1);
    assert!(
        ended.stdout.contains("isolation_broken")
            && ended
                .stdout
                .contains("`deploy-prod` (environment production) and `reader` (environment review)")
            && ended.stdout.contains("project_path:acme/shop:ref_type:branch:ref:main"),
        "{}",
        ended.stdout
    );
    let value = stagedoor(["check", "--format", "json"]).args([open.path()]).run().expect(1).json();
    assert_eq!(value["breaks"][0]["id"], "isolation_broken");
    assert_eq!(value["breaks"][0]["witness"]["context"]["gitlab.com:environment"], "production");
}

#[test]
fn what_an_invariant_forbids_must_be_impossible() {
    let unprotected = edited("roles/deploy-prod/trust.json", "\"gitlab.com:ref_protected\": \"true\",", "");
    let ended = stagedoor(["check"]).args([unprotected.path()]).run().expect(1);
    assert!(
        ended
            .stdout
            .contains("`deploy-prod` can be assumed as invariants/production-needs-a-protected-branch.json"),
        "{}",
        ended.stdout
    );
    let deletes = edited("roles/build/permissions/orders.json", "live/GET/*", "live/*");
    let ended = stagedoor(["check"]).args([deletes.path()]).run().expect(1);
    assert!(
        ended.stdout.contains("`build` may do what invariants/only-production-deletes.json forbids")
            && ended.stdout.contains("orders/live/DELETE/"),
        "{}",
        ended.stdout
    );
}
