use proptest::prelude::*;

use super::*;

fn messages(source: &str) -> Vec<String> {
    parse(source).1.into_iter().map(|error| error.message).collect()
}

fn plain(node: &Node) -> serde_json::Value {
    match &node.json {
        Json::Null => serde_json::Value::Null,
        Json::Bool(value) => (*value).into(),
        Json::Number(text) => serde_json::from_str(text).unwrap(),
        Json::String(text) => (**text).into(),
        Json::Array(nodes) => nodes.iter().map(plain).collect(),
        Json::Object(members) => serde_json::Value::Object(
            members.iter().map(|m| (m.name.value.to_string(), plain(&m.value))).collect(),
        ),
    }
}

#[test]
fn spans_cover_values_and_names() {
    let source = r#" {"a": [1, "x\n"], "b": {}} "#;
    let (node, errors) = parse(source);
    assert!(errors.is_empty());
    let Json::Object(members) = node.unwrap().json else { panic!("wanted an object") };
    assert_eq!(members[0].name.span.text(source), "\"a\"");
    assert_eq!(members[0].value.span.text(source), r#"[1, "x\n"]"#);
    assert_eq!(members[1].value.span.text(source), "{}");
}

#[test]
fn duplicates_are_kept() {
    let (node, errors) = parse(r#"{"a":1,"a":2}"#);
    assert!(errors.is_empty());
    assert!(matches!(node.unwrap().json, Json::Object(members) if members.len() == 2));
}

#[test]
fn several_mistakes_are_reported_together() {
    let found = messages("{ // why\n 'a': 1, \"b\": [1, 2,], \"c\": True \"d\": 01 }");
    assert_eq!(
        found,
        [
            "JSON has no comments",
            "JSON strings stand in double quotes",
            "trailing comma",
            "`True` is not a JSON value",
            "missing comma",
            "`01` is not a JSON number",
        ]
    );
}

#[test]
fn what_cannot_be_read_past_is_said_once() {
    for (source, message) in [
        ("", "the document is empty"),
        (" \n", "the document is empty"),
        ("{\"a\": ", "the document ends before a closing `}`"),
        ("[1", "the document ends before a closing `]`"),
        ("{\"a\" 1}", "wanted `:` after `a`"),
        ("{1: 2}", "wanted a member name, found `1`"),
        ("{\"a\": \"b}", "the string is not closed"),
        ("{\"a\": ;}", "wanted a JSON value, found `;`"),
        ("{} {}", "there is text after the end of the document"),
        ("\"\\x\"", "`\\x` is not a JSON escape"),
        ("\"\\ud800\"", "`\\ud800` does not name a character"),
    ] {
        assert_eq!(messages(source), [message], "{source}");
    }
}

#[test]
fn depth_is_bounded() {
    let deep = "[".repeat(100_000);
    assert_eq!(messages(&deep), ["the document is nested more than 24 levels deep"]);
}

#[test]
fn errors_are_bounded() {
    let source = format!("[{}1]", "/**/".repeat(1000));
    assert_eq!(parse(&source).1.len(), MAX_ERRORS);
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn reads_what_serde_json_writes(value in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let (node, errors) = parse(&text);
        prop_assert_eq!(errors, vec![]);
        prop_assert_eq!(plain(&node.unwrap()), value);
    }

    #[test]
    fn accepts_exactly_what_serde_json_accepts(text in r#"[\[\]{}":,\\ 0-9.eE+\-truefalsn'/*u\t]{0,24}"#) {
        let strict = serde_json::from_str::<serde_json::Value>(&text);
        // A number too large for serde_json's own types is a matter of its types, not of the grammar.
        prop_assume!(!strict.as_ref().is_err_and(|error| error.to_string().contains("number out of range")));
        prop_assert_eq!(parse(&text).1.is_empty(), strict.is_ok(), "{:?}", text);
    }

    #[test]
    fn never_panics_and_errors_lie_inside(text in any::<String>()) {
        for error in parse(&text).1 {
            prop_assert!(error.primary.span.end as usize <= text.len());
            prop_assert!(text.is_char_boundary(error.primary.span.start as usize));
        }
    }
}
