//! Why a server does not start, and why a new configuration is not taken.

use stagedoor_audit::AuditError;
use stagedoor_authority::Refusal;
use stagedoor_config::{GateKind, Report};
use stagedoor_gate::UpstreamError;
use stagedoor_session::{KeyringError, SigningKeyError};
use stagedoor_store::StoreError;
use std::fmt;
use std::net::SocketAddr;

/// What an address is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// The doors.
    Api,
    /// Metrics and health.
    Metrics,
    /// A gate, by name.
    Gate(String),
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Purpose::Api => f.write_str("`listen.api`"),
            Purpose::Metrics => f.write_str("`listen.metrics`"),
            Purpose::Gate(name) => write!(f, "gate `{name}`"),
        }
    }
}

/// What stands in the way of listening.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The address cannot be listened on.
    #[error("{purpose} cannot listen on {address}: {error}; free the address or choose another")]
    Bind {
        /// What the address is for.
        purpose: Purpose,
        /// The address.
        address: SocketAddr,
        /// The system's answer.
        error: std::io::Error,
    },
    /// The gate is of a kind that this version does not serve.
    #[error(
        "gates/{name}.toml: a gate of kind `{kind}` cannot be served by this version, which has `http` only; remove the file"
    )]
    Kind {
        /// The gate's name.
        name: String,
        /// Its kind.
        kind: GateKind,
    },
    /// The gate's upstream cannot be used.
    #[error("gates/{name}.toml: {error}")]
    Upstream {
        /// The gate's name.
        name: String,
        /// What is wrong with it.
        error: UpstreamError,
    },
}

/// Why a server does not start. Nothing listens then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration has errors: show them with [`Report::render`].
    #[error("the configuration has {} errors", .0.error_count())]
    Configuration(Box<Report>),
    /// The store cannot be opened.
    #[error("the store cannot be opened: {0}")]
    Store(#[from] StoreError),
    /// The keyring cannot be used.
    #[error("the keyring in the store cannot be used: {0}")]
    Keyring(#[from] KeyringError),
    /// The keys of our own issuer cannot be used.
    #[error("the issuer's keys cannot be used: {0}")]
    SigningKeys(#[from] SigningKeyError),
    /// The audit log cannot be opened.
    #[error("the audit log cannot be opened: {0}")]
    Audit(#[from] AuditError),
    /// A listener cannot be started.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// A task of the server was lost.
    #[error("a task of the server was lost: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// Why a changed configuration was not taken. The running one goes on, whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// The configuration has errors: show them with [`Report::render`].
    #[error("the configuration has {} errors", .0.error_count())]
    Configuration(Box<Report>),
    /// The change cannot be made while the server runs.
    #[error("{} changed, which needs a restart", .0.join(" and "))]
    NeedsRestart(Vec<&'static str>),
    /// A listener cannot be started.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The change could not be recorded.
    #[error("the change could not be recorded: {0}")]
    Unrecorded(Refusal),
    /// A task of the server was lost.
    #[error("a task of the server was lost: {0}")]
    Task(#[from] tokio::task::JoinError),
}
