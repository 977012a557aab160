//! CircleCI, cloud and server.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always, sometimes, uncertain,
};
use crate::algorithm::Algorithm;

/// CircleCI.
pub(super) const CIRCLECI: Provider = Provider {
    kind: "circleci",
    title: "CircleCI",
    issuers: &[
        IssuerForm {
            url: "https://oidc.circleci.com/org/{organization}",
            shared: false,
            name_based: false,
            when: "always, unless the job asks for the root issuer",
        },
        IssuerForm {
            url: "https://oidc.circleci.com",
            shared: true,
            name_based: false,
            when: "`circleci run oidc get --root-issuer`; set `issuer` to trust it",
        },
    ],
    parameters: &[Parameter {
        name: "organization",
        required: true,
        shape: Shape::Uuid,
        about: "the organization's UUID, from Organization Settings, Overview",
        example: "8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11",
    }],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: Some("{organization}"),
        array: false,
        chosen_by: Some("`circleci run oidc get --claims '{\"aud\": \"...\"}'`"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "1 hour from shortly before the job starts",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[
        Subject {
            template: "org/{organization}/project/{project}/user/{user}",
            when: "CIRCLE_OIDC_TOKEN, and CIRCLE_OIDC_TOKEN_V2 on custom webhook triggers",
        },
        Subject {
            template: "org/{organization}/project/{project}/user/{user}/vcs-origin/{origin}/vcs-ref/{ref}",
            when: "CIRCLE_OIDC_TOKEN_V2 otherwise",
        },
        Subject {
            template: "org/{organization}/file-streaming/audit-logs",
            when: "audit-log streaming, which is no job but has the same issuer and audience",
        },
    ],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["oidc.circleci.com/project-id", "oidc.circleci.com/org-id", "sub"],
    demands: &[],
    provenance: ProvenanceMap {
        repository: &[
            Source::Claim("oidc.circleci.com/vcs-origin"),
            Source::Claim("oidc.circleci.com/project-id"),
        ],
        reference: &[Source::Claim("oidc.circleci.com/vcs-ref")],
        commit: &[],
        run: &[
            Source::Claim("oidc.circleci.com/pipeline-id"),
            Source::Claim("oidc.circleci.com/workflow-id"),
        ],
        job: &[Source::Claim("oidc.circleci.com/job-id")],
        environment: &[],
        pull_request: &[],
        actor: &[
            Source::Between { claim: "sub", before: "/user/", after: "/vcs-origin/" },
            Source::Between { claim: "sub", before: "/user/", after: "" },
        ],
    },
    forks: "pull requests of forks are not built by default and get no token unless secrets are passed to \
            them; then project-id and aud are the upstream's while vcs-origin names the fork, so test vcs-origin",
    notes: &[
        "Any job of any organization can choose any aud: with the root issuer aud proves nothing.",
        "The user in sub is whoever caused the job: match `user/*`.",
        "context-ids says which contexts the job was granted; their restrictions decide who may deploy.",
        "ssh-rerun is a boolean; when true, a person has a shell beside the token: deny it.",
        "At AWS only aud, sub and (organization issuer) oidc.circleci.com/project-id can be tested.",
        "A vcs-ref of main does not vouch for the configuration where unversioned configuration is allowed.",
    ],
    documentation: &[
        "https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/",
        "https://circleci.com/docs/guides/permissions-authentication/oidc-tokens-with-custom-claims/",
    ],
    example: r#"{
  "iss": "https://oidc.circleci.com/org/8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11",
  "sub": "org/8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11/project/3b1d7e9c-52aa-4c6e-8f0d-6a9d2c4b8e70/user/e2a4c6d8-0b1c-4d3e-8f5a-7b9c1d3e5f70/vcs-origin/github.com/acme/shop/vcs-ref/refs/heads/main",
  "aud": "8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11",
  "iat": 1795168800,
  "exp": 1795172400,
  "oidc.circleci.com/context-ids": ["b6f0a1d2-7c3e-4e55-9a10-4f2e6d8c0b1a"],
  "oidc.circleci.com/job-id": "0f8e7d6c-5b4a-4392-8170-6f5e4d3c2b1a",
  "oidc.circleci.com/org-id": "8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11",
  "oidc.circleci.com/pipeline-definition-id": "6a5b4c3d-2e1f-4a0b-9c8d-7e6f5a4b3c2d",
  "oidc.circleci.com/pipeline-id": "1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f",
  "oidc.circleci.com/project-id": "3b1d7e9c-52aa-4c6e-8f0d-6a9d2c4b8e70",
  "oidc.circleci.com/ssh-rerun": false,
  "oidc.circleci.com/vcs-origin": "github.com/acme/shop",
  "oidc.circleci.com/vcs-ref": "refs/heads/main",
  "oidc.circleci.com/workflow-id": "9e8d7c6b-5a4f-4e3d-8c2b-1a0f9e8d7c6b"
}"#,
};

const CLAIMS: &[Claim] = &[
    always(
        "iss",
        Form::Text,
        Mutability::Setting,
        "The organization, by its UUID; or the root issuer that all share",
    ),
    always("aud", Form::Text, Mutability::AttackerChosen, "The organization, or what the job chose"),
    always(
        "sub",
        Form::Text,
        Mutability::Run,
        "Organization, project and user; origin and ref in the second form",
    ),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always("oidc.circleci.com/org-id", Form::Text, Mutability::ImmutableId, "The organization"),
    always("oidc.circleci.com/project-id", Form::Text, Mutability::ImmutableId, "The project"),
    always(
        "oidc.circleci.com/context-ids",
        Form::List,
        Mutability::Setting,
        "The contexts that the job was granted",
    ),
    sometimes(
        "oidc.circleci.com/pipeline-definition-id",
        Form::Text,
        Mutability::ImmutableId,
        "the pipeline is of a project setup with definitions",
        "Where the configuration comes from; a job cannot choose it",
    ),
    uncertain(
        "oidc.circleci.com/pipeline-id",
        Form::Text,
        Mutability::Run,
        "listed by the provider without saying when",
        "The pipeline",
    ),
    always("oidc.circleci.com/workflow-id", Form::Text, Mutability::Run, "The workflow"),
    always("oidc.circleci.com/job-id", Form::Text, Mutability::Run, "The job"),
    always(
        "oidc.circleci.com/ssh-rerun",
        Form::Boolean,
        Mutability::Run,
        "Whether the job was run again with SSH access",
    ),
    sometimes(
        "oidc.circleci.com/vcs-origin",
        Form::Text,
        Mutability::Name,
        "the trigger is no custom webhook",
        "The repository that the change came from: a fork's for its pull requests",
    ),
    sometimes(
        "oidc.circleci.com/vcs-ref",
        Form::Text,
        Mutability::AttackerChosen,
        "the trigger is no custom webhook",
        "The git ref",
    ),
];
