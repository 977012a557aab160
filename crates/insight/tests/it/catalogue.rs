//! The catalogue as it is printed, and tokens in its light.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use stagedoor_identity::Provider;
use stagedoor_insight::catalogue;

#[test]
fn the_pages_of_the_providers_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/providers");
    let mut pages = vec![("index".to_owned(), catalogue::index())];
    pages
        .extend(Provider::all().iter().map(|provider| (provider.kind.to_owned(), catalogue::page(provider))));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        for (name, page) in &pages {
            std::fs::write(folder.join(format!("{name}.md")), page).unwrap();
        }
    }
    for (name, page) in &pages {
        let written = std::fs::read_to_string(folder.join(format!("{name}.md"))).unwrap_or_default();
        assert_eq!(
            written, *page,
            "{name}.md: run `UPDATE_DOCS=1 cargo test -p stagedoor-insight pages_of_the_providers`"
        );
    }
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, pages.len(), "a page of a provider that is not in the catalogue");
}

#[test]
fn an_entry_says_what_matters_in_every_form() {
    let bitbucket = Provider::by_kind("bitbucket").unwrap();
    let json = catalogue::json(bitbucket);
    let claim = |name: &str| {
        let claims = json["claims"].as_array().unwrap();
        claims.iter().find(|claim| claim["name"] == name).unwrap().clone()
    };
    assert_eq!(claim("branchName")["decided_by"], "attacker-chosen");
    assert_eq!((&claim("branchName")["aws_key"], &claim("sub")["aws_key"]), (&json!(false), &json!(true)));
    assert_eq!(claim("deploymentEnvironmentUuid")["presence"], "sometimes");
    let text = catalogue::text(bitbucket);
    assert!(text.contains("attacker-chosen"), "{text}");
    assert!(!text.contains('`'), "{text}");
    assert_eq!(catalogue::overview().len(), Provider::all().len());
}

#[test]
fn a_token_is_shown_claim_by_claim_without_its_signature() {
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims =
        json!({"iss": "https://token.actions.githubusercontent.com", "ref": "refs/heads/main", "x": 1});
    let token = format!("{}.{}.c2lnbmF0dXJl", part(json!({"alg": "RS256", "kid": "k"})), part(claims));
    let decoded = catalogue::decode(&token).unwrap();
    assert_eq!(decoded.provider.unwrap().kind, "github");
    assert_eq!(decoded.header, [("alg".to_owned(), json!("RS256")), ("kid".to_owned(), json!("k"))]);
    let shown: Vec<_> = decoded
        .claims
        .iter()
        .map(|claim| (claim.name.as_str(), claim.attacker_chosen, claim.about.is_some()))
        .collect();
    assert_eq!(shown, [("iss", false, true), ("ref", true, true), ("x", false, false)]);
    assert!(!format!("{decoded:?}").contains("c2lnbmF0dXJl"));
    assert_eq!(catalogue::decode("x").unwrap_err().code(), "token_malformed");
}
