//! `docs/reference/reasons.md` is made from [`Reason`]. After a change: `UPDATE_DOCS=1 cargo test -p
//! stagedoor-authority reference`.

use stagedoor_authority::{Class, Reason};
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "# Reason codes

Each refusal has one stable code. It stands in the record (`stagedoor.reason`), in the answer at a gate, and in the
message at the AWS door, beside the decision id by which `stagedoor audit search` finds the record.

A caller who is told `access_denied` learns no more on purpose: an unknown role and a trust policy that does not
allow look the same from outside. The record has the code below.

This page is made from the source, and a test fails when it is not up to date.
";

const CLASSES: [(Class, &str, &str); 4] = [
    (Class::Unauthenticated, "Who is calling is not proven", "Send another token or credential."),
    (Class::Invalid, "The request cannot be carried out as it is", "Mend the request."),
    (Class::Denied, "A policy does not allow it", "Ask the operator, with the decision id."),
    (Class::Unavailable, "No safe answer just now", "Try again later."),
];

fn page() -> String {
    let mut page = HEAD.to_owned();
    for (class, title, next) in CLASSES {
        write!(page, "\n## {title}\n\n{next}\n\n| code | AWS's code | meaning |\n|---|---|---|\n").unwrap();
        for reason in Reason::ALL.iter().filter(|reason| reason.class() == class) {
            let told = match reason.public_code() {
                public if public == reason.code() => String::new(),
                public => format!(" Callers see `{public}`."),
            };
            let docs = reason.docs().replace('|', "\\|");
            writeln!(page, "| `{}` | `{}` | {docs}{told} |", reason.code(), reason.aws_code()).unwrap();
        }
    }
    page
}

#[test]
fn the_reference_of_reasons_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/reasons.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page(), "run `UPDATE_DOCS=1 cargo test -p stagedoor-authority reference`");
}
