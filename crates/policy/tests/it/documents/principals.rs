//! The forms of principals in documents.

use stagedoor_policy::Kind;

use super::{one, run};

pub(super) fn all() {
    forms();
}

#[test]
fn forms() {
    let with = |principal: &str| {
        one(&format!(r#""Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole""#))
    };
    let never = "~principal_never_matches";
    run(
        "document/principal-form",
        Kind::Trust,
        &[
            ("everybody", with(r#""*""#), ""),
            ("everybody, with a type", with(r#"{"AWS":"*"}"#), ""),
            ("an account", with(r#"{"AWS":"111122223333"}"#), ""),
            ("accounts", with(r#"{"AWS":["111122223333","444455556666"]}"#), ""),
            ("a root ARN", with(r#"{"AWS":"arn:aws:iam::111122223333:root"}"#), ""),
            ("a user", with(r#"{"AWS":"arn:aws:iam::111122223333:user/alice"}"#), ""),
            (
                "a role with a path, in another partition",
                with(r#"{"AWS":"arn:aws-us-gov:iam::111122223333:role/a/b"}"#),
                "",
            ),
            ("a session", with(r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/r/s"}"#), ""),
            ("a federated user", with(r#"{"AWS":"arn:aws:sts::111122223333:federated-user/x"}"#), ""),
            (
                "an OIDC provider",
                with(r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/a.example/b"}"#),
                "",
            ),
            ("a SAML provider", with(r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/x"}"#), ""),
            ("Google", with(r#"{"Federated":"accounts.google.com"}"#), ""),
            ("Amazon", with(r#"{"Federated":"www.amazon.com"}"#), ""),
            ("Facebook", with(r#"{"Federated":"graph.facebook.com"}"#), ""),
            ("Cognito", with(r#"{"Federated":"cognito-identity.amazonaws.com"}"#), ""),
            ("services", with(r#"{"Service":["ec2.amazonaws.com","states.eu-west-1.amazonaws.com"]}"#), ""),
            ("several types", with(r#"{"AWS":"*","Service":"ec2.amazonaws.com"}"#), ""),
            ("a bare ARN", with(r#""arn:aws:iam::111122223333:root""#), "invalid_principal"),
            ("a bare account", with(r#""111122223333""#), "invalid_principal"),
            ("an array", with(r#"["*"]"#), "invalid_principal"),
            ("a number", with(r#"{"AWS":111122223333}"#), "wrong_type"),
            ("a group", with(r#"{"AWS":"arn:aws:iam::111122223333:group/x"}"#), "invalid_principal"),
            (
                "an instance profile",
                with(r#"{"AWS":"arn:aws:iam::111122223333:instance-profile/x"}"#),
                "invalid_principal",
            ),
            (
                "a provider under AWS",
                with(r#"{"AWS":"arn:aws:iam::111122223333:oidc-provider/a.example"}"#),
                "invalid_principal",
            ),
            (
                "a role under Federated",
                with(r#"{"Federated":"arn:aws:iam::111122223333:role/x"}"#),
                "invalid_principal",
            ),
            ("a short account", with(r#"{"AWS":"12345"}"#), "invalid_principal"),
            ("an account with hyphens", with(r#"{"AWS":"1111-2222-3333"}"#), "invalid_principal"),
            (
                "an ARN with a region",
                with(r#"{"AWS":"arn:aws:iam:us-east-1:111122223333:role/x"}"#),
                "invalid_principal",
            ),
            (
                "a session without a name",
                with(r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/r"}"#),
                "invalid_principal",
            ),
            (
                "a role without a name",
                with(r#"{"AWS":"arn:aws:iam::111122223333:role/"}"#),
                "invalid_principal",
            ),
            ("a URL as a provider", with(r#"{"Federated":"https://a.example"}"#), "invalid_principal"),
            ("a host as a provider", with(r#"{"Federated":"gitlab.com"}"#), "invalid_principal"),
            ("a service without a domain", with(r#"{"Service":"ec2"}"#), "invalid_principal"),
            ("empty", with(r#"{"AWS":""}"#), "invalid_principal"),
            ("no names", with(r#"{"AWS":[]}"#), "empty_list"),
            ("no type", with("{}"), "empty_list"),
            ("an unknown type", with(r#"{"User":"x"}"#), "unknown_element"),
            ("a type in another case", with(r#"{"Aws":"*"}"#), "unknown_element"),
            ("principal/unique-id: a deleted role", with(r#"{"AWS":"AROAEXAMPLE1234567890"}"#), never),
            ("principal/unique-id: a deleted user", with(r#"{"AWS":"AIDAEXAMPLE1234567890"}"#), never),
            (
                "principal/unique-id: a canonical user",
                with(r#"{"CanonicalUser":"79a59df900b949e55d96a1e698fbaced"}"#),
                never,
            ),
            (
                "principal/unique-id: an access key is none",
                with(r#"{"AWS":"AKIAIOSFODNN7EXAMPLE"}"#),
                "invalid_principal",
            ),
            (
                "principal/no-wildcards: a role",
                with(r#"{"AWS":"arn:aws:iam::111122223333:role/*"}"#),
                "principal_wildcard",
            ),
            (
                "principal/no-wildcards: a session",
                with(r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/r/*"}"#),
                "principal_wildcard",
            ),
            (
                "principal/no-wildcards: an account",
                with(r#"{"AWS":"arn:aws:iam::*:root"}"#),
                "principal_wildcard",
            ),
            (
                "principal/no-wildcards: a question mark",
                with(r#"{"AWS":"11112222333?"}"#),
                "principal_wildcard",
            ),
            ("principal/no-wildcards: services", with(r#"{"Service":"*"}"#), "principal_wildcard"),
            (
                "principal/no-wildcards: a service",
                with(r#"{"Service":"ec2.*.amazonaws.com"}"#),
                "principal_wildcard",
            ),
            ("principal/no-wildcards: providers", with(r#"{"Federated":"*"}"#), "principal_wildcard"),
            (
                "principal/no-wildcards: a provider",
                with(r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/*"}"#),
                "principal_wildcard",
            ),
            ("principal/no-wildcards: a text", with(r#""**""#), "invalid_principal"),
        ],
    );
}
