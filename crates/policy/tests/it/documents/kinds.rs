//! What each kind of document must and must not hold.

use stagedoor_policy::Kind;

use super::{STATEMENT, one, run, with};

pub(super) fn all() {
    trust();
    attached_to_identities();
    attached_to_resources();
    organizations();
}

#[test]
fn trust() {
    const TRUST: &str = r#""Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole""#;
    run(
        "document/trust",
        Kind::Trust,
        &[
            ("good", one(TRUST), ""),
            (
                "several actions",
                one(&TRUST.replace(r#""sts:AssumeRole""#, r#"["sts:AssumeRole","sts:TagSession"]"#)),
                "",
            ),
            ("all actions of STS", one(&TRUST.replace("AssumeRole", "*")), ""),
            (
                "with a condition",
                one(&format!(r#"{TRUST},"Condition":{{"StringEquals":{{"sts:ExternalId":"x"}}}}"#)),
                "",
            ),
            ("a Deny", one(&TRUST.replace("Allow", "Deny")), ""),
            ("a resource", one(&format!(r#"{TRUST},"Resource":"*""#)), "element_not_supported"),
            ("NotResource", one(&format!(r#"{TRUST},"NotResource":"*""#)), "element_not_supported"),
            ("NotPrincipal", one(&TRUST.replace("Principal", "NotPrincipal")), "element_not_supported"),
            ("another service", one(&TRUST.replace("sts:AssumeRole", "s3:Get*")), "invalid_action"),
            (
                "another service among several",
                one(&TRUST.replace(r#""sts:AssumeRole""#, r#"["sts:AssumeRole","s3:*"]"#)),
                "invalid_action",
            ),
            (
                "document/principal: none",
                one(r#""Effect":"Allow","Action":"sts:AssumeRole""#),
                "missing_principal",
            ),
            ("document/id: may be there", one(TRUST).replace("}}", r#"},"Id":"x"}"#), ""),
            ("document/sid: letters and digits only", one(&format!(r#"{TRUST},"Sid":"a b""#)), "invalid_sid"),
        ],
    );
}

#[test]
fn attached_to_identities() {
    for kind in [Kind::Identity, Kind::Boundary, Kind::Session] {
        run(
            "document/principal",
            kind,
            &[
                ("good", one(STATEMENT), ""),
                ("a principal", with(r#""Principal":"*""#), "element_not_supported"),
                (
                    "a principal in a map",
                    with(r#""Principal":{"AWS":"111122223333"}"#),
                    "element_not_supported",
                ),
                ("NotPrincipal", with(r#""NotPrincipal":"*""#), "element_not_supported"),
                (
                    "both",
                    with(r#""Principal":"*","NotPrincipal":"*""#),
                    "element_not_supported element_not_supported",
                ),
            ],
        );
    }
}

#[test]
fn attached_to_resources() {
    const BUCKET: &str = r#""Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*""#;
    run(
        "document/principal",
        Kind::Resource,
        &[
            ("good", one(BUCKET), ""),
            ("none", one(STATEMENT), "missing_principal"),
            (
                "NotPrincipal with Deny",
                one(&BUCKET.replace("Allow", "Deny").replace("Principal", "NotPrincipal")),
                "",
            ),
            (
                "NotPrincipal with Allow",
                one(&BUCKET.replace(r#""Principal":"*""#, r#""NotPrincipal":{"AWS":"111122223333"}"#)),
                "~allow_with_not_principal",
            ),
            ("both", one(&format!(r#"{BUCKET},"NotPrincipal":"*""#)), "conflicting_elements"),
            (
                "document/one-resource: it may be left out, as in Amazon ECR",
                one(r#""Effect":"Allow","Principal":"*","Action":"ecr:*""#),
                "",
            ),
        ],
    );
}

#[test]
fn organizations() {
    const RCP: &str = r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*""#;
    run(
        "document/organization",
        Kind::ServiceControl,
        &[
            ("good", one(STATEMENT), ""),
            ("NotAction", one(&STATEMENT.replace("Action", "NotAction").replace("Allow", "Deny")), ""),
            ("NotResource", one(&STATEMENT.replace("Resource", "NotResource").replace("Allow", "Deny")), ""),
            ("a principal", with(r#""Principal":"*""#), "element_not_supported"),
            ("NotPrincipal", with(r#""NotPrincipal":"*""#), "element_not_supported"),
            ("no version", format!(r#"{{"Statement":{{{STATEMENT}}}}}"#), "missing_version"),
            ("the old version", one(STATEMENT).replace("2012", "2008"), "invalid_version"),
        ],
    );
    run(
        "document/organization",
        Kind::ResourceControl,
        &[
            ("good", one(RCP), ""),
            ("it only denies", one(&RCP.replace("Deny", "Allow")), "invalid_effect"),
            ("but for RCPFullAWSAccess", one(&RCP.replace("Deny", "Allow").replace("s3:*", "*")), ""),
            ("not `*`", one(&RCP.replace("s3:*", "*")), "invalid_action"),
            ("no NotAction", one(&RCP.replace("\"Action", "\"NotAction")), "element_not_supported"),
            (
                "everybody",
                one(&RCP.replace(r#""*","Action"#, r#"{"AWS":"111122223333"},"Action"#)),
                "invalid_principal",
            ),
            ("everybody, with a type", one(&RCP.replace(r#""*","Action"#, r#"{"AWS":"*"},"Action"#)), ""),
            ("no NotPrincipal", one(&RCP.replace("Principal", "NotPrincipal")), "element_not_supported"),
            ("no principal", one(&STATEMENT.replace("Allow", "Deny")), "missing_principal"),
            ("the old version", one(RCP).replace("2012", "2008"), "invalid_version"),
        ],
    );
}
