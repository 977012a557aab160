//! Every format from the same findings.

use serde_json::Value;
use stagedoor_insight::{Finding, Place, Source, output};
use stagedoor_policy::{Severity, Span};

fn findings() -> Vec<Finding> {
    let pipeline = Source::new("ci/a b.yml", "é: 1\nrole: x\n");
    let policy = Source::new("trust.json", "{}\n");
    let place = Place::new(&pipeline, Span::new(6, 13));
    vec![
        Finding::new("preflight_refused", Severity::Error, "`a` is 100% refused, sorry")
            .at(place.clone(), "this")
            .also(Place::new(&policy, Span::new(0, 2)), "wanted")
            .help("do: that")
            .property("verdict", "refused"),
        Finding::new("preflight_granted", Severity::Note, "`b` is granted")
            .at(place, "")
            .property("verdict", "granted"),
        Finding::new("other", Severity::Warning, "no place"),
    ]
}

#[test]
fn text_underlines_every_file() {
    let text = output::text(&findings()[..1], false);
    assert_eq!(
        text,
        "error[preflight_refused]: `a` is 100% refused, sorry\n \
         --> ci/a b.yml:2:1\n  |\n2 | role: x\n  | ^^^^^^^ this\n  |\n  = help: do: that\n\
         note[see]: wanted\n --> trust.json:1:1\n  |\n1 | {}\n  | ^^\n"
    );
    assert_eq!(output::text(&findings()[2..], false), "warning[other]: no place\n");
}

#[test]
fn json_has_all_that_its_schema_says_and_nothing_else() {
    let json = output::json(&findings());
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/schema/findings.json")).unwrap();
    let names = |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    let required = |value: &Value| -> Vec<String> {
        value["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    assert_eq!(sorted(names(&json)), sorted(required(&schema)));
    for finding in json["findings"].as_array().unwrap() {
        assert_eq!(sorted(names(finding)), sorted(required(&schema["$defs"]["finding"])));
    }
    let place = &json["findings"][0]["place"];
    assert_eq!(sorted(names(place)), sorted(required(&schema["$defs"]["place"])));
    assert_eq!(place["start"], serde_json::json!({ "line": 2, "column": 1, "offset": 6 }));
    assert_eq!(json["findings"][2]["place"], Value::Null);
    assert_eq!((&json["errors"], &json["warnings"], &json["notes"]), (&1.into(), &1.into(), &1.into()));
}

#[test]
fn sarif_has_rules_results_and_both_files() {
    let sarif = output::sarif(&findings(), "1.2.3");
    let run = &sarif["runs"][0];
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(run["tool"]["driver"]["version"], "1.2.3");
    let rules: Vec<&str> = run["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["other", "preflight_granted", "preflight_refused"]);
    let result = &run["results"][0];
    assert_eq!(
        (&result["ruleIndex"], &result["level"], &result["kind"]),
        (&2.into(), &"error".into(), &"fail".into())
    );
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "ci/a%20b.yml");
    assert_eq!(place["region"]["startLine"], 2);
    assert_eq!(place["region"]["endColumn"], 8);
    assert_eq!(result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"], "trust.json");
    assert_eq!((&run["results"][1]["kind"], &run["results"][1]["level"]), (&"pass".into(), &"none".into()));
    assert_eq!(run["results"][2]["locations"], serde_json::json!([]));
}

#[test]
fn annotations_escape_what_github_reads() {
    assert_eq!(
        output::github(&findings()),
        "::error file=ci/a b.yml,line=2,endLine=2,col=1,endColumn=8,title=preflight_refused::`a` is 100%25 refused, \
         sorry%0Ado: that\n::warning title=other::no place\n"
    );
}

#[test]
fn a_code_quality_report_has_stable_fingerprints() {
    let report = output::gitlab(&findings());
    let entries = report.as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["severity"], "critical");
    assert_eq!(entries[0]["location"], serde_json::json!({ "path": "ci/a b.yml", "lines": { "begin": 2 } }));
    assert_eq!(entries[0]["fingerprint"].as_str().unwrap().len(), 32);
    assert_eq!(output::gitlab(&findings()), report);
    let twice = [findings(), findings()].concat();
    let prints: std::collections::BTreeSet<String> = output::gitlab(&twice)
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["fingerprint"].to_string())
        .collect();
    assert_eq!(prints.len(), 4);
}
