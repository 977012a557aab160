//! Actions and resources of a statement.

use crate::context::Context;
use crate::document::{Effect, Names};
use crate::glob::Pattern;
use crate::variable::Syntax;

/// `Action` or `NotAction`, folded to lower case.
#[derive(Debug)]
pub(crate) struct Actions {
    pub(crate) negated: bool,
    pub(crate) patterns: Box<[Pattern]>,
}

impl Actions {
    pub(super) fn compile(element: &Names) -> Self {
        let syntax = Syntax { wildcards: true, variables: false };
        let pattern = |text: &str| match text {
            "*:*" => Pattern::Any,
            text => Pattern::compile(&text.to_ascii_lowercase(), syntax),
        };
        let patterns = element.names.iter().map(|name| pattern(&name.value)).collect();
        Self { negated: element.negated, patterns }
    }

    /// `action` must be in lower case.
    pub(super) fn cover(&self, action: &[u8]) -> bool {
        // Actions have no variables.
        const NOTHING: &Context = &Context::EMPTY;
        self.patterns.iter().any(|pattern| pattern.matches(action, NOTHING)) != self.negated
    }
}

/// `Resource` or `NotResource`.
#[derive(Debug)]
pub(crate) struct Resources {
    pub(crate) negated: bool,
    pub(crate) patterns: Box<[Pattern]>,
}

impl Resources {
    pub(super) fn compile(element: &Names, variables: bool) -> Self {
        let syntax = Syntax { wildcards: true, variables };
        let patterns = element.names.iter().map(|name| Pattern::compile(&name.value, syntax)).collect();
        Self { negated: element.negated, patterns }
    }

    /// An action without a resource is covered by `*` alone. Under `NotResource`, a pattern with an unresolved variable
    /// might have excluded the resource: such a statement does not allow, but it does deny.
    pub(super) fn cover(&self, resource: Option<&[u8]>, context: &Context, effect: Effect) -> bool {
        let listed = match resource {
            Some(resource) => self.patterns.iter().any(|pattern| pattern.matches(resource, context)),
            None => self.patterns.contains(&Pattern::Any),
        };
        if !self.negated {
            return listed;
        }
        !listed && (effect == Effect::Deny || self.patterns.iter().all(|pattern| pattern.resolves(context)))
    }
}
