//! Azure DevOps pipelines and service connections.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always, sometimes,
};
use crate::algorithm::Algorithm;

/// Azure DevOps.
pub(super) const AZURE_DEVOPS: Provider = Provider {
    kind: "azure-devops",
    title: "Azure DevOps",
    issuers: &[
        IssuerForm {
            url: "https://vstoken.dev.azure.com/{organization_id}",
            shared: false,
            name_based: false,
            when: "pipelines, and service connections of the older kind",
        },
        IssuerForm {
            url: "https://login.microsoftonline.com/{tenant_id}/v2.0",
            shared: false,
            name_based: false,
            when: "service connections of the newer kind; the tenant's other applications too",
        },
    ],
    parameters: &[
        Parameter {
            name: "organization_id",
            required: false,
            shape: Shape::Uuid,
            about: "the organization's id",
            example: "0c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f",
        },
        Parameter {
            name: "tenant_id",
            required: false,
            shape: Shape::Uuid,
            about: "the Entra tenant's id, for service connections of the newer kind",
            example: "9f1c2d3e-4a5b-4c6d-8e7f-0a1b2c3d4e5f",
        },
    ],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &["login.microsoftonline.com", "login.windows.net"],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: Some("api://AzureADTokenExchange"),
        array: false,
        chosen_by: None,
        substitute: None,
    },
    secrets: &[],
    lifetime: "about 5 minutes",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[
        Subject { template: "p://{organization}/{project}/{pipeline}", when: "pipelines" },
        Subject {
            template: "sc://{organization}/{project}/{connection}",
            when: "service connections of the older kind",
        },
        Subject {
            template: "/eid1/c/pub/t/{tenant}/a/{application}/sc/{organization_id}/{connection_id}",
            when: "service connections of the newer kind",
        },
    ],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["def_id", "rpo_id", "prj_id", "org_id", "sub"],
    demands: &[],
    provenance: ProvenanceMap {
        repository: &[Source::Claim("rpo_uri"), Source::Claim("rpo_id")],
        reference: &[Source::Claim("rpo_ref")],
        commit: &[Source::Claim("rpo_ver")],
        run: &[Source::Claim("run_id")],
        job: &[Source::Claim("def_id")],
        actor: &[Source::Claim("sub")],
        ..ProvenanceMap::NONE
    },
    forks: "builds of forks get no secrets and connections by default",
    notes: &[
        "`p://` and `sc://` subjects are names: pin def_id and rpo_id.",
        "AWS sees aud and sub only: no branch.",
        "The audience is the same for all: register `api://AzureADTokenExchange`.",
    ],
    documentation: &[
        "https://learn.microsoft.com/en-us/azure/devops/pipelines/release/configure-workload-identity",
    ],
    example: r#"{
  "jti": "4d1b2c3d-4e5f-4a6b-8c7d-8e9f0a1b2c3d",
  "sub": "p://acme/shop/deploy",
  "aud": "api://AzureADTokenExchange",
  "org_id": "0c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f",
  "prj_id": "11aa22bb-3c4d-4e5f-8a6b-7c8d9e0f1a2b",
  "def_id": "15",
  "rpo_id": "22bb33cc-4d5e-4f6a-8b7c-8d9e0f1a2b3c",
  "rpo_uri": "https://dev.azure.com/acme/shop/_git/shop",
  "rpo_ver": "8f1d0c3be7a94c7e0b1c2d3e4f5a6b7c8d9e0f1a",
  "rpo_ref": "refs/heads/main",
  "run_id": "314",
  "iss": "https://vstoken.dev.azure.com/0c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f",
  "iat": 1795168800,
  "nbf": 1795168800,
  "exp": 1795169100
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The organization, or the tenant"),
    always("aud", Form::Text, Mutability::Setting, "Always `api://AzureADTokenExchange`"),
    always("sub", Form::Text, Mutability::Name, "Pipeline or service connection, by name in the older kinds"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always("nbf", Form::Number, Mutability::Run, "Not valid before"),
    sometimes("jti", Form::Text, Mutability::Run, "pipelines", "This token"),
    sometimes("org_id", Form::Text, Mutability::ImmutableId, "pipelines", "The organization"),
    sometimes("prj_id", Form::Text, Mutability::ImmutableId, "pipelines", "The project"),
    sometimes("def_id", Form::Text, Mutability::ImmutableId, "pipelines", "The pipeline"),
    sometimes("rpo_id", Form::Text, Mutability::ImmutableId, "pipelines", "The repository"),
    sometimes("rpo_uri", Form::Text, Mutability::Name, "pipelines", "The repository's address"),
    sometimes("rpo_ver", Form::Text, Mutability::Run, "pipelines", "The commit"),
    sometimes("rpo_ref", Form::Text, Mutability::AttackerChosen, "pipelines", "The git ref"),
    sometimes("run_id", Form::Text, Mutability::Run, "pipelines", "The run"),
];
