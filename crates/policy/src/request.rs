//! What is asked for.

use serde::{Deserialize, Serialize};

use crate::{Context, Principal, arn};

/// One request to be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// `service:Action`; case does not matter.
    pub action: String,
    /// The resource's ARN. `None` (or `*`) for actions without a resource, which only `*` matches.
    #[serde(default)]
    pub resource: Option<String>,
    /// The account that owns the resource. `None` means the account in the resource's ARN or, where that has none (as
    /// with Amazon S3), the principal's own.
    #[serde(default)]
    pub resource_account: Option<String>,
    /// The condition keys that the request carries.
    #[serde(default)]
    pub context: Context,
}

impl Request {
    /// The account that owns the resource, as far as the request says so.
    pub fn resource_owner(&self) -> Option<&str> {
        let named = self.resource.as_deref().map(arn::account).filter(|account| !account.is_empty());
        self.resource_account.as_deref().or(named)
    }
}
