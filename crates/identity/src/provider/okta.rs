//! Okta: custom authorization servers, and the ID tokens of the organization server.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always, sometimes,
};
use crate::algorithm::Algorithm;

/// Okta.
pub(super) const OKTA: Provider = Provider {
    kind: "okta",
    title: "Okta",
    issuers: &[
        IssuerForm {
            url: "https://{domain}/oauth2/{authorization_server}",
            shared: false,
            name_based: false,
            when: "custom authorization servers",
        },
        IssuerForm {
            url: "https://{domain}",
            shared: false,
            name_based: false,
            when: "the organization server: ID tokens only, its access tokens are not for others",
        },
    ],
    parameters: &[
        Parameter {
            name: "domain",
            required: true,
            shape: Shape::Host,
            about: "the organization's domain",
            example: "acme.okta.com",
        },
        Parameter {
            name: "authorization_server",
            required: false,
            shape: Shape::Segment,
            about: "the id of a custom authorization server",
            example: "aus1a2b3c4D5e6F7g8",
        },
    ],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: None,
        array: false,
        chosen_by: Some("the authorization server's audience; for ID tokens the client id"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "5 minutes to 24 hours, 1 hour by default",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[
        Subject { template: "{login}", when: "access tokens of users" },
        Subject { template: "{client_id}", when: "access tokens of service applications" },
        Subject { template: "{user_id}", when: "ID tokens" },
    ],
    subject_customisable: true,
    claims: CLAIMS,
    pins: &["uid", "cid", "sub"],
    demands: &[],
    provenance: ProvenanceMap { actor: &[Source::Claim("sub")], ..ProvenanceMap::NONE },
    forks: "not for pipelines",
    notes: &[
        "sub of an access token is a login, which can be changed and given to someone else: pin uid or cid.",
        "scp is an array.",
        "AWS sees aud, sub, amr and email only: no groups.",
        "The issuer changes with a custom domain.",
    ],
    documentation: &[
        "https://developer.okta.com/docs/guides/validate-access-tokens/",
        "https://developer.okta.com/docs/concepts/auth-servers/",
    ],
    example: r#"{
  "ver": 1,
  "jti": "AT.0mPqRsTuVwXyZ",
  "iss": "https://acme.okta.com/oauth2/aus1a2b3c4D5e6F7g8",
  "aud": "api://wif",
  "iat": 1795168800,
  "exp": 1795172400,
  "cid": "0oa1bcd2efG3hij4K5l6",
  "uid": "00u1a2b3c4D5e6F7g8h9",
  "scp": [
    "openid",
    "groups"
  ],
  "auth_time": 1795168790,
  "sub": "jane@acme.dev",
  "groups": [
    "Everyone",
    "platform"
  ]
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The authorization server"),
    always("aud", Form::Text, Mutability::Setting, "The authorization server's audience, or the client"),
    always("sub", Form::Text, Mutability::Name, "The login, the client or the user's id"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always("jti", Form::Text, Mutability::Run, "This token"),
    always("ver", Form::Number, Mutability::Setting, "The version of the token's form"),
    sometimes("cid", Form::Text, Mutability::ImmutableId, "access tokens", "The client"),
    sometimes("uid", Form::Text, Mutability::ImmutableId, "access tokens of users", "The user"),
    sometimes("scp", Form::List, Mutability::Setting, "access tokens", "The scopes granted"),
    sometimes(
        "groups",
        Form::List,
        Mutability::Name,
        "a groups claim is configured, and at most 100 groups match",
        "The user's groups",
    ),
    sometimes("auth_time", Form::Number, Mutability::Run, "a user signed in", "When the user signed in"),
    sometimes("amr", Form::List, Mutability::Run, "ID tokens", "How the user proved who they are"),
    sometimes("idp", Form::Text, Mutability::ImmutableId, "ID tokens", "The identity provider"),
    sometimes("email", Form::Text, Mutability::Name, "ID tokens with the email scope", "The email address"),
    sometimes("name", Form::Text, Mutability::Name, "ID tokens with the profile scope", "The user's name"),
    sometimes(
        "preferred_username",
        Form::Text,
        Mutability::Name,
        "ID tokens with the profile scope",
        "The login",
    ),
    sometimes(
        "at_hash",
        Form::Text,
        Mutability::Run,
        "ID tokens beside an access token",
        "A hash of the access token",
    ),
    sometimes(
        "nonce",
        Form::Text,
        Mutability::AttackerChosen,
        "ID tokens for which the client sent one",
        "What the client sent",
    ),
];
