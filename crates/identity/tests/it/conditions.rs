//! Claims as condition keys, and the claims that AWS STS obeys.

use serde_json::{Value as Json, json};
use stagedoor_identity::{Claims, Profile, Provider, TokenRefusal};
use stagedoor_policy::{Context, Value};

use crate::forge::{AUDIENCE, URL, claims, code, issuer, judge_usual, rsa};

fn read(json: &Json) -> Claims {
    Claims::from_json(&json.to_string()).unwrap()
}

fn context(json: &Json, url: &str, profile: Profile) -> Context {
    read(json).context(url, profile).unwrap()
}

fn one(text: &str) -> Value {
    Value::One(text.to_owned())
}

fn many(values: &[&str]) -> Value {
    Value::Many(values.iter().map(|value| (*value).to_owned()).collect())
}

#[test]
fn every_claim_is_a_key_with_its_text() {
    let context = context(
        &json!({
            "text": "a", "empty": "", "yes": true, "no": false, "int": 41, "negative": -1, "float": 1.5,
            "list": ["a", "b"], "single": ["a"], "nothing": [], "mixed": ["a", 1, true, null, {"x": 1}, ["y"]],
            "kubernetes.io": {"namespace": "prod", "pod": {"name": "api"}, "groups": ["x"]},
            "oidc.circleci.com/project-id": "p", "null": null, "object": {},
        }),
        URL,
        Profile::Stagedoor,
    );
    let get = |name: &str| context.get(&format!("issuer.example.com:{name}")).cloned();
    assert_eq!(get("text"), Some(one("a")));
    assert_eq!(get("empty"), Some(one("")));
    assert_eq!((get("yes"), get("no")), (Some(one("true")), Some(one("false"))));
    assert_eq!(
        (get("int"), get("negative"), get("float")),
        (Some(one("41")), Some(one("-1")), Some(one("1.5")))
    );
    assert_eq!(
        (get("list"), get("single"), get("nothing")),
        (Some(many(&["a", "b"])), Some(many(&["a"])), Some(many(&[])))
    );
    assert_eq!(get("mixed"), Some(many(&["a", "1", "true", "{\"x\":1}", "[\"y\"]"])));
    assert_eq!(get("kubernetes.io/namespace"), Some(one("prod")));
    assert_eq!(get("kubernetes.io/pod/name"), Some(one("api")));
    assert_eq!(get("kubernetes.io/groups"), Some(many(&["x"])));
    assert_eq!(get("oidc.circleci.com/project-id"), Some(one("p")));
    assert_eq!((get("null"), get("object"), get("kubernetes.io")), (None, None, None));
    assert_eq!(context.iter().count(), 15);
}

#[test]
fn the_audience_key_holds_what_is_configured_and_oaud_all() {
    let judged = |aud: Json, audiences: &[&str]| {
        let mut issuer = issuer(&[rsa().jwk("k1")]);
        issuer.audiences = audiences.iter().map(|audience| (*audience).to_owned()).collect();
        let context = issuer.context(&read(&claims(json!({ "aud": aud }))), Profile::Stagedoor).unwrap();
        let get = |name: &str| context.get(&format!("issuer.example.com:{name}")).cloned().unwrap();
        (get("aud"), get("oaud"))
    };
    assert_eq!(judged(json!("a"), &["a", "b"]), (one("a"), one("a")));
    assert_eq!(judged(json!(["a"]), &["a"]), (one("a"), one("a")));
    assert_eq!(judged(json!(["x", "a"]), &["a", "b"]), (one("a"), many(&["x", "a"])));
    assert_eq!(judged(json!(["b", "x", "a"]), &["a", "b"]), (many(&["b", "a"]), many(&["b", "x", "a"])));
}

#[test]
fn claims_that_would_be_one_key_are_refused() {
    for claims in [
        json!({"sub": "a", "Sub": "b"}),
        json!({"a/b": "1", "a": {"b": "2"}}),
        json!({"aud": "x", "oaud": "y"}),
        json!({"aud": "x", "AUD": "y"}),
    ] {
        let refusal = read(&claims).context(URL, Profile::Stagedoor).unwrap_err();
        assert_eq!(refusal.code(), "token_claim_invalid", "{claims}");
    }
}

#[test]
fn aws_sees_only_what_it_exposes() {
    let gitlab = Provider::by_kind("gitlab").unwrap().example_claims();
    let on_com = context(&gitlab, "https://gitlab.com", Profile::Aws);
    let mut keys: Vec<_> = on_com.iter().map(|(name, _)| name.to_owned()).collect();
    keys.sort_unstable();
    let expected = [
        "aud",
        "namespace_id",
        "oaud",
        "pipeline_source",
        "project_id",
        "ref_protected",
        "runner_environment",
        "sub",
        "user_access_level",
        "user_email",
        "user_id",
        "user_login",
    ];
    assert_eq!(keys, expected.map(|name| format!("gitlab.com:{name}")));
    let self_managed = context(&gitlab, "https://gitlab.example.com", Profile::Aws);
    assert_eq!(self_managed.iter().count(), 3);

    let bitbucket = Provider::by_kind("bitbucket").unwrap().example_claims();
    let url = bitbucket["iss"].as_str().unwrap().to_owned();
    let aws = context(&bitbucket, &url, Profile::Aws);
    assert_eq!(aws.iter().count(), 3);
    assert_eq!(context(&bitbucket, &url, Profile::Stagedoor).iter().count(), 13);

    let circleci = Provider::by_kind("circleci").unwrap().example_claims();
    let url = circleci["iss"].as_str().unwrap().to_owned();
    let aws = context(&circleci, &url, Profile::Aws);
    let key = format!("{}:oidc.circleci.com/project-id", url.strip_prefix("https://").unwrap());
    assert_eq!(aws.get(&key), Some(&one("3b1d7e9c-52aa-4c6e-8f0d-6a9d2c4b8e70")));
    assert_eq!(aws.iter().count(), 4);

    let google = json!({"aud": "x", "sub": "1", "google": {"organization_number": 42, "compute_engine": {"zone": "z"}}});
    let aws = context(&google, "https://accounts.google.com", Profile::Aws);
    assert_eq!(aws.get("accounts.google.com:google/organization_number"), Some(&one("42")));
    assert_eq!(aws.iter().count(), 4);
}

#[test]
fn aws_takes_the_authorized_party_for_the_audience() {
    let aws = |json: Json| read(&json).context(URL, Profile::Aws);
    let get =
        |context: &Context, name: &str| context.get(&format!("issuer.example.com:{name}")).cloned().unwrap();
    let context = aws(json!({"aud": "api", "azp": "client"})).unwrap();
    assert_eq!((get(&context, "aud"), get(&context, "oaud")), (one("client"), one("api")));
    let context = aws(json!({"aud": ["api", "userinfo"], "azp": "client"})).unwrap();
    assert_eq!((get(&context, "aud"), get(&context, "oaud")), (one("client"), many(&["api", "userinfo"])));
    let context = aws(json!({"aud": ["api"], "amr": ["mfa", "pwd"], "email": "j@x"})).unwrap();
    assert_eq!((get(&context, "aud"), get(&context, "amr")), (one("api"), many(&["mfa", "pwd"])));
    assert_eq!(get(&context, "email"), one("j@x"));
    assert_eq!(
        aws(json!({"aud": ["api", "userinfo"]})).unwrap_err(),
        TokenRefusal::AuthorizedPartyMissing { audiences: 2 }
    );
    assert_eq!(code(aws(json!({"aud": "api", "azp": ["client"]}))), "token_claim_invalid");
}

#[test]
fn a_verified_token_names_its_federated_provider() {
    let token = rsa().token(stagedoor_identity::Algorithm::RS256, "k1", &claims(json!({"jti": "x"})));
    let verified = judge_usual(&token).unwrap();
    let context = verified.context(Profile::Stagedoor, "123456789012").unwrap();
    let arn = "arn:aws:iam::123456789012:oidc-provider/issuer.example.com";
    assert_eq!(context.get("aws:FederatedProvider"), Some(&one(arn)));
    assert_eq!(context.get("issuer.example.com:aud"), Some(&one(AUDIENCE)));
    assert_eq!(context.get("ISSUER.example.com:JTI"), Some(&one("x")));
}

#[test]
fn session_tags_come_nested_or_flat() {
    let nested = read(&json!({"https://aws.amazon.com/tags": {
        "principal_tags": {"Project": ["shop"], "Team": "web"}, "transitive_tag_keys": ["Project"]}}));
    let flat = read(&json!({
        "https://aws.amazon.com/tags/principal_tags/Project": "shop",
        "https://aws.amazon.com/tags/principal_tags/Team": ["web"],
        "https://aws.amazon.com/tags/transitive_tag_keys": ["Project"]}));
    for claims in [nested, flat] {
        let tags = claims.session_tags().unwrap().unwrap();
        assert_eq!(
            tags.tags.into_iter().collect::<Vec<_>>(),
            [("Project".into(), "shop".into()), ("Team".into(), "web".into())]
        );
        assert_eq!(tags.transitive, ["Project"]);
    }
    assert_eq!(read(&json!({"a": 1})).session_tags(), Ok(None));
}

#[test]
fn numeric_session_tags_become_text() {
    let claims =
        read(&json!({"https://aws.amazon.com/tags": {"principal_tags": {"run": 574, "build": [12]}}}));
    let tags = claims.session_tags().unwrap().unwrap().tags;
    assert_eq!((tags["run"].as_str(), tags["build"].as_str()), ("574", "12"));
}

#[test]
fn session_tags_over_the_limits_are_refused() {
    let many: serde_json::Map<_, _> = (0..51).map(|n| (format!("k{n}"), json!("v"))).collect();
    for tags in [
        json!("x"),
        json!([]),
        json!({"other": {}}),
        json!({"principal_tags": []}),
        json!({"principal_tags": {"a": true}}),
        json!({"principal_tags": {"a": [null]}}),
        json!({"principal_tags": {"a": ["x", "y"]}}),
        json!({"principal_tags": {"a": []}}),
        json!({"principal_tags": {"": "x"}}),
        json!({"principal_tags": {"aws:x": "x"}}),
        json!({"principal_tags": {"AWS:x": "x"}}),
        json!({"principal_tags": {"a": "1", "A": "2"}}),
        json!({"principal_tags": {"a": "x".repeat(257)}}),
        json!({"principal_tags": {"k".repeat(129): "x"}}),
        json!({"principal_tags": {}, "transitive_tag_keys": ["a"]}),
        json!({"principal_tags": many}),
    ] {
        let claims = read(&json!({"https://aws.amazon.com/tags": tags}));
        assert_eq!(code(claims.session_tags()), "token_claim_invalid", "{tags}");
    }
}

#[test]
fn source_identity_and_roles_have_their_types() {
    let identity =
        |value: Json| read(&json!({"https://aws.amazon.com/source_identity": value})).source_identity();
    assert_eq!(identity(json!("jane@acme.dev")), Ok(Some("jane@acme.dev".to_owned())));
    for wrong in [json!("j"), json!("x".repeat(65)), json!("a b"), json!("é!"), json!(1), json!(["ab"])] {
        assert_eq!(code(identity(wrong.clone())), "token_claim_invalid", "{wrong}");
    }
    let roles = |value: Json| read(&json!({"https://aws.amazon.com/roles": value})).authorized_roles();
    assert_eq!(roles(json!("arn:a")), Ok(Some(vec!["arn:a".to_owned()])));
    assert_eq!(roles(json!(["arn:a", "arn:b"])), Ok(Some(vec!["arn:a".to_owned(), "arn:b".to_owned()])));
    assert_eq!(roles(json!([])), Ok(Some(Vec::new())));
    assert_eq!(code(roles(json!({}))), "token_claim_invalid");
    assert_eq!(code(roles(json!(["a", 1]))), "token_claim_invalid");
    assert_eq!(read(&json!({})).authorized_roles(), Ok(None));
}
