//! Who asks.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::arn;
use crate::near::short;

/// The authenticated (or anonymous) caller of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
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
        #[serde(default)]
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

/// Why a text does not name a principal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no principal: wanted the ARN of a user, role, session or provider, an account number, a service such \
     as `ec2.amazonaws.com`, or `*` for an anonymous caller"
)]
pub struct NotAPrincipal(String);

/// Providers that AWS knows by name instead of by ARN.
pub(crate) const BUILT_IN_PROVIDERS: [&str; 4] =
    ["accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"];

impl FromStr for Principal {
    type Err = NotAPrincipal;

    /// Reads what people write for a caller: an ARN, an account number, a built-in provider, a service, or `*`.
    ///
    /// The role ARN of a session is made from the session's ARN, which does not tell a role's path: for a role with a
    /// path, write [`Principal::AssumedRole`] out.
    fn from_str(text: &str) -> Result<Self, NotAPrincipal> {
        let wrong = || NotAPrincipal(short(text));
        if text == "*" {
            return Ok(Principal::Anonymous);
        }
        if arn::is_account(text) {
            return Ok(Principal::Account { account: text.into() });
        }
        if BUILT_IN_PROVIDERS.contains(&text) {
            return Ok(Principal::Federated { provider: text.into() });
        }
        let Some(["arn", partition, service, "", account, resource]) = arn::split(text) else {
            let service = text.contains('.') && !text.contains([':', '/', ' ', '*']);
            return if service { Ok(Principal::Service { name: text.into() }) } else { Err(wrong()) };
        };
        if !arn::is_account(account) {
            return Err(wrong());
        }
        match (service, resource.split_once('/')) {
            ("iam", None) if resource == "root" => Ok(Principal::Account { account: account.into() }),
            ("iam", Some(("user", _))) => Ok(Principal::User { arn: text.into() }),
            ("iam", Some(("role", _))) => Ok(Principal::Role { arn: text.into() }),
            ("iam", Some(("oidc-provider" | "saml-provider", _))) => {
                Ok(Principal::Federated { provider: text.into() })
            }
            ("sts", Some(("federated-user", _))) => {
                Ok(Principal::FederatedUser { arn: text.into(), user_arn: None })
            }
            ("sts", Some(("assumed-role", session))) => {
                let (role, _) = session.split_once('/').ok_or_else(wrong)?;
                let role_arn = format!("arn:{partition}:iam::{account}:role/{role}");
                Ok(Principal::AssumedRole { role_arn, session_arn: text.into() })
            }
            _ => Err(wrong()),
        }
    }
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

    /// Whether policies of an account apply to the principal.
    pub(crate) fn is_of_account(&self) -> bool {
        matches!(
            self,
            Principal::Account { .. }
                | Principal::User { .. }
                | Principal::Role { .. }
                | Principal::AssumedRole { .. }
                | Principal::FederatedUser { .. }
        )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, account) in [
            ("111122223333", Some("111122223333")),
            ("arn:aws:iam::111122223333:root", Some("111122223333")),
            ("arn:aws:iam::111122223333:user/team/alice", Some("111122223333")),
            ("arn:aws:iam::111122223333:role/deploy", Some("111122223333")),
            ("arn:aws:sts::111122223333:assumed-role/deploy/run", Some("111122223333")),
            ("arn:aws:sts::111122223333:federated-user/bob", Some("111122223333")),
            ("arn:aws:iam::111122223333:oidc-provider/a.example/x", Some("111122223333")),
            ("accounts.google.com", None),
            ("ec2.amazonaws.com", None),
            ("*", None),
        ] {
            let principal: Principal = text.parse().unwrap();
            assert_eq!(principal.account(), account, "{text}");
            let json = serde_json::to_string(&principal).unwrap();
            assert_eq!(serde_json::from_str::<Principal>(&json).unwrap(), principal);
        }
        let session: Principal = "arn:aws-cn:sts::111122223333:assumed-role/deploy/run".parse().unwrap();
        assert!(
            matches!(session, Principal::AssumedRole { role_arn, .. } if role_arn == "arn:aws-cn:iam::111122223333:role/deploy")
        );
        for text in [
            "",
            "alice",
            "arn:aws:s3:::b",
            "arn:aws:iam::1:user/a",
            "arn:aws:sts::111122223333:assumed-role/x",
        ] {
            assert!(text.parse::<Principal>().is_err(), "{text}");
        }
    }
}
