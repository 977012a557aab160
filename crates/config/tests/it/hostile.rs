//! Nothing that lies in a file makes loading panic.

use proptest::prelude::*;
use stagedoor_config::load;

use crate::fixture::Fixture;

const FILES: [&str; 8] = [
    "stagedoor.toml",
    "issuers/gitlab.toml",
    "roles/reader/role.toml",
    "roles/reader/trust.json",
    "roles/reader/permissions/orders.json",
    "boundaries/shop.json",
    "gates/orders.toml",
    "invariants/never.json",
];

/// Loads, and shows what was found in every form.
fn survives(fixture: &Fixture) {
    let report = load(fixture.root()).map_or_else(|report| report, |snapshot| snapshot.warnings);
    let (plain, coloured) = (report.render(false), report.render(true));
    assert_eq!(plain.is_empty(), report.is_empty());
    assert_eq!(coloured.is_empty(), report.is_empty());
    let json = report.to_json();
    assert_eq!(json["findings"].as_array().unwrap().len(), report.findings().count());
}

fn words() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("kind"),
        Just("listen"),
        Just("api"),
        Just("issuer"),
        Just("audiences"),
        Just("tags"),
        Just("account"),
        Just("max_session"),
        Just("upstream"),
        Just("limits"),
        Just("http"),
        Just("gitlab"),
        Just("="),
        Just("."),
        Just("["),
        Just("]"),
        Just("[["),
        Just("{"),
        Just("}"),
        Just(","),
        Just("\""),
        Just("'"),
        Just("\"\"\""),
        Just("\n"),
        Just(" "),
        Just("#"),
        Just("1"),
        Just("ü"),
        Just("\u{feff}"),
        Just("\r\n"),
        Just("\0"),
        Just("\"1h\""),
        Just("true"),
        Just("\\u12"),
        Just(":"),
        Just("Statement"),
    ];
    proptest::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn random_bytes(file in 0..FILES.len(), bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let fixture = Fixture::new(&[]);
        fixture.write(FILES[file], bytes);
        survives(&fixture);
    }

    #[test]
    fn random_words(file in 0..FILES.len(), text in words()) {
        let fixture = Fixture::new(&[]);
        fixture.write(FILES[file], text);
        survives(&fixture);
    }

    #[test]
    fn a_sound_file_with_a_piece_replaced(
        file in 0..FILES.len(),
        at in any::<prop::sample::Index>(),
        length in 0..12usize,
        piece in proptest::collection::vec(any::<u8>(), 0..6),
    ) {
        let fixture = Fixture::new(&[]);
        let mut bytes = std::fs::read(fixture.path(FILES[file])).unwrap_or_default();
        let start = at.index(bytes.len() + 1);
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, piece);
        fixture.write(FILES[file], bytes);
        survives(&fixture);
    }
}

/// A pull request may show its findings in a terminal.
#[test]
fn findings_carry_no_control_characters() {
    let escape = "\\u001b[31m\\u0007";
    let raw = "\u{1b}[31m";
    let text = |text: &str| text.replace("ESC", escape);
    let fixture = Fixture::new(&[
        ("stagedoor.toml", Some(&text("account = \"ESC\"\n\"ESC\" = 1\n[check]\nisolate = [\"ESC\"]\n"))),
        (
            "issuers/a.toml",
            Some(&text("kind = \"ESC\"\naudiences = \"ESC\"\njwks_file = \"ESC\"\nca_file = \"ESC\"\n")),
        ),
        ("issuers/b.toml", Some(&text("kind = \"bitbucket\"\nworkspace = \"ESC\"\n"))),
        ("issuers/c.toml", Some(&text("kind = \"oidc\"\nissuer = \"ESC\"\n"))),
        (
            "roles/reader/role.toml",
            Some(&text("boundary = \"ESC\"\n[tags]\n\"aws:ESC\" = \"1\"\n\"ESC\" = 1\n")),
        ),
        ("gates/orders.toml", Some(&text("kind = \"ESC\"\nupstream = \"ESC\"\nstage = \"ESC\"\n"))),
        (&format!("gates/{raw}.toml"), Some(raw)),
        (&format!("roles/{raw}"), Some("")),
    ]);
    let report = load(fixture.root()).unwrap_err();
    assert!(report.error_count() > 15, "{report}");
    for (file, found) in report.findings() {
        for text in [&found.message, &found.primary.text, &found.help.join(" ")] {
            assert!(!text.contains(char::is_control), "{text:?}");
        }
        assert!(!file.path.contains(char::is_control), "{:?}", file.path);
    }
    assert!(!report.render(false).contains('\u{1b}'));
}

#[test]
fn deep_nesting_is_refused() {
    let fixture = Fixture::new(&[]);
    let deep = 20_000;
    fixture.write("roles/reader/trust.json", "[".repeat(deep));
    fixture.write("gates/orders.toml", format!("a = {}", "[".repeat(deep)));
    let report = load(fixture.root()).unwrap_err();
    let files: Vec<_> = report.files().iter().map(|file| file.path.as_str()).collect();
    assert_eq!(files, ["gates/orders.toml", "roles/reader/trust.json"]);
}
