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
