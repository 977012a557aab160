//! Bitbucket Pipelines (Cloud).

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always, sometimes, uncertain,
};
use crate::algorithm::Algorithm;

/// Bitbucket Pipelines.
pub(super) const BITBUCKET: Provider = Provider {
    kind: "bitbucket",
    title: "Bitbucket Pipelines",
    issuers: &[IssuerForm {
        url: "https://api.bitbucket.org/2.0/workspaces/{workspace}/pipelines-config/identity/oidc",
        shared: false,
        name_based: true,
        when: "always; it follows the workspace's name, and a freed name can be taken by someone else",
    }],
    parameters: &[
        Parameter {
            name: "workspace",
            required: true,
            shape: Shape::Segment,
            about: "the workspace's name as in its URL",
            example: "acme",
        },
        Parameter {
            name: "workspace_uuid",
            required: false,
            shape: Shape::Uuid,
            about: "the workspace's UUID, from Repository settings, OpenID Connect",
            example: "{11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10}",
        },
    ],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: Some("ari:cloud:bitbucket::workspace/{workspace_uuid}"),
        array: true,
        chosen_by: Some("`oidc: {audiences: [...]}` of the step or of `options` (then always an array)"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "not documented; about an hour, or the step's",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[
        Subject { template: "{{{repositoryUuid}}}:{{{stepUuid}}}", when: "the step has no `deployment`" },
        Subject {
            template: "{{{repositoryUuid}}}:{{{deploymentEnvironmentUuid}}}:{{{stepUuid}}}",
            when: "the step or its stage has a `deployment`",
        },
    ],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["repositoryUuid", "workspaceUuid", "sub"],
    demands: &[],
    provenance: ProvenanceMap {
        repository: &[Source::Claim("repositoryUuid")],
        reference: &[Source::Claim("branchName")],
        commit: &[Source::Claim("commitSha")],
        run: &[Source::Claim("pipelineUuid")],
        job: &[Source::Claim("stepUuid")],
        environment: &[Source::Claim("deploymentEnvironmentUuid")],
        pull_request: &[],
        actor: &[Source::Claim("accountUuid")],
    },
    forks: "a fork's pipelines run in the fork's workspace, so with another issuer and repositoryUuid; \
            but whoever can push any branch can write a step with `oidc: true`, also with a `deployment` \
            unless the environment is restricted to branches",
    notes: &[
        "UUIDs are in braces in every claim, and without braces in the default audience.",
        "At AWS only aud and sub can be tested: no branch. The environment's UUID in sub is the one boundary \
         inside a repository, as strong as the environment's branch restriction.",
        "The step's UUID is new in each run: match `{repository}:{environment}:*`, never a whole sub.",
        "With a chosen audience the token may carry the default one as well; AWS refuses two without azp.",
        "Discovery answers only after Pipelines has run once in the workspace.",
    ],
    documentation: &[
        "https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/",
        "https://support.atlassian.com/bitbucket-cloud/docs/deploy-on-aws-using-bitbucket-pipelines-openid-connect/",
    ],
    example: r#"{
  "iss": "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
  "aud": "ari:cloud:bitbucket::workspace/11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10",
  "sub": "{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}:{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}:{5d0c6e7f-1a2b-4c3d-9e8f-7a6b5c4d3e2f}",
  "workspaceUuid": "{11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10}",
  "repositoryUuid": "{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}",
  "pipelineUuid": "{2e11aa22-3344-4556-8778-99aabbccddee}",
  "pipelineRunUuid": "{9b10cc22-3344-4556-8778-99aabbccddee}",
  "stepUuid": "{5d0c6e7f-1a2b-4c3d-9e8f-7a6b5c4d3e2f}",
  "deploymentEnvironmentUuid": "{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}",
  "branchName": "main",
  "iat": 1795168800,
  "exp": 1795172400
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The workspace, by its name"),
    always(
        "aud",
        Form::TextOrList,
        Mutability::AttackerChosen,
        "The default audience or those that the step lists",
    ),
    always(
        "sub",
        Form::Text,
        Mutability::Run,
        "Repository, environment if any, and step, as UUIDs in braces",
    ),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always("workspaceUuid", Form::Text, Mutability::ImmutableId, "The workspace"),
    always(
        "repositoryUuid",
        Form::Text,
        Mutability::ImmutableId,
        "The repository; stays when it is renamed or moved",
    ),
    always("pipelineUuid", Form::Text, Mutability::Run, "The pipeline"),
    uncertain(
        "pipelineRunUuid",
        Form::Text,
        Mutability::Run,
        "newer tokens; seen by third parties only",
        "One run of the pipeline; new in each re-run",
    ),
    always("stepUuid", Form::Text, Mutability::Run, "The step"),
    sometimes(
        "deploymentEnvironmentUuid",
        Form::Text,
        Mutability::ImmutableId,
        "the step or its stage has a `deployment`",
        "The deployment environment; new if it is deleted and made again",
    ),
    uncertain(
        "branchName",
        Form::Text,
        Mutability::AttackerChosen,
        "absent on tag pipelines; its meaning on pull-request pipelines is not documented",
        "The branch",
    ),
    uncertain("commitSha", Form::Text, Mutability::Run, "seen in a single third-party test", "The commit"),
    uncertain(
        "accountUuid",
        Form::Text,
        Mutability::ImmutableId,
        "seen in a single third-party test",
        "The account that started the pipeline",
    ),
];
