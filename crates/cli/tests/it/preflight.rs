//! `stagedoor preflight`, `trust new`, `providers` and `token decode` as commands.

use std::fs;

use crate::support::cli::stagedoor;

const PIPELINE: &str = "pipelines:\n  branches:\n    main:\n      - step:\n          name: deploy\n          oidc: true\n          \
                        deployment: production\n          script:\n            - export \
                        AWS_ROLE_ARN=arn:aws:iam::123456789012:role/deploy\n";
const ANSWERS: &[&str] = &[
    "--workspace=acme",
    "--workspace-uuid={11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10}",
    "--repository={c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}",
    "--environment={f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}",
];

#[test]
fn a_written_policy_lets_the_written_pipeline_in_and_a_changed_one_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let policy = stagedoor(["trust", "new", "bitbucket"]).args(ANSWERS).run().expect(0);
    assert!(policy.stderr.contains("oidc: true"), "{}", policy.stderr);
    fs::write(path("trust.json"), &policy.stdout).unwrap();
    fs::write(path("bitbucket-pipelines.yml"), PIPELINE).unwrap();
    fs::create_dir(path(".git")).unwrap();
    let config = "[remote \"origin\"]\n\turl = git@bitbucket.org:acme/shop.git\n";
    fs::write(path(".git/config"), config).unwrap();
    let given = format!("deploy={}", path("trust.json").display());
    let update = [
        "--update",
        "--set=bitbucket.workspace_uuid=11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10",
        "--set=bitbucket.repository_uuid=c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d",
        "--set=bitbucket.environments.production=f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960",
    ];
    let judge = || stagedoor(["preflight"]).args([folder.path()]).args(["--policy", given.as_str()]);
    let granted = judge().args(update).run().expect(0);
    assert!(granted.stdout.contains("fine: 1 file; 1 granted, 0 refused"), "{}", granted.stdout);
    assert!(fs::read_to_string(path("stagedoor.lock")).unwrap().contains("workspace = \"acme\""));

    fs::write(path("bitbucket-pipelines.yml"), PIPELINE.replace("          deployment: production\n", ""))
        .unwrap();
    let refused = judge().run().expect(1);
    assert!(refused.stdout.contains("no `deployment`, so no environment in `sub`"), "{}", refused.stdout);
    let json = judge().args(["--format", "json"]).run().expect(1).json();
    assert_eq!(json["findings"][0]["id"], "preflight_refused");
    assert_eq!(json["files"][0], "bitbucket-pipelines.yml");
    let sarif = judge().args(["--format", "sarif"]).run().expect(1).json();
    assert_eq!(sarif["runs"][0]["results"][0]["level"], "error");
}

#[test]
fn faulty_input_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = stagedoor(["preflight"]).args([folder.path()]).run().expect(2);
    assert!(nothing.stderr.contains("no pipeline file"), "{}", nothing.stderr);
    let entry = stagedoor(["preflight", "--set=github.ownr=x"]).args([folder.path()]).run().expect(2);
    assert!(entry.stderr.contains("no entry `github.ownr`"), "{}", entry.stderr);
    stagedoor(["trust", "new", "bitbucket"]).run().expect(2);
    stagedoor(["trust", "new", "bitbucket", "--format=azure"]).args(ANSWERS).run().expect(1);
    stagedoor(["providers", "bitbuket"]).run().expect(2);
}

#[test]
fn a_token_is_decoded_without_its_signature() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2dpdGxhYi5jb20iLCJyZWYiOiJtYWluIn0.c2ln")
        .unwrap();
    let decode = || stagedoor(["token", "decode", "--format=json", "--token-file"]).args([&file]);
    let shown = decode().run().expect(0).json();
    assert_eq!((&shown["provider"], &shown["verified"]), (&"gitlab".into(), &false.into()));
    assert_eq!(shown["claims"][1]["attacker_chosen"], true);
    assert_eq!(shown["signature"], serde_json::Value::Null);
    assert_eq!(decode().args(["--signature"]).run().expect(0).json()["signature"], "c2ln");
}
