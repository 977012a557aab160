//! Lines and their answers. Every question and every answer is held to the committed schemas.

use serde_json::{Value, json};
use stagedoor_identity::Profile;

use super::Answer;
use crate::schema;

fn answer_as(profile: Profile, question: &Value) -> Value {
    let answer = serde_json::to_value(Answer::to(question.to_string().as_bytes(), 1, profile)).unwrap();
    schema::assert_fits(&schema::committed("simulate-answer.json"), &answer);
    if answer["error"].is_null() {
        schema::assert_fits(&schema::committed("simulate-request.json"), question);
    }
    answer
}

fn answer(question: &Value) -> Value {
    answer_as(Profile::Stagedoor, question)
}

fn raw(line: &str) -> Value {
    let answer = serde_json::to_value(Answer::to(line.as_bytes(), 7, Profile::Stagedoor)).unwrap();
    schema::assert_fits(&schema::committed("simulate-answer.json"), &answer);
    answer
}

fn statement(effect: &str, action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]})
}

fn resource_policy(principal: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "FromResource", "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"}]})
}

const JANE: &str = "arn:aws:iam::123456789012:user/jane";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/deploy/run-1";

fn get(principal: &str) -> Value {
    json!({"principal": principal, "action": "s3:GetObject", "resource": "arn:aws:s3:::shop/k"})
}

#[test]
fn combinations_are_decided_as_aws_does() {
    let (allow, deny) = (statement("Allow", "s3:*"), statement("Deny", "s3:*"));
    let other = statement("Allow", "ec2:*");
    let foreign = json!({"principal": JANE, "action": "s3:GetObject", "resource": "arn:aws:s3:::shop/k",
                         "resource_account": "999999999999"});
    let everyone = resource_policy(&json!("*"));
    let by_role = resource_policy(&json!({"AWS": "arn:aws:iam::123456789012:role/deploy"}));
    let by_session = resource_policy(&json!({"AWS": SESSION}));
    for (rule, question, wanted) in [
        ("nothing allows", json!({"request": get(JANE)}), "implicit_deny"),
        ("an identity policy", json!({"identity_policies": [allow], "request": get(JANE)}), "allow"),
        (
            "a resource policy in one account",
            json!({"resource_policy": everyone, "request": get(JANE)}),
            "allow",
        ),
        (
            "a resource policy for nobody in particular",
            json!({"resource_policy": everyone, "request": get("*")}),
            "allow",
        ),
        (
            "across accounts the identity policy alone does not do",
            json!({"identity_policies": [allow], "request": foreign}),
            "implicit_deny",
        ),
        (
            "across accounts the resource policy alone does not do",
            json!({"resource_policy": everyone, "request": foreign}),
            "implicit_deny",
        ),
        (
            "across accounts both do",
            json!({"identity_policies": [allow], "resource_policy": everyone, "request": foreign}),
            "allow",
        ),
        (
            "a boundary limits",
            json!({"identity_policies": [allow], "permission_boundaries": [other], "request": get(JANE)}),
            "implicit_deny",
        ),
        (
            "each boundary must allow",
            json!({"identity_policies": [allow], "permission_boundaries": [allow, other], "request": get(JANE)}),
            "implicit_deny",
        ),
        (
            "a session policy limits",
            json!({"identity_policies": [allow], "session_policy": other, "request": get(SESSION)}),
            "implicit_deny",
        ),
        (
            "and what names the role as well",
            json!({"resource_policy": by_role, "session_policy": other, "request": get(SESSION)}),
            "implicit_deny",
        ),
        (
            "but not what names the session",
            json!({"resource_policy": by_session, "session_policy": other, "request": get(SESSION)}),
            "allow",
        ),
        (
            "one level of service control policies allows together",
            json!({"identity_policies": [allow], "scps": [allow, other], "request": get(JANE)}),
            "allow",
        ),
        (
            "each level must allow",
            json!({"identity_policies": [allow], "scps": [[allow], [other]], "request": get(JANE)}),
            "implicit_deny",
        ),
        (
            "a service control policy denies",
            json!({"identity_policies": [allow], "scps": [{"name": "root", "policy": deny}], "request": get(JANE)}),
            "explicit_deny",
        ),
        (
            "a resource control policy denies",
            json!({"identity_policies": [allow], "rcps": [{"Version": "2012-10-17", "Statement":
                {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}}], "request": get(JANE)}),
            "explicit_deny",
        ),
        (
            "a deny wins",
            json!({"identity_policies": [allow, deny], "resource_policy": everyone, "request": get(JANE)}),
            "explicit_deny",
        ),
        (
            "who one is needs no policy",
            json!({"identity_policies": [statement("Deny", "*")],
                   "request": {"principal": JANE, "action": "sts:GetCallerIdentity"}}),
            "allow",
        ),
    ] {
        assert_eq!(answer(&question)["decision"], wanted, "{rule}: {question}");
    }
}

#[test]
fn an_answer_names_the_statements_and_the_reasons() {
    let allow = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::shop/*"}]});
    let both = json!({"id": {"any": ["thing"]}, "identity_policies": [{"name": "jane.json", "policy": allow}],
        "resource_policy": resource_policy(&json!({"AWS": JANE})),
        "request": {"principal": JANE, "action": "s3:GetObject", "resource": "arn:aws:s3:::shop/k",
                    "resource_account": "999999999999"}});
    assert_eq!(
        answer(&both),
        json!({
            "id": {"any": ["thing"]},
            "decision": "allow",
            "decided_by": [
                {"kind": "identity", "policy": "jane.json", "index": 0, "sid": "Read"},
                {"kind": "resource", "policy": "resource_policy", "index": 0, "sid": "FromResource"}
            ],
            "reasons": ["`s3:GetObject` on `arn:aws:s3:::shop/k` is allowed by jane.json statement 1 (Read) and \
                         resource_policy statement 1 (FromResource)"]
        })
    );
    let denied = json!({"identity_policies": [{"name": "jane.json", "policy": allow}],
        "request": {"principal": JANE, "action": "s3:GetObject", "resource": "arn:aws:s3:::Shop/k"}});
    assert_eq!(
        answer(&denied),
        json!({
            "id": null,
            "decision": "implicit_deny",
            "decided_by": [],
            "reasons": [
                "`s3:GetObject` on `arn:aws:s3:::Shop/k` is denied: no identity policy allows it to \
                 `arn:aws:iam::123456789012:user/jane`",
                "jane.json statement 1 (Read): covers `arn:aws:s3:::shop/*`, not `arn:aws:s3:::Shop/k`",
                "nearest change: jane.json statement 1 (Read): its resource `arn:aws:s3:::shop/*` is not \
                 `arn:aws:s3:::Shop/k`: they differ only in upper and lower case"
            ]
        })
    );
    let deny = json!({"identity_policies": [allow, statement("Deny", "s3:*"), statement("Deny", "*")],
        "request": get(JANE)});
    let answer = answer(&deny);
    assert_eq!(answer["decision"], "explicit_deny");
    let names: Vec<&Value> =
        answer["decided_by"].as_array().unwrap().iter().map(|by| &by["policy"]).collect();
    assert_eq!(names, ["identity_policies[1]", "identity_policies[2]"], "every statement that denies");
}

#[test]
fn principals_are_read_in_every_form() {
    let asks = |principal: &Value| {
        let mut policy = statement("Allow", "*");
        policy["Statement"][0]["Condition"] = json!({"Null": {"aws:x": "true"}});
        answer(&json!({"request": {"principal": principal, "action": "s3:ListBuckets"}, "scps": policy}))
    };
    let name = |principal: &Value| {
        let reasons = asks(principal)["reasons"].to_string();
        reasons.split_once(" to `").unwrap().1.split_once('`').unwrap().0.to_owned()
    };
    let oidc = "arn:aws:iam::123456789012:oidc-provider/gitlab.com";
    for (principal, wanted) in [
        (json!(JANE), JANE),
        (json!(SESSION), SESSION),
        (json!("arn:aws:iam::123456789012:role/path/deploy"), "arn:aws:iam::123456789012:role/path/deploy"),
        (
            json!("arn:aws:sts::123456789012:federated-user/bob"),
            "arn:aws:sts::123456789012:federated-user/bob",
        ),
        (json!("arn:aws:iam::123456789012:root"), "123456789012"),
        (json!("123456789012"), "123456789012"),
        (json!("ec2.amazonaws.com"), "ec2.amazonaws.com"),
        (json!("accounts.google.com"), "accounts.google.com"),
        (json!(oidc), oidc),
        (json!("*"), "anonymous"),
        (json!({"type": "anonymous"}), "anonymous"),
        (json!({"type": "account", "account": "123456789012"}), "123456789012"),
        (json!({"type": "root", "arn": "arn:aws:iam::123456789012:root"}), "123456789012"),
        (json!({"type": "user", "arn": JANE}), JANE),
        (json!({"type": "AssumedRole", "arn": SESSION}), SESSION),
        (
            json!({"type": "assumed_role", "role_arn": "arn:aws:iam::123456789012:role/p/deploy", "session_arn": SESSION}),
            SESSION,
        ),
        (json!({"type": "Federated", "id": oidc}), oidc),
        (json!({"type": "federated", "provider": oidc}), oidc),
        (json!({"type": "service", "name": "ec2.amazonaws.com"}), "ec2.amazonaws.com"),
        (json!({"type": "AWS", "id": JANE}), JANE),
        (
            json!({"type": "federated_user", "arn": "arn:aws:sts::123456789012:federated-user/bob", "user_arn": JANE}),
            "arn:aws:sts::123456789012:federated-user/bob",
        ),
    ] {
        assert_eq!(name(&principal), wanted, "{principal}");
    }
    for (principal, wanted) in [
        (json!("arn:aws:s3:::bucket"), "found `arn:aws:s3:::bucket`"),
        (json!("arn:aws:iam::123:user/x"), "found `arn:aws:iam::123:user/x`"),
        (json!("arn:aws:sts::123456789012:assumed-role/deploy"), "must be the ARN"),
        (json!("jane"), "found `jane`"),
        (json!(7), "must be the ARN"),
        (json!({"arn": JANE}), "needs `type`"),
        (json!({"type": "robot"}), "unknown type `robot`"),
        (json!({"type": "user"}), "needs `arn`"),
        (json!({"type": "user", "arn": JANE, "nmae": "x"}), "no field `nmae`"),
        (json!({"type": "account", "account": "12"}), "12 digits"),
        (json!({"type": "assumed_role", "session_arn": "x"}), "assumed-role/ROLE/SESSION"),
    ] {
        let error = &asks(&principal)["error"];
        assert_eq!(error["code"], "invalid_request", "{principal}");
        assert!(error["message"].as_str().unwrap().contains(wanted), "{principal}: {error}");
    }
}

#[test]
fn context_values_are_texts_lists_numbers_and_booleans() {
    let asks = |condition: Value, context: Value| {
        let mut policy = statement("Allow", "*");
        policy["Statement"][0]["Condition"] = condition;
        let mut request = get(JANE);
        request["context"] = context;
        answer(&json!({"identity_policies": [policy], "request": request}))["decision"].clone()
    };
    for (condition, context, wanted) in [
        (json!({"StringEquals": {"a:b": "x"}}), json!({"A:B": "x"}), "allow"),
        (json!({"NumericLessThan": {"a:b": 10}}), json!({"a:b": 9.5}), "allow"),
        (json!({"NumericLessThan": {"a:b": 10}}), json!({"a:b": 11}), "implicit_deny"),
        (json!({"Bool": {"a:b": true}}), json!({"a:b": true}), "allow"),
        (json!({"Bool": {"a:b": true}}), json!({"a:b": "false"}), "implicit_deny"),
        (json!({"ForAnyValue:StringEquals": {"a:b": "x"}}), json!({"a:b": ["y", "x"]}), "allow"),
        (json!({"ForAllValues:StringEquals": {"a:b": "x"}}), json!({"a:b": ["y", "x"]}), "implicit_deny"),
        (json!({"ForAllValues:StringEquals": {"a:b": "x"}}), json!({"a:b": []}), "allow"),
        (json!({"StringEquals": {"a:b": "x"}}), json!({"a:b": ["x", "y"]}), "implicit_deny"),
        (json!({"ForAnyValue:NumericEquals": {"a:b": 1}}), json!({"a:b": [1, true, "x"]}), "allow"),
    ] {
        assert_eq!(asks(condition.clone(), context.clone()), wanted, "{condition} {context}");
    }
}

#[test]
fn under_the_profile_aws_a_web_identity_has_only_what_aws_exposes() {
    let issuer = "gitlab.com";
    let question = |condition: Value, context: Value| {
        let provider = format!("arn:aws:iam::123456789012:oidc-provider/{issuer}");
        json!({
            "trust_policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition}]},
            "request": {"principal": provider, "action": "sts:AssumeRoleWithWebIdentity", "context": context}
        })
    };
    for (rule, condition, context, ours, aws) in [
        (
            "exposed",
            json!({"StringEquals": {"gitlab.com:SUB": "s"}}),
            json!({"GITLAB.com:sub": "s"}),
            "allow",
            "allow",
        ),
        (
            "exposed for this issuer, in any case",
            json!({"StringEquals": {"gitlab.com:project_id": "20"}}),
            json!({"gitlab.com:Project_Id": 20}),
            "allow",
            "allow",
        ),
        (
            "not exposed",
            json!({"StringEquals": {"gitlab.com:environment": "p"}}),
            json!({"gitlab.com:environment": "p"}),
            "allow",
            "implicit_deny",
        ),
        (
            "not exposed, so a negation holds",
            json!({"StringNotEquals": {"gitlab.com:environment": "p"}}),
            json!({"gitlab.com:environment": "p"}),
            "implicit_deny",
            "allow",
        ),
        (
            "another issuer's",
            json!({"StringEquals": {"api.example.com/x:sub": "p"}}),
            json!({"api.example.com/x:sub": "p"}),
            "allow",
            "implicit_deny",
        ),
        (
            "aud is azp",
            json!({"StringEquals": {"gitlab.com:aud": "z"}}),
            json!({"gitlab.com:aud": "a", "gitlab.com:azp": "z"}),
            "implicit_deny",
            "allow",
        ),
        (
            "oaud is aud",
            json!({"StringEquals": {"gitlab.com:oaud": "a"}}),
            json!({"gitlab.com:aud": "a", "gitlab.com:azp": "z"}),
            "implicit_deny",
            "allow",
        ),
        (
            "keys of AWS's own stay",
            json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
            json!({"aws:SourceIp": "192.0.2.1"}),
            "allow",
            "allow",
        ),
        (
            "several audiences",
            json!({"ForAnyValue:StringEquals": {"gitlab.com:aud": "a"}}),
            json!({"gitlab.com:aud": ["a", "b"]}),
            "allow",
            "implicit_deny",
        ),
        (
            "an audience in a list",
            json!({"StringEquals": {"gitlab.com:aud": "a"}}),
            json!({"gitlab.com:aud": ["a"]}),
            "implicit_deny",
            "allow",
        ),
        (
            "oaud as given",
            json!({"StringEquals": {"gitlab.com:oaud": "o"}}),
            json!({"gitlab.com:aud": "a", "gitlab.com:oaud": "o"}),
            "allow",
            "allow",
        ),
    ] {
        let question = question(condition, context);
        assert_eq!(answer_as(Profile::Stagedoor, &question)["decision"], ours, "{rule}");
        assert_eq!(answer_as(Profile::Aws, &question)["decision"], aws, "{rule} at AWS");
    }
    let several = question(json!({}), json!({"gitlab.com:aud": ["a", "b"]}));
    let reasons = answer_as(Profile::Aws, &several)["reasons"].to_string();
    assert!(reasons.contains("2 audiences and no `azp`"), "{reasons}");
}

#[test]
fn what_is_no_question_is_an_error_with_its_id() {
    let request = get(JANE);
    for (line, id, code, wanted) in [
        ("nonsense".to_owned(), json!(null), "malformed_json", "not one JSON object"),
        (String::new(), json!(null), "malformed_json", "not one JSON object"),
        (r#"{"id": 1"#.to_owned(), json!(null), "malformed_json", "EOF"),
        (format!(r#"{{"id": 1, "request": {request}}} x"#), json!(null), "malformed_json", "trailing"),
        ("[]".to_owned(), json!(null), "invalid_request", "found a list"),
        ("7".to_owned(), json!(null), "invalid_request", "invalid type"),
        (
            r#"{"id": 0, "request": ["*", "s3:X", null, null, {}]}"#.to_owned(),
            json!(0),
            "invalid_request",
            "an object in `request`",
        ),
        (r#"{"id": "a"}"#.to_owned(), json!("a"), "invalid_request", "missing field `request`"),
        (
            format!(r#"{{"id": 2, "scpz": [], "request": {request}}}"#),
            json!(2),
            "invalid_request",
            "unknown field `scpz`",
        ),
        (
            format!(r#"{{"id": 3, "scps": 7, "request": {request}}}"#),
            json!(3),
            "invalid_request",
            "`scps`: wanted a policy",
        ),
        (
            format!(r#"{{"id": 3, "rcps": [[]], "request": {request}}}"#),
            json!(3),
            "invalid_request",
            "`rcps[0]`",
        ),
        (
            format!(
                r#"{{"id": 4, "identity_policies": [{{"name": "p", "policy": {{}}, "x": 1}}], "request": {request}}}"#
            ),
            json!(4),
            "invalid_request",
            "`identity_policies[0]`: unknown field `x`",
        ),
        (
            r#"{"id": 5, "request": {"principal": "*", "action": "GetObject"}}"#.to_owned(),
            json!(5),
            "invalid_request",
            "`service:Action`",
        ),
        (
            r#"{"id": 6, "request": {"principal": "*", "action": "s3:X", "context": {"a:b": null}}}"#
                .to_owned(),
            json!(6),
            "invalid_request",
            "`context.a:b` must be",
        ),
        (
            r#"{"id": 6, "request": {"principal": "*", "action": "s3:X", "context": {"a:b": 1, "A:B": 2}}}"#
                .to_owned(),
            json!(6),
            "invalid_request",
            "`A:B` stands twice",
        ),
        (
            r#"{"id": 6, "request": {"principal": "*", "action": "s3:X", "resource_account": "1"}}"#
                .to_owned(),
            json!(6),
            "invalid_request",
            "12 digits",
        ),
        (
            format!(r#"{{"id": 8, "session_policy": "not json", "request": {request}}}"#),
            json!(8),
            "invalid_policy",
            "`session_policy`:",
        ),
    ] {
        let answer = raw(&line);
        let error = &answer["error"];
        assert_eq!(
            (&answer["id"], &error["code"], &error["line"]),
            (&id, &json!(code), &json!(7)),
            "{line}: {error}"
        );
        assert!(error["message"].as_str().unwrap().contains(wanted), "{line}: {error}");
    }
}

#[test]
fn the_faults_of_all_policies_are_reported_at_once() {
    let line = r#"{"id": 1, "identity_policies": [
            {"name": "a.json", "policy": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "effect": "Deny", "Action": "s3:*", "Resource": "*"}}}],
        "scps": {"Version": "2012-10-17", "Statement": {"Effect": "Alow", "Action": "s3:*"}},
        "request": {"principal": "*", "action": "s3:X"}}"#;
    let answer = raw(line);
    let findings = answer["error"]["findings"].as_array().unwrap();
    let named: Vec<(&str, &str)> = findings
        .iter()
        .map(|found| (found["policy"].as_str().unwrap(), found["id"].as_str().unwrap()))
        .collect();
    assert!(named.iter().any(|(policy, _)| *policy == "a.json"), "{named:?}");
    assert!(
        named.contains(&("scps", "invalid_effect")) && named.contains(&("scps", "missing_resource")),
        "{named:?}"
    );
}

#[test]
fn a_policy_can_be_text_and_url_encoded() {
    let text = statement("Allow", "s3:*").to_string();
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for policy in [text, encoded] {
        let question = json!({"identity_policies": {"name": "p", "policy": policy}, "request": get(JANE)});
        assert_eq!(answer(&question)["decision"], "allow");
        let question = json!({"identity_policies": policy, "request": get(JANE)});
        assert_eq!(answer(&question)["decision"], "allow");
    }
}
