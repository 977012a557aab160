//! Jenkins with its oidc-provider plugin.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always, sometimes,
};
use crate::algorithm::Algorithm;

/// Jenkins.
pub(super) const JENKINS: Provider = Provider {
    kind: "jenkins",
    title: "Jenkins",
    issuers: &[IssuerForm {
        url: "https://{host}/oidc",
        shared: false,
        name_based: false,
        when: "credentials at the root; for those in a folder, or with an issuer of their own, set `issuer`",
    }],
    parameters: &[Parameter {
        name: "host",
        required: true,
        shape: Shape::Host,
        about: "the controller's host",
        example: "jenkins.example.com",
    }],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: None,
        array: true,
        chosen_by: Some("the credential's settings; always an array"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "1 hour, by the administrator's setting",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[
        Subject { template: "{job_url}", when: "in builds, unless the administrator changed the template" },
        Subject { template: "{jenkins_url}", when: "outside of builds" },
    ],
    subject_customisable: true,
    claims: CLAIMS,
    pins: &["sub"],
    demands: &[],
    provenance: ProvenanceMap {
        repository: &[Source::Claim("sub")],
        run: &[Source::Claim("build_number")],
        ..ProvenanceMap::NONE
    },
    forks: "multibranch projects build pull requests as jobs of their own (`PR-7`): a pattern over \
         branches lets them in",
    notes: &[
        "The branch is part of the job's URL, and anyone who can push can name one.",
        "A deleted job's name can be taken by anyone who may create jobs.",
        "kid is the credential's id; each credential has a key of its own.",
        "`/oidc` must be readable without signing in.",
        "AWS sees aud and sub only.",
    ],
    documentation: &["https://github.com/jenkinsci/oidc-provider-plugin"],
    example: r#"{
  "iss": "https://jenkins.acme.com/oidc",
  "aud": [
    "sts.amazonaws.com"
  ],
  "iat": 1795168800,
  "exp": 1795172400,
  "sub": "https://jenkins.acme.com/job/shop/job/main/",
  "build_number": 42
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The controller or folder"),
    always("aud", Form::List, Mutability::Setting, "What the credential says"),
    always(
        "sub",
        Form::Text,
        Mutability::AttackerChosen,
        "The job's URL, with the branch in multibranch projects",
    ),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    sometimes(
        "build_number",
        Form::Number,
        Mutability::Run,
        "the administrator has not removed it",
        "The number of the build",
    ),
];
