//! SPIFFE JWT-SVIDs, with an issuer for OpenID.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, ProvenanceMap, Provider, Source, Subject, always,
    sometimes,
};
use crate::algorithm::Algorithm;

/// SPIFFE JWT-SVID.
pub(super) const SPIFFE: Provider = Provider {
    kind: "spiffe",
    title: "SPIFFE JWT-SVID",
    issuers: &[IssuerForm {
        url: "{issuer}",
        shared: false,
        name_based: false,
        when: "always: set `issuer` to SPIRE's `jwt_issuer`",
    }],
    parameters: &[],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::ES256,
        Algorithm::ES384,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
    ],
    token_types: &["", "JWT", "JOSE"],
    audience: Audience {
        default: None,
        array: true,
        chosen_by: Some("what the workload asks for; one is recommended"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "5 minutes by SPIRE's default",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[Subject { template: "spiffe://{trust_domain}/{path}", when: "always" }],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["sub"],
    demands: &[],
    provenance: ProvenanceMap { actor: &[Source::Claim("sub")], ..ProvenanceMap::NONE },
    forks: "not for pipelines",
    notes: &[
        "Test sub with the trust domain: `spiffe://acme.dev/...`.",
        "AWS does not take the PS algorithms, and wants iat, which the standard leaves optional.",
        "ES512 is not supported here.",
    ],
    documentation: &["https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md"],
    example: r#"{
  "aud": [
    "sts.amazonaws.com"
  ],
  "exp": 1795169100,
  "iat": 1795168800,
  "iss": "https://oidc-discovery.acme.dev",
  "sub": "spiffe://acme.dev/ns/prod/sa/api"
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The issuer; optional in the standard, needed here"),
    always("aud", Form::TextOrList, Mutability::AttackerChosen, "Whom the workload wants to talk to"),
    always("sub", Form::Text, Mutability::Setting, "The SPIFFE id of the workload"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    sometimes("jti", Form::Text, Mutability::Run, "the issuer sets it", "This token"),
];
