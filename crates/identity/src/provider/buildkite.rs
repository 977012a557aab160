//! Buildkite agents.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always, sometimes,
};
use crate::algorithm::Algorithm;

/// Buildkite.
pub(super) const BUILDKITE: Provider = Provider {
    kind: "buildkite",
    title: "Buildkite",
    issuers: &[IssuerForm {
        url: "https://agent.buildkite.com",
        shared: true,
        name_based: false,
        when: "always, for all customers",
    }],
    parameters: &[Parameter {
        name: "organization",
        required: false,
        shape: Shape::Segment,
        about: "the organization's slug, for the default audience",
        example: "acme-inc",
    }],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: Some("https://buildkite.com/{organization}"),
        array: false,
        chosen_by: Some("`buildkite-agent oidc request-token --audience`"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "5 minutes, or `--lifetime`",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[
        Subject {
            template: "organization:{organization}:pipeline:{pipeline}:ref:{ref}:commit:{commit}:step:{step}",
            when: "by default; the step is empty if it has no key",
        },
        Subject { template: "{id}", when: "with `--subject-claim`: one bare UUID" },
    ],
    subject_customisable: true,
    claims: CLAIMS,
    pins: &["organization_id", "pipeline_id", "cluster_id", "organization_slug", "pipeline_slug", "sub"],
    demands: &[],
    provenance: ProvenanceMap {
        repository: &[Source::Claim("pipeline_slug")],
        reference: &[Source::Claim("build_branch")],
        commit: &[Source::Claim("build_commit")],
        run: &[Source::Claim("build_number")],
        job: &[Source::Claim("job_id")],
        actor: &[Source::Claim("build_source")],
        ..ProvenanceMap::NONE
    },
    forks: "builds of forks are off unless allowed; then the branch can look like the upstream's main",
    notes: &[
        "The job chooses which optional claims appear: a policy that needs one denies jobs that don't \
         ask, and one with `IfExists` demands nothing.",
        "All customers share the issuer: pin the organization.",
        "Builds from the UI and the API choose their branch: test build_source as well.",
    ],
    documentation: &[
        "https://buildkite.com/docs/agent/cli/reference/oidc",
        "https://buildkite.com/docs/pipelines/security/oidc/aws",
    ],
    example: r#"{
  "iss": "https://agent.buildkite.com",
  "sub": "organization:acme-inc:pipeline:shop:ref:refs/heads/main:commit:9f3182061f1e2cca4702c368cbc039b7dc9d4485:step:deploy",
  "aud": "sts.amazonaws.com",
  "iat": 1795168800,
  "nbf": 1795168800,
  "exp": 1795169100,
  "organization_slug": "acme-inc",
  "organization_id": "f892efa9-103e-4d28-97a1-3b8616a0994d",
  "pipeline_slug": "shop",
  "pipeline_id": "0192aa11-4782-42b5-afc1-16715b10b8ff",
  "build_number": 1,
  "build_branch": "main",
  "build_commit": "9f3182061f1e2cca4702c368cbc039b7dc9d4485",
  "step_key": "deploy",
  "job_id": "0184990a-477b-4fa8-9968-496074483cee",
  "agent_id": "0184990a-4782-42b5-afc1-16715b10b8ff",
  "build_source": "webhook",
  "runner_environment": "self-hosted",
  "https://aws.amazon.com/tags": {
    "principal_tags": {
      "organization_slug": [
        "acme-inc"
      ],
      "organization_id": [
        "f892efa9-103e-4d28-97a1-3b8616a0994d"
      ]
    }
  }
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The service"),
    always("aud", Form::Text, Mutability::AttackerChosen, "The default audience or what the job asks for"),
    always(
        "sub",
        Form::Text,
        Mutability::AttackerChosen,
        "Organization, pipeline, ref, commit and step, or one UUID that the job chose",
    ),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always("nbf", Form::Number, Mutability::Run, "Not valid before"),
    always("organization_slug", Form::Text, Mutability::Name, "The organization"),
    always("pipeline_slug", Form::Text, Mutability::Name, "The pipeline"),
    always("build_number", Form::Number, Mutability::Run, "The number of the build"),
    always(
        "build_branch",
        Form::Text,
        Mutability::AttackerChosen,
        "The branch; that of a fork looks like the upstream's unless prefixed",
    ),
    sometimes("build_tag", Form::Text, Mutability::AttackerChosen, "tag builds", "The tag"),
    always("build_commit", Form::Text, Mutability::Run, "The commit"),
    sometimes(
        "step_key",
        Form::Text,
        Mutability::AttackerChosen,
        "the step has a key, else null",
        "The step",
    ),
    always("job_id", Form::Text, Mutability::Run, "The job"),
    always("agent_id", Form::Text, Mutability::Run, "The agent"),
    always(
        "build_source",
        Form::Text,
        Mutability::AttackerChosen,
        "What started the build: ui, api, webhook, trigger_job or schedule",
    ),
    always("runner_environment", Form::Text, Mutability::Run, "`buildkite-hosted` or `self-hosted`"),
    sometimes(
        "organization_id",
        Form::Text,
        Mutability::ImmutableId,
        "the job asks for it with `--claim`",
        "The organization",
    ),
    sometimes(
        "pipeline_id",
        Form::Text,
        Mutability::ImmutableId,
        "the job asks for it with `--claim`",
        "The pipeline",
    ),
    sometimes("build_id", Form::Text, Mutability::Run, "the job asks for it with `--claim`", "The build"),
    sometimes(
        "cluster_id",
        Form::Text,
        Mutability::ImmutableId,
        "the job asks for it with `--claim`",
        "The cluster",
    ),
    sometimes(
        "cluster_name",
        Form::Text,
        Mutability::Name,
        "the job asks for it with `--claim`",
        "The cluster",
    ),
    sometimes(
        "queue_id",
        Form::Text,
        Mutability::ImmutableId,
        "the job asks for it with `--claim`",
        "The queue",
    ),
    sometimes("queue_key", Form::Text, Mutability::Name, "the job asks for it with `--claim`", "The queue"),
    sometimes(
        "agent_tag:*",
        Form::Text,
        Mutability::Setting,
        "the job asks for it with `--claim`",
        "A tag of the agent",
    ),
    sometimes(
        "https://aws.amazon.com/tags",
        Form::Object,
        Mutability::AttackerChosen,
        "the job asks for it with `--aws-session-tag`",
        "Session tags for AWS",
    ),
];
