//! `strategy.matrix`: one job becomes several.

use std::collections::BTreeMap;

use crate::yaml::{Content, Node};

/// How many jobs a matrix may make here; GitHub allows 256.
const LIMIT: usize = 256;

/// One point of a matrix: values by dotted names.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Point {
    values: BTreeMap<String, String>,
    /// The values of the matrix proper, for names.
    main: Vec<String>,
}

impl Point {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// ` (a, b)`, as GitHub names the jobs.
    pub(super) fn shown(&self) -> String {
        if self.main.is_empty() { String::new() } else { format!(" ({})", self.main.join(", ")) }
    }

    fn add(&mut self, name: &str, value: &Node) {
        flatten(name, value, &mut self.values);
        if let Some(text) = value.text() {
            self.main.push(text.to_owned());
        }
    }

    /// Whether all scalars of `pairs` are in it.
    fn has(&self, pairs: &BTreeMap<String, String>) -> bool {
        pairs.iter().all(|(name, value)| self.values.get(name) == Some(value))
    }
}

/// Every point of a matrix; a single empty one without a matrix.
///
/// # Errors
/// Why the points cannot be told.
pub(super) fn expand(matrix: Option<&Node>) -> Result<Vec<Point>, String> {
    let Some(matrix) = matrix else { return Ok(vec![Point::default()]) };
    let computed = || "its matrix is computed when the workflow runs".to_owned();
    let Content::Mapping(_) = matrix.content() else { return Err(computed()) };
    let mut points = vec![Point::default()];
    let mut names = Vec::new();
    for (name, _, values) in matrix.fields().filter(|(name, ..)| !matches!(*name, "include" | "exclude")) {
        if !values.is_sequence() || values.items().iter().any(is_expression) {
            return Err(computed());
        }
        names.push(name);
        let mut next = Vec::new();
        for point in &points {
            for value in values.items() {
                let mut point = point.clone();
                point.add(name, value);
                next.push(point);
                if next.len() > LIMIT {
                    return Err(format!("its matrix has more than {LIMIT} points"));
                }
            }
        }
        points = next;
    }
    let listed = |key: &str| match matrix.get(key) {
        Some(node) if !node.is_sequence() => Err(computed()),
        Some(node) => Ok(node.items().iter().map(pairs).collect()),
        None => Ok(Vec::new()),
    };
    let excluded: Vec<BTreeMap<String, String>> = listed("exclude")?;
    points.retain(|point| !excluded.iter().any(|pairs| point.has(pairs)));
    if names.is_empty() {
        points.clear();
    }
    let original = points.len();
    for extra in listed("include")?.into_iter().take(LIMIT) {
        include(&mut points, original, &names, extra);
    }
    Ok(points)
}

/// Adds an `include` entry: to every original point whose values it does not change, else as a point of its own.
fn include(points: &mut Vec<Point>, original: usize, names: &[&str], extra: BTreeMap<String, String>) {
    let about =
        |name: &str| names.iter().any(|known| name == *known || name.starts_with(&format!("{known}.")));
    let fixed: BTreeMap<String, String> = extra
        .iter()
        .filter(|(name, _)| about(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut added = false;
    for point in points.iter_mut().take(original) {
        if point.has(&fixed) {
            point.values.extend(extra.clone());
            added = true;
        }
    }
    if !added {
        let main = extra.values().cloned().collect();
        points.push(Point { values: extra, main });
    }
}

fn pairs(node: &Node) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for (name, _, value) in node.fields() {
        flatten(name, value, &mut values);
    }
    values
}

fn flatten(name: &str, value: &Node, values: &mut BTreeMap<String, String>) {
    if let Some(text) = value.text() {
        values.insert(name.to_owned(), text.to_owned());
    }
    for (inner, _, value) in value.fields() {
        flatten(&format!("{name}.{inner}"), value, values);
    }
}

fn is_expression(node: &Node) -> bool {
    node.text().is_some_and(|text| text.contains("${{"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::yaml::Yaml;

    fn points(text: &str) -> Result<Vec<String>, String> {
        let yaml = Yaml::parse(&Source::new("a.yml", text)).unwrap();
        let points = expand(Some(yaml.root()))?;
        let show = |point: &Point| {
            let values: Vec<String> =
                point.values.iter().map(|(name, value)| format!("{name}={value}")).collect();
            values.join(" ")
        };
        Ok(points.iter().map(show).collect())
    }

    #[test]
    fn the_product_without_what_is_excluded_and_with_what_is_included() {
        let text = "env: [dev, prod]\nregion: [eu, us]\nexclude:\n  - {env: dev, region: us}\n\
                    include:\n  - {env: prod, role: r}\n  - {env: test, region: eu}\n";
        assert_eq!(
            points(text).unwrap(),
            [
                "env=dev region=eu",
                "env=prod region=eu role=r",
                "env=prod region=us role=r",
                "env=test region=eu",
            ]
        );
        assert_eq!(points("target:\n  - {name: a, id: 1}\n").unwrap(), ["target.id=1 target.name=a"]);
        assert_eq!(points("include:\n  - {a: 1}\n  - {a: 2}\n").unwrap(), ["a=1", "a=2"]);
    }

    #[test]
    fn a_computed_matrix_is_unknown() {
        assert!(points("${{ fromJSON(needs.x.outputs.y) }}").is_err());
        assert!(points("env: ${{ fromJSON(needs.x.outputs.y) }}").is_err());
        assert!(points(&format!("a: [{0}]\nb: [{0}]\n", vec!["x"; 40].join(","))).is_err());
    }
}
