//! Vercel deployments and functions.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always, sometimes, uncertain,
};
use crate::algorithm::Algorithm;

/// Vercel.
pub(super) const VERCEL: Provider = Provider {
    kind: "vercel",
    title: "Vercel",
    issuers: &[
        IssuerForm {
            url: "https://oidc.vercel.com/{team}",
            shared: false,
            name_based: true,
            when: "team mode, the default of new projects",
        },
        IssuerForm {
            url: "https://oidc.vercel.com",
            shared: true,
            name_based: false,
            when: "global mode, for all customers: set `issuer`",
        },
    ],
    parameters: &[Parameter {
        name: "team",
        required: true,
        shape: Shape::Segment,
        about: "the team's slug",
        example: "acme",
    }],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: Some("https://vercel.com/{team}"),
        array: false,
        chosen_by: Some("token exchange"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "builds 1 hour, functions 2 hours, development 12 hours",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[Subject {
        template: "owner:{team}:project:{project}:environment:{environment}",
        when: "always",
    }],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["project_id", "owner_id", "sub"],
    demands: &[],
    provenance: ProvenanceMap {
        repository: &[Source::Claim("project")],
        environment: &[Source::Claim("environment")],
        actor: &[Source::Claim("user_id")],
        ..ProvenanceMap::NONE
    },
    forks: "preview is any branch and pull request; those of forks must be authorized",
    notes: &[
        "`environment:preview` stands for every branch.",
        "AWS refuses roles for the global issuer that don't test aud.",
    ],
    documentation: &["https://vercel.com/docs/oidc/reference"],
    example: r#"{
  "iss": "https://oidc.vercel.com/acme",
  "aud": "https://vercel.com/acme",
  "sub": "owner:acme:project:shop:environment:production",
  "owner": "acme",
  "owner_id": "team_7Gw5ZMzpQA8h90F832KGp7nw",
  "project": "shop",
  "project_id": "prj_7Gw5ZMBvQA8h9oF832KGp7nwbuh3",
  "environment": "production",
  "iat": 1795168800,
  "nbf": 1795168800,
  "exp": 1795176000
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The team, or the service"),
    always("aud", Form::Text, Mutability::AttackerChosen, "The default audience or one by token exchange"),
    always("sub", Form::Text, Mutability::Name, "Team, project and environment, by name"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always("nbf", Form::Number, Mutability::Run, "Not valid before"),
    always("owner", Form::Text, Mutability::Name, "The team"),
    always("owner_id", Form::Text, Mutability::ImmutableId, "The team"),
    always("project", Form::Text, Mutability::Name, "The project"),
    always("project_id", Form::Text, Mutability::ImmutableId, "The project"),
    always(
        "environment",
        Form::Text,
        Mutability::Setting,
        "production, preview, development or a custom one",
    ),
    sometimes("user_id", Form::Text, Mutability::ImmutableId, "development", "The developer"),
    uncertain("scope", Form::Text, Mutability::Name, "listed without an example", "Team and project"),
    uncertain(
        "external_sub",
        Form::Text,
        Mutability::Setting,
        "listed without an example",
        "An alternative subject",
    ),
];
