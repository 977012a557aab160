//! Auth0 tenants.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always, sometimes,
};
use crate::algorithm::Algorithm;

/// Auth0.
pub(super) const AUTH0: Provider = Provider {
    kind: "auth0",
    title: "Auth0",
    issuers: &[IssuerForm {
        url: "https://{domain}/",
        shared: false,
        name_based: false,
        when: "always, with the slash at the end; custom domains too",
    }],
    parameters: &[Parameter {
        name: "domain",
        required: true,
        shape: Shape::Host,
        about: "the tenant's domain",
        example: "acme.eu.auth0.com",
    }],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: None,
        array: true,
        chosen_by: Some("the API's identifier"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "24 hours by default, up to 30 days",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[
        Subject { template: "{client_id}@clients", when: "applications" },
        Subject { template: "{connection}|{id}", when: "users" },
    ],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["sub", "azp"],
    demands: &[],
    provenance: ProvenanceMap { actor: &[Source::Claim("sub")], ..ProvenanceMap::NONE },
    forks: "not for pipelines",
    notes: &[
        "APIs can be set to HS256: such tokens are refused; set the API to RS256.",
        "AWS's aud key is azp, the client's id; the API is oaud.",
        "Custom claims have URLs as names.",
    ],
    documentation: &["https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles"],
    example: r#"{
  "iss": "https://acme.eu.auth0.com/",
  "sub": "q1W2e3R4t5Y6u7I8@clients",
  "aud": "https://sts.acme.dev",
  "azp": "q1W2e3R4t5Y6u7I8",
  "scope": "assume",
  "gty": "client-credentials",
  "iat": 1795168800,
  "exp": 1795255200
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The tenant"),
    always(
        "aud",
        Form::TextOrList,
        Mutability::Setting,
        "The API, and for users with openid the userinfo address too",
    ),
    always("sub", Form::Text, Mutability::ImmutableId, "The application or user"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    sometimes("jti", Form::Text, Mutability::Run, "tokens of the RFC 9068 profile", "This token"),
    sometimes("azp", Form::Text, Mutability::ImmutableId, "tokens of Auth0's own profile", "The application"),
    sometimes(
        "client_id",
        Form::Text,
        Mutability::ImmutableId,
        "tokens of the RFC 9068 profile",
        "The application",
    ),
    sometimes("gty", Form::Text, Mutability::Setting, "applications", "How the token was granted"),
    sometimes(
        "scope",
        Form::Text,
        Mutability::Setting,
        "scopes were granted",
        "The scopes, separated by spaces",
    ),
    sometimes(
        "permissions",
        Form::List,
        Mutability::Setting,
        "role-based access control is on for the API",
        "The permissions",
    ),
];
