//! The `Condition` block.

use super::ast::Condition;
use super::read::{Reader, whole};
use crate::condition::{self, BadOperator, Comparison, Operator};
use crate::json::{Json, Member, Node};
use crate::near;
use crate::{Diagnostic, Spanned, Version};

impl<'a> Reader<'a> {
    pub(super) fn conditions(&mut self, node: &'a Node) -> Vec<Condition> {
        let Json::Object(operators) = &node.json else {
            let message = format!("`Condition` is an object, not {}", node.json.describe());
            self.error(Diagnostic::error("wrong_type", node.span, message));
            return Vec::new();
        };
        if operators.is_empty() {
            self.warnings.push(Diagnostic::warning("empty_condition", node.span, "the `Condition` is empty"));
        }
        self.duplicates(operators);
        operators.iter().flat_map(|member| self.operator_block(member)).collect()
    }

    fn operator_block(&mut self, member: &'a Member) -> Vec<Condition> {
        let operator = self.operator(&member.name);
        let Json::Object(keys) = &member.value.json else {
            let message = format!(
                "`{}` holds an object of condition keys, not {}",
                near::short(&member.name.value),
                member.value.json.describe()
            );
            self.error(
                Diagnostic::error("wrong_type", member.value.span, message)
                    .help("write `{\"operator\": {\"key\": [\"value\"]}}`"),
            );
            return Vec::new();
        };
        if keys.is_empty() {
            let message = format!("`{}` tests nothing", near::short(&member.name.value));
            self.warnings.push(Diagnostic::warning("empty_condition", member.value.span, message));
        }
        self.duplicates(keys);
        keys.iter().filter_map(|key| self.condition(&member.name, operator, key)).collect()
    }

    fn operator(&mut self, name: &Spanned<Box<str>>) -> Option<Operator> {
        let text = &*name.value;
        let shown = near::short(text);
        match Operator::parse(text) {
            Ok(operator) => Some(operator),
            Err(BadOperator::Qualified) => {
                self.error(
                    Diagnostic::error(
                        "invalid_operator",
                        name.span,
                        format!("`{shown}`: `Null` takes no qualifier"),
                    )
                    .help("`Null` already asks whether the key exists: write `Null` alone"),
                );
                None
            }
            Err(BadOperator::Unknown) => {
                let mut diagnostic = Diagnostic::error(
                    "invalid_operator",
                    name.span,
                    format!("unknown condition operator `{shown}`"),
                );
                if let Some(meant) = Self::meant(text) {
                    diagnostic = diagnostic.help(format!("did you mean `{meant}`?"));
                }
                self.error(diagnostic);
                None
            }
        }
    }

    /// The operator most like a misspelt one.
    fn meant(text: &str) -> Option<String> {
        let (set, name) = text.split_once(':').map_or((None, text), |(set, name)| (Some(set), name));
        let names: Vec<String> =
            Operator::names().flat_map(|name| [name.to_owned(), format!("{name}IfExists")]).collect();
        let name = near::closest(name, names.iter().map(String::as_str))?;
        match set {
            Some(set) => Some(format!("{}:{name}", near::closest(set, ["ForAllValues", "ForAnyValue"])?)),
            None => Some(name.to_owned()),
        }
    }

    fn condition(
        &mut self,
        name: &Spanned<Box<str>>,
        operator: Option<Operator>,
        member: &'a Member,
    ) -> Option<Condition> {
        let key = &member.name;
        let shown = near::short(&key.value);
        if !key.value.split_once(':').is_some_and(|(prefix, rest)| !prefix.is_empty() && !rest.is_empty()) {
            let message = format!("the condition key `{shown}` has no prefix");
            self.error(Diagnostic::error("invalid_condition_key", key.span, message).help(
                "write `service:key`, `aws:key`, or `issuer:claim` with the issuer's URL without `https://`",
            ));
        }
        let nodes = match &member.value.json {
            Json::Array(nodes) => nodes.as_slice(),
            _ => std::slice::from_ref(&member.value),
        };
        if nodes.is_empty() {
            let message = format!("`{shown}` is compared with no value at all");
            self.warnings.push(Diagnostic::warning("empty_condition", member.value.span, message));
        }
        let values: Vec<_> = nodes.iter().filter_map(|node| self.condition_value(node)).collect();
        let operator = operator?;
        for value in &values {
            self.operand(operator, value);
        }
        Some(Condition {
            operator: name.clone(),
            parsed: operator,
            key: key.clone(),
            values,
            span: whole(member),
        })
    }

    /// A string, or a number or boolean without quotes.
    fn condition_value(&mut self, node: &Node) -> Option<Spanned<Box<str>>> {
        let text: Box<str> = match &node.json {
            Json::String(text) => {
                self.decoded_characters(text, node.span);
                text.clone()
            }
            Json::Number(text) => text.clone(),
            Json::Bool(value) => value.to_string().into(),
            other => {
                let message =
                    format!("a condition value is a string, a number or a boolean, not {}", other.describe());
                self.error(Diagnostic::error("wrong_type", node.span, message));
                return None;
            }
        };
        Some(Spanned::new(text, node.span))
    }

    fn operand(&mut self, operator: Operator, value: &Spanned<Box<str>>) {
        if operator.takes_variables() && !self.variables(value) {
            return;
        }
        let variables = self.version == Version::V2012;
        let Err(misfit) = condition::check(operator, &value.value, variables) else { return };
        let message = format!("`{operator}` wanted {}, found `{}`", misfit.wanted, near::short(&value.value));
        // AWS stores such a value and never finds it; a mistyped number or address is refused here, because a `Deny`
        // that never matches protects nothing.
        if operator.comparison == Comparison::ArnLike {
            let warning = Diagnostic::warning("condition_never_matches", value.span, message);
            self.warnings.push(warning.label("matches no request"));
            return;
        }
        let mut diagnostic = Diagnostic::error("invalid_condition_value", value.span, message);
        if value.value.contains("${") {
            diagnostic = diagnostic.help("policy variables work only with string and ARN operators");
        }
        self.error(diagnostic);
    }
}
