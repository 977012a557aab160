//! Files that cannot be read, or that nobody reads.

use std::{fs, os::unix::fs::symlink};

use crate::fixture::{Fixture, TRUST, lines};

#[test]
fn a_directory_that_is_not_there() {
    let fixture = Fixture::new(&[]);
    let report = stagedoor_config::load(&fixture.path("nowhere")).unwrap_err();
    assert_eq!(lines(&report), [".:1:1 error unreadable_file"]);
    let file = stagedoor_config::load(&fixture.path("stagedoor.toml")).unwrap_err();
    assert_eq!(lines(&file), [".:1:1 error unreadable_file"]);
}

#[test]
fn text_that_is_not_utf8() {
    let fixture = Fixture::new(&[]);
    fixture.write("roles/reader/trust.json", b"{\"Version\xff\": 1}");
    fixture.write("gates/orders.toml", b"\xff");
    assert_eq!(
        lines(&fixture.report()),
        ["gates/orders.toml:1:1 error not_utf8", "roles/reader/trust.json:1:1 error not_utf8"]
    );
}

#[test]
fn files_of_more_than_64_kib() {
    let fixture = Fixture::new(&[]);
    let fits = format!("{TRUST}{}", " ".repeat(64 * 1024 - TRUST.len()));
    fixture.write("roles/reader/trust.json", &fits);
    assert_eq!(lines(&fixture.report()), Vec::<String>::new());
    fixture.write("roles/reader/trust.json", format!("{fits} "));
    fixture.write("stagedoor.toml", format!("#{}", "x".repeat(64 * 1024)));
    assert_eq!(
        lines(&fixture.report()),
        ["roles/reader/trust.json:1:1 error file_too_large", "stagedoor.toml:1:1 error file_too_large"]
    );
}

#[test]
fn symbolic_links_stay_inside() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("trust.json"), TRUST).unwrap();
    fs::create_dir(outside.path().join("folder")).unwrap();
    let fixture = Fixture::new(&[("roles/reader/trust.json", None)]);
    symlink(outside.path().join("trust.json"), fixture.path("roles/reader/trust.json")).unwrap();
    symlink(outside.path().join("folder"), fixture.path("boundaries")).unwrap();
    symlink("nowhere", fixture.path("roles/reader/role-link.toml")).unwrap();
    symlink("/dev/zero", fixture.path("gates/zero.toml")).unwrap();
    assert_eq!(
        lines(&fixture.report()),
        [
            "boundaries:1:1 error symlink_escape",
            "gates/zero.toml:1:1 error symlink_escape",
            "roles/reader/role-link.toml:1:1 error unreadable_file",
            "roles/reader/trust.json:1:1 error symlink_escape",
        ]
    );
}

/// As Kubernetes mounts a ConfigMap: the names are links into a hidden folder beside them.
#[test]
fn symbolic_links_within_the_directory_are_followed() {
    let fixture = Fixture::new(&[]);
    fs::create_dir(fixture.path("..data")).unwrap();
    for name in ["stagedoor.toml", "roles"] {
        fs::rename(fixture.path(name), fixture.path("..data").join(name)).unwrap();
        symlink(format!("..data/{name}"), fixture.path(name)).unwrap();
    }
    let linked = fixture.load().unwrap();
    assert_eq!(linked.digest, Fixture::new(&[]).load().unwrap().digest);
}

#[test]
fn what_is_no_file_is_not_opened() {
    let fixture = Fixture::new(&[("gates/orders.toml", None), ("stagedoor.toml", None)]);
    fs::create_dir(fixture.path("stagedoor.toml")).unwrap();
    fs::remove_dir_all(fixture.path("roles")).unwrap();
    fixture.write("roles", "");
    std::os::unix::net::UnixListener::bind(fixture.path("gates/orders.toml")).unwrap();
    assert_eq!(
        lines(&fixture.report()),
        [
            "gates/orders.toml:1:1 error unreadable_file",
            "roles:1:1 error unreadable_file",
            "stagedoor.toml:1:1 error unreadable_file",
        ]
    );
}

#[test]
fn files_that_nobody_reads_are_named() {
    let fixture = Fixture::new(&[
        ("README.md", Some("anything may lie beside the configuration")),
        ("state/stagedoor.db", Some("")),
        (".git/config", Some("")),
        ("roles/.DS_Store", Some("")),
        ("roles/reader/trust.json~", Some("")),
        ("roles/reader/trust.yaml", Some("")),
        ("roles/reader/permissions/orders.toml", Some("")),
        ("roles/stray.json", Some("")),
        ("issuers/gitlab.json", Some("")),
        ("invariant/a.json", Some("{}")),
        ("stagedor.toml", Some("")),
    ]);
    assert_eq!(
        lines(&fixture.report()),
        [
            "invariant:1:1 warning unknown_file",
            "issuers/gitlab.json:1:1 warning unknown_file",
            "roles/reader/permissions/orders.toml:1:1 warning unknown_file",
            "roles/reader/trust.yaml:1:1 warning unknown_file",
            "roles/stray.json:1:1 warning unknown_file",
            "stagedor.toml:1:1 warning unknown_file",
        ]
    );
    assert_eq!(fixture.load().unwrap().digest, Fixture::new(&[]).load().unwrap().digest);
}

#[test]
fn names_that_cannot_be_shown_are_refused() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
    let fixture = Fixture::new(&[]);
    fs::write(fixture.path("issuers").join(OsStr::from_bytes(b"\xff.toml")), "").unwrap();
    fs::write(fixture.path("a\nb"), "beside the configuration").unwrap();
    fixture.write("gates/a\nb.toml", "");
    fixture.write("gates/-a.toml", crate::fixture::GATE.replace("8020", "8021"));
    assert_eq!(
        lines(&fixture.report()),
        [
            "gates/-a.toml:1:1 error invalid_name",
            "gates/a\\nb.toml:1:1 error invalid_name",
            "issuers/\u{fffd}.toml:1:1 error invalid_name",
        ]
    );
}
