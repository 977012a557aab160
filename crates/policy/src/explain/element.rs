//! Why an element of a statement did not match. Whether it did is asked of the compiled statement itself.

use super::slip::{Slip, nearest};
use super::{Element, Failure, Reporter};
use crate::condition::Test;
use crate::context::Value;
use crate::document::{Condition, Names, PrincipalType, Principals, Statement};
use crate::near::{closest, short};
use crate::{Comparison, Operator, Principal, SetOperator};

/// At most this many wanted values are named in a message; the report lists all.
const NAMED: usize = 3;

impl Reporter<'_> {
    pub(super) fn failures(&self, statement: &Statement) -> Vec<Failure> {
        let mut failures = Vec::new();
        if !self.rule.covers_action(self.subject) {
            failures.push(self.action(&statement.actions));
        }
        if self.rule.names(self.subject).is_none()
            && let Some(principals) = &statement.principals
        {
            failures.push(self.principal(principals));
        }
        if !self.rule.covers_resource(self.subject)
            && let Some(resources) = &statement.resources
        {
            failures.push(self.resource(resources));
        }
        for (test, written) in self.rule.tests.iter().zip(&statement.conditions) {
            if !test.holds(self.subject.context()) {
                failures.push(self.condition(test, written));
            }
        }
        failures
    }

    fn action(&self, element: &Names) -> Failure {
        let has = self.request.action.as_str();
        let wanted = texts(element);
        let service = |action: &str| action.split(':').next().unwrap_or_default().to_lowercase();
        let (message, change, base) = if element.negated {
            (format!("`{}` is among the actions left out", short(has)), "leave the action in".to_owned(), 20)
        } else {
            let near = wanted.iter().any(|action| service(action) == service(has));
            let verb = format!("add `{}` to its actions, {}", short(has), listed("which are", &wanted));
            (
                format!("covers {}, not `{}`", listed("", &wanted), short(has)),
                verb,
                if near { 15 } else { 90 },
            )
        };
        let slip = nearest(wanted.iter().copied(), has, true);
        let cost = base + slip.map_or(30, |slip| slip.cost);
        self.failure(Element::Action, element.span, message, wanted, Some(has.into()), change, cost)
    }

    fn resource(&self, element: &Names) -> Failure {
        let wanted = texts(element);
        let Some(has) = self.request.resource.as_deref().filter(|resource| *resource != "*") else {
            let message = "the action has no resource, which only `*` covers".to_owned();
            let change = "name `*` as its resource".to_owned();
            return self.failure(Element::Resource, element.span, message, wanted, None, change, 20);
        };
        if element.negated {
            let message = format!("`{}` is among the resources left out", short(has));
            let change = "leave the resource in".to_owned();
            return self.failure(
                Element::Resource,
                element.span,
                message,
                wanted,
                Some(has.into()),
                change,
                20,
            );
        }
        let slip = nearest(wanted.iter().copied(), has, true);
        let message = format!("covers {}, not `{}`", listed("", &wanted), short(has));
        let (change, cost) = match slip {
            Some(Slip { wanted, difference: Some(difference), cost }) => {
                (format!("its resource `{}` is not `{}`: {difference}", short(wanted), short(has)), 8 + cost)
            }
            other => {
                (format!("add `{}` to its resources", short(has)), 25 + other.map_or(30, |slip| slip.cost))
            }
        };
        self.failure(Element::Resource, element.span, message, wanted, Some(has.into()), change, cost)
    }

    fn principal(&self, element: &Principals) -> Failure {
        let has = self.request.principal.name();
        let wanted: Vec<&str> = element.names.iter().map(|(_, name)| &*name.value).collect();
        if element.negated {
            let message = format!("`{}` is among the principals left out", short(has));
            let change = "leave the principal in".to_owned();
            return self.failure(
                Element::Principal,
                element.span,
                message,
                wanted,
                Some(has.into()),
                change,
                40,
            );
        }
        let message = format!("names {}, not `{}`", listed("", &wanted), short(has));
        let kind = match &self.request.principal {
            Principal::Federated { .. } => PrincipalType::Federated,
            Principal::Service { .. } => PrincipalType::Service,
            _ => PrincipalType::Aws,
        };
        let same_kind =
            element.names.iter().filter(|(listed, _)| *listed == kind).map(|(_, name)| &*name.value);
        let (change, cost) = match nearest(same_kind, has, false) {
            Some(Slip { wanted, difference: Some(difference), cost }) => (
                format!("its principal `{}` is not `{}`: {difference}", short(wanted), short(has)),
                20 + cost,
            ),
            Some(slip) => (format!("add `{}` to its principals", short(has)), 45 + slip.cost),
            None => {
                let types: Vec<&str> = element.names.iter().map(|(kind, _)| kind.as_str()).collect();
                let change = format!(
                    "it names principals of type {}; the caller is of type `{}`: `{}`",
                    listed("", &types),
                    kind.as_str(),
                    short(has)
                );
                (change, 100)
            }
        };
        self.failure(Element::Principal, element.span, message, wanted, Some(has.into()), change, cost)
    }

    #[expect(clippy::too_many_arguments, reason = "one line for each field")]
    fn failure(
        &self,
        element: Element,
        span: crate::Span,
        message: String,
        wanted: Vec<&str>,
        has: Option<Value>,
        change: String,
        cost: usize,
    ) -> Failure {
        Failure {
            element,
            span,
            message,
            operator: None,
            key: None,
            wanted: wanted.into_iter().map(str::to_owned).collect(),
            has,
            change: Some(change),
            difference: None,
            hint: None,
            cost,
        }
    }

    fn condition(&self, test: &Test, written: &Condition) -> Failure {
        let key = &*written.key.value;
        let wanted: Vec<&str> = written.values.iter().map(|value| &*value.value).collect();
        let has = self.subject.context().find(&test.key).filter(|value| !value.values().is_empty());
        let mut difference = None;
        let (message, change, cost) = match has {
            _ if test.operator.comparison == Comparison::Null => null(key, has),
            None => self.absent(key, &wanted),
            Some(Value::Many(_)) if test.operator.set.is_none() => (
                format!("`{}` has several values, which `{}` does not compare", short(key), test.operator),
                format!("`{}` is multi-valued: write `ForAnyValue:{}`", short(key), test.operator),
                3,
            ),
            Some(value) => self.compared(test, key, &wanted, value.values(), &mut difference),
        };
        let hint = match has {
            None => self.hints.absent_key(key),
            Some(value) => {
                value.values().first().and_then(|has| self.hints.unwanted_value(key, &wanted, has))
            }
        };
        Failure {
            operator: Some(test.operator.to_string()),
            key: Some(key.to_owned()),
            difference,
            hint,
            ..self.failure(Element::Condition, written.span, message, wanted, has.cloned(), change, cost)
        }
    }

    /// The request does not have the key.
    fn absent(&self, key: &str, wanted: &[&str]) -> (String, String, usize) {
        let message = format!("the request has no `{}`; {}", short(key), listed("wanted", wanted));
        let names: Vec<&str> = self.subject.context().iter().map(|(name, _)| name).collect();
        let split = |name: &'_ str| {
            name.rsplit_once(':').map(|(prefix, name)| (prefix.to_lowercase(), name.to_lowercase()))
        };
        let wanted_parts = split(key);
        let of_key = |same: fn(&(String, String), &(String, String)) -> bool| {
            let wanted = wanted_parts.as_ref();
            names
                .iter()
                .copied()
                .filter(move |name| split(name).zip(wanted).is_some_and(|(name, wanted)| same(&name, wanted)))
        };
        let elsewhere = of_key(|has, wanted| has.1 == wanted.1 && has.0 != wanted.0).next();
        // A long prefix in common would make any two names look alike.
        let siblings: Vec<&str> = of_key(|has, wanted| has.0 == wanted.0).collect();
        let last = |name: &'_ str| name.rsplit_once(':').map_or(name, |(_, last)| last).to_owned();
        let lasts: Vec<String> = siblings.iter().map(|name| last(name)).collect();
        let near = closest(&last(key), lasts.iter().map(String::as_str))
            .and_then(|near| siblings.iter().find(|name| last(name) == near));
        let change = match (elsewhere, near) {
            (Some(other), _) => {
                format!("the request has `{}` instead of `{}`: another prefix", short(other), short(key))
            }
            (None, Some(other)) => {
                format!("the request has `{}`: is that the key meant by `{}`?", short(other), short(key))
            }
            (None, None) => format!("the request must carry `{}` with {}", short(key), listed("", wanted)),
        };
        let cost = if elsewhere.is_some() { 20 } else { 28 };
        (message, change, cost)
    }

    /// The request has the key, with other values.
    fn compared(
        &self,
        test: &Test,
        key: &str,
        wanted: &[&str],
        has: &[String],
        told_apart: &mut Option<String>,
    ) -> (String, String, usize) {
        let context = self.subject.context();
        let operator = test.operator;
        let shown = short(key);
        let culprit = |included: bool| has.iter().find(|value| test.includes(value, context) == included);
        if operator.negated {
            let value = culprit(true).map_or("", String::as_str);
            let message = format!("`{shown}` is `{}`, which `{operator}` excludes", short(value));
            return (message, format!("`{shown}` must not be `{}`", short(value)), 12);
        }
        let value = culprit(false).map_or("", String::as_str);
        let found = match (operator.set, has) {
            (None, _) | (_, [_]) => format!("`{shown}` is `{}`", short(value)),
            (Some(SetOperator::ForAllValues), _) => format!("`{shown}` also has `{}`", short(value)),
            (Some(SetOperator::ForAnyValue), all) => {
                let all: Vec<&str> = all.iter().map(String::as_str).collect();
                format!("`{shown}` is {}", listed("", &all))
            }
        };
        let message = format!("{found}; {}", listed(relation(operator), wanted));
        let wild = operator.takes_wildcards();
        let expanded: Vec<String> =
            wanted.iter().map(|text| super::slip::expand(text, operator, context)).collect();
        let candidates = expanded.iter().map(String::as_str);
        let slip = match operator.comparison {
            Comparison::StringEquals
            | Comparison::StringEqualsIgnoreCase
            | Comparison::StringLike
            | Comparison::ArnLike => has
                .iter()
                .take(16)
                .filter_map(|value| nearest(candidates.clone(), value, wild))
                .min_by_key(|slip| slip.cost),
            _ => None,
        };
        match slip {
            Some(Slip { wanted, difference: Some(difference), cost }) => {
                let change = format!("{found}, not `{}`: {difference}", short(wanted));
                *told_apart = Some(difference);
                (message, change, cost)
            }
            Some(slip) => {
                (message, format!("{found}; {}", listed(relation(operator), wanted)), 6 + slip.cost)
            }
            None => {
                let change = format!("{found}; {}", listed(relation(operator), wanted));
                (message, change, 10)
            }
        }
    }
}

fn null(key: &str, has: Option<&Value>) -> (String, String, usize) {
    match has {
        Some(_) => {
            let message = format!("the request has `{}`, which must be absent", short(key));
            (message, format!("the request must not carry `{}`", short(key)), 15)
        }
        None => {
            let message = format!("the request has no `{}`, which must be present", short(key));
            (message, format!("the request must carry `{}`", short(key)), 20)
        }
    }
}

/// How wanted values are introduced.
fn relation(operator: Operator) -> &'static str {
    use crate::Relation::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    match operator.comparison {
        Comparison::Numeric(relation) | Comparison::Date(relation) => match relation {
            Equal => "wanted",
            Less => "wanted less than",
            LessOrEqual => "wanted at most",
            Greater => "wanted more than",
            GreaterOrEqual => "wanted at least",
        },
        Comparison::IpAddress => "wanted an address in",
        _ => "wanted",
    }
}

fn texts(element: &Names) -> Vec<&str> {
    element.names.iter().map(|name| &*name.value).collect()
}

/// `lead `a`, `b` or 3 more`.
fn listed(lead: &str, texts: &[&str]) -> String {
    let mut shown: Vec<String> = texts.iter().take(NAMED).map(|text| format!("`{}`", short(text))).collect();
    if texts.len() > NAMED {
        shown.push(format!("{} more", texts.len() - NAMED));
    }
    let list = match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => "no value at all".to_owned(),
    };
    if lead.is_empty() { list } else { format!("{lead} {list}") }
}
