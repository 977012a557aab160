//! Conditions, compiled and evaluated.

mod arns;
mod date;
mod ip;
mod number;
mod operator;
mod resolve;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use smallvec::SmallVec;

pub(crate) use self::arns::ArnPattern;
pub(crate) use self::date::Instant;
pub(crate) use self::number::Decimal;
pub(crate) use self::operator::BadOperator;
pub use self::operator::{Comparison, Operator, Relation, SetOperator};
use crate::context::{Context, Key, Value};
use crate::glob::Pattern;
use crate::variable::Syntax;

/// One line of a `Condition` block, compiled.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Test {
    pub(crate) key: Key,
    pub(crate) operator: Operator,
    wanted: Wanted,
}

/// The values of a policy, compiled for their operator.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Wanted {
    /// Sorted literals, and patterns (with wildcards or variables).
    Strings {
        exact: Box<[Box<str>]>,
        patterns: Box<[Pattern]>,
    },
    /// Compared without regard to case; literals or variables.
    Folded(Box<[Pattern]>),
    Arns(Box<[ArnPattern]>),
    Numbers(Relation, Box<[Box<str>]>),
    Dates(Relation, Box<[Instant]>),
    Bools {
        truth: bool,
        falsehood: bool,
    },
    Bytes(Box<[Box<[u8]>]>),
    Networks(Box<[ipnet::IpNet]>),
    Null {
        absent: bool,
        present: bool,
    },
}

/// Why a value does not fit its operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// What the operator wants, to follow "wanted".
    pub(crate) wanted: &'static str,
}

/// Whether a policy's value can ever match under an operator.
pub(crate) fn check(operator: Operator, text: &str, variables: bool) -> Result<(), Misfit> {
    let (fits, wanted) = match operator.comparison {
        Comparison::StringEquals | Comparison::StringEqualsIgnoreCase | Comparison::StringLike => {
            return Ok(());
        }
        Comparison::ArnLike => (
            ArnPattern::compile(text, variables) != ArnPattern::Malformed,
            "an ARN with six parts, `arn:partition:service:region:account:resource`",
        ),
        Comparison::Numeric(_) => (Decimal::parse(text).is_some(), "an integer or a decimal number"),
        Comparison::Date(_) => (
            Instant::parse(text).is_some(),
            "an ISO 8601 date such as `2026-01-31T00:00:00Z`, or epoch seconds",
        ),
        Comparison::Bool | Comparison::Null => (boolean(text).is_some(), "`true` or `false`"),
        Comparison::Binary => (STANDARD.decode(text).is_ok(), "base64"),
        Comparison::IpAddress => (ip::network(text).is_some(), "an IP address or a CIDR range"),
    };
    if fits { Ok(()) } else { Err(Misfit { wanted }) }
}

fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

impl Test {
    /// Compiles a condition. `variables` says whether the document's language version has policy variables. A value
    /// that does not fit its operator cannot come from a checked document; it would match nothing.
    pub(crate) fn compile<'a>(
        operator: Operator,
        key: &str,
        values: impl Iterator<Item = &'a str> + Clone,
        variables: bool,
    ) -> Self {
        let syntax = Syntax {
            wildcards: operator.takes_wildcards(),
            variables: variables && operator.takes_variables(),
        };
        let wanted = match operator.comparison {
            Comparison::StringEquals | Comparison::StringLike => {
                let mut exact = Vec::new();
                let mut patterns = Vec::new();
                for value in values {
                    match Pattern::compile(value, syntax) {
                        Pattern::Exact(text) => exact.push(text),
                        pattern => patterns.push(pattern),
                    }
                }
                exact.sort();
                exact.dedup();
                Wanted::Strings { exact: exact.into(), patterns: patterns.into() }
            }
            Comparison::StringEqualsIgnoreCase => {
                Wanted::Folded(values.map(|value| Pattern::compile(value, syntax)).collect())
            }
            Comparison::ArnLike => {
                Wanted::Arns(values.map(|value| ArnPattern::compile(value, syntax.variables)).collect())
            }
            Comparison::Numeric(relation) => Wanted::Numbers(relation, values.map(Into::into).collect()),
            Comparison::Date(relation) => {
                Wanted::Dates(relation, values.filter_map(Instant::parse).collect())
            }
            Comparison::Bool => Wanted::Bools {
                truth: values.clone().any(|value| boolean(value) == Some(true)),
                falsehood: values.clone().any(|value| boolean(value) == Some(false)),
            },
            Comparison::Null => Wanted::Null {
                absent: values.clone().any(|value| boolean(value) == Some(true)),
                present: values.clone().any(|value| boolean(value) == Some(false)),
            },
            Comparison::Binary => Wanted::Bytes(
                values.filter_map(|value| STANDARD.decode(value).ok().map(Into::into)).collect(),
            ),
            Comparison::IpAddress => Wanted::Networks(values.filter_map(ip::network).collect()),
        };
        Self { key: Key::new(key), operator, wanted }
    }

    /// Whether the condition is true for a request.
    pub(crate) fn holds(&self, context: &Context) -> bool {
        let value = match context.find(&self.key) {
            Some(Value::Many(values)) if values.is_empty() => None,
            value => value,
        };
        if let Wanted::Null { absent, present } = self.wanted {
            return if value.is_none() { absent } else { present };
        }
        let matches = |text: &String| self.wanted.includes(text, context) != self.operator.negated;
        match (value, self.operator.set) {
            (None, _) => self.operator.when_absent(),
            (Some(Value::One(text)), _) => matches(text),
            (Some(Value::Many(texts)), Some(SetOperator::ForAllValues)) => texts.iter().all(matches),
            (Some(Value::Many(texts)), Some(SetOperator::ForAnyValue)) => texts.iter().any(matches),
            // A multi-valued key needs a set operator.
            (Some(Value::Many(_)), None) => false,
        }
    }

    /// Whether one value of the request is among the wanted ones, regardless of negation.
    pub(crate) fn includes(&self, text: &str, context: &Context) -> bool {
        self.wanted.includes(text, context)
    }
}

impl Wanted {
    fn includes(&self, text: &str, context: &Context) -> bool {
        match self {
            Wanted::Strings { exact, patterns } => {
                exact.binary_search_by(|wanted| (**wanted).cmp(text)).is_ok()
                    || patterns.iter().any(|pattern| pattern.matches(text.as_bytes(), context))
            }
            Wanted::Folded(patterns) => patterns.iter().any(|pattern| pattern.equals_folded(text, context)),
            Wanted::Arns(patterns) => patterns.iter().any(|pattern| pattern.matches(text, context)),
            Wanted::Numbers(relation, numbers) => {
                let Some(has) = Decimal::parse(text) else { return false };
                numbers
                    .iter()
                    .any(|wanted| Decimal::parse(wanted).is_some_and(|w| relation.holds(has.compare(w))))
            }
            Wanted::Dates(relation, dates) => {
                let Some(has) = Instant::parse(text) else { return false };
                dates.iter().any(|wanted| relation.holds(has.cmp(wanted)))
            }
            Wanted::Bools { truth, falsehood } => match boolean(text) {
                Some(true) => *truth,
                Some(false) => *falsehood,
                None => false,
            },
            Wanted::Bytes(wanted) => {
                let mut buffer: SmallVec<[u8; 256]> =
                    SmallVec::from_elem(0, base64::decoded_len_estimate(text.len()));
                let Ok(length) = STANDARD.decode_slice(text, &mut buffer) else { return false };
                buffer.truncate(length);
                wanted.iter().any(|bytes| **bytes == *buffer)
            }
            Wanted::Networks(networks) => networks.iter().any(|network| ip::contains(network, text)),
            Wanted::Null { .. } => false,
        }
    }
}

pub(crate) use arns::split as split_arn_pattern;
