//! What is asked for.

use serde::Serialize;

use crate::{Context, Principal};

/// One request to be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// `service:Action`; case does not matter.
    pub action: String,
    /// The resource's ARN. `None` (or `*`) for actions without a resource, which only `*` matches.
    pub resource: Option<String>,
    /// The account that owns the resource. `None` means the principal's own account.
    pub resource_account: Option<String>,
    /// The condition keys that the request carries.
    pub context: Context,
}
