//! Any OpenID provider that the catalogue does not know.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, ProvenanceMap, Provider, Source, Subject, always,
    sometimes,
};
use crate::algorithm::Algorithm;

/// Any OpenID provider.
pub(super) const OIDC: Provider = Provider {
    kind: "oidc",
    title: "OpenID provider",
    issuers: &[IssuerForm {
        url: "{issuer}",
        shared: false,
        name_based: false,
        when: "always: set `issuer`; if it has other customers too, test more than the audience",
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
        Algorithm::EdDSA,
    ],
    token_types: &[],
    audience: Audience {
        default: None,
        array: true,
        chosen_by: Some("the provider's settings"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "as the provider sets it",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[Subject { template: "{subject}", when: "always" }],
    subject_customisable: true,
    claims: CLAIMS,
    pins: &["sub"],
    demands: &[],
    provenance: ProvenanceMap { actor: &[Source::Claim("sub")], ..ProvenanceMap::NONE },
    forks: "not known",
    notes: &["AWS exposes aud, sub, amr and email only."],
    documentation: &["https://openid.net/specs/openid-connect-core-1_0.html"],
    example: r#"{
  "iss": "https://issuer.example.com",
  "aud": "stagedoor",
  "sub": "user-1",
  "email": "jane@example.com",
  "amr": ["mfa"],
  "iat": 1795168800,
  "exp": 1795172400
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The provider"),
    always("aud", Form::TextOrList, Mutability::Setting, "The audience"),
    always("sub", Form::Text, Mutability::ImmutableId, "The subject"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    sometimes("nbf", Form::Number, Mutability::Run, "the provider sets it", "Not valid before"),
    sometimes("jti", Form::Text, Mutability::Run, "the provider sets it", "This token"),
    sometimes(
        "azp",
        Form::Text,
        Mutability::Setting,
        "the provider sets it",
        "The party that the token was issued to",
    ),
    sometimes("amr", Form::List, Mutability::Run, "the provider sets it", "How the user proved who they are"),
    sometimes("email", Form::Text, Mutability::Name, "the provider sets it", "The email address"),
];
