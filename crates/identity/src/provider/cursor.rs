//! Cursor cloud agents.

use std::time::Duration;

use super::{
    Audience, Claim, Form, IssuerForm, Mutability, ProvenanceMap, Provider, Source, Subject, always,
    sometimes, uncertain,
};
use crate::algorithm::Algorithm;

/// Cursor cloud agents.
pub(super) const CURSOR: Provider = Provider {
    kind: "cursor",
    title: "Cursor cloud agents",
    issuers: &[
        IssuerForm {
            url: "https://api.cursor.com",
            shared: true,
            name_based: false,
            when: "always, for all customers",
        },
        IssuerForm {
            url: "https://api2.cursor.sh/cloud-agent/identity",
            shared: true,
            name_based: false,
            when: "earlier: set `issuer`",
        },
    ],
    parameters: &[],
    names_issuer: true,
    keys_at: None,
    jwks_hosts: &[],
    algorithms: &[Algorithm::RS256],
    token_types: &[],
    audience: Audience {
        default: None,
        array: false,
        chosen_by: Some("`aud` of the request to the agent's socket"),
        substitute: None,
    },
    secrets: &[],
    lifetime: "5 minutes",
    max_lifetime: Duration::from_secs(24 * 3600),
    subjects: &[
        Subject { template: "user:{id}", when: "agents of users" },
        Subject { template: "service_account:{id}", when: "agents of service accounts" },
        Subject { template: "team_id:{id}", when: "if asked for by `sub_claim`" },
    ],
    subject_customisable: true,
    claims: CLAIMS,
    pins: &["team_id", "sub", "owner_email"],
    demands: &[],
    provenance: ProvenanceMap {
        repository: &[Source::Claim("repo_url")],
        reference: &[Source::Claim("branch_name")],
        run: &[Source::Claim("cloud_agent_id")],
        job: &[Source::Claim("turn_id")],
        actor: &[Source::Claim("owner_email"), Source::Claim("sub")],
        ..ProvenanceMap::NONE
    },
    forks: "an agent that was talked into something holds its full token: bind the role to the \
         repository, and keep it read-only",
    notes: &[
        "All customers share the issuer: pin the team and the subject.",
        "Test repo_count or repo_urls: an agent can have several repositories.",
        "Any process beside the agent can ask for a token.",
    ],
    documentation: &["https://cursor.com/docs/cloud-agent/identity"],
    example: r#"{
  "iss": "https://api.cursor.com",
  "aud": "sts.acme.dev",
  "sub": "service_account:sa_91",
  "iat": 1795168800,
  "nbf": 1795168795,
  "exp": 1795169100,
  "jti": "b1a2c3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d",
  "cloud_agent_id": "bc-4d1e2f3a",
  "agent_runtime": "managed",
  "team_id": 4711,
  "owner_service_account_id": "sa_91",
  "turn_id": "t-8a9b0c",
  "turn_start": 1795168000,
  "repo_url": "github.com/acme/shop",
  "repo_urls": [
    "github.com/acme/shop"
  ],
  "repo_count": 1,
  "branch_name": "cursor/fix-42"
}"#,
};

const CLAIMS: &[Claim] = &[
    always("iss", Form::Text, Mutability::Setting, "The service"),
    always("aud", Form::Text, Mutability::AttackerChosen, "What the agent asks for"),
    always("sub", Form::Text, Mutability::ImmutableId, "The user, service account or team"),
    always("iat", Form::Number, Mutability::Run, "When it was issued, in seconds since 1970"),
    always("exp", Form::Number, Mutability::Run, "When it expires, in seconds since 1970"),
    always("nbf", Form::Number, Mutability::Run, "Not valid before"),
    always("jti", Form::Text, Mutability::Run, "This token"),
    always("cloud_agent_id", Form::Text, Mutability::Run, "The agent"),
    always("agent_runtime", Form::Text, Mutability::Setting, "`managed` or `self_hosted`"),
    sometimes("owner_user_id", Form::Text, Mutability::ImmutableId, "agents of users", "The owner"),
    sometimes(
        "owner_service_account_id",
        Form::Text,
        Mutability::ImmutableId,
        "agents of service accounts",
        "The owner",
    ),
    sometimes("owner_email", Form::Text, Mutability::Name, "agents of users", "The owner's email address"),
    uncertain("team_id", Form::Number, Mutability::ImmutableId, "the type is illustrative", "The team"),
    always("turn_id", Form::Text, Mutability::Run, "The turn"),
    uncertain("turn_start", Form::Number, Mutability::Run, "the type is illustrative", "When the turn began"),
    uncertain("repo_url", Form::Text, Mutability::Name, "the form is illustrative", "The repository"),
    uncertain(
        "repo_urls",
        Form::List,
        Mutability::Name,
        "the form is illustrative",
        "All repositories of the agent",
    ),
    always("repo_count", Form::Number, Mutability::Run, "How many repositories the agent has"),
    always("branch_name", Form::Text, Mutability::AttackerChosen, "The branch"),
    sometimes("nonce", Form::Text, Mutability::AttackerChosen, "the agent sends one", "What the agent sent"),
];
