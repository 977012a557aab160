//! The digest, and what changed between two snapshots.

use std::{collections::BTreeMap, fs};

use proptest::prelude::*;
use stagedoor_config::Snapshot;

use crate::fixture::{BASE, Fixture, GATE, PERMISSION, TRUST};

#[test]
fn the_digest_is_the_same_wherever_the_directory_lies() {
    let (one, two) = (Fixture::new(&[]).load().unwrap(), Fixture::new(&[]).load().unwrap());
    assert_ne!(one.directory, two.directory);
    assert_eq!(one.digest, two.digest);
    assert_eq!(one.digest.len(), 64);
    assert_eq!(Snapshot::diff(&one, &two), "nothing changed");
}

#[test]
fn any_change_of_any_file_changes_the_digest() {
    let before = Fixture::new(&[]).load().unwrap().digest;
    let mut seen = BTreeMap::from([(before, "nothing")]);
    for (path, content) in BASE {
        let content = format!("{content} \n");
        let after = Fixture::new(&[(path, Some(&content))]).load().unwrap().digest;
        assert_eq!(seen.insert(after, path), None, "{path}");
    }
    for path in ["roles/reader/role.toml", "roles/reader/permissions/orders.json", "gates/orders.toml"] {
        let after = Fixture::new(&[(path, None)]).load().unwrap().digest;
        assert_eq!(seen.insert(after, path), None, "{path} removed");
    }
    let moved = [
        ("roles/reader/permissions/orders.json", None),
        ("roles/reader/permissions/z.json", Some(PERMISSION)),
    ];
    let after = Fixture::new(&moved).load().unwrap().digest;
    assert_eq!(seen.insert(after, "moved"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Two configurations have the same digest only if they have the same files.
    #[test]
    fn the_digest_tells_configurations_apart(
        one in proptest::collection::btree_map("[ab]{1,2}", "[ab\n ]{0,3}", 0..3),
        two in proptest::collection::btree_map("[ab]{1,2}", "[ab\n ]{0,3}", 0..3),
    ) {
        let digest = |files: &BTreeMap<String, String>| {
            let fixture = Fixture::new(&[]);
            for (name, tail) in files {
                let comment: String = tail.lines().map(|line| format!("#{line}\n")).collect();
                fixture.write(&format!("roles/{name}/trust.json"), TRUST);
                fixture.write(&format!("roles/{name}/role.toml"), comment);
            }
            fixture.load().map(|snapshot| snapshot.digest).unwrap()
        };
        let comments = |files: &BTreeMap<String, String>| -> BTreeMap<String, Vec<String>> {
            files.iter().map(|(k, v)| (k.clone(), v.lines().map(str::to_owned).collect())).collect()
        };
        prop_assert_eq!(digest(&one) == digest(&two), comments(&one) == comments(&two));
    }
}

#[test]
fn the_summary_names_what_changed() {
    let old = Fixture::new(&[
        ("roles/gone/trust.json", Some(TRUST)),
        ("boundaries/shop.json", Some(PERMISSION)),
        (
            "issuers/old.toml",
            Some("kind = \"oidc\"\nissuer = \"https://id.acme.dev\"\naudiences = [\"a\"]\n"),
        ),
    ]);
    let new = Fixture::new(&[
        ("roles/new/trust.json", Some(TRUST)),
        ("roles/new/role.toml", Some("")),
        ("roles/reader/role.toml", Some("description = \"still reads\"\n")),
        ("roles/reader/permissions/more.json", Some(PERMISSION)),
        ("gates/orders.toml", Some(&GATE.replace("8020", "8021"))),
        ("gates/b.toml", Some(GATE)),
        (
            "stagedoor.toml",
            Some(
                "account = \"123456789012\"\nregion = \"eu-west-1\"\npublic_url = \"https://id.acme.dev\"\n",
            ),
        ),
    ]);
    let (old, new) = (old.load().unwrap(), new.load().unwrap());
    assert_eq!(
        Snapshot::diff(&old, &new),
        "boundaries removed: shop; gates added: b; gates changed: orders; issuers removed: old; \
         roles added: new; roles changed: reader (permissions/more.json, role.toml); roles removed: gone; \
         settings changed"
    );
}

#[test]
fn a_long_summary_is_cut() {
    let fixture = Fixture::new(&[]);
    let old = fixture.load().unwrap();
    for n in 10..30 {
        fixture.write(&format!("roles/r{n}/trust.json"), TRUST);
    }
    assert_eq!(
        Snapshot::diff(&old, &fixture.load().unwrap()),
        "roles added: r10, r11, r12, r13, r14, r15, r16, r17 and 12 more"
    );
    fs::remove_dir_all(fixture.path("roles")).unwrap();
    assert_eq!(Snapshot::diff(&old, &fixture.load().unwrap()), "roles removed: reader");
}
