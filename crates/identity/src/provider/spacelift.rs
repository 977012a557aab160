//! Spacelift.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always, uncertain,
};
use crate::algorithm::Algorithm;

/// Spacelift.
pub(super) const SPACELIFT: Provider = Provider {
    kind: "spacelift",
    title: "Spacelift",
    issuers: &[IssuerForm {
        url: "https://{account}.app.spacelift.io",
        shared: false,
        name_based: true,
        when: "always; self-hosted ones set `issuer`",
    }],
    parameters: &[Parameter {
        name: "account",
        required: true,
        shape: Shape::Segment,
        about: "the account's name",
        example: "acme",
    }],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: Some("{account}.app.spacelift.io"),
        array: false,
        chosen_by: None,
        substitute: None,
    },
    secrets: &[],
    lifetime: "1 hour",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[Subject {
        template: "space:{space}:{caller_type}:{caller}:run_type:{run_type}:scope:{scope}",
        when: "unless the organization changed the template",
    }],
    subject_customisable: true,
    claims: CLAIMS,
    pins: &["spaceId", "callerId", "sub"],
    demands: &[],
    provenance: ProvenanceMap {
        repository: &[Source::Claim("callerId")],
        run: &[Source::Claim("runId")],
        job: &[Source::Claim("runType")],
        ..ProvenanceMap::NONE
    },
    forks: "PROPOSED runs preview pull requests and run their code",
    notes: &[
        "Test runType: a PROPOSED run has code that nobody reviewed.",
        "A pattern that begins with `*:stack:` lets in every space.",
        "AWS sees aud and sub only.",
    ],
    documentation: &["https://docs.spacelift.io/integrations/cloud-providers/oidc/"],
    example: r#"{
  "iss": "https://acme.app.spacelift.io",
  "aud": "acme.app.spacelift.io",
  "sub": "space:production-01HND497T9JKR76MR3KA2CDJHP:stack:infra:run_type:TRACKED:scope:write",
  "iat": 1795168800,
  "nbf": 1795168800,
  "exp": 1795172400,
  "jti": "01HXX123ABD",
  "spaceId": "production-01HND497T9JKR76MR3KA2CDJHP",
  "callerType": "stack",
  "callerId": "infra",
  "runType": "TRACKED",
  "runId": "01HXX123ABC",
  "scope": "write"
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The account"),
    always("aud", Form::Text, Mutability::Setting, "The account's host, without scheme"),
    always("sub", Form::Text, Mutability::Name, "Space, stack or module, kind of run and scope"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always("nbf", Form::Number, Mutability::Run, "Not valid before"),
    always("jti", Form::Text, Mutability::Run, "This token"),
    always("spaceId", Form::Text, Mutability::ImmutableId, "The space"),
    uncertain(
        "spacePath",
        Form::Text,
        Mutability::Name,
        "only named as a part of the template",
        "The space, by its path",
    ),
    always("callerType", Form::Text, Mutability::Setting, "`stack` or `module`"),
    always("callerId", Form::Text, Mutability::Name, "The stack or module"),
    always("runType", Form::Text, Mutability::Run, "TRACKED, PROPOSED, TASK, TESTING or DESTROY"),
    always("runId", Form::Text, Mutability::Run, "The run"),
    always("scope", Form::Text, Mutability::Run, "`read` or `write`: advice, not a limit"),
];
