//! Quotas of each kind, and the hard bounds.

use stagedoor_policy::{Document, Kind, Limits};

use super::{findings, one};
use crate::support::Table;

pub(super) fn all() {
    sizes_do_not_count_white_space();
}

#[test]
fn sizes_do_not_count_white_space() {
    let pad = |kind: Kind, size: usize| {
        let base = match kind {
            Kind::Trust => one(r#""Effect":"Allow","Principal":"*","Action":"sts:X@""#),
            Kind::Resource | Kind::ResourceControl => {
                one(r#""Effect":"Deny","Principal":"*","Action":"s3:X@","Resource":"*""#)
            }
            _ => one(r#""Effect":"Deny","Action":"s3:X@","Resource":"*""#),
        };
        let room = size + 1 - base.chars().filter(|c| !c.is_whitespace()).count();
        format!("  \n\t{}\n{}", base.replace('@', &"x".repeat(room)), " ".repeat(1000))
    };
    let mut table = Table::of("document/size");
    for (kind, most, warned) in [
        (Kind::Trust, 4_096, "~policy_large"),
        (Kind::Trust, 2_048, ""),
        (Kind::Identity, 10_240, "~policy_large"),
        (Kind::Identity, 6_144, ""),
        (Kind::Boundary, 6_144, ""),
        (Kind::Session, 2_048, ""),
        (Kind::Resource, 20_480, ""),
        (Kind::ServiceControl, 5_120, ""),
        (Kind::ResourceControl, 5_120, ""),
    ] {
        table.row(
            "at the limit",
            format!("{kind:?} {most}"),
            findings(kind, &pad(kind, most)).as_str(),
            warned,
        );
        let more = findings(kind, &pad(kind, most + 1));
        let beyond = if warned.is_empty() && matches!(kind, Kind::Trust | Kind::Identity) {
            "~policy_large"
        } else {
            "policy_too_large"
        };
        table.row("one more", format!("{kind:?} {most}"), more.as_str(), beyond);
    }
    let large = pad(Kind::Session, 5_000);
    assert!(Document::parse_within(Kind::Session, &large, Limits::bytes(10_000)).is_ok());
}
