//! Each code of the rooms below has a reason here.

use stagedoor_authority::Reason;
use std::path::Path;

#[test]
fn every_code_of_a_refusal_below_is_a_reason() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut seen = 0;
    for room in ["identity", "session"] {
        let source = std::fs::read_to_string(crates.join(room).join("src/refusal.rs")).unwrap();
        let (_, codes) = source.split_once("fn code(").unwrap();
        let (codes, _) = codes.split_once("\n    }\n").unwrap();
        let arms = codes.lines().filter_map(|line| line.split_once("=> \"")?.1.strip_suffix("\","));
        for code in arms {
            assert!(Reason::from_code(code).is_some(), "`{code}` of {room} has no reason");
            seen += 1;
        }
    }
    assert!(seen > 30, "found only {seen} codes");
}
