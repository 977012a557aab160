//! Kubernetes service accounts: EKS, GKE, AKS and self-hosted clusters.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, Parameter, ProvenanceMap, Provider, Shape, Source,
    Subject, always, sometimes,
};
use crate::algorithm::Algorithm;

/// Kubernetes service accounts.
pub(super) const KUBERNETES: Provider = Provider {
    kind: "kubernetes",
    title: "Kubernetes service accounts",
    issuers: &[
        IssuerForm {
            url: "https://oidc.eks.{region}.amazonaws.com/id/{cluster_id}",
            shared: false,
            name_based: false,
            when: "EKS",
        },
        IssuerForm {
            url: "https://container.googleapis.com/v1/projects/{project}/locations/{location}/clusters/{cluster}",
            shared: false,
            name_based: true,
            when: "GKE; a deleted cluster's name can be used again",
        },
        IssuerForm {
            url: "https://{region}.oic.prod-aks.azure.com/{tenant_id}/{guid}/",
            shared: false,
            name_based: false,
            when: "AKS, with the slash at the end",
        },
        IssuerForm {
            url: "{issuer}",
            shared: false,
            name_based: false,
            when: "self-hosted: set `issuer` to what `--service-account-issuer` says",
        },
    ],
    parameters: &[
        Parameter {
            name: "region",
            required: false,
            shape: Shape::Segment,
            about: "EKS, AKS: the cluster's region",
            example: "eu-west-1",
        },
        Parameter {
            name: "cluster_id",
            required: false,
            shape: Shape::Segment,
            about: "EKS: the id at the end of the cluster's OpenID Connect provider URL",
            example: "0123456789ABCDEF0123456789ABCDEF",
        },
        Parameter {
            name: "project",
            required: false,
            shape: Shape::Segment,
            about: "GKE: the project",
            example: "acme-prod",
        },
        Parameter {
            name: "location",
            required: false,
            shape: Shape::Segment,
            about: "GKE: the location",
            example: "europe-west1",
        },
        Parameter {
            name: "cluster",
            required: false,
            shape: Shape::Segment,
            about: "GKE: the cluster's name",
            example: "main",
        },
        Parameter {
            name: "tenant_id",
            required: false,
            shape: Shape::Uuid,
            about: "AKS: the tenant's id",
            example: "9f1c2d3e-4a5b-4c6d-8e7f-0a1b2c3d4e5f",
        },
        Parameter {
            name: "guid",
            required: false,
            shape: Shape::Uuid,
            about: "AKS: the last part of the issuer's URL",
            example: "6e7f8a9b-0c1d-4e2f-8a3b-4c5d6e7f8a9b",
        },
    ],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::RS256, Algorithm::ES256],
    token_types: &[],
    audience: Audience {
        default: None,
        array: true,
        chosen_by: Some("`audience` of the projected `serviceAccountToken` volume; always an array"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "1 hour, at least 10 minutes, by `expirationSeconds`",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[Subject { template: "system:serviceaccount:{namespace}:{service_account}", when: "always" }],
    subject_customisable: false,
    claims: CLAIMS,
    pins: &["kubernetes.io/serviceaccount/uid", "sub", "kubernetes.io/namespace"],
    demands: &[],
    provenance: ProvenanceMap {
        repository: &[Source::Claim("kubernetes.io/namespace")],
        job: &[Source::Claim("kubernetes.io/pod/name")],
        actor: &[Source::Claim("sub")],
        ..ProvenanceMap::NONE
    },
    forks: "not for pipelines",
    notes: &[
        "Use a projected volume with its own audience: default tokens of many clusters live for a year \
         and are refused by the lifetime cap.",
        "With aud alone every pod of the cluster is let in: test sub.",
        "Namespaces and service accounts are names that can be used again; the uid is not, but AWS can't \
         test it.",
        "A self-hosted issuer is often neither unique nor reachable: give its keys by `jwks_file`.",
    ],
    documentation: &["https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/"],
    example: r#"{
  "iss": "https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
  "aud": [
    "sts.acme.dev"
  ],
  "sub": "system:serviceaccount:prod:api",
  "iat": 1795168800,
  "nbf": 1795168800,
  "exp": 1795172400,
  "jti": "3f1c0e52-7b6a-4d5c-8e9f-0a1b2c3d4e5f",
  "kubernetes.io": {
    "namespace": "prod",
    "node": {
      "name": "ip-10-0-1-9",
      "uid": "9d8c7b6a-5f4e-4d3c-8b2a-1f0e9d8c7b6a"
    },
    "pod": {
      "name": "api-6d5f",
      "uid": "5a4b3c2d-1e0f-4a9b-8c7d-6e5f4a3b2c1d"
    },
    "serviceaccount": {
      "name": "api",
      "uid": "1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
    }
  }
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The cluster"),
    always("aud", Form::List, Mutability::Setting, "What the volume asks for"),
    always("sub", Form::Text, Mutability::Name, "Namespace and service account, by name"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always("nbf", Form::Number, Mutability::Run, "Not valid before"),
    sometimes("jti", Form::Text, Mutability::Run, "Kubernetes 1.29 and newer", "This token"),
    always("kubernetes.io/namespace", Form::Text, Mutability::Name, "The namespace"),
    always("kubernetes.io/serviceaccount/name", Form::Text, Mutability::Name, "The service account"),
    always(
        "kubernetes.io/serviceaccount/uid",
        Form::Text,
        Mutability::ImmutableId,
        "The service account; new if it is made again",
    ),
    sometimes(
        "kubernetes.io/pod/name",
        Form::Text,
        Mutability::Run,
        "the token is bound to a pod",
        "The pod",
    ),
    sometimes("kubernetes.io/pod/uid", Form::Text, Mutability::Run, "the token is bound to a pod", "The pod"),
    sometimes(
        "kubernetes.io/node/name",
        Form::Text,
        Mutability::Run,
        "Kubernetes 1.29 and newer",
        "The node",
    ),
    sometimes("kubernetes.io/node/uid", Form::Text, Mutability::Run, "Kubernetes 1.29 and newer", "The node"),
    sometimes(
        "kubernetes.io/warnafter",
        Form::Number,
        Mutability::Run,
        "the token is the default one, with extended life",
        "When the kubelet should have renewed it",
    ),
];
