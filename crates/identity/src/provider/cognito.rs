//! Amazon Cognito user pools: ID and access tokens.

use std::time::Duration;

use super::{
    Audience, Claim, Demand, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, Substitute, always, sometimes,
};
use crate::algorithm::Algorithm;

/// Amazon Cognito user pool.
pub(super) const COGNITO: Provider = Provider {
    kind: "cognito",
    title: "Amazon Cognito user pool",
    issuers: &[IssuerForm {
        url: "https://cognito-idp.{region}.amazonaws.com/{user_pool}",
        shared: false,
        name_based: false,
        when: "always",
    }],
    parameters: &[
        Parameter {
            name: "region",
            required: true,
            shape: Shape::Segment,
            about: "the user pool's region",
            example: "eu-west-1",
        },
        Parameter {
            name: "user_pool",
            required: true,
            shape: Shape::Segment,
            about: "the user pool's id",
            example: "eu-west-1_AbCdEfGhI",
        },
        Parameter {
            name: "client_id",
            required: false,
            shape: Shape::Segment,
            about: "the app client's id, for the default audience",
            example: "7k2m3n4p5q6r7s8t9u0v1w2x3y",
        },
    ],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: Some("{client_id}"),
        array: false,
        chosen_by: None,
        substitute: Some(Substitute { claim: "client_id", when: ("token_use", "access") }),
    },
    secrets: &[],
    lifetime: "5 minutes to 24 hours, 1 hour by default",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[
        Subject { template: "{user_uuid}", when: "tokens of users" },
        Subject { template: "{client_id}", when: "access tokens of applications" },
    ],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["sub", "client_id"],
    demands: &[Demand::OneOf("token_use", &["id", "access"])],
    provenance: ProvenanceMap {
        actor: &[Source::Claim("username"), Source::Claim("cognito:username"), Source::Claim("sub")],
        ..ProvenanceMap::NONE
    },
    forks: "not for pipelines",
    notes: &[
        "Access tokens have no aud: here client_id stands for it, and AWS refuses them.",
        "Where anyone can sign up, groups and attributes are no proof: check that attributes are not \
         writable.",
        "Identity pools are another issuer, `https://cognito-identity.amazonaws.com`, built into AWS.",
    ],
    documentation: &[
        "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html",
    ],
    example: r#"{
  "sub": "b4d8f4a8-30b1-70c5-0d1e-6a7b8c9d0e1f",
  "cognito:groups": [
    "platform"
  ],
  "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI",
  "client_id": "7k2m3n4p5q6r7s8t9u0v1w2x3y",
  "origin_jti": "a1b2c3d4-1111-2222-3333-444455556666",
  "event_id": "0f0e0d0c-1111-2222-3333-444455556666",
  "token_use": "access",
  "scope": "openid wif/assume",
  "auth_time": 1795168790,
  "iat": 1795168800,
  "exp": 1795172400,
  "jti": "c1d2e3f4-1111-2222-3333-444455556666",
  "username": "jane"
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The user pool"),
    sometimes(
        "aud",
        Form::Text,
        Mutability::ImmutableId,
        "ID tokens; access tokens have client_id instead",
        "The app client",
    ),
    always("sub", Form::Text, Mutability::ImmutableId, "The user, or the app client"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always("jti", Form::Text, Mutability::Run, "This token"),
    always("token_use", Form::Text, Mutability::Setting, "`id` or `access`"),
    sometimes(
        "client_id",
        Form::Text,
        Mutability::ImmutableId,
        "access tokens",
        "The app client, in place of aud",
    ),
    sometimes(
        "scope",
        Form::Text,
        Mutability::Setting,
        "access tokens",
        "The scopes granted, separated by spaces",
    ),
    sometimes("username", Form::Text, Mutability::Name, "access tokens of users", "The user's name"),
    sometimes("cognito:username", Form::Text, Mutability::Name, "ID tokens", "The user's name"),
    sometimes("cognito:groups", Form::List, Mutability::Name, "the user is in a group", "The user's groups"),
    sometimes(
        "email",
        Form::Text,
        Mutability::Name,
        "ID tokens",
        "The email address, which the user may be able to set",
    ),
    sometimes(
        "email_verified",
        Form::Boolean,
        Mutability::Run,
        "ID tokens",
        "Whether the address was verified",
    ),
    sometimes(
        "identities",
        Form::Object,
        Mutability::Setting,
        "ID tokens of federated users",
        "The user's identities at other providers",
    ),
    sometimes(
        "custom:*",
        Form::Text,
        Mutability::AttackerChosen,
        "ID tokens, for custom attributes",
        "A custom attribute, which the user may be able to set",
    ),
    always("origin_jti", Form::Text, Mutability::Run, "The sign-in that the token comes from"),
    sometimes("event_id", Form::Text, Mutability::Run, "a user signed in", "The sign-in event"),
    always("auth_time", Form::Number, Mutability::Run, "When the user signed in"),
];
