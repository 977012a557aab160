//! Backstage: tokens of its users.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always, sometimes,
};
use crate::algorithm::Algorithm;

/// Backstage.
pub(super) const BACKSTAGE: Provider = Provider {
    kind: "backstage",
    title: "Backstage",
    issuers: &[IssuerForm {
        url: "{base_url}/api/auth",
        shared: false,
        name_based: false,
        when: "always; split deployments may serve the auth plugin elsewhere: then set `issuer`",
    }],
    parameters: &[Parameter {
        name: "base_url",
        required: true,
        shape: Shape::Url,
        about: "the backend's base URL (`backend.baseUrl`)",
        example: "https://backstage.example.com",
    }],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::ES256],
    token_types: &["vnd.backstage.user"],
    audience: Audience { default: Some("backstage"), array: false, chosen_by: None, substitute: None },
    secrets: &["uip"],
    lifetime: "1 hour; 10 minutes to 24 hours by `auth.backstageTokenExpiration`",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[Subject {
        template: "user:{namespace}/{name}",
        when: "always: the entity reference of the user, in lower case",
    }],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["sub"],
    demands: &[],
    provenance: ProvenanceMap { actor: &[Source::Claim("sub")], ..ProvenanceMap::NONE },
    forks: "not for pipelines",
    notes: &[
        "The audience is the same for every service: whoever receives a user's token can use it here too. \
         Keep such roles weak, or use plugin tokens (kind `backstage-plugin`).",
        "ent is absent by default since plugin-auth-backend 0.28; groups must come from the catalog.",
        "sub is a name in the catalog, as strong as the rules for registering users in it.",
        "AWS sees aud and sub only.",
    ],
    documentation: &[
        "https://backstage.io/docs/auth/",
        "https://backstage.io/docs/auth/service-to-service-auth",
    ],
    example: r#"{
  "iss": "https://backstage.acme.dev/api/auth",
  "sub": "user:default/jane",
  "ent": [
    "user:default/jane",
    "group:default/platform"
  ],
  "aud": "backstage",
  "iat": 1795168800,
  "exp": 1795172400,
  "uip": "MEUCIQDx"
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The auth plugin"),
    always("aud", Form::Text, Mutability::Setting, "Always `backstage`"),
    always("sub", Form::Text, Mutability::Name, "The user's entity reference"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    sometimes(
        "ent",
        Form::List,
        Mutability::Setting,
        "`auth.omitIdentityTokenOwnershipClaim` is false",
        "The user and their groups, as entity references",
    ),
    always("uip", Form::Text, Mutability::Run, "Part of another token of the user; not kept"),
];
