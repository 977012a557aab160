//! Fly.io machines.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always,
};
use crate::algorithm::Algorithm;

/// Fly.io.
pub(super) const FLY: Provider = Provider {
    kind: "fly",
    title: "Fly.io",
    issuers: &[IssuerForm {
        url: "https://oidc.fly.io/{organization}",
        shared: false,
        name_based: true,
        when: "always",
    }],
    parameters: &[Parameter {
        name: "organization",
        required: true,
        shape: Shape::Segment,
        about: "the organization's slug",
        example: "acme",
    }],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: Some("https://fly.io/{organization}"),
        array: false,
        chosen_by: Some("`aud` of the request to `/.fly/api`"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "10 minutes in samples",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[Subject { template: "{organization}:{app}:{machine}", when: "always" }],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["app_id", "org_id", "sub"],
    demands: &[],
    provenance: ProvenanceMap {
        repository: &[Source::Claim("app_name")],
        commit: &[Source::Claim("image_digest")],
        job: &[Source::Claim("machine_id")],
        ..ProvenanceMap::NONE
    },
    forks: "not for pipelines",
    notes: &[
        "Any process in the machine can ask for any audience.",
        "`acme:shop:*` is safe; `acme:shop*` lets in `shop-evil`.",
        "AWS sees aud and sub only.",
    ],
    documentation: &["https://fly.io/docs/security/openid-connect/"],
    example: r#"{
  "iss": "https://oidc.fly.io/acme",
  "aud": "https://fly.io/acme",
  "sub": "acme:shop:weathered-wind-42",
  "org_id": "29873298",
  "org_name": "acme",
  "app_id": "3671581",
  "app_name": "shop",
  "machine_id": "3d8d377ce9e398",
  "machine_name": "weathered-wind-42",
  "machine_version": "01HZXXDEF12345",
  "image": "registry.fly.io/shop:deployment-01HZXX",
  "image_digest": "sha256:e1c3be2a0cf6d0b4a6e1b1c1c5f4f6a7b8c9d0e1f2a3b4c5d6e7f8091a2b3c4d",
  "region": "fra",
  "jti": "5e3b2c1d-0f9e-4d8c-8b7a-6f5e4d3c2b1a",
  "iat": 1795168800,
  "nbf": 1795168800,
  "exp": 1795169400
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The organization, by its slug"),
    always(
        "aud",
        Form::Text,
        Mutability::AttackerChosen,
        "The default audience or what the process asks for",
    ),
    always("sub", Form::Text, Mutability::Name, "Organization, application and machine, by name"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always("nbf", Form::Number, Mutability::Run, "Not valid before"),
    always("jti", Form::Text, Mutability::Run, "This token"),
    always("org_id", Form::Text, Mutability::ImmutableId, "The organization"),
    always("org_name", Form::Text, Mutability::Name, "The organization"),
    always("app_id", Form::Text, Mutability::ImmutableId, "The application"),
    always("app_name", Form::Text, Mutability::Name, "The application"),
    always("machine_id", Form::Text, Mutability::Run, "The machine"),
    always("machine_name", Form::Text, Mutability::Name, "The machine"),
    always("machine_version", Form::Text, Mutability::Run, "The version of the machine's configuration"),
    always("image", Form::Text, Mutability::Setting, "The image"),
    always("image_digest", Form::Text, Mutability::Run, "The image's digest"),
    always("region", Form::Text, Mutability::Setting, "The region"),
];
