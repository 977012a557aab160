//! From an issuer's configuration to its URL and audience.

use std::collections::BTreeMap;

use stagedoor_identity::{Derived, ParameterError, Provider};

fn derive(kind: &str, given: &[(&str, &str)], url: Option<&str>) -> Result<Derived, Vec<ParameterError>> {
    let parameters: BTreeMap<_, _> =
        given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Provider::by_kind(kind).unwrap().derive(&parameters, url)
}

fn derived(kind: &str, given: &[(&str, &str)]) -> (String, Option<String>) {
    let derived = derive(kind, given, None).unwrap();
    (derived.url, derived.audience)
}

fn messages(kind: &str, given: &[(&str, &str)], url: Option<&str>) -> Vec<String> {
    derive(kind, given, url).unwrap_err().iter().map(ToString::to_string).collect()
}

const UUID: &str = "11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10";

#[test]
fn each_kind_implies_its_issuer() {
    let braced = format!("{{{UUID}}}");
    let bitbucket = "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";
    let ari = format!("ari:cloud:bitbucket::workspace/{UUID}");
    for uuid in [UUID, &braced] {
        let found = derived("bitbucket", &[("workspace", "acme"), ("workspace_uuid", uuid)]);
        assert_eq!(found, (bitbucket.to_owned(), Some(ari.clone())));
    }
    assert_eq!(derived("bitbucket", &[("workspace", "acme")]), (bitbucket.to_owned(), None));
    assert_eq!(
        derived("circleci", &[("organization", UUID)]),
        (format!("https://oidc.circleci.com/org/{UUID}"), Some(UUID.to_owned()))
    );
    assert_eq!(derived("gitlab", &[]), ("https://gitlab.com".to_owned(), None));
    assert_eq!(derived("gitlab", &[("host", "git.acme.dev:8443")]).0, "https://git.acme.dev:8443");
    let github = "https://token.actions.githubusercontent.com";
    assert_eq!(derived("github", &[]), (github.to_owned(), None));
    assert_eq!(
        derived("github", &[("owner", "acme")]),
        (github.to_owned(), Some("https://github.com/acme".to_owned()))
    );
    assert_eq!(derived("github", &[("enterprise", "acme-inc")]).0, format!("{github}/acme-inc"));
    assert_eq!(derived("github", &[("host", "ghes.acme.dev")]).0, "https://ghes.acme.dev/_services/token");
    assert_eq!(derived("github", &[("subdomain", "acme")]).0, "https://token.actions.acme.ghe.com");
    assert_eq!(
        derived("github", &[("subdomain", "acme"), ("enterprise", "e")]).0,
        "https://token.actions.acme.ghe.com/e"
    );
}

#[test]
fn platforms_imply_their_issuer() {
    let url = |kind: &str, given: &[(&str, &str)]| derived(kind, given).0;
    assert_eq!(
        derived("backstage", &[("base_url", "https://bs.acme.dev/")]),
        ("https://bs.acme.dev/api/auth".to_owned(), Some("backstage".to_owned()))
    );
    assert_eq!(
        url("backstage-plugin", &[("base_url", "http://127.0.0.1:7007"), ("plugin", "scaffolder")]),
        "http://127.0.0.1:7007/api/scaffolder"
    );
    assert_eq!(url("okta", &[("domain", "acme.okta.com")]), "https://acme.okta.com");
    assert_eq!(
        url("okta", &[("domain", "acme.okta.com"), ("authorization_server", "default")]),
        "https://acme.okta.com/oauth2/default"
    );
    assert_eq!(
        derived("cognito", &[("region", "eu-west-1"), ("user_pool", "eu-west-1_Ab"), ("client_id", "7k2m")]),
        ("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab".to_owned(), Some("7k2m".to_owned()))
    );
    assert_eq!(
        url("kubernetes", &[("region", "eu-west-1"), ("cluster_id", "0123")]),
        "https://oidc.eks.eu-west-1.amazonaws.com/id/0123"
    );
    assert_eq!(
        url("kubernetes", &[("project", "p"), ("location", "l"), ("cluster", "c")]),
        "https://container.googleapis.com/v1/projects/p/locations/l/clusters/c"
    );
    assert_eq!(
        url("kubernetes", &[("region", "eastus"), ("tenant_id", UUID), ("guid", UUID)]),
        format!("https://eastus.oic.prod-aks.azure.com/{UUID}/{UUID}/")
    );
    assert_eq!(url("auth0", &[("domain", "acme.eu.auth0.com")]), "https://acme.eu.auth0.com/");
    assert_eq!(
        url("entra", &[("tenant_id", UUID)]),
        format!("https://login.microsoftonline.com/{UUID}/v2.0")
    );
    assert_eq!(
        derived("spacelift", &[("account", "acme")]),
        ("https://acme.app.spacelift.io".to_owned(), Some("acme.app.spacelift.io".to_owned()))
    );
    assert_eq!(url("terraform", &[]), "https://app.terraform.io");
    assert_eq!(url("terraform", &[("host", "tfe.acme.dev")]), "https://tfe.acme.dev");
    assert_eq!(
        url("azure-devops", &[("organization_id", UUID)]),
        format!("https://vstoken.dev.azure.com/{UUID}")
    );
    assert!(messages("azure-devops", &[], None)[0].contains("needs `issuer`"));
    assert_eq!(messages("kubernetes", &[("region", "eu-west-1")], None).len(), 1);
}

#[test]
fn a_configured_issuer_goes_before_what_the_kind_implies() {
    let found = derive("bitbucket", &[("workspace_uuid", UUID)], Some("http://127.0.0.1:9000/oidc")).unwrap();
    assert_eq!(found.url, "http://127.0.0.1:9000/oidc");
    assert_eq!(found.audience.unwrap(), format!("ari:cloud:bitbucket::workspace/{UUID}"));
    let root = derive("circleci", &[("organization", UUID)], Some("https://oidc.circleci.com")).unwrap();
    assert_eq!((root.url.as_str(), root.audience.as_deref()), ("https://oidc.circleci.com", Some(UUID)));
    assert_eq!(derive("oidc", &[], Some("https://idp.acme.dev/")).unwrap().url, "https://idp.acme.dev/");
}

#[test]
fn all_faulty_parameters_are_reported_at_once() {
    assert_eq!(
        messages("bitbucket", &[("workspce", "acme"), ("workspace_uuid", "{11f0}")], None),
        [
            "`workspace_uuid` is `{11f0}`, which is not a UUID; it should look like `{11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10}`",
            "`workspce` is not a key of kind `bitbucket`; did you mean `workspace`?",
            "kind `bitbucket` needs `workspace`: the workspace's name as in its URL, such as `acme`",
        ]
    );
    assert_eq!(
        messages("circleci", &[("colour", "red")], None)[0],
        "`colour` is not a key of kind `circleci`"
    );
    assert_eq!(
        messages("github", &[("host", "a.dev"), ("enterprise", "e")], None),
        [
            "`host` has no effect on the issuer `https://token.actions.githubusercontent.com/e` that the other keys give; leave it or them out"
        ]
    );
    assert_eq!(
        messages("oidc", &[], None),
        ["kind `oidc` needs `issuer`: the exact `iss` of its tokens, such as `https://issuer.example.com`"]
    );
}

#[test]
fn values_can_not_leave_their_place_in_the_url() {
    for workspace in ["", ".", "..", "a/b", "a?b", "a#b", "a b", "a%2fb", "ä", "a\n"] {
        assert_eq!(messages("bitbucket", &[("workspace", workspace)], None).len(), 1, "{workspace}");
    }
    for host in ["", "a/b", "a@b", "a?b", "https://a", "A.dev", "a:b", "a b", "..", "a:99999"] {
        assert_eq!(messages("gitlab", &[("host", host)], None).len(), 1, "{host}");
    }
    for uuid in ["", "{}", "{11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10", "11F0C1F2-8B1E-4E0B-9D55-0A7C3D2E9F10"] {
        assert_eq!(messages("circleci", &[("organization", uuid)], None).len(), 1, "{uuid}");
    }
}

#[test]
fn an_issuer_url_is_https_or_loopback_and_plain() {
    for url in [
        "",
        "issuer.example.com",
        "ftp://issuer.example.com",
        "http://issuer.example.com",
        "http://10.0.0.1",
        "https://user@issuer.example.com",
        "https://:pw@issuer.example.com",
        "https://issuer.example.com?x",
        "https://issuer.example.com#x",
        "https://aws",
        "https://sts/x",
        "data:text/plain,x",
        &format!("https://issuer.example.com/{}", "x".repeat(256)),
    ] {
        let found = messages("oidc", &[], Some(url));
        assert!(found.len() == 1 && found[0].starts_with("`issuer` is"), "{url} {found:?}");
    }
    for url in [
        "https://issuer.example.com/",
        "http://127.0.0.1:9000",
        "http://localhost:1/x",
        "http://[::1]:9",
        "https://10.0.0.1/x",
        "https://kubernetes.default.svc.cluster.local",
        "https://idp:8443/realms/x",
    ] {
        assert_eq!(derive("oidc", &[], Some(url)).unwrap().url, url);
    }
}
