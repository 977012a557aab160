//! Input that nobody means well with.

use proptest::prelude::*;

use crate::setting::Setting;

const FILES: &[&str] =
    &["bitbucket-pipelines.yml", ".circleci/config.yml", ".gitlab-ci.yml", ".github/workflows/a.yml"];

fn everywhere(text: &str) -> Setting {
    FILES.iter().fold(Setting::new(""), |setting, path| setting.file(path, text))
}

#[test]
fn bombs_are_refused_in_every_format_with_a_line() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        bomb += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", "));
    }
    let verdicts = everywhere(&bomb).verdicts();
    assert_eq!(verdicts.len(), FILES.len());
    for verdict in verdicts {
        assert_eq!(
            verdict,
            "6: the document has more than 200000 nodes, counting what its aliases stand for"
        );
    }
}

#[test]
fn large_files_are_refused() {
    let report = everywhere(&"# x\n".repeat(10 * 1024 * 256)).report();
    assert_eq!(report.count("file_unreadable"), FILES.len());
    let message = &report.findings[0].message;
    assert_eq!(message, "`bitbucket-pipelines.yml` has 10485760 bytes; at most 1048576 are read");
}

#[test]
fn workflows_that_call_each_other_are_not_followed_for_ever() {
    let circle =
        "on: [push, workflow_call]\npermissions: write-all\njobs: {a: {uses: ./.github/workflows/a.yml}}\n";
    let verdicts = Setting::new("").file(".github/workflows/a.yml", circle).verdicts();
    assert_eq!(verdicts.len(), 1, "{verdicts:?}");
    assert!(verdicts[0].ends_with("calls workflows more than 10 deep, perhaps in a circle"), "{verdicts:?}");
}

/// Words that mean something to one of the formats, so that random files get deep into the readers.
const WORDS: &[&str] = &[
    "pipelines",
    "default",
    "branches",
    "main",
    "step",
    "oidc",
    "true",
    "deployment",
    "stage",
    "steps",
    "parallel",
    "script",
    "export AWS_ROLE_ARN=$X",
    "on",
    "push",
    "jobs",
    "permissions",
    "id-token",
    "write",
    "uses",
    "aws-actions/configure-aws-credentials@v6",
    "with",
    "role-to-assume",
    "${{ inputs.x }}",
    "strategy",
    "matrix",
    "include",
    "if",
    "github.ref == 'x'",
    "environment",
    "name",
    "id_tokens",
    "aud",
    "extends",
    "rules",
    "$CI_COMMIT_BRANCH =~ /x/",
    "only",
    "except",
    "workflows",
    "filters",
    "tags",
    "/v.*/",
    "orbs",
    "aws-cli/setup",
    "role_arn",
    "<< parameters.x >>",
    "when",
    "never",
    "!reference [a, b]",
    "a",
    "b",
];

fn node() -> impl Strategy<Value = String> {
    let word = prop::sample::select(WORDS.to_vec()).prop_map(|word| match word.starts_with('!') {
        true => word.to_owned(),
        false => format!("\"{word}\""),
    });
    word.prop_recursive(6, 60, 5, |inner| {
        let key = prop::sample::select(WORDS.to_vec());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec((key, inner), 0..5).prop_map(|entries| {
                let entries: Vec<String> =
                    entries.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let _ = everywhere(&text).report();
    }

    #[test]
    fn arbitrary_yaml_never_panics(text in "[-a-z:{}\\[\\],&*!|>'\"#? \n\té0]{0,200}") {
        let _ = everywhere(&text).report();
    }

    #[test]
    fn arbitrary_pipelines_never_panic(jobs in node(), name in prop::sample::select(WORDS.to_vec())) {
        let text = format!("on: push\npermissions: write-all\npipelines: {{default: {jobs}}}\njobs: {jobs}\n\
                            workflows: {{w: {{jobs: [\"{name}\"]}}}}\nb: {jobs}\n");
        let _ = everywhere(&text).report();
    }
}
