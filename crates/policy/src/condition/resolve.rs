//! Conditions as data: their variables named and replaced.

use super::{ArnPattern, Test, Wanted};
use crate::context::Context;
use crate::glob::Pattern;
use crate::variable::Variable;

impl Test {
    /// What the values of the policy are.
    pub(crate) fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// The policy variables in the values.
    pub(crate) fn variables(&self) -> Vec<&Variable> {
        match &self.wanted {
            Wanted::Strings { patterns, .. } | Wanted::Folded(patterns) => {
                patterns.iter().flat_map(Pattern::variables).collect()
            }
            Wanted::Arns(patterns) => patterns
                .iter()
                .flat_map(|pattern| match pattern {
                    ArnPattern::Parts(parts) => parts.as_slice(),
                    ArnPattern::Whole(whole) => std::slice::from_ref(whole),
                    ArnPattern::Malformed => &[],
                })
                .flat_map(Pattern::variables)
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The condition with each variable replaced by what `context` has for it.
    pub(crate) fn resolved(&self, context: &Context) -> Test {
        let all = |patterns: &[Pattern]| -> Box<[Pattern]> {
            patterns.iter().filter_map(|pattern| pattern.resolved(context)).collect()
        };
        let wanted = match &self.wanted {
            Wanted::Strings { exact, patterns } => {
                let mut exact = exact.to_vec();
                let mut rest = Vec::new();
                for pattern in all(patterns) {
                    match pattern {
                        Pattern::Exact(text) => exact.push(text),
                        pattern => rest.push(pattern),
                    }
                }
                exact.sort();
                exact.dedup();
                Wanted::Strings { exact: exact.into(), patterns: rest.into() }
            }
            Wanted::Folded(patterns) => Wanted::Folded(all(patterns)),
            Wanted::Arns(patterns) => {
                Wanted::Arns(patterns.iter().filter_map(|pattern| pattern.resolved(context)).collect())
            }
            other => other.clone(),
        };
        Test { key: self.key.clone(), operator: self.operator, wanted }
    }
}

impl ArnPattern {
    fn resolved(&self, context: &Context) -> Option<ArnPattern> {
        match self {
            ArnPattern::Parts(parts) => {
                let mut resolved = parts.clone();
                for part in resolved.iter_mut() {
                    *part = part.resolved(context)?;
                }
                Some(ArnPattern::Parts(resolved))
            }
            ArnPattern::Whole(whole) => whole.resolved(context).map(ArnPattern::Whole),
            ArnPattern::Malformed => None,
        }
    }
}
