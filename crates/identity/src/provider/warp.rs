//! Warp (Oz) agents.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, ProvenanceMap, Provider, Source, Subject, always,
    sometimes, uncertain,
};
use crate::algorithm::Algorithm;

/// Warp agents.
pub(super) const WARP: Provider = Provider {
    kind: "warp",
    title: "Warp agents",
    issuers: &[IssuerForm {
        url: "https://app.warp.dev",
        shared: true,
        name_based: false,
        when: "always, for all customers",
    }],
    parameters: &[],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::ES256],
    token_types: &[],
    audience: Audience {
        default: Some("sts.amazonaws.com"),
        array: true,
        chosen_by: Some("`oz federate issue-token --audience`; an array by default"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "1 hour, or `--duration`",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[
        Subject { template: "user:{id}", when: "users" },
        Subject { template: "service_account:{id}", when: "service accounts" },
        Subject { template: "scoped_principal:{team}/user:{id}", when: "the form for AWS" },
    ],
    subject_customisable: true,
    claims: CLAIMS,
    pins: &["sub", "teams", "email"],
    demands: &[],
    provenance: ProvenanceMap {
        run: &[Source::Claim("run_id")],
        job: &[Source::Claim("agent_name")],
        environment: &[Source::Claim("environment")],
        actor: &[Source::Claim("email"), Source::Claim("sub")],
        ..ProvenanceMap::NONE
    },
    forks: "an agent that was talked into something holds its full token: keep the role narrow",
    notes: &["All customers share the issuer: pin sub.", "AWS sees aud, sub and email only."],
    documentation: &["https://docs.warp.dev"],
    example: r#"{
  "iss": "https://app.warp.dev",
  "aud": [
    "sts.amazonaws.com"
  ],
  "sub": "service_account:sa_17",
  "iat": 1795168800,
  "exp": 1795172400,
  "run_id": "run-5f4e3d2c",
  "agent_name": "release-notes",
  "environment": "default"
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The service"),
    always("aud", Form::TextOrList, Mutability::AttackerChosen, "What the agent asks for"),
    always("sub", Form::Text, Mutability::ImmutableId, "The user or service account"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    sometimes("email", Form::Text, Mutability::Name, "users", "The email address"),
    uncertain("teams", Form::List, Mutability::ImmutableId, "the form is not known", "The teams"),
    always("run_id", Form::Text, Mutability::Run, "The run"),
    uncertain(
        "environment",
        Form::Text,
        Mutability::Name,
        "when it is present is not known",
        "The environment",
    ),
    uncertain("agent_name", Form::Text, Mutability::Name, "when it is present is not known", "The agent"),
    uncertain(
        "skill_spec",
        Form::Text,
        Mutability::AttackerChosen,
        "when it is present is not known",
        "The skill",
    ),
    uncertain(
        "host",
        Form::Text,
        Mutability::Setting,
        "when it is present is not known",
        "Where the agent runs",
    ),
    uncertain("jti", Form::Text, Mutability::Run, "not attested", "This token"),
];
