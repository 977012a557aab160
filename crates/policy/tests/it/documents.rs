//! Documents: what is accepted, what is refused and how, and what is printed.

use stagedoor_policy::{Document, Kind, Limits, render};

use crate::support::{Table, document};

const STATEMENT: &str = r#""Effect":"Allow","Action":"s3:Get*","Resource":"*""#;

/// The ids of the errors of a document, or of its warnings with a `~` when there is no error.
fn findings(kind: Kind, source: &str) -> String {
    match Document::parse(kind, source) {
        Ok(document) => {
            document.warnings().iter().map(|w| format!("~{}", w.id)).collect::<Vec<_>>().join(" ")
        }
        Err(errors) => errors.iter().map(|error| error.id).collect::<Vec<_>>().join(" "),
    }
}

/// A document of one statement with the current version.
fn one(statement: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{{{statement}}}}}"#)
}

#[test]
fn structure() {
    let mut table = Table::default();
    for (rule, source, wanted) in [
        ("a statement may be an object", one(STATEMENT), ""),
        (
            "a statement may be an array",
            format!(r#"{{"Version":"2012-10-17","Statement":[{{{STATEMENT}}}]}}"#),
            "",
        ),
        ("lists may be strings or arrays", one(r#""Effect":"Allow","Action":["a:b"],"Resource":["*"]"#), ""),
        ("elements in any order", one(r#""Resource":"*","Action":"a:b","Effect":"Deny""#), ""),
        ("no version: 2008", format!(r#"{{"Statement":{{{STATEMENT}}}}}"#), "~missing_version"),
        ("an unknown version", one(STATEMENT).replace("2012", "2013"), "invalid_version"),
        ("not an object", "[]".into(), "document_not_object"),
        ("no statement", r#"{"Version":"2012-10-17"}"#.into(), "missing_statement"),
        (
            "an empty array of statements",
            r#"{"Version":"2012-10-17","Statement":[]}"#.into(),
            "missing_statement",
        ),
        ("a statement of another type", r#"{"Version":"2012-10-17","Statement":["x"]}"#.into(), "wrong_type"),
        ("an unknown element", one(&format!(r#"{STATEMENT},"Efect":"x""#)), "unknown_element"),
        ("element names are case-sensitive", one(&STATEMENT.replace("Effect", "effect")), "unknown_element"),
        (
            "an unknown element of the document",
            one(STATEMENT).replace("}}", r#"},"Foo":1}"#),
            "unknown_element",
        ),
        ("a duplicate key", one(&format!(r#"{STATEMENT},"Effect":"Deny""#)), "duplicate_key"),
        (
            "a duplicate key, but for case",
            one(&format!(r#"{STATEMENT},"effect":"Deny""#)),
            "duplicate_key unknown_element",
        ),
        (
            "a duplicate condition key, but for case",
            one(&format!(r#"{STATEMENT},"Condition":{{"StringEquals":{{"k:a":"1","K:A":"2"}}}}"#)),
            "duplicate_key",
        ),
        (
            "a duplicate operator",
            one(&format!(r#"{STATEMENT},"Condition":{{"Bool":{{"k:a":true}},"Bool":{{"k:b":true}}}}"#)),
            "duplicate_key",
        ),
        ("no effect", one(r#""Action":"a:b","Resource":"*""#), "missing_effect"),
        ("another effect", one(&STATEMENT.replace("Allow", "allow")), "invalid_effect"),
        ("no action", one(r#""Effect":"Allow","Resource":"*""#), "missing_action"),
        ("Action and NotAction", one(&format!(r#"{STATEMENT},"NotAction":"a:b""#)), "conflicting_elements"),
        (
            "a misspelt element is not missing as well",
            one(r#""Effect":"Allow","Acton":"a:b","Principals":{"AWS":"*"},"Resource":"*""#),
            "unknown_element unknown_element",
        ),
        ("no resource", one(r#""Effect":"Allow","Action":"a:b""#), "missing_resource"),
        (
            "Resource and NotResource",
            one(&format!(r#"{STATEMENT},"NotResource":"*""#)),
            "conflicting_elements",
        ),
        ("an empty list", one(r#""Effect":"Allow","Action":[],"Resource":"*""#), "empty_list"),
        ("a number as an action", one(r#""Effect":"Allow","Action":1,"Resource":"*""#), "wrong_type"),
        ("a null", one(&format!(r#"{STATEMENT},"Condition":{{"Null":{{"k:a":null}}}}"#)), "wrong_type"),
        ("a Sid of letters and digits", one(&format!(r#"{STATEMENT},"Sid":"Stmt1""#)), ""),
        ("a Sid with a space", one(&format!(r#"{STATEMENT},"Sid":"my statement""#)), "invalid_sid"),
        (
            "Sids are unique",
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"A",{STATEMENT}}},{{"Sid":"A",{STATEMENT}}}]}}"#
            ),
            "duplicate_sid",
        ),
        (
            "an Id in an identity policy",
            one(STATEMENT).replace("}}", r#"},"Id":"x"}"#),
            "element_not_supported",
        ),
        ("syntax", "{".into(), "json_syntax"),
        ("depth", "[".repeat(10_000), "json_too_deep"),
        ("size", format!(r#"{{"a":"{}"}}"#, "x".repeat(70_000)), "document_too_large"),
        (
            "a character beyond U+00FF",
            one(&format!(r#"{STATEMENT},"Condition":{{"StringEquals":{{"k:a":"→"}}}}"#)),
            "invalid_character",
        ),
        (
            "an escaped character beyond U+00FF",
            one(&format!(r#"{STATEMENT},"Condition":{{"StringEquals":{{"k:a":"\u2192"}}}}"#)),
            "invalid_character",
        ),
        (
            "a character of Latin-1",
            one(&format!(r#"{STATEMENT},"Condition":{{"StringEquals":{{"k:a":"Zürich"}}}}"#)),
            "",
        ),
    ] {
        table.row(
            rule,
            source.chars().take(150).collect::<String>(),
            findings(Kind::Identity, &source).as_str(),
            wanted,
        );
    }
}

#[test]
fn values() {
    let mut table = Table::default();
    let with = |condition: &str| one(&format!(r#"{STATEMENT},"Condition":{condition}"#));
    let action = |text: &str| one(&format!(r#""Effect":"Allow","Action":"{text}","Resource":"*""#));
    let resource = |text: &str| one(&format!(r#""Effect":"Allow","Action":"a:b","Resource":"{text}""#));
    for (rule, source, wanted) in [
        ("an action without a service", action("GetObject"), "invalid_action"),
        ("a wildcard in the service", action("s*:GetObject"), "invalid_action"),
        ("an action with a space", action("s3:Get Object"), "invalid_action"),
        ("an action without a name", action("s3:"), "invalid_action"),
        ("a resource that is no ARN", resource("my-bucket"), "invalid_resource"),
        ("an ARN with too few parts", resource("arn:aws:s3"), "invalid_resource"),
        ("an ARN with an open end", resource("arn:aws:s3*"), ""),
        ("a variable before the fifth colon", resource("arn:aws:s3:::${k:a}"), ""),
        ("a variable before the fifth colon", resource("arn:aws:s3:${k:a}::b"), "variable_not_allowed"),
        ("an unclosed variable", resource("arn:aws:s3:::b/${aws:username"), "invalid_variable"),
        ("a variable in a variable", with(r#"{"StringLike":{"k:a":"${k:${k:b}}"}}"#), "invalid_variable"),
        (
            "a variable in version 2008",
            resource("arn:aws:s3:::b/${k:a}").replace("2012", "2008"),
            "~variable_not_supported",
        ),
        ("an unknown operator", with(r#"{"StringIs":{"k:a":"1"}}"#), "invalid_operator"),
        ("operators are case-sensitive", with(r#"{"stringEquals":{"k:a":"1"}}"#), "invalid_operator"),
        ("Null with IfExists", with(r#"{"NullIfExists":{"k:a":"true"}}"#), "invalid_operator"),
        ("Null with a set operator", with(r#"{"ForAnyValue:Null":{"k:a":"true"}}"#), "invalid_operator"),
        (
            "a condition key without a prefix",
            with(r#"{"StringEquals":{"sub":"1"}}"#),
            "invalid_condition_key",
        ),
        ("a condition that is no object", with(r#"{"StringEquals":"k:a"}"#), "wrong_type"),
        ("no number", with(r#"{"NumericEquals":{"k:a":"ten"}}"#), "invalid_condition_value"),
        ("no date", with(r#"{"DateLessThan":{"k:a":"soon"}}"#), "invalid_condition_value"),
        ("no boolean", with(r#"{"Bool":{"k:a":"yes"}}"#), "invalid_condition_value"),
        ("no address", with(r#"{"IpAddress":{"k:a":"10.0.0.0/99"}}"#), "invalid_condition_value"),
        ("no base64", with(r#"{"BinaryEquals":{"k:a":"***"}}"#), "invalid_condition_value"),
        ("no boolean for Null", with(r#"{"Null":{"k:a":"maybe"}}"#), "invalid_condition_value"),
        (
            "variables only with strings and ARNs",
            with(r#"{"NumericEquals":{"k:a":"${k:b}"}}"#),
            "invalid_condition_value",
        ),
        (
            "no ARN: stored by AWS, matches nothing",
            with(r#"{"ArnLike":{"k:a":"*"}}"#),
            "~condition_never_matches",
        ),
        (
            "no value: stored by AWS, matches nothing",
            with(r#"{"StringLike":{"k:a":[]}}"#),
            "~empty_condition",
        ),
    ] {
        table.row(rule, &source, findings(Kind::Identity, &source).as_str(), wanted);
    }
}

#[test]
fn kinds() {
    const TRUST: &str = r#""Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole""#;
    const BUCKET: &str = r#""Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*""#;
    const RCP: &str = r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*""#;
    let mut table = Table::default();
    for (rule, kind, source, wanted) in [
        ("trust", Kind::Trust, one(TRUST), ""),
        (
            "trust: a principal",
            Kind::Trust,
            one(r#""Effect":"Allow","Action":"sts:AssumeRole""#),
            "missing_principal",
        ),
        (
            "trust: no resource",
            Kind::Trust,
            one(&format!(r#"{TRUST},"Resource":"*""#)),
            "element_not_supported",
        ),
        (
            "trust: no NotPrincipal",
            Kind::Trust,
            one(&TRUST.replace("Principal", "NotPrincipal")),
            "element_not_supported",
        ),
        ("trust: only STS", Kind::Trust, one(&TRUST.replace("sts:AssumeRole", "s3:Get*")), "invalid_action"),
        ("trust: an Id", Kind::Trust, one(TRUST).replace("}}", r#"},"Id":"x"}"#), ""),
        (
            "identity: no principal",
            Kind::Identity,
            one(&format!(r#"{STATEMENT},"Principal":"*""#)),
            "element_not_supported",
        ),
        (
            "boundary: no principal",
            Kind::Boundary,
            one(&format!(r#"{STATEMENT},"Principal":"*""#)),
            "element_not_supported",
        ),
        (
            "session: no principal",
            Kind::Session,
            one(&format!(r#"{STATEMENT},"NotPrincipal":"*""#)),
            "element_not_supported",
        ),
        (
            "SCP: no principal",
            Kind::ServiceControl,
            one(&format!(r#"{STATEMENT},"Principal":"*""#)),
            "element_not_supported",
        ),
        (
            "SCP: a version",
            Kind::ServiceControl,
            format!(r#"{{"Statement":{{{STATEMENT}}}}}"#),
            "missing_version",
        ),
        ("resource", Kind::Resource, one(BUCKET), ""),
        ("resource: a principal", Kind::Resource, one(STATEMENT), "missing_principal"),
        (
            "resource: the resource may be left out",
            Kind::Resource,
            one(r#""Effect":"Allow","Principal":"*","Action":"ecr:*""#),
            "",
        ),
        ("resource: a Sid with spaces", Kind::Resource, one(&format!(r#"{BUCKET},"Sid":"allow all""#)), ""),
        (
            "resource: NotPrincipal with Allow",
            Kind::Resource,
            one(&BUCKET.replace(r#""Principal":"*""#, r#""NotPrincipal":{"AWS":"111122223333"}"#)),
            "~allow_with_not_principal",
        ),
        ("RCP", Kind::ResourceControl, one(RCP), ""),
        ("RCP: only denies", Kind::ResourceControl, one(&RCP.replace("Deny", "Allow")), "invalid_effect"),
        (
            "RCP: but for RCPFullAWSAccess",
            Kind::ResourceControl,
            one(&RCP.replace("Deny", "Allow").replace("s3:*", "*")),
            "",
        ),
        ("RCP: not `*`", Kind::ResourceControl, one(&RCP.replace("s3:*", "*")), "invalid_action"),
        (
            "RCP: no NotAction",
            Kind::ResourceControl,
            one(&RCP.replace("\"Action", "\"NotAction")),
            "element_not_supported",
        ),
        (
            "RCP: everybody",
            Kind::ResourceControl,
            one(&RCP.replace(r#""*","Action"#, r#"{"AWS":"111122223333"},"Action"#)),
            "invalid_principal",
        ),
    ] {
        table.row(rule, &source, findings(kind, &source).as_str(), wanted);
    }
}

#[test]
fn principal_forms() {
    let mut table = Table::default();
    for (rule, principal, wanted) in [
        ("everybody", r#""*""#, ""),
        ("an account", r#"{"AWS":"111122223333"}"#, ""),
        ("a root ARN", r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, ""),
        ("a role with a path", r#"{"AWS":"arn:aws-us-gov:iam::111122223333:role/a/b"}"#, ""),
        ("a session", r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/r/s"}"#, ""),
        ("a federated user", r#"{"AWS":"arn:aws:sts::111122223333:federated-user/x"}"#, ""),
        ("an OIDC provider", r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/a.example/b"}"#, ""),
        ("a SAML provider", r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/x"}"#, ""),
        ("a built-in provider", r#"{"Federated":"accounts.google.com"}"#, ""),
        ("a service", r#"{"Service":["ec2.amazonaws.com","states.eu-west-1.amazonaws.com"]}"#, ""),
        ("several types", r#"{"AWS":"*","Service":"ec2.amazonaws.com"}"#, ""),
        ("a deleted role", r#"{"AWS":"AROAEXAMPLE1234567890"}"#, "~principal_never_matches"),
        (
            "a canonical user",
            r#"{"CanonicalUser":"79a59df900b949e55d96a1e698fbaced"}"#,
            "~principal_never_matches",
        ),
        ("a bare ARN", r#""arn:aws:iam::111122223333:root""#, "invalid_principal"),
        ("a partial wildcard", r#"{"AWS":"arn:aws:iam::111122223333:role/*"}"#, "principal_wildcard"),
        ("a wildcard service", r#"{"Service":"*"}"#, "principal_wildcard"),
        ("a wildcard provider", r#"{"Federated":"*"}"#, "principal_wildcard"),
        ("a group", r#"{"AWS":"arn:aws:iam::111122223333:group/x"}"#, "invalid_principal"),
        ("a short account", r#"{"AWS":"12345"}"#, "invalid_principal"),
        ("a URL as a provider", r#"{"Federated":"https://a.example"}"#, "invalid_principal"),
        ("a service without a domain", r#"{"Service":"ec2"}"#, "invalid_principal"),
        ("an unknown type", r#"{"Aws":"*"}"#, "unknown_element"),
        ("no type", "{}", "empty_list"),
    ] {
        let source = one(&format!(r#""Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole""#));
        table.row(rule, principal, findings(Kind::Trust, &source).as_str(), wanted);
    }
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
    let mut table = Table::default();
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

#[test]
fn all_errors_at_once_in_order() {
    let source = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "allow", "Action": "GetObject", "Resource": "bucket"},
    {"Efect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringLikes": {"sub": "x"}}},
    {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "no"}},}
  ]
}"#;
    let wanted = "invalid_effect invalid_action invalid_resource unknown_element invalid_operator \
                  invalid_condition_key invalid_condition_value json_syntax";
    assert_eq!(findings(Kind::Identity, source), wanted);
}

#[test]
fn errors_point_into_the_source_and_help() {
    let source = r#"{
  "Version": "2012-10-17",
  "Statement": {
    "Efect": "Allow",
    "Principal": {"Federated": "https://token.actions.githubusercontent.com"},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {"StringLikeIfExist": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}}
  }
}"#;
    let errors = Document::parse(Kind::Trust, source).unwrap_err();
    let text = render("roles/deploy/trust.json", source, &errors, false);
    for part in [
        "roles/deploy/trust.json:4:5",
        "did you mean `Effect`?",
        "arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com",
        "^^^^^^^",
        "did you mean `StringLikeIfExists`?",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}

#[test]
fn url_encoded_documents() {
    let plain = one(STATEMENT);
    let encoded: String =
        plain
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
    let decoded = Document::parse(Kind::Identity, &encoded).unwrap();
    assert_eq!(decoded.source(), plain);
    let broken = encoded.replace("Allow", "Alow");
    let errors = Document::parse(Kind::Identity, &broken).unwrap_err();
    assert_eq!(errors[0].primary.span.text(&broken), "%22Alow%22");
}

#[test]
fn printing_is_canonical() {
    let source = r#"{"Statement":{"Condition":{"Bool":{"k:b":[true]},"NumericLessThan":{"k:n":[1,"2"]}},
        "Resource":["*"],"Action":["a:b","a:c"],"Effect":"Allow","Sid":"X"},"Version":"2012-10-17"}"#;
    let printed = document(Kind::Identity, source).to_string();
    let wanted = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "X",
      "Effect": "Allow",
      "Action": [
        "a:b",
        "a:c"
      ],
      "Resource": "*",
      "Condition": {
        "Bool": {
          "k:b": "true"
        },
        "NumericLessThan": {
          "k:n": [
            "1",
            "2"
          ]
        }
      }
    }
  ]
}"#;
    assert_eq!(printed, wanted);
    assert_eq!(document(Kind::Identity, &printed).to_string(), wanted);
}
