//! Google Cloud's workload identity federation.

use super::super::{Test, Trust};
use super::{quoted, reasons, string};

/// The longest mapped subject, in bytes.
const SUBJECT_LIMIT: usize = 127;

pub(super) fn write(trust: &Trust) -> String {
    let subject = subject(trust);
    let condition: Vec<String> =
        trust.checks.iter().map(|check| expression(&check.claim, &check.test)).collect();
    let mapping = format!("google.subject={},attribute.role={}", claim(&subject), string(&trust.role));
    let mut warnings = String::new();
    let example = trust.provider.example_claims();
    let length = example.get(&subject).and_then(serde_json::Value::as_str).map_or(0, str::len);
    if length > SUBJECT_LIMIT {
        warnings = format!(
            "# WARNING: `{subject}` can be longer than the {SUBJECT_LIMIT} bytes that Google takes as a subject\n"
        );
    }
    format!(
        "#!/bin/sh\nset -eu\n: \"${{PROJECT_NUMBER:?}}\" \"${{SERVICE_ACCOUNT:?}}\"\nPOOL=stagedoor\n{}{warnings}gcloud iam \
         workload-identity-pools create \"$POOL\" --location=global\ngcloud iam workload-identity-pools providers \
         create-oidc {} --location=global --workload-identity-pool=\"$POOL\" \\\n  --issuer-uri={} \\\n  \
         --allowed-audiences={} \\\n  --attribute-mapping={} \\\n  --attribute-condition={}\n# Everyone whom the condition \
         lets in becomes this account; the pool has no other provider.\ngcloud iam service-accounts \
         add-iam-policy-binding \"$SERVICE_ACCOUNT\" --role=roles/iam.workloadIdentityUser \\\n  \
         --member=\"principalSet://iam.googleapis.com/projects/$PROJECT_NUMBER/locations/global/workloadIdentityPools/\
         $POOL/attribute.role/{}\"\n",
        reasons(trust, "# "),
        quoted(&trust.role),
        quoted(&trust.issuer),
        quoted(&trust.audience),
        quoted(&mapping),
        quoted(&condition.join(" && ")),
        trust.role,
    )
}

/// The claim that names whom a token is for: an immutable id of the repository where there is one, since `sub` is often
/// too long, and new in each run.
fn subject(trust: &Trust) -> String {
    let id = match trust.provider.kind {
        "bitbucket" => "repositoryUuid",
        "circleci" => "oidc.circleci.com/project-id",
        "github" => "repository_id",
        "gitlab" => "project_id",
        _ => "sub",
    };
    id.to_owned()
}

fn claim(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { format!("assertion.{name}") } else { format!("assertion['{name}']") }
}

fn expression(name: &str, test: &Test) -> String {
    let claim = claim(name);
    match test {
        Test::Equals(values) => match values.as_slice() {
            [only] => format!("{claim}=={}", string(only)),
            several => {
                let values: Vec<String> = several.iter().map(|value| string(value)).collect();
                format!("{claim} in [{}]", values.join(","))
            }
        },
        Test::Like(patterns) => {
            let patterns: Vec<String> = patterns.iter().map(|pattern| like(&claim, pattern)).collect();
            format!("({})", patterns.join(" || "))
        }
        Test::Holds(value) => format!("{} in {claim}", string(value)),
        Test::False => format!("{claim}==false"),
    }
}

/// A pattern as a prefix if that is all it is, else as a regular expression (RE2).
fn like(claim: &str, pattern: &str) -> String {
    match pattern.strip_suffix('*') {
        Some(prefix) if !prefix.contains(['*', '?']) => format!("{claim}.startsWith({})", string(prefix)),
        _ => {
            let mut expression = String::new();
            for character in pattern.chars() {
                match character {
                    '*' => expression += ".*",
                    '?' => expression.push('.'),
                    c if c.is_ascii_punctuation() => expression += &format!("\\{c}"),
                    c => expression.push(c),
                }
            }
            format!("{claim}.matches({})", string(&format!("^{expression}$")))
        }
    }
}
