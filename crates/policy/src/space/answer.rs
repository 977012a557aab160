//! What came out of a question about sets of requests.

use std::fmt;

use serde::Serialize;

use crate::Request;

/// Whether a set of requests is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// There is no such request.
    Empty,
    /// There is, for example this one.
    Witness(Box<Witness>),
    /// It was not decided.
    NotDecided {
        /// Why, each cause once.
        causes: Vec<Cause>,
    },
}

impl Answer {
    /// Whether there is provably no such request.
    pub fn is_empty(&self) -> bool {
        matches!(self, Answer::Empty)
    }

    /// The request found, if there is one.
    pub fn witness(&self) -> Option<&Witness> {
        match self {
            Answer::Witness(witness) => Some(witness),
            _ => None,
        }
    }
}

/// Requests that lie in the set asked about; the engine has decided each of them again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// The request.
    pub request: Request,
    /// The second request of the same caller, where the question was about two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<Request>,
}

/// Why something was not decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// The search reached its limit of steps.
    Limit,
    /// A value of the policy depends on the request.
    Variable {
        /// The condition key whose value it takes, in lower case.
        key: String,
    },
    /// A key is compared as a text and as a date or an address at once.
    MixedKey {
        /// The key, in lower case.
        key: String,
    },
    /// The engine did not decide a found request as it was found: a fault of this program.
    Disagreement,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Limit => f.write_str("the search reached its limit of steps"),
            Cause::Variable { key } => {
                write!(f, "the policy variable `${{{key}}}` takes its value from the request")
            }
            Cause::MixedKey { key } => {
                write!(f, "`{key}` is compared as a text and as a date or an address at once")
            }
            Cause::Disagreement => {
                f.write_str("the engine decided a found request otherwise (please report it)")
            }
        }
    }
}
