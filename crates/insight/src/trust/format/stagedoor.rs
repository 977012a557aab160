//! A role and an issuer of a Stagedoor configuration.

use super::super::{Trust, Written};
use super::{policy, reasons, string};

pub(super) fn write(trust: &Trust) -> Vec<Written> {
    let (role, kind) = (&trust.role, trust.provider.kind);
    let mut issuer = format!("kind = {}\n", string(kind));
    for (name, value) in &trust.settings {
        issuer += &format!("{name} = {}\n", string(value));
    }
    issuer += &format!("audiences = [{}]\n", string(&trust.audience));
    let header = format!("# Why `trust.json` tests what it tests:\n{}", reasons(trust, "# "));
    vec![
        Written { name: format!("roles/{role}/trust.json"), text: policy::json(trust) },
        Written {
            name: format!("roles/{role}/role.toml"),
            text: format!("{header}description = {}\n", string(&format!("for {}", trust.provider.title))),
        },
        Written { name: format!("issuers/{kind}.toml"), text: issuer },
    ]
}
