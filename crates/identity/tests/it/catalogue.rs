//! The catalogue holds together: its examples, claims, templates and parameters agree.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use stagedoor_identity::provider::{Claim, Form, Presence, Source};
use stagedoor_identity::{Claims, Profile, Provider};

fn fits(form: Form, value: &Value) -> bool {
    match form {
        Form::Text => value.is_string(),
        Form::Number => value.is_number(),
        Form::Boolean => value.is_boolean(),
        Form::List => value.as_array().is_some_and(|all| all.iter().all(Value::is_string)),
        Form::TextOrList => value.is_string() || fits(Form::List, value),
        Form::Object => value.is_object() || value.is_array(),
    }
}

fn entry(provider: &Provider, path: &str) -> Option<&'static Claim> {
    provider.claim(path).or_else(|| {
        provider
            .claims
            .iter()
            .find(|claim| claim.name.strip_suffix('*').is_some_and(|start| path.starts_with(start)))
    })
}

/// Every leaf of the example by its path, unless the path itself is an entry.
fn leaves(provider: &Provider, path: &str, value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) if entry(provider, path).is_none() => {
            for (name, value) in fields {
                leaves(provider, &format!("{path}/{name}"), value, found);
            }
        }
        other => found.push((path.to_owned(), other.clone())),
    }
}

#[test]
fn kinds_are_unique_and_sorted() {
    let kinds: Vec<_> = Provider::all().iter().map(|provider| provider.kind()).collect();
    let sorted: BTreeSet<_> = kinds.iter().copied().collect();
    assert_eq!(kinds, sorted.into_iter().collect::<Vec<_>>());
    for kind in kinds {
        assert_eq!(Provider::by_kind(kind).unwrap().kind(), kind);
    }
    assert!(Provider::by_kind("Bitbucket").is_none());
}

#[test]
fn examples_have_exactly_the_claims_described() {
    for provider in Provider::all() {
        let example = provider.example_claims();
        let claims = Claims::from_json(&example.to_string()).unwrap();
        let mut found = Vec::new();
        for (name, value) in example.as_object().unwrap() {
            leaves(provider, name, value, &mut found);
        }
        for (path, value) in &found {
            let entry =
                entry(provider, path).unwrap_or_else(|| panic!("{}: {path} is not described", provider.kind));
            assert!(fits(entry.form, value), "{}: {path} is not {:?}", provider.kind, entry.form);
        }
        for claim in provider.claims.iter().filter(|claim| claim.presence == Presence::Always) {
            assert!(claims.at(claim.name).is_some(), "{}: the example has no {}", provider.kind, claim.name);
        }
        let names: BTreeSet<_> = provider.claims.iter().map(|claim| claim.name).collect();
        assert_eq!(names.len(), provider.claims.len(), "{}", provider.kind);
    }
}

#[test]
fn examples_are_of_an_issuer_that_the_entry_knows() {
    for provider in Provider::all() {
        let example = provider.example_claims();
        let claims = Claims::from_json(&example.to_string()).unwrap();
        if let Some(url) = claims.issuer() {
            assert!(provider.form_of(url).is_some(), "{}: {url}", provider.kind);
            claims.context(url, Profile::Stagedoor).unwrap();
            let aws = claims.context(url, Profile::Aws);
            assert_eq!(aws.is_ok(), claims.get("aud").is_some(), "{}: {aws:?}", provider.kind);
        }
    }
    let gitlab = Provider::by_kind("gitlab").unwrap();
    assert!(gitlab.form_of("https://gitlab.com").unwrap().shared);
    assert!(!gitlab.form_of("https://gitlab.example.com").unwrap().shared);
    let github = Provider::by_kind("github").unwrap();
    assert!(github.form_of("https://token.actions.githubusercontent.com").unwrap().shared);
    assert!(!github.form_of("https://token.actions.githubusercontent.com/acme").unwrap().shared);
    assert!(github.form_of("https://token.actions.githubusercontent.com/a/b").is_none());
    assert!(github.form_of("https://token.actions.githubusercontent.com.evil.example").is_none());
}

#[test]
fn an_address_tells_its_provider() {
    let kind = |url: &str| Provider::of_url(url).map(Provider::kind);
    for provider in Provider::all() {
        let example = provider.example_claims();
        let url = example["iss"].as_str().unwrap_or_default();
        // Those that serve on a host of the customer's can't be told by it.
        let own = ["auth0", "backstage", "backstage-plugin", "jenkins", "oidc", "okta", "spiffe"]
            .contains(&provider.kind);
        assert_eq!(kind(url), Some(provider.kind).filter(|_| !own), "{url}");
    }
    assert_eq!(kind("https://gitlab.example.com"), None);
    assert_eq!(kind("https://login.microsoftonline.com.evil.example/x/v2.0"), None);
    assert_eq!(kind("https://api.bitbucket.org/2.0/workspaces/a/b/pipelines-config/identity/oidc"), None);
}

#[test]
fn parameters_and_templates_agree() {
    for provider in Provider::all() {
        let holds = |text: &str, name: &str| text.contains(&format!("{{{name}}}"));
        for parameter in provider.parameters {
            let used = provider.issuers.iter().any(|form| holds(form.url, parameter.name))
                || provider.audience.default.is_some_and(|default| holds(default, parameter.name));
            assert!(used, "{}: {} is used nowhere", provider.kind, parameter.name);
        }
        let required: BTreeMap<_, _> = provider
            .parameters
            .iter()
            .filter(|parameter| parameter.required)
            .map(|parameter| (parameter.name.to_owned(), parameter.example.to_owned()))
            .collect();
        match provider.derive(&required, None) {
            Ok(derived) => assert!(derived.url.starts_with("https://"), "{}", provider.kind),
            Err(errors) => assert_eq!(errors[0].parameter(), "issuer", "{}", provider.kind),
        }
    }
}

#[test]
fn shared_issuers_have_claims_to_pin() {
    for provider in Provider::all() {
        for pin in provider.pins {
            assert!(entry(provider, pin).is_some(), "{}: {pin}", provider.kind);
        }
        assert!(!provider.pins.is_empty(), "{}", provider.kind);
        assert!(!provider.algorithms.is_empty() && !provider.subjects.is_empty(), "{}", provider.kind);
        assert!(!provider.documentation.is_empty() && !provider.issuers.is_empty(), "{}", provider.kind);
    }
}

#[test]
fn provenance_reads_described_claims() {
    for provider in Provider::all() {
        let map = &provider.provenance;
        let sources = [
            map.repository,
            map.reference,
            map.commit,
            map.run,
            map.job,
            map.environment,
            map.pull_request,
            map.actor,
        ];
        for source in sources.into_iter().flatten() {
            let (Source::Claim(claim) | Source::Between { claim, .. }) = source;
            assert!(entry(provider, claim).is_some(), "{}: {claim}", provider.kind);
        }
    }
}

fn provenance(kind: &str, changes: Value) -> Value {
    let provider = Provider::by_kind(kind).unwrap();
    let mut example = provider.example_claims();
    example.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    serde_json::to_value(Claims::from_json(&example.to_string()).unwrap().provenance(provider)).unwrap()
}

#[test]
fn tokens_tell_where_they_came_from() {
    use serde_json::json;
    assert_eq!(
        provenance("bitbucket", json!({})),
        json!({
            "provider": "bitbucket",
            "repository": "{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}",
            "reference": "main",
            "run": "{2e11aa22-3344-4556-8778-99aabbccddee}",
            "job": "{5d0c6e7f-1a2b-4c3d-9e8f-7a6b5c4d3e2f}",
            "environment": "{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}",
        })
    );
    assert_eq!(
        provenance("circleci", json!({})),
        json!({
            "provider": "circleci",
            "repository": "github.com/acme/shop",
            "reference": "refs/heads/main",
            "run": "1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f",
            "job": "0f8e7d6c-5b4a-4392-8170-6f5e4d3c2b1a",
            "actor": "e2a4c6d8-0b1c-4d3e-8f5a-7b9c1d3e5f70",
        })
    );
    assert_eq!(provenance("circleci", json!({"sub": "org/O/project/P/user/U"}))["actor"], "U");
    assert_eq!(
        provenance("gitlab", json!({})),
        json!({
            "provider": "gitlab",
            "repository": "acme/shop",
            "reference": "refs/heads/main",
            "commit": "714a629c0b401fdce83e847fc9589983fc6f46bc",
            "run": "574",
            "job": "302",
            "environment": "production",
            "actor": "jane",
        })
    );
    let merge = provenance("gitlab", json!({"ref_path": "refs/merge-requests/17/head"}));
    assert_eq!(merge["pull_request"], "17");
    let pull = provenance("github", json!({"ref": "refs/pull/7/merge"}));
    assert_eq!(
        (&pull["pull_request"], &pull["repository"], &pull["actor"]),
        (&json!("7"), &json!("acme/shop"), &json!("jane"))
    );
    assert_eq!(provenance("github", json!({"ref": "refs/heads/pull/7/x"}))["pull_request"], Value::Null);
}

#[test]
fn provenance_leaves_out_what_is_no_text_or_too_long() {
    use serde_json::json;
    let found =
        provenance("gitlab", json!({"sha": {"a": 1}, "ref_path": "x".repeat(2000), "ref": "", "job_id": 7}));
    assert_eq!(
        (&found["commit"], &found["reference"], &found["job"]),
        (&Value::Null, &Value::Null, &json!("7"))
    );
    let read: stagedoor_identity::Provenance = serde_json::from_value(found).unwrap();
    assert_eq!(read.job.as_deref(), Some("7"));
}
