//! Trust policies that are written for the user, held to the engine.

#![expect(clippy::unwrap_used, reason = "what cannot be decided fails its test")]

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;
use stagedoor_identity::{Claims, Profile, Provider};
use stagedoor_insight::Source;
use stagedoor_insight::trust::{self, Target, Test, Trust};
use stagedoor_policy::{Document, Kind, Policy, PolicySet, Principal, Request};

use crate::setting::Setting;

const TARGETS: &[Target] = &[
    Target::Aws,
    Target::Stagedoor,
    Target::Terraform,
    Target::CloudFormation,
    Target::Cdk,
    Target::Gcloud,
    Target::Vault,
];

fn answers(kind: &str) -> BTreeMap<String, String> {
    let pairs: &[(&str, &str)] = match kind {
        "bitbucket" => &[
            ("workspace", "acme"),
            ("workspace-uuid", "{11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10}"),
            ("repository", "c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d"),
            ("environment", "{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}"),
        ],
        "circleci" => &[
            ("organization", "8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11"),
            ("project", "3b1d7e9c-52aa-4c6e-8f0d-6a9d2c4b8e70"),
            ("repository", "github.com/acme/shop"),
            ("branch", "main"),
        ],
        "github" => &[
            ("repository", "acme/shop"),
            ("owner-id", "9919001"),
            ("repository-id", "771234567"),
            ("environment", "production"),
            ("branch", "main"),
            ("audience", "sts.amazonaws.com"),
        ],
        "gitlab" => &[
            ("project", "acme/shop"),
            ("project-id", "20"),
            ("namespace-id", "72"),
            ("branch", "main"),
            ("audience", "sts.amazonaws.com"),
        ],
        _ => &[],
    };
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn allowed(trust: &Trust, claims: &Value, target: Target) -> bool {
    let document = Document::parse(Kind::Trust, &trust.policy()).unwrap();
    assert_eq!(document.warnings(), []);
    let profile = if target.is_aws() { Profile::Aws } else { Profile::Stagedoor };
    let provider =
        format!("arn:aws:iam::123456789012:oidc-provider/{}", trust.issuer.strip_prefix("https://").unwrap());
    let claims = Claims::from_json(&claims.to_string()).unwrap();
    let request = Request {
        principal: Principal::Federated { provider },
        action: "sts:AssumeRoleWithWebIdentity".to_owned(),
        resource: None,
        resource_account: None,
        context: claims.context(&trust.issuer, profile).unwrap(),
    };
    PolicySet::new().trust(Policy::compile("trust.json", &document)).decide(&request).is_allow()
}

#[test]
fn the_providers_own_example_passes_and_nothing_that_differs_does() {
    for kind in ["bitbucket", "circleci", "github", "gitlab"] {
        for target in [Target::Aws, Target::Stagedoor] {
            let trust = trust::new(kind, target, &answers(kind)).unwrap();
            let example = Provider::by_kind(kind).unwrap().example_claims();
            assert!(allowed(&trust, &example, target), "{kind} {target:?}:\n{}", trust.policy());
            for check in &trust.checks {
                let mut other = example.clone();
                other[&check.claim] = match &check.test {
                    Test::False => Value::from(true),
                    Test::Holds(_) => Value::from(vec!["other"]),
                    _ => Value::from("other"),
                };
                assert!(!allowed(&trust, &other, target), "{kind} {target:?} {}", check.claim);
                other.as_object_mut().unwrap().remove(&check.claim);
                assert!(!allowed(&trust, &other, target), "{kind} {target:?} without {}", check.claim);
            }
            let mut other = example.clone();
            other["aud"] = Value::from("https://other.example.com");
            assert!(!allowed(&trust, &other, target), "{kind} {target:?} aud");
        }
    }
}

#[test]
fn every_kind_of_the_catalogue_can_be_trusted_by_its_subject() {
    for provider in Provider::all() {
        if ["bitbucket", "circleci", "github", "gitlab"].contains(&provider.kind) {
            continue;
        }
        let claims = provider.example_claims();
        let (Some(issuer), Some(subject)) = (claims["iss"].as_str(), claims["sub"].as_str()) else {
            continue;
        };
        let audience = match &claims["aud"] {
            Value::Array(list) => list[0].as_str().unwrap_or_default().to_owned(),
            other => other.as_str().unwrap_or("some-client").to_owned(),
        };
        let given = [("issuer", issuer), ("subject", subject), ("audience", audience.as_str())];
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let trust = trust::new(provider.kind, Target::Stagedoor, &given).unwrap();
        assert_eq!(trust.checks.len(), 1, "{}", provider.kind);
        if claims.get("aud").is_some() {
            assert!(allowed(&trust, &claims, Target::Stagedoor), "{}:\n{}", provider.kind, trust.policy());
        }
        let mut other = claims.clone();
        other["sub"] = Value::from("other");
        assert!(!allowed(&trust, &other, Target::Stagedoor), "{}", provider.kind);
    }
}

#[test]
fn what_cannot_be_expressed_is_told() {
    let mut given = answers("bitbucket");
    given.insert("branch".to_owned(), "main".to_owned());
    let warnings = |kind: &str, target, given: &BTreeMap<String, String>| {
        trust::new(kind, target, given).unwrap().warnings
    };
    assert_eq!(
        warnings("bitbucket", Target::Aws, &given),
        [
            "AWS cannot test the branch `main`: it sees only `aud` and `sub` of Bitbucket's tokens, and neither names a \
         branch; restrict the environment to the branch in Bitbucket instead",
            "the policy also lets in a step of any branch that declares the same `deployment`; only the environment's own \
         branch restriction stops it",
        ]
    );
    assert_eq!(
        warnings("bitbucket", Target::Stagedoor, &given),
        ["what `branchName` holds in pull-request and tag pipelines is not documented",]
    );
    assert_eq!(warnings("github", Target::Stagedoor, &answers("github")), [] as [&str; 0]);
    assert_eq!(warnings("gitlab", Target::Stagedoor, &answers("gitlab")), [] as [&str; 0]);
    let mut hosted = answers("gitlab");
    hosted.insert("host".to_owned(), "gitlab.example.com".to_owned());
    let trust = trust::new("gitlab", Target::Aws, &hosted).unwrap();
    assert!(trust.policy().contains("project_id:20:ref_type:branch:ref:main:ref_protected:true"));
    assert!(
        trust.notes.iter().any(|note| note.contains("ci_id_token_sub_claim_components")),
        "{:?}",
        trust.notes
    );
    for (kind, why) in [("bitbucket", "the step's UUID"), ("circleci", "holds the user")] {
        let trust = trust::new(kind, Target::Azure, &answers(kind)).unwrap();
        assert!(trust.write(Target::Azure).unwrap_err().contains(why));
    }
}

#[test]
fn wrong_answers_are_told_all_at_once() {
    let given = [("workspace", "acme"), ("workspace-uuid", "acme"), ("repository", "*"), ("brunch", "main")];
    let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let errors = trust::new("bitbucket", Target::Aws, &given).unwrap_err();
    let messages: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "`bitbucket` takes no --brunch; it takes --workspace, --workspace-uuid, --repository, --environment, --branch, \
         --account, --role",
            "--repository `*`: an exact value without `*` and `?` is wanted",
            "--workspace-uuid `acme`: a UUID in lower case is wanted",
        ]
    );
    let none = BTreeMap::new();
    let errors = trust::new("github", Target::Stagedoor, &none).unwrap_err();
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["repository", "owner-id", "repository-id", "audience"]);
    assert!(errors.iter().all(|error| error.absent));
    assert_eq!(trust::new("gitea", Target::Aws, &none).unwrap_err()[0].field, "provider");
}

/// Asks the shell whether a script is well formed.
fn is_shell(script: &str) -> bool {
    let mut shell = Command::new("sh").args(["-n", "-s"]).stdin(Stdio::piped()).spawn().unwrap();
    shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    shell.wait().unwrap().success()
}

#[test]
fn every_target_is_written_with_its_reasons() {
    for kind in ["bitbucket", "circleci", "github", "gitlab"] {
        for target in TARGETS {
            let trust = trust::new(kind, *target, &answers(kind)).unwrap();
            let files = trust.write(*target).unwrap();
            let text = &files[0].text;
            match target {
                Target::Gcloud | Target::Vault => assert!(is_shell(text), "{text}"),
                Target::CloudFormation => {
                    stagedoor_insight::Yaml::parse(&Source::new("t.yaml", text.as_str())).unwrap();
                }
                _ => {}
            }
            if matches!(target, Target::Aws | Target::Stagedoor) {
                assert_eq!(*text, trust.policy());
            } else {
                for check in &trust.checks {
                    assert!(text.contains(&check.why), "{kind} {target:?} {}", check.claim);
                }
            }
        }
    }
}

#[test]
fn google_and_vault_test_the_same_claims() {
    let gcloud = trust::new("circleci", Target::Gcloud, &answers("circleci")).unwrap();
    let script = &gcloud.write(Target::Gcloud).unwrap()[0].text;
    let condition = "--attribute-condition='assertion['\\''oidc.circleci.com/project-id'\\'']==\
                     \"3b1d7e9c-52aa-4c6e-8f0d-6a9d2c4b8e70\" && assertion['\\''oidc.circleci.com/vcs-origin'\\'']==\
                     \"github.com/acme/shop\" && assertion['\\''oidc.circleci.com/vcs-ref'\\'']==\"refs/heads/main\" && \
                     assertion['\\''oidc.circleci.com/ssh-rerun'\\'']==false'";
    assert!(script.contains(condition), "{script}");
    let vault = trust::new("circleci", Target::Vault, &answers("circleci")).unwrap();
    let script = &vault.write(Target::Vault).unwrap()[0].text;
    let role = script.split("<<'ROLE'\n").nth(1).unwrap().split("\nROLE").next().unwrap();
    let role: Value = serde_json::from_str(role).unwrap();
    assert_eq!(role["bound_claims"]["oidc.circleci.com/ssh-rerun"], Value::from(false));
    assert_eq!(role["bound_claims_type"], "string");
    assert_eq!(role["user_claim"], "oidc.circleci.com/project-id");
}

#[test]
fn the_pipeline_that_is_written_gets_the_role_that_is_written() {
    let lock = r#"
[bitbucket]
workspace = "acme"
workspace_uuid = "{11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10}"
repository_uuid = "{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}"
environments = { production = "{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}" }
[circleci]
organization = "8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11"
project = "3b1d7e9c-52aa-4c6e-8f0d-6a9d2c4b8e70"
repository = "github.com/acme/shop"
[github]
owner = "acme"
owner_id = "9919001"
repository = "shop"
repository_id = "771234567"
immutable_subject = true
[gitlab]
host = "gitlab.com"
project_path = "acme/shop"
project_id = "20"
namespace_id = "72"
protected_branches = ["main"]
"#;
    for kind in ["bitbucket", "circleci", "github", "gitlab"] {
        for (target, profile) in [(Target::Aws, Profile::Aws), (Target::Stagedoor, Profile::Stagedoor)] {
            let trust = trust::new(kind, target, &answers(kind)).unwrap();
            let setting = Setting::new(lock)
                .file(&trust.pipeline.name, &trust.pipeline.text)
                .policy("deploy", &trust.policy())
                .profile(profile);
            let verdicts = setting.verdicts();
            let granted = verdicts
                .iter()
                .filter(|verdict| verdict.contains("will get `arn:aws:iam::123456789012:role/deploy`"));
            assert!(granted.count() >= 1, "{kind} {target:?}: {verdicts:?}\n{}", trust.pipeline.text);
            assert!(
                !verdicts.iter().any(|verdict| verdict.contains("refused")),
                "{kind} {target:?}: {verdicts:?}"
            );
        }
    }
}
