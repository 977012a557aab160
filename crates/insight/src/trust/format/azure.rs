//! A federated identity credential of Entra.

use serde_json::json;

use super::super::{Test, Trust};

pub(super) fn write(trust: &Trust) -> Result<String, String> {
    let subject = trust.checks.iter().find_map(|check| match (&check.test, check.claim.as_str()) {
        (Test::Equals(values), "sub") => values.first(),
        _ => None,
    });
    let Some(subject) = subject else {
        let why = trust.warnings.iter().find(|warning| warning.contains("Entra compares"));
        let why = why.map_or("Entra compares `sub` as a whole, and here it is not fixed", String::as_str);
        return Err(format!(
            "{why}; exchange the token at Stagedoor, which tests the single claims, and trust Stagedoor's issuer instead"
        ));
    };
    let credential = json!({
        "name": trust.role,
        "description": format!("{} by `sub`, compared as a whole and with case", trust.provider.title),
        "issuer": trust.issuer,
        "subject": subject,
        "audiences": [trust.audience],
    });
    Ok(format!("{credential:#}\n"))
}
