//! How errors are told, and how documents are printed.

use stagedoor_policy::{Document, Kind, render};

use super::{STATEMENT, findings, one};
use crate::support::{Table, document};

pub(super) fn all() {
    url_encoded_documents();
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

/// Every byte but letters and digits as `%XX`.
fn encoded(plain: &str) -> String {
    let encode = |byte: u8| match byte {
        letter if letter.is_ascii_alphanumeric() => char::from(letter).to_string(),
        other => format!("%{other:02X}"),
    };
    plain.bytes().map(encode).collect()
}

#[test]
fn url_encoded_documents() {
    let plain = one(STATEMENT);
    let mut table = Table::of("document/url-encoded");
    for (note, source, wanted) in [
        ("all of it", encoded(&plain), ""),
        ("in lower case", encoded(&plain).replace("%7B", "%7b"), ""),
        ("with white space before it", format!(" \n{}", encoded(&plain)), ""),
        ("only in part", plain.replacen('{', "%7B", 1), ""),
        ("a plus sign is a plus sign", encoded(&plain).replace("Get", "%2BGet"), "invalid_action"),
        ("an error inside", encoded(&plain.replace("Allow", "Alow")), "invalid_effect"),
        ("half a sequence", format!("{}%2", encoded(&plain)), "url_encoding"),
        ("no sequence", format!("{}%zz", encoded(&plain)), "url_encoding"),
        ("no UTF-8", encoded(&plain).replace("Allow", "%FF"), "url_encoding"),
        ("encoded twice", encoded(&encoded(&plain)), "json_syntax"),
    ] {
        table.row(note, &source, findings(Kind::Identity, &source).as_str(), wanted);
    }
    let decoded = Document::parse(Kind::Identity, &encoded(&plain)).unwrap();
    assert_eq!(decoded.source(), plain);
    let broken = encoded(&plain).replace("Allow", "Alow");
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
