//! Broken configurations and what is said about them.

use crate::fixture::{Fixture, GATE, lines};

/// The changes to the sound configuration, then the findings that must come, all and no other.
type Case<'a> = (&'a [(&'a str, Option<&'a str>)], &'a [&'a str]);

fn check(cases: &[Case<'_>]) {
    for (changes, expected) in cases {
        let report = Fixture::new(changes).report();
        assert_eq!(lines(&report), *expected, "{changes:?}\n{report}");
    }
}

const HEAD: &str =
    "account = \"123456789012\"\nregion = \"us-east-1\"\npublic_url = \"https://id.acme.dev\"\n";

#[test]
fn settings() {
    let with = |tail: &str| format!("{HEAD}{tail}");
    let state =
        with("[state]\nurl = \"redis://h\"\n[audit]\ndirectory = \"\"\n[check]\nisolate = [\"\", 1]\n");
    let listen = with("[listen]\napi = \"localhost:8010\"\nmetrics = \"127.0.0.1\"\nadmin = \"x\"\n");
    let memory = with("state.url = \"sqlite::memory:\"\n");
    let password = with("state.url = \"postgres://u:p@db/x\"\n");
    let same = with("[listen]\napi = \"0.0.0.0:8010\"\nmetrics = \"127.0.0.1:8010\"\n");
    let bounds = with("[state]\nmax_staleness = \"5s\"\n[rate_limits]\nissuer = \"0/s\"\nrole = \"1/s\"\n");
    let unused = with("[check]\nisolate = [\"environment\"]\n");
    check(&[
        (&[("stagedoor.toml", None)], &["stagedoor.toml:1:1 error missing_file"]),
        (&[("stagedoor.toml", Some(""))], &["stagedoor.toml:1:1 error missing_key"; 3]),
        (
            &[(
                "stagedoor.toml",
                Some("account = 123456789012\nregion = \"Mars\"\npublic_url = \"http://acme.dev\"\n"),
            )],
            &[
                "stagedoor.toml:1:11 error wrong_type",
                "stagedoor.toml:2:10 error invalid_value",
                "stagedoor.toml:3:14 error invalid_value",
            ],
        ),
        (
            &[("stagedoor.toml", Some(&format!("acount = \"1\"\n{HEAD}")))],
            &["stagedoor.toml:1:1 error unknown_key"],
        ),
        (
            &[("stagedoor.toml", Some(&listen))],
            &[
                "stagedoor.toml:5:7 error invalid_value",
                "stagedoor.toml:6:11 error invalid_value",
                "stagedoor.toml:7:1 error unknown_key",
            ],
        ),
        (
            &[("stagedoor.toml", Some(&bounds))],
            &[
                "stagedoor.toml:5:17 error invalid_value",
                "stagedoor.toml:7:10 error invalid_value",
                "stagedoor.toml:8:1 error unknown_key",
            ],
        ),
        (&[("stagedoor.toml", Some(&with("listen = 1\n")))], &["stagedoor.toml:4:10 error wrong_type"]),
        (
            &[("stagedoor.toml", Some(&state))],
            &[
                "stagedoor.toml:5:7 error invalid_value",
                "stagedoor.toml:7:13 error invalid_value",
                "stagedoor.toml:9:12 error invalid_value",
                "stagedoor.toml:9:16 error wrong_type",
            ],
        ),
        (&[("stagedoor.toml", Some(&memory))], &["stagedoor.toml:4:13 error invalid_value"]),
        (&[("stagedoor.toml", Some(&password))], &["stagedoor.toml:4:13 warning password_in_url"]),
        (&[("stagedoor.toml", Some(&same))], &["stagedoor.toml:6:11 error address_in_use"]),
        (&[("stagedoor.toml", Some(&unused))], &["stagedoor.toml:5:12 warning unknown_tag"]),
    ]);
}

#[test]
fn toml_syntax() {
    check(&[
        (
            &[("gates/orders.toml", Some("kind = \nlisten = \"x\nupstream = \"y\"\nkind = \"http\"\n"))],
            &[
                "gates/orders.toml:1:8 error toml_syntax",
                "gates/orders.toml:2:12 error toml_syntax",
                "gates/orders.toml:4:1 error toml_syntax",
            ],
        ),
        (
            &[("roles/reader/role.toml", Some("[tags]\na = \"1\"\n[tags]\n"))],
            &["roles/reader/role.toml:3:2 error toml_syntax"],
        ),
    ]);
}

#[test]
fn issuers() {
    check(&[
        (
            &[("issuers/a.toml", Some("kind = \"bitbuckte\"\nworkspace = \"acme\"\naudience = \"x\"\n"))],
            &["issuers/a.toml:1:8 error unknown_kind", "issuers/a.toml:3:1 error unknown_key"],
        ),
        (
            &[(
                "issuers/a.toml",
                Some("kind = \"bitbucket\"\nworkspace = \"a b\"\nworkspace_uuid = \"{1}\"\n"),
            )],
            &["issuers/a.toml:2:13 error invalid_value", "issuers/a.toml:3:18 error invalid_value"],
        ),
        (&[("issuers/a.toml", Some("kind = \"circleci\"\n"))], &["issuers/a.toml:1:1 error missing_key"]),
        (
            &[("issuers/a.toml", Some("kind = \"gitlab\"\nhost = \"gitlab.acme.dev\"\n"))],
            &["issuers/a.toml:1:8 error missing_key"],
        ),
        (
            &[(
                "issuers/a.toml",
                Some("kind = \"oidc\"\nissuer = \"http://id.acme.dev\"\naudiences = [\"a\"]\n"),
            )],
            &["issuers/a.toml:2:10 error invalid_value"],
        ),
        (
            &[("issuers/a.toml", Some("kind = \"oidc\"\naudiences = \"a\"\n"))],
            &["issuers/a.toml:1:1 error missing_key", "issuers/a.toml:2:13 error wrong_type"],
        ),
        (
            &[(
                "issuers/a.toml",
                Some(
                    "kind = \"oidc\"\nissuer = \"https://id.acme.dev\"\naudiences = [\"a\", \"\"]\n\
                     algorithms = [\"RS256\", \"HS256\", \"none\"]\nprivate_network = \"yes\"\n\
                     max_lifetime = \"200h\"\njwks_uri = \"http://id.acme.dev/k\"\n",
                ),
            )],
            &[
                "issuers/a.toml:3:19 error invalid_value",
                "issuers/a.toml:4:24 error invalid_value",
                "issuers/a.toml:4:33 error invalid_value",
                "issuers/a.toml:5:19 error wrong_type",
                "issuers/a.toml:6:16 error invalid_value",
                "issuers/a.toml:7:12 error invalid_value",
            ],
        ),
        (
            &[(
                "issuers/a.toml",
                Some(
                    "kind = \"oidc\"\nissuer = \"https://id.acme.dev\"\naudiences = []\nalgorithms = []\n\
                     jwks_uri = \"https://id.acme.dev/k\"\njwks_file = \"keys.json\"\nca_file = \"ca.pem\"\n",
                ),
            )],
            &[
                "issuers/a.toml:3:13 error invalid_value",
                "issuers/a.toml:4:14 error invalid_value",
                "issuers/a.toml:6:13 error conflicting_keys",
                "issuers/a.toml:7:11 error unreadable_file",
            ],
        ),
        (
            &[(
                "issuers/a.toml",
                Some("kind = \"gitlab\"\naudiences = [\"a\"]\njwks_file = \"keys.json\"\n"),
            )],
            &["issuers/a.toml:3:13 error missing_file"],
        ),
        (
            &[(
                "issuers/another.toml",
                Some("kind = \"oidc\"\naudiences = [\"a\"]\nissuer = \"https://gitlab.com\"\n"),
            )],
            &["issuers/gitlab.toml:1:8 error duplicate_issuer"],
        ),
    ]);
}

#[test]
fn roles() {
    let tags = "max_session = \"1d\"\nboundary = \"shp\"\n[tags]\n\"aws:x\" = \"1\"\nTeam = \"a\"\nteam = \"b\"\nn = 1\n";
    check(&[
        (&[("roles/reader/trust.json", None)], &["roles/reader/trust.json:1:1 error missing_file"]),
        (&[("roles/reader/role.toml", None)], &[]),
        (
            &[
                ("roles/reader/role.toml", Some(tags)),
                ("boundaries/shop.json", Some(crate::fixture::PERMISSION)),
            ],
            &[
                "roles/reader/role.toml:1:15 error invalid_value",
                "roles/reader/role.toml:2:12 error unknown_boundary",
                "roles/reader/role.toml:4:1 error invalid_tag",
                "roles/reader/role.toml:6:1 error invalid_tag",
                "roles/reader/role.toml:7:5 error wrong_type",
            ],
        ),
        (
            &[("roles/reader/role.toml", Some("[tags]\na = \"1\"\n[tag_claims]\nA = \"sub\"\nb = \"\"\n"))],
            &[
                "roles/reader/role.toml:3:1 error invalid_tag",
                "roles/reader/role.toml:3:1 error invalid_value",
            ],
        ),
        (
            &[(
                "roles/reader/role.toml",
                Some(
                    "[identity_token]\nroles = [\n\"deploy\",\n\"arn:aws:iam::12:role/x\",\n\
                     \"arn:aws:iam::210987654321:role/\",\n\"arn:aws:iam::210987654321:user/x\",\n\
                     \"arn:aws-cn:iam::210987654321:role/x\"]\nrole = 1\n",
                ),
            )],
            &[
                "roles/reader/role.toml:3:1 error invalid_value",
                "roles/reader/role.toml:4:1 error invalid_value",
                "roles/reader/role.toml:5:1 error invalid_value",
                "roles/reader/role.toml:6:1 error invalid_value",
                "roles/reader/role.toml:8:1 error unknown_key",
            ],
        ),
        (
            &[("roles/reader/role.toml", Some("max_session = \"14m59s\"\n"))],
            &["roles/reader/role.toml:1:15 error invalid_value"],
        ),
        (
            &[("roles/reader/role.toml", Some("max_session = 3600\ntrust = \"x\"\n"))],
            &["roles/reader/role.toml:1:15 error wrong_type", "roles/reader/role.toml:2:1 error unknown_key"],
        ),
        (
            &[("roles/Reader/trust.json", Some(crate::fixture::TRUST))],
            &["roles/reader:1:1 error duplicate_role"],
        ),
        (&[("roles/a b/trust.json", Some(crate::fixture::TRUST))], &["roles/a b:1:1 error invalid_name"]),
    ]);
}

#[test]
fn gates() {
    check(&[
        (&[("gates/orders.toml", Some(""))], &["gates/orders.toml:1:1 error missing_key"; 3]),
        (
            &[("gates/a.toml", Some("kind = \"htp\"\nlisten = \"8021\"\nupstream = 1\nstages = \"x\"\n"))],
            &[
                "gates/a.toml:1:8 error unknown_kind",
                "gates/a.toml:2:10 error invalid_value",
                "gates/a.toml:3:12 error wrong_type",
                "gates/a.toml:4:1 error unknown_key",
            ],
        ),
        (
            &[(
                "gates/a.toml",
                Some(
                    "kind = \"http\"\nlisten = \"127.0.0.1:8021\"\nupstream = \"http://u:p@h\"\nstage = \"a/b\"\n\
                     password_file = \"/run/x\"\n[limits]\nmax_body = 10\nidle_timeout = \"0s\"\nretries = 1\n",
                ),
            )],
            &[
                "gates/a.toml:3:12 error invalid_value",
                "gates/a.toml:4:9 error invalid_value",
                "gates/a.toml:5:17 error key_not_of_kind",
                "gates/a.toml:7:12 error wrong_type",
                "gates/a.toml:8:16 error invalid_value",
                "gates/a.toml:9:1 error unknown_key",
            ],
        ),
        (
            &[(
                "gates/a.toml",
                Some("kind = \"postgres\"\nlisten = \"[::1]:1\"\nupstream = \"postgres://h/d\"\n"),
            )],
            &["gates/a.toml:3:12 error invalid_value"],
        ),
        (&[("gates/second.toml", Some(GATE))], &["gates/second.toml:2:10 error address_in_use"]),
        (
            &[("gates/z.toml", Some("kind = \"tcp\"\nlisten = \"0.0.0.0:8010\"\nupstream = \"h:1\"\n"))],
            &["gates/z.toml:2:10 error address_in_use"],
        ),
    ]);
}

#[test]
fn faults_of_all_files_come_at_once() {
    check(&[(
        &[
            ("stagedoor.toml", Some("account = \"12\"\nregion = \"us-east-1\"\n")),
            ("issuers/gitlab.toml", Some("kind = \"gitlab\"\naudience = [\"x\"]\n")),
            ("roles/reader/role.toml", Some("max_sessions = \"1h\"\n")),
            ("roles/other/role.toml", Some("")),
            (
                "gates/orders.toml",
                Some("kind = \"http\"\nlisten = \"127.0.0.1:99999\"\nupstream = \"http://h\"\n"),
            ),
        ],
        &[
            "gates/orders.toml:2:10 error invalid_value",
            "issuers/gitlab.toml:1:8 error missing_key",
            "issuers/gitlab.toml:2:1 error unknown_key",
            "roles/other/trust.json:1:1 error missing_file",
            "roles/reader/role.toml:1:1 error unknown_key",
            "stagedoor.toml:1:1 error missing_key",
            "stagedoor.toml:1:11 error invalid_value",
        ],
    )]);
}

#[test]
fn faults_of_policies_come_with_the_others() {
    let fixture = Fixture::new(&[
        ("roles/reader/trust.json", Some("{")),
        ("roles/reader/permissions/orders.json", Some("[]]")),
        ("boundaries/shop.json", Some("")),
        ("invariants/never.json", Some("{\"a\"}")),
        ("roles/reader/role.toml", Some("boundary = \"shop\"\nx = 1\n")),
    ]);
    let report = fixture.load().unwrap_err();
    let files: Vec<_> = report.files().iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        files,
        [
            "boundaries/shop.json",
            "invariants/never.json",
            "roles/reader/permissions/orders.json",
            "roles/reader/role.toml",
            "roles/reader/trust.json",
        ]
    );
}

#[test]
fn findings_are_underlined_and_suggest_the_next_step() {
    let report = Fixture::new(&[(
        "issuers/gitlab.toml",
        Some("kind = \"gitlab\"\naudience = [\"sts.amazonaws.com\"]\naudiences = [\"sts.amazonaws.com\"]\n"),
    )])
    .report();
    let text = report.render(false);
    for part in [
        "error[unknown_key]: unknown key `audience`",
        "issuers/gitlab.toml:2:1",
        "2 | audience = [\"sts.amazonaws.com\"]",
        "| ^^^^^^^^ not a key of an issuer file",
        "help: did you mean `audiences`?",
    ] {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
    assert!(!text.contains('\u{1b}'));
    assert!(report.render(true).contains('\u{1b}'));
    assert_eq!(report.error_count(), 1);
    assert_eq!(report.warning_count(), 0);

    let json = report.to_json();
    assert_eq!(json["errors"], 1);
    let finding = &json["findings"][0];
    assert_eq!(finding["file"], "issuers/gitlab.toml");
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["id"], "unknown_key");
    assert_eq!(finding["span"]["start"]["line"], 2);
    assert_eq!(finding["span"]["end"]["column"], 9);
    assert_eq!(finding["help"][0], "did you mean `audiences`?");
}
