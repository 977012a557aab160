//! What the catalogue adds to explanations.

use stagedoor_identity::{Claims, KeyHints, Profile, Provider};
use stagedoor_policy::Hints;

fn claims(kind: &str) -> Claims {
    Claims::from_json(&Provider::by_kind(kind).unwrap().example_claims().to_string()).unwrap()
}

/// Asks about an absent key; `@` stands for the issuer.
fn absent(kind: &str, profile: Profile, key: &str) -> String {
    let claims = claims(kind);
    let url = claims.issuer().unwrap();
    let hints = KeyHints::new(url, profile).claims(&claims);
    hints.absent_key(&key.replace('@', url.strip_prefix("https://").unwrap())).unwrap_or_default()
}

fn unwanted(kind: &str, profile: Profile, claim: &str, wanted: &[&str], has: &str) -> String {
    let claims = claims(kind);
    let url = claims.issuer().unwrap();
    let key = format!("{}:{claim}", url.strip_prefix("https://").unwrap());
    let hints = KeyHints::new(url, profile).provider(Provider::by_kind(kind).unwrap()).claims(&claims);
    hints.unwanted_value(&key, wanted, has).unwrap_or_default()
}

#[test]
fn why_a_key_is_absent() {
    use Profile::{Aws, Stagedoor};
    for (kind, profile, key, wanted) in [
        (
            "gitlab",
            Aws,
            "@:environment",
            "AWS does not expose `environment` of this issuer, so the key is absent there although the token carries it; the keys are `aud`, `oaud`, `sub`",
        ),
        ("gitlab", Aws, "@:nothing", "whatever the token carries"),
        ("gitlab", Aws, "@:nothing", "(AWS's reference of 2026-08-22)"),
        (
            "bitbucket",
            Aws,
            "@:REPOSITORYUUID",
            "although the token carries it; the keys are `aud`, `oaud`, `sub`, `amr`, `email` (",
        ),
        (
            "bitbucket",
            Stagedoor,
            "@:repository_uuid",
            "have no claim `repository_uuid`; did you mean `repositoryUuid`?",
        ),
        ("bitbucket", Stagedoor, "@:colour", "have no claim `colour`, as far as the catalogue knows"),
        (
            "bitbucket",
            Stagedoor,
            "@:deploymentEnvironmentUuid",
            "only if the step or its stage has a `deployment`",
        ),
        (
            "bitbucket",
            Stagedoor,
            "@:commitSha",
            "not every token of Bitbucket Pipelines carries `commitSha`: seen in a single",
        ),
        (
            "bitbucket",
            Stagedoor,
            "@:stepUuid",
            "every token of Bitbucket Pipelines carries `stepUuid`; these claims do not",
        ),
        ("github", Stagedoor, "@:repo_property_tier", "only if the repository has custom properties"),
        ("github", Aws, "gitlab.com:sub", "`gitlab.com` is GitLab"),
        (
            "github",
            Aws,
            "issuer.example.com:sub",
            "`issuer.example.com` is another issuer; the token is of GitHub Actions",
        ),
        (
            "circleci",
            Aws,
            "oidc.circleci.com:sub",
            "must name the whole issuer with its path: `oidc.circleci.com/org/8c5f",
        ),
        ("github", Aws, "@/:sub", "the key has a slash before the colon and the issuer has none"),
        (
            "auth0",
            Aws,
            "acme.eu.auth0.com:sub",
            "the issuer has a slash before the colon and the key has none",
        ),
        ("github", Aws, "https://@:sub", "without `https://`: `token.actions.githubusercontent.com:…`"),
        ("github", Aws, "aws:PrincipalOrgID", "always absent"),
        ("github", Aws, "aws:PrincipalTag/team", "always absent"),
        ("github", Aws, "aws:RequestTag/team", "claim `https://aws.amazon.com/tags`, which the token lacks"),
        (
            "github",
            Aws,
            "sts:SourceIdentity",
            "claim `https://aws.amazon.com/source_identity`, which the token lacks",
        ),
        ("github", Aws, "sts:ExternalId", "with AssumeRole only"),
        ("github", Aws, "aws:SourceIp", "comes from the connection"),
    ] {
        let said = absent(kind, profile, key);
        assert!(said.contains(wanted), "{kind} {key}: {said}");
    }
    assert_eq!(absent("github", Aws, "s3:prefix"), "", "nothing to say");
    assert_eq!(absent("github", Aws, "nonsense"), "");
}

#[test]
fn an_audience_that_is_not_configured() {
    let claims = claims("bitbucket");
    let configured = ["sts.amazonaws.com".to_owned()];
    let url = claims.issuer().unwrap();
    let hints = KeyHints::new(url, Profile::Stagedoor).claims(&claims).audiences(&configured);
    let said = hints.absent_key(&format!("{}:aud", url.strip_prefix("https://").unwrap())).unwrap();
    assert_eq!(
        said,
        "the token was asked for `ari:cloud:bitbucket::workspace/11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10`; the issuer's \
         `audiences` in the configuration are `sts.amazonaws.com`"
    );
}

#[test]
fn why_a_value_is_not_the_wanted_one() {
    use Profile::{Aws, Stagedoor};
    for (kind, claim, wanted_values, has, wanted) in [
        (
            "gitlab",
            "aud",
            &["sts.amazonaws.com"][..],
            "x",
            "ask for the audience `sts.amazonaws.com` where the token is fetched:",
        ),
        (
            "bitbucket",
            "aud",
            &["ari:cloud:bitbucket::workspace/11f0c1f2"],
            "x",
            "is the default audience of Bitbucket Pipelines: ask for no other",
        ),
        (
            "backstage",
            "aud",
            &["sts.amazonaws.com"],
            "backstage",
            "cannot choose their audience: it is `backstage`",
        ),
        (
            "bitbucket",
            "sub",
            &["{c7a1}:{f3aa}:*"],
            "{c7a1}:{5d0c}",
            "the token's is `{<repositoryUuid>}:{<stepUuid>}` (the step has no `deployment`), the policy wants `{<repositoryUuid>}:{<deploymentEnvironmentUuid>}:{<stepUuid>}`",
        ),
        (
            "bitbucket",
            "sub",
            &["c7a1:f3aa:*"],
            "{c7a1}:{f3aa}:{5d0c}",
            "no `sub` of Bitbucket Pipelines has the form of `c7a1:f3aa:*`; the forms are `{<repo",
        ),
        (
            "bitbucket",
            "sub",
            &["{c7a1}:{f3aa}:{5d0d}"],
            "{c7a1}:{f3aa}:{5d0c}",
            "`sub` is different in each run",
        ),
        ("bitbucket", "sub", &["{c7a2}:*"], "{c7a1}:{f3aa}:{5d0c}", ""),
        (
            "circleci",
            "sub",
            &["org/o/project/p/user/u"],
            "org/o/project/p/user/u/vcs-origin/x/vcs-ref/y",
            "the token's is `org/<organization>/project/<project>/user/<user>/vcs-origin/",
        ),
        (
            "github",
            "sub",
            &["repo:acme/shop:environment:production"],
            "repo:acme@1/shop@2:environment:production",
            "(the repository was made, renamed or moved since 15 July 2026",
        ),
        (
            "github",
            "sub",
            &["repo:acme/shop:ref:refs/heads/main"],
            "repo:acme/shop:environment:production",
            "(the job has an `environment`, whatever the event and the branch), the policy wants",
        ),
        ("github", "sub", &["repository_owner:acme"], "repo:acme/shop:ref:x", ""),
        (
            "circleci",
            "oidc.circleci.com/ssh-rerun",
            &["no"],
            "false",
            "is a boolean: the key's value is `true` or `false`",
        ),
        ("circleci", "oidc.circleci.com/ssh-rerun", &["true"], "false", ""),
        ("bitbucket", "pipelineUuid", &["{1}"], "{2}", "`pipelineUuid` is different in each run"),
        ("bitbucket", "repositoryUuid", &["{1}"], "{2}", ""),
    ] {
        let said = unwanted(kind, Stagedoor, claim, wanted_values, has);
        assert!(said.contains(wanted) && (wanted.is_empty() == said.is_empty()), "{kind} {claim}: {said}");
    }
    let mut google = Provider::by_kind("google").unwrap().example_claims();
    google["azp"] = "client".into();
    let claims = Claims::from_json(&google.to_string()).unwrap();
    let hints = KeyHints::new("https://accounts.google.com", Aws).claims(&claims);
    let said = hints.unwanted_value("accounts.google.com:aud", &["audience"], "client").unwrap();
    assert!(said.contains("for AWS `aud` is `client`"), "{said}");
}
