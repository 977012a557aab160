//! Backstage: tokens of its plugins, with the user on whose behalf they act.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always, sometimes,
};
use crate::algorithm::Algorithm;

/// Backstage plugin.
pub(super) const BACKSTAGE_PLUGIN: Provider = Provider {
    kind: "backstage-plugin",
    title: "Backstage plugin",
    issuers: &[IssuerForm {
        url: "{base_url}/api/{plugin}",
        shared: false,
        name_based: true,
        when: "always: one issuer for each plugin; its tokens have no `iss`, so the plugin's id in `sub` \
             tells",
    }],
    parameters: &[
        Parameter {
            name: "base_url",
            required: true,
            shape: Shape::Url,
            about: "the backend's base URL (`backend.baseUrl`)",
            example: "https://backstage.example.com",
        },
        Parameter {
            name: "plugin",
            required: true,
            shape: Shape::Segment,
            about: "the id of the plugin whose tokens are accepted",
            example: "scaffolder",
        },
    ],
    names_issuer: false,
    keys_at: Some("/.backstage/auth/v1/jwks.json"),
    jwks_hosts: &[],
    algorithms: &[Algorithm::ES256],
    token_types: &["vnd.backstage.plugin"],
    audience: Audience {
        default: None,
        array: false,
        chosen_by: Some("`targetPluginId` of `auth.getPluginRequestToken`"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "1 hour, or what is left of the user's token",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[Subject { template: "{plugin}", when: "always: the plugin that asked for the token" }],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["sub"],
    demands: &[],
    provenance: ProvenanceMap {
        job: &[Source::Claim("sub")],
        actor: &[Source::Claim("obo/sub"), Source::Claim("sub")],
        ..ProvenanceMap::NONE
    },
    forks: "not for pipelines",
    notes: &[
        "Choose an audience that is used for nothing else, such as `stagedoor`.",
        "A token for a user needs an issuer of kind `backstage` with the same base_url: the user's token \
         in obo is verified with its keys, and only the user is kept.",
        "AWS can't use these tokens: they have no iss.",
    ],
    documentation: &["https://backstage.io/docs/auth/service-to-service-auth"],
    example: r#"{
  "sub": "scaffolder",
  "aud": "stagedoor",
  "iat": 1795168800,
  "exp": 1795172400,
  "obo": {
    "sub": "user:default/jane"
  }
}"#,
};

const CLAIMS: &[Claim] = &[
    always("aud", Form::Text, Mutability::AttackerChosen, "The target that the plugin named"),
    always("sub", Form::Text, Mutability::Name, "The plugin's id"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    sometimes(
        "obo/sub",
        Form::Text,
        Mutability::Name,
        "the plugin acts for a user",
        "The user's entity reference, out of the verified token in `obo`",
    ),
];
