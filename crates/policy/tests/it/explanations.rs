//! Explanations.

use stagedoor_policy::{Element, Hints, Kind, Policy, PolicySet, Principal, Request, Value};

use crate::support::{ACCOUNT, Table, context, document};

const ISSUER: &str = "token.actions.githubusercontent.com";

fn trust(condition: &str) -> PolicySet {
    let source = format!(
        r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Sid": "Deploy",
      "Effect": "Allow",
      "Principal": {{"Federated": "arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"}},
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {}
    }}
  ]
}}"#,
        condition.replace('@', ISSUER)
    );
    PolicySet::new().trust(Policy::compile("trust.json", &document(Kind::Trust, &source)))
}

fn asks(keys: &str) -> Request {
    Request {
        principal: Principal::Federated {
            provider: format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"),
        },
        action: "sts:AssumeRoleWithWebIdentity".into(),
        resource: None,
        resource_account: None,
        context: context(&keys.replace('@', ISSUER)),
    }
}

#[test]
fn the_nearest_change() {
    let mut table = Table::default();
    for (rule, condition, keys, wanted) in [
        (
            "case",
            r#"{"StringLike":{"@:sub":"repo:Acme/shop:*"}}"#,
            "@:sub=repo:acme/shop:ref:refs/heads/main",
            "they differ only in upper and lower case",
        ),
        (
            "a wildcard under StringEquals",
            r#"{"StringEquals":{"@:sub":"repo:acme/*"}}"#,
            "@:sub=repo:acme/x",
            "`StringLike` has wildcards",
        ),
        (
            "a trailing slash",
            r#"{"StringEquals":{"@:aud":"https://a.example"}}"#,
            "@:aud=https://a.example/",
            "only the request's ends in a slash",
        ),
        ("braces", r#"{"StringLike":{"@:sub":"11f0-c1:*"}}"#, "@:sub={11f0-c1}:x", "differ only in braces"),
        (
            "the wrong shape of sub",
            r#"{"StringEquals":{"@:sub":"repo:acme/shop:ref:refs/heads/main"}}"#,
            "@:sub=repo:acme/shop:environment:production",
            "the part after `acme/shop:` is `environment`, not `ref`",
        ),
        (
            "another value",
            r#"{"StringEquals":{"@:sub":"repo:acme/shop:ref:refs/heads/main"}}"#,
            "@:sub=repo:acme/shop:ref:refs/heads/mian",
            "is `refs/heads/mian`, not `refs/heads/main` (a slip of the pen?)",
        ),
        (
            "an absent key",
            r#"{"StringEquals":{"@:job_workflow_ref":"x"}}"#,
            "@:sub=y",
            "the request must carry",
        ),
        (
            "an absent key that has only its prefix in common with another",
            r#"{"StringEquals":{"@:branchName":"x"}}"#,
            "@:aud=y",
            "the request must carry",
        ),
        (
            "a misspelt key",
            r#"{"StringEquals":{"@:repository_owner":"x"}}"#,
            "@:repository_owne=x",
            "is that the key meant by",
        ),
        (
            "another issuer's key",
            r#"{"StringEquals":{"gitlab.com:sub":"x"}}"#,
            "@:sub=x",
            "instead of `gitlab.com:sub`: another prefix",
        ),
        (
            "a multi-valued key",
            r#"{"StringEquals":{"@:amr":"mfa"}}"#,
            "@:amr=[mfa,pwd]",
            "write `ForAnyValue:StringEquals`",
        ),
        (
            "an excluded value",
            r#"{"StringNotLike":{"@:sub":"*:pull_request"}}"#,
            "@:sub=repo:a/b:pull_request",
            "must not be `repo:a/b:pull_request`",
        ),
        ("a number", r#"{"NumericLessThan":{"@:level":"40"}}"#, "@:level=50", "wanted less than `40`"),
        (
            "an address",
            r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
            "aws:SourceIp=203.0.113.7",
            "wanted an address in `10.0.0.0/8`",
        ),
        ("Null", r#"{"Null":{"@:sub":"false"}}"#, "", "the request must carry"),
    ] {
        let explanation = trust(condition).explain(&asks(keys));
        let change = explanation.nearest_change().unwrap_or_default();
        table.row(rule, format!("{condition} with {keys}: {change}"), change.contains(wanted), true);
        assert!(change.starts_with("trust.json statement 1 (Deploy): "), "{change}");
    }
}

#[test]
fn every_failing_condition_is_reported_with_wanted_and_has() {
    let set = trust(
        r#"{"StringEquals":{"@:aud":["sts.amazonaws.com","x"]},"StringLike":{"@:sub":"repo:acme/*","@:ref":"refs/heads/*"}}"#,
    );
    let explanation = set.explain(&asks("@:aud=y;@:sub=repo:acme/shop"));
    let [report] = explanation.statements() else { panic!("wanted one statement") };
    assert_eq!((report.matched, report.kind), (false, Kind::Trust));
    let [aud, reference] = report.failures.as_slice() else { panic!("wanted two failures: {report:?}") };
    assert_eq!(aud.element, Element::Condition);
    assert_eq!(aud.key.as_deref(), Some(format!("{ISSUER}:aud").as_str()));
    assert_eq!(aud.operator.as_deref(), Some("StringEquals"));
    assert_eq!(aud.wanted, ["sts.amazonaws.com", "x"]);
    assert_eq!(aud.has, Some(Value::One("y".into())));
    assert_eq!(reference.has, None);
}

#[test]
fn the_first_failing_element_comes_first() {
    let set = trust(r#"{"StringEquals":{"@:sub":"x"}}"#);
    let elsewhere = Request {
        principal: Principal::Federated {
            provider: format!("arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com"),
        },
        action: "sts:AssumeRole".into(),
        ..asks("")
    };
    let elements: Vec<Element> =
        set.explain(&elsewhere).statements()[0].failures.iter().map(|failure| failure.element).collect();
    assert_eq!(elements, [Element::Action, Element::Principal, Element::Condition]);
}

#[test]
fn rendered_like_a_compiler() {
    let set = trust(r#"{"StringEquals":{"@:sub":"repo:acme/shop:ref:refs/heads/main"}}"#);
    let text = set.explain(&asks("@:sub=repo:acme/shop:environment:prod")).render(false);
    let condition = format!(
        r#"      "Condition": {{"StringEquals":{{"{ISSUER}:sub":"repo:acme/shop:ref:refs/heads/main"}}}}"#
    );
    let values = condition.find(r#""repo:"#).unwrap();
    let wanted = format!(
        r#"error[denied]: `sts:AssumeRoleWithWebIdentity` is denied: no trust policy allows it to `arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}`

note[denied]: trust.json statement 1 (Deploy) does not match
 --> trust.json:9:{}
  |
9 | {condition}
  | {}{} does not match
  |
  = note: `{ISSUER}:sub`
          has     `repo:acme/shop:environment:prod`
          wanted  `repo:acme/shop:ref:refs/heads/main` (StringEquals)
  = help: the part after `acme/shop:` is `environment`, not `ref`
"#,
        values + 1,
        " ".repeat(values),
        "^".repeat(r#""repo:acme/shop:ref:refs/heads/main""#.len()),
    );
    assert_eq!(text, wanted);
    assert!(!text.contains('\u{1b}'));
    assert!(set.explain(&asks("")).render(true).contains('\u{1b}'));
}

#[test]
fn a_statement_about_another_issuer_is_not_explained_key_by_key() {
    let set = trust(r#"{"StringEquals":{"@:sub":"x","@:aud":"y"}}"#);
    let elsewhere = Request {
        principal: Principal::Federated {
            provider: format!("arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com"),
        },
        ..asks("")
    };
    let text = set.explain(&elsewhere).render(false);
    assert!(text.contains("trust.json statement 1 (Deploy) is about other principals"), "{text}");
    assert!(!text.contains(":aud`"), "{text}");
}

#[test]
fn one_line_for_a_record() {
    let set = trust(r#"{"StringEquals":{"@:sub":"x"}}"#);
    assert_eq!(
        set.explain(&asks("@:sub=x")).summary(),
        "`sts:AssumeRoleWithWebIdentity` is allowed by trust.json statement 1 (Deploy)"
    );
    let denied = set.explain(&asks("@:sub=a\nb")).summary();
    assert!(
        denied
            .ends_with(&format!("; trust.json statement 1 (Deploy): `{ISSUER}:sub` is `a\\nb`; wanted `x`")),
        "{denied}"
    );
    assert!(!denied.contains('\n'));
    let nothing = PolicySet::new().explain(&asks("")).summary();
    assert!(nothing.contains("no resource policy allows it"), "{nothing}");
}

#[test]
fn an_explicit_denial_names_the_statement() {
    let source = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"*","Resource":"*"},
        {"Sid":"NoHttp","Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
    let set = PolicySet::new()
        .identity(Policy::compile("permissions/base.json", &document(Kind::Identity, source)));
    let asked = Request {
        principal: crate::support::user(),
        action: "s3:GetObject".into(),
        context: context("aws:SecureTransport=false"),
        ..asks("")
    };
    let explanation = set.explain(&asked);
    assert_eq!(
        explanation.summary(),
        "`s3:GetObject` is denied explicitly by permissions/base.json statement 2 (NoHttp)"
    );
    assert_eq!(explanation.statements().len(), 1);
    let text = explanation.render(false);
    assert!(text.contains("permissions/base.json:3:34"), "{text}");
    assert!(text.contains("holds"), "{text}");
}

#[test]
fn callers_can_add_what_they_know() {
    struct Catalogue;
    impl Hints for Catalogue {
        fn absent_key(&self, key: &str) -> Option<String> {
            key.ends_with(":repository_owner").then(|| format!("AWS does not expose `{key}`"))
        }
        fn unwanted_value(&self, _: &str, wanted: &[&str], has: &str) -> Option<String> {
            (wanted == ["a"] && has == "b").then(|| "ask for the audience `a`".to_owned())
        }
    }
    let set = trust(r#"{"StringEquals":{"@:repository_owner":"acme","@:aud":"a"}}"#);
    let explanation = set.explain_with(&asks("@:aud=b"), &Catalogue);
    let hints: Vec<_> =
        explanation.statements()[0].failures.iter().filter_map(|f| f.hint.as_deref()).collect();
    assert_eq!(
        hints,
        [format!("AWS does not expose `{ISSUER}:repository_owner`").as_str(), "ask for the audience `a`"]
    );
    assert!(explanation.render(false).contains("ask for the audience `a`"));
}

#[test]
fn as_json() {
    let set = trust(r#"{"StringEquals":{"@:sub":"x"}}"#);
    let json = serde_json::to_value(set.explain(&asks("@:sub=X"))).unwrap();
    assert_eq!(json["decision"]["outcome"], "implicit_deny");
    assert_eq!(json["decision"]["kind"], "trust");
    let failure = &json["statements"][0]["failures"][0];
    assert_eq!(failure["element"], "condition");
    assert_eq!(failure["wanted"], serde_json::json!(["x"]));
    assert_eq!(failure["has"], "X");
    assert!(json["nearest_change"].as_str().unwrap().contains("upper and lower case"));
}

#[test]
fn the_nearest_statement_comes_first_and_the_rest_is_counted() {
    let statements: Vec<String> = (0..30)
        .map(|n| {
            format!(r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket-{n}/*"}}"#)
        })
        .collect();
    let source = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let set = PolicySet::new().identity(Policy::compile("p.json", &document(Kind::Identity, &source)));
    let asked = Request {
        principal: crate::support::user(),
        action: "s3:GetObject".into(),
        resource: Some("arn:aws:s3:::Bucket-17/x".into()),
        ..asks("")
    };
    let explanation = set.explain(&asked);
    assert_eq!(explanation.statements()[0].statement.index, 17);
    assert_eq!(serde_json::to_value(&explanation).unwrap()["omitted"], 10);
    assert!(explanation.render(false).contains("27 more statements do not match either"));
}
