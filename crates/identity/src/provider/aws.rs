//! AWS as a token provider: outbound federation.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always, uncertain,
};
use crate::algorithm::Algorithm;

/// AWS outbound federation.
pub(super) const AWS: Provider = Provider {
    kind: "aws",
    title: "AWS outbound federation",
    issuers: &[IssuerForm {
        url: "https://{issuer_id}.tokens.sts.global.api.aws",
        shared: false,
        name_based: false,
        when: "always: one for each account that has it enabled",
    }],
    parameters: &[Parameter {
        name: "issuer_id",
        required: true,
        shape: Shape::Uuid,
        about: "the id in the account's issuer URL",
        example: "1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d",
    }],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::RS256, Algorithm::ES384],
    token_types: &[],
    audience: Audience {
        default: None,
        array: false,
        chosen_by: Some("`Audience` of GetWebIdentityToken"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "1 minute to 1 hour",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[Subject {
        template: "arn:aws:iam::{account}:role/{role}",
        when: "always: the ARN of the principal",
    }],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["sub"],
    demands: &[],
    provenance: ProvenanceMap { actor: &[Source::Claim("sub")], ..ProvenanceMap::NONE },
    forks: "not for pipelines",
    notes: &[
        "Lets a Lambda function or an instance prove itself without a secret.",
        "A role's name can be used again after it was deleted.",
    ],
    documentation: &[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html",
    ],
    example: r#"{
  "iss": "https://1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d.tokens.sts.global.api.aws",
  "aud": "https://sts.acme.dev",
  "sub": "arn:aws:iam::123456789012:role/worker",
  "jti": "7d6c5b4a-3f2e-4d1c-8b0a-9f8e7d6c5b4a",
  "iat": 1795168800,
  "exp": 1795169100,
  "https://sts.amazonaws.com/": {
    "aws_account": "123456789012",
    "org_id": "o-a1b2c3d4e5"
  }
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The account"),
    always("aud", Form::TextOrList, Mutability::AttackerChosen, "What the principal asks for"),
    always("sub", Form::Text, Mutability::Name, "The ARN of the principal"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always("jti", Form::Text, Mutability::Run, "This token"),
    uncertain(
        "https://sts.amazonaws.com//aws_account",
        Form::Text,
        Mutability::ImmutableId,
        "the namespace is documented, the fields were not re-verified",
        "The account",
    ),
    uncertain(
        "https://sts.amazonaws.com//org_id",
        Form::Text,
        Mutability::ImmutableId,
        "the namespace is documented, the fields were not re-verified",
        "The organization",
    ),
    uncertain(
        "https://sts.amazonaws.com//principal_id",
        Form::Text,
        Mutability::Name,
        "the namespace is documented, the fields were not re-verified",
        "The principal",
    ),
    uncertain(
        "https://sts.amazonaws.com//*",
        Form::Object,
        Mutability::Setting,
        "the namespace is documented, the fields were not re-verified",
        "Facts about the session, tags of the principal and of the request",
    ),
];
