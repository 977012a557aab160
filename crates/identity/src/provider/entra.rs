//! Microsoft Entra ID: applications, managed identities and users.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always, sometimes,
};
use crate::algorithm::Algorithm;

/// Microsoft Entra ID.
pub(super) const ENTRA: Provider = Provider {
    kind: "entra",
    title: "Microsoft Entra ID",
    issuers: &[
        IssuerForm {
            url: "https://login.microsoftonline.com/{tenant_id}/v2.0",
            shared: false,
            name_based: false,
            when: "tokens of version 2",
        },
        IssuerForm {
            url: "https://sts.windows.net/{tenant_id}/",
            shared: false,
            name_based: false,
            when: "tokens of version 1, with the slash at the end: set `issuer`",
        },
    ],
    parameters: &[Parameter {
        name: "tenant_id",
        required: true,
        shape: Shape::Uuid,
        about: "the tenant's id",
        example: "9f1c2d3e-4a5b-4c6d-8e7f-0a1b2c3d4e5f",
    }],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &["login.microsoftonline.com", "login.windows.net"],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: None,
        array: false,
        chosen_by: Some("the resource that the token is asked for"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "60 to 90 minutes",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[
        Subject { template: "{object_id}", when: "applications: the service principal" },
        Subject { template: "{pairwise_id}", when: "users: different for each application" },
        Subject {
            template: "/eid1/c/pub/t/{tenant}/a/{application}/{rest}",
            when: "agent identities and federated subjects",
        },
    ],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["oid", "azp", "appid", "sub"],
    demands: &[],
    provenance: ProvenanceMap { actor: &[Source::Claim("oid"), Source::Claim("sub")], ..ProvenanceMap::NONE },
    forks: "not for pipelines",
    notes: &[
        "The resource's `requestedAccessTokenVersion` decides the version, and with it the issuer.",
        "`common` and `organizations` are no issuers: a tenant must be pinned.",
        "AWS's aud key is azp for version 2.",
    ],
    documentation: &[
        "https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference",
    ],
    example: r#"{
  "aud": "6e7f8a9b-0c1d-4e2f-8a3b-4c5d6e7f8a9b",
  "iss": "https://login.microsoftonline.com/9f1c2d3e-4a5b-4c6d-8e7f-0a1b2c3d4e5f/v2.0",
  "iat": 1795168800,
  "nbf": 1795168800,
  "exp": 1795172700,
  "azp": "c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f",
  "azpacr": "2",
  "idtyp": "app",
  "oid": "77aa88bb-9c0d-4e1f-8a2b-3c4d5e6f7a8b",
  "sub": "77aa88bb-9c0d-4e1f-8a2b-3c4d5e6f7a8b",
  "tid": "9f1c2d3e-4a5b-4c6d-8e7f-0a1b2c3d4e5f",
  "roles": [
    "Assume"
  ],
  "uti": "kJ8hGf6dS4aP2oI0uYtR",
  "ver": "2.0"
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The tenant"),
    always(
        "aud",
        Form::Text,
        Mutability::Setting,
        "The resource: its client id in version 2, its App ID URI in version 1",
    ),
    always(
        "sub",
        Form::Text,
        Mutability::ImmutableId,
        "The service principal, or the user for this application",
    ),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always("nbf", Form::Number, Mutability::Run, "Not valid before"),
    always("tid", Form::Text, Mutability::ImmutableId, "The tenant"),
    always("oid", Form::Text, Mutability::ImmutableId, "The user or service principal"),
    sometimes("azp", Form::Text, Mutability::ImmutableId, "version 2", "The application that asked"),
    sometimes("appid", Form::Text, Mutability::ImmutableId, "version 1", "The application that asked"),
    sometimes("azpacr", Form::Text, Mutability::Run, "version 2", "How the application proved who it is"),
    sometimes("appidacr", Form::Text, Mutability::Run, "version 1", "How the application proved who it is"),
    sometimes(
        "idtyp",
        Form::Text,
        Mutability::Setting,
        "the optional claim is configured",
        "`app` or `user`",
    ),
    sometimes("roles", Form::List, Mutability::Setting, "app roles are assigned", "The app roles"),
    sometimes("scp", Form::Text, Mutability::Setting, "delegated access", "The scopes, separated by spaces"),
    sometimes(
        "xms_mirid",
        Form::Text,
        Mutability::Name,
        "managed identities",
        "The managed identity's resource id",
    ),
    always("uti", Form::Text, Mutability::Run, "This token"),
    always("ver", Form::Text, Mutability::Setting, "The version of the token's form"),
];
