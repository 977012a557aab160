//! `parallel:matrix`: one job becomes several.

use crate::yaml::Node;

/// How many jobs a matrix may make; as GitLab.
const LIMIT: usize = 200;

/// The variables of each job; a single empty set without a matrix.
///
/// # Errors
/// Why they cannot be told.
pub(super) fn expand(job: &Node) -> Result<Vec<Vec<(String, String)>>, String> {
    let Some(matrix) = job.at(&["parallel", "matrix"]) else { return Ok(vec![Vec::new()]) };
    let mut all = Vec::new();
    for row in matrix.items() {
        let mut points: Vec<Vec<(String, String)>> = vec![Vec::new()];
        for (name, _, values) in row.fields() {
            let mut next = Vec::new();
            for point in &points {
                for (value, _) in values.texts() {
                    let mut point = point.clone();
                    point.push((name.to_owned(), value.to_owned()));
                    next.push(point);
                }
                if next.len() > LIMIT {
                    return Err(format!("its matrix makes more than {LIMIT} jobs"));
                }
            }
            points = next;
        }
        all.extend(points);
        if all.len() > LIMIT {
            return Err(format!("its matrix makes more than {LIMIT} jobs"));
        }
    }
    Ok(all)
}
