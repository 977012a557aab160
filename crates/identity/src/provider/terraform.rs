//! HCP Terraform and Terraform Enterprise.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always,
};
use crate::algorithm::Algorithm;

/// HCP Terraform.
pub(super) const TERRAFORM: Provider = Provider {
    kind: "terraform",
    title: "HCP Terraform",
    issuers: &[
        IssuerForm {
            url: "https://{host}",
            shared: false,
            name_based: false,
            when: "Terraform Enterprise, and other hosts of HCP Terraform",
        },
        IssuerForm {
            url: "https://app.terraform.io",
            shared: true,
            name_based: false,
            when: "HCP Terraform, for all its customers",
        },
    ],
    parameters: &[Parameter {
        name: "host",
        required: false,
        shape: Shape::Host,
        about: "the host, if it is not app.terraform.io",
        example: "tfe.example.com",
    }],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: Some("aws.workload.identity"),
        array: false,
        chosen_by: Some("`TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE` and the like"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "the time-out of the plan or apply",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[Subject {
        template: "organization:{organization}:project:{project}:workspace:{workspace}:run_phase:{phase}",
        when: "always",
    }],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["terraform_organization_id", "terraform_workspace_id", "terraform_project_id", "sub"],
    demands: &[],
    provenance: ProvenanceMap {
        repository: &[Source::Claim("terraform_full_workspace")],
        run: &[Source::Claim("terraform_run_id")],
        job: &[Source::Claim("terraform_run_phase")],
        ..ProvenanceMap::NONE
    },
    forks: "plans of pull requests run with the phase `plan`, those of forks too if allowed: a plan runs \
         code of the change, so its role must be read-only",
    notes: &[
        "Every name can be reused: pin the ids where they can be tested.",
        "AWS sees aud and sub only, and refuses roles for the shared issuer that don't test sub.",
        "Whoever can write a workspace's variables can point it at any role.",
    ],
    documentation: &[
        "https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens",
    ],
    example: r#"{
  "jti": "8c3f2a1b-0d9e-4f8a-8b7c-6d5e4f3a2b1c",
  "iss": "https://app.terraform.io",
  "aud": "aws.workload.identity",
  "iat": 1795168800,
  "nbf": 1795168795,
  "exp": 1795172400,
  "sub": "organization:acme:project:shop:workspace:prod-net:run_phase:apply",
  "terraform_run_phase": "apply",
  "terraform_workspace_id": "ws-4YQ2mZ1f8xkbCqpD",
  "terraform_workspace_name": "prod-net",
  "terraform_organization_id": "org-9a8B7c6D5e4F3g2H",
  "terraform_organization_name": "acme",
  "terraform_project_id": "prj-1a2B3c4D5e6F7g8H",
  "terraform_project_name": "shop",
  "terraform_full_workspace": "organization:acme:project:shop:workspace:prod-net",
  "terraform_run_id": "run-3TaJ9vYkQ2Lx7w1B"
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The service"),
    always("aud", Form::Text, Mutability::Setting, "What the workspace's variables set"),
    always("sub", Form::Text, Mutability::Name, "Organization, project, workspace and phase, by name"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always("nbf", Form::Number, Mutability::Run, "Not valid before"),
    always("jti", Form::Text, Mutability::Run, "This token"),
    always("terraform_run_phase", Form::Text, Mutability::Run, "`plan` or `apply`"),
    always("terraform_workspace_id", Form::Text, Mutability::ImmutableId, "The workspace"),
    always("terraform_workspace_name", Form::Text, Mutability::Name, "The workspace"),
    always("terraform_organization_id", Form::Text, Mutability::ImmutableId, "The organization"),
    always("terraform_organization_name", Form::Text, Mutability::Name, "The organization"),
    always("terraform_project_id", Form::Text, Mutability::ImmutableId, "The project"),
    always("terraform_project_name", Form::Text, Mutability::Name, "The project"),
    always("terraform_full_workspace", Form::Text, Mutability::Name, "Organization, project and workspace"),
    always("terraform_run_id", Form::Text, Mutability::Run, "The run"),
];
