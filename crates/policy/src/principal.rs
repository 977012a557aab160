//! Who asks.

use serde::Serialize;

use crate::arn;

/// The authenticated (or anonymous) caller of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Principal {
    /// Nobody proved who they are.
    Anonymous,
    /// The root user of an account.
    Account {
        /// Twelve digits.
        account: String,
    },
    /// An IAM user.
    User {
        /// `arn:aws:iam::ACCOUNT:user/NAME`.
        arn: String,
    },
    /// A role itself, as services see it before there is a session.
    Role {
        /// `arn:aws:iam::ACCOUNT:role/NAME`.
        arn: String,
    },
    /// A session of a role.
    AssumedRole {
        /// `arn:aws:iam::ACCOUNT:role/NAME`.
        role_arn: String,
        /// `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
        session_arn: String,
    },
    /// A session made by `GetFederationToken`.
    FederatedUser {
        /// `arn:aws:sts::ACCOUNT:federated-user/NAME`.
        arn: String,
        /// The IAM user who made the session, `arn:aws:iam::ACCOUNT:user/NAME`, when known.
        user_arn: Option<String>,
    },
    /// Somebody whom an identity provider vouches for, before a role is assumed.
    Federated {
        /// The provider's ARN, or the URL of a built-in provider such as `accounts.google.com`.
        provider: String,
    },
    /// A service acting for itself.
    Service {
        /// Such as `ec2.amazonaws.com`.
        name: String,
    },
}

impl Principal {
    /// The account the principal belongs to; `None` for anonymous callers, services and built-in providers.
    pub fn account(&self) -> Option<&str> {
        let account = match self {
            Principal::Anonymous | Principal::Service { .. } => "",
            Principal::Account { account } => account,
            Principal::User { arn } | Principal::Role { arn } | Principal::FederatedUser { arn, .. } => {
                arn::account(arn)
            }
            Principal::AssumedRole { role_arn, .. } => arn::account(role_arn),
            Principal::Federated { provider } => arn::account(provider),
        };
        (!account.is_empty()).then_some(account)
    }

    /// How people would name the principal: its ARN, provider or service name.
    pub fn name(&self) -> &str {
        match self {
            Principal::Anonymous => "anonymous",
            Principal::Account { account } => account,
            Principal::User { arn } | Principal::Role { arn } | Principal::FederatedUser { arn, .. } => arn,
            Principal::AssumedRole { session_arn, .. } => session_arn,
            Principal::Federated { provider } => provider,
            Principal::Service { name } => name,
        }
    }
}
