//! Google service accounts: ID tokens.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, ProvenanceMap, Provider, Source, Subject, always,
    sometimes, uncertain,
};
use crate::algorithm::Algorithm;

/// Google.
pub(super) const GOOGLE: Provider = Provider {
    kind: "google",
    title: "Google",
    issuers: &[IssuerForm {
        url: "https://accounts.google.com",
        shared: true,
        name_based: false,
        when: "always, for all of Google's users and service accounts",
    }],
    parameters: &[],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &["www.googleapis.com"],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: None,
        array: false,
        chosen_by: Some("the `audience` of the metadata server or of generateIdToken"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "1 hour",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[Subject {
        template: "{unique_id}",
        when: "always: the number of the service account or user",
    }],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["sub", "google/organization_number", "email"],
    demands: &[],
    provenance: ProvenanceMap {
        job: &[Source::Claim("google/compute_engine/instance_name")],
        actor: &[Source::Claim("email"), Source::Claim("sub")],
        ..ProvenanceMap::NONE
    },
    forks: "not for pipelines",
    notes: &[
        "Everyone with a Google account has tokens of this issuer: pin sub.",
        "At AWS Google is built in: the principal is `accounts.google.com`, aud is azp and the audience \
         asked for is oaud.",
    ],
    documentation: &["https://cloud.google.com/compute/docs/instances/verifying-instance-identity"],
    example: r#"{
  "iss": "https://accounts.google.com",
  "aud": "https://sts.acme.dev",
  "azp": "117000000000000000391",
  "sub": "117000000000000000391",
  "email": "deploy@proj.iam.gserviceaccount.com",
  "email_verified": true,
  "iat": 1795168800,
  "exp": 1795172400,
  "google": {
    "compute_engine": {
      "project_id": "proj",
      "project_number": 739419398126,
      "zone": "europe-west1-b",
      "instance_id": "152986662232938449",
      "instance_name": "vm-1",
      "instance_creation_timestamp": 1795100000,
      "license_id": [
        "1000204"
      ]
    }
  }
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "Google"),
    always("aud", Form::Text, Mutability::AttackerChosen, "What was asked for"),
    always("sub", Form::Text, Mutability::ImmutableId, "The service account or user"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always(
        "azp",
        Form::Text,
        Mutability::ImmutableId,
        "The party that the token was issued to: the service account",
    ),
    sometimes(
        "email",
        Form::Text,
        Mutability::Name,
        "the caller asks for it",
        "The email address; a deleted account's can come back with another sub",
    ),
    sometimes(
        "email_verified",
        Form::Boolean,
        Mutability::Run,
        "with email",
        "Whether the address was verified",
    ),
    uncertain(
        "google/organization_number",
        Form::Number,
        Mutability::ImmutableId,
        "the organization claim was asked for",
        "The organization",
    ),
    sometimes(
        "google/compute_engine/project_id",
        Form::Text,
        Mutability::Name,
        "on Compute Engine in the full format",
        "The project",
    ),
    sometimes(
        "google/compute_engine/project_number",
        Form::Number,
        Mutability::ImmutableId,
        "on Compute Engine in the full format",
        "The project",
    ),
    sometimes(
        "google/compute_engine/zone",
        Form::Text,
        Mutability::Setting,
        "on Compute Engine in the full format",
        "The zone",
    ),
    sometimes(
        "google/compute_engine/instance_id",
        Form::Text,
        Mutability::ImmutableId,
        "on Compute Engine in the full format",
        "The instance",
    ),
    sometimes(
        "google/compute_engine/instance_name",
        Form::Text,
        Mutability::Name,
        "on Compute Engine in the full format",
        "The instance",
    ),
    sometimes(
        "google/compute_engine/instance_creation_timestamp",
        Form::Number,
        Mutability::Run,
        "on Compute Engine in the full format",
        "When the instance was made",
    ),
    sometimes(
        "google/compute_engine/license_id",
        Form::List,
        Mutability::Setting,
        "on Compute Engine in the full format",
        "Licences of the instance",
    ),
];
