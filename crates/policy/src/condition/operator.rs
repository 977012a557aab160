//! Condition operators by name.

use std::fmt;

/// A condition operator with its qualifiers, such as `ForAnyValue:StringNotLikeIfExists`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operator {
    /// `ForAllValues:` or `ForAnyValue:`.
    pub set: Option<SetOperator>,
    /// What values are compared how.
    pub comparison: Comparison,
    /// Whether the comparison is turned round: `StringNotEquals`, `NotIpAddress` …
    pub negated: bool,
    /// `…IfExists`: true when the request does not carry the key.
    pub if_exists: bool,
}

/// How an operator treats several values of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SetOperator {
    /// Every value of the request; true when there is none.
    ForAllValues,
    /// At least one value of the request; false when there is none.
    ForAnyValue,
}

/// What is compared, regardless of negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `StringEquals`: the same characters.
    StringEquals,
    /// `StringEqualsIgnoreCase`.
    StringEqualsIgnoreCase,
    /// `StringLike`: with `*` and `?`.
    StringLike,
    /// `ArnEquals` and `ArnLike`, which mean the same: ARN parts one by one, with `*` and `?`.
    ArnLike,
    /// `Numeric…`.
    Numeric(Relation),
    /// `Date…`.
    Date(Relation),
    /// `Bool`.
    Bool,
    /// `BinaryEquals`.
    Binary,
    /// `IpAddress`.
    IpAddress,
    /// `Null`: whether the key is absent.
    Null,
}

/// An order relation between the request's value (left) and the policy's (right).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// `…Equals`.
    Equal,
    /// `…LessThan`.
    Less,
    /// `…LessThanEquals`.
    LessOrEqual,
    /// `…GreaterThan`.
    Greater,
    /// `…GreaterThanEquals`.
    GreaterOrEqual,
}

impl Relation {
    /// Whether values that compare like this stand in the relation.
    pub(crate) fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Relation::Equal => ordering.is_eq(),
            Relation::Less => ordering.is_lt(),
            Relation::LessOrEqual => ordering.is_le(),
            Relation::Greater => ordering.is_gt(),
            Relation::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// All operators without qualifiers. `ArnEquals` stands beside `ArnLike` because documents use both names.
const NAMES: [(&str, Comparison, bool); 27] = [
    ("StringEquals", Comparison::StringEquals, false),
    ("StringNotEquals", Comparison::StringEquals, true),
    ("StringEqualsIgnoreCase", Comparison::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Comparison::StringEqualsIgnoreCase, true),
    ("StringLike", Comparison::StringLike, false),
    ("StringNotLike", Comparison::StringLike, true),
    ("ArnLike", Comparison::ArnLike, false),
    ("ArnNotLike", Comparison::ArnLike, true),
    ("ArnEquals", Comparison::ArnLike, false),
    ("ArnNotEquals", Comparison::ArnLike, true),
    ("NumericEquals", Comparison::Numeric(Relation::Equal), false),
    ("NumericNotEquals", Comparison::Numeric(Relation::Equal), true),
    ("NumericLessThan", Comparison::Numeric(Relation::Less), false),
    ("NumericLessThanEquals", Comparison::Numeric(Relation::LessOrEqual), false),
    ("NumericGreaterThan", Comparison::Numeric(Relation::Greater), false),
    ("NumericGreaterThanEquals", Comparison::Numeric(Relation::GreaterOrEqual), false),
    ("DateEquals", Comparison::Date(Relation::Equal), false),
    ("DateNotEquals", Comparison::Date(Relation::Equal), true),
    ("DateLessThan", Comparison::Date(Relation::Less), false),
    ("DateLessThanEquals", Comparison::Date(Relation::LessOrEqual), false),
    ("DateGreaterThan", Comparison::Date(Relation::Greater), false),
    ("DateGreaterThanEquals", Comparison::Date(Relation::GreaterOrEqual), false),
    ("Bool", Comparison::Bool, false),
    ("BinaryEquals", Comparison::Binary, false),
    ("IpAddress", Comparison::IpAddress, false),
    ("NotIpAddress", Comparison::IpAddress, true),
    ("Null", Comparison::Null, false),
];

/// Why a text is not an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadOperator {
    /// No such operator.
    Unknown,
    /// `Null` takes neither `IfExists` nor a set operator.
    Qualified,
}

impl Operator {
    /// Parses an operator's name. Case matters, as it does to IAM.
    pub(crate) fn parse(text: &str) -> Result<Self, BadOperator> {
        let (set, rest) = match text.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(SetOperator::ForAllValues), rest),
            Some(("ForAnyValue", rest)) => (Some(SetOperator::ForAnyValue), rest),
            Some(_) => return Err(BadOperator::Unknown),
            None => (None, text),
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let (_, comparison, negated) =
            *NAMES.iter().find(|(known, ..)| *known == name).ok_or(BadOperator::Unknown)?;
        if comparison == Comparison::Null && (if_exists || set.is_some()) {
            return Err(BadOperator::Qualified);
        }
        Ok(Self { set, comparison, negated, if_exists })
    }

    /// The names of all operators without qualifiers.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, ..)| *name)
    }

    /// Whether `${…}` is a variable in the operator's values.
    pub(crate) fn takes_variables(self) -> bool {
        matches!(
            self.comparison,
            Comparison::StringEquals
                | Comparison::StringEqualsIgnoreCase
                | Comparison::StringLike
                | Comparison::ArnLike
        )
    }

    /// Whether `*` and `?` are wildcards in the operator's values.
    pub(crate) fn takes_wildcards(self) -> bool {
        matches!(self.comparison, Comparison::StringLike | Comparison::ArnLike)
    }

    /// The answer when the request does not carry the key.
    pub(crate) fn when_absent(self) -> bool {
        match self.set {
            Some(SetOperator::ForAllValues) => true,
            Some(SetOperator::ForAnyValue) => self.if_exists,
            None => self.if_exists || self.negated,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.set {
            Some(SetOperator::ForAllValues) => f.write_str("ForAllValues:")?,
            Some(SetOperator::ForAnyValue) => f.write_str("ForAnyValue:")?,
            None => {}
        }
        let name = NAMES
            .iter()
            .find(|(_, c, n)| *c == self.comparison && *n == self.negated)
            .map_or("", |(n, ..)| n);
        f.write_str(name)?;
        f.write_str(if self.if_exists { "IfExists" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for name in Operator::names() {
            for set in ["", "ForAllValues:", "ForAnyValue:"] {
                for suffix in ["", "IfExists"] {
                    let text = format!("{set}{name}{suffix}");
                    match Operator::parse(&text) {
                        Ok(operator) => {
                            let shown = operator.to_string();
                            assert_eq!(Operator::parse(&shown), Ok(operator));
                            assert_eq!(
                                shown,
                                text.replace("ArnEquals", "ArnLike").replace("ArnNotEquals", "ArnNotLike")
                            );
                            assert_eq!(Operator::parse(&text.to_lowercase()), Err(BadOperator::Unknown));
                        }
                        Err(error) => {
                            assert_eq!((name, error), ("Null", BadOperator::Qualified));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn unknown() {
        for text in
            ["", "IfExists", "Strings", "ForEach:StringLike", "BoolNotEquals", "NullIfExist", "ForAnyValue:"]
        {
            assert_eq!(Operator::parse(text), Err(BadOperator::Unknown), "{text}");
        }
    }
}
