//! `Condition`: structure and every operator.

mod addresses;
mod arns;
mod booleans;
mod dates;
mod matrix;
mod missing;
mod numbers;
mod sets;
mod strings;
mod structure;

use stagedoor_policy::Request;

use crate::support::{Table, allows, context, request};

pub(crate) fn all() {
    addresses::all();
    arns::all();
    booleans::all();
    dates::all();
    matrix::all();
    missing::all();
    numbers::all();
    sets::all();
    strings::all();
    structure::all();
}

/// Whether a condition block holds for a context.
fn holds(block: &str, keys: &str) -> bool {
    let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{block}}}"#);
    allows(&statement, &Request { context: context(keys), ..request("x:Y", "") })
}

/// Cases of whole condition blocks: note, block, context, whether it holds.
fn blocks(rule: &'static str, cases: &[(&str, &str, &str, bool)]) {
    let mut table = Table::of(rule);
    for (note, block, keys, wanted) in cases {
        table.row(note, format!("{block} with {keys}"), holds(block, keys), *wanted);
    }
}

/// Cases of one operator: note, operator, the policy's values as JSON, the request's value, whether it holds.
fn compared(rule: &'static str, cases: &[(&str, &str, &str, &str, bool)]) {
    let mut table = Table::of(rule);
    for (note, operator, values, has, wanted) in cases {
        let block = format!(r#"{{"{operator}":{{"k:a":{values}}}}}"#);
        let keys = format!("k:a={has}");
        table.row(note, format!("{block} with {keys}"), holds(&block, &keys), *wanted);
    }
}
