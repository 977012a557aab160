//! Results as JUnit's XML.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Done, story};

/// The whole document: a suite for each file.
pub(super) fn document(done: &[Done<'_>]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string cannot fail.
    let _ = writeln!(text, "<testsuites name=\"stagedoor test\"{}>", totals(done.iter()));
    for suite in done.chunk_by(|left, right| left.file.path == right.file.path) {
        let Some(first) = suite.first() else { continue };
        let path = attribute(&first.file.path);
        let _ = writeln!(text, "  <testsuite name=\"{path}\"{}>", totals(suite.iter()));
        for done in suite {
            let name = attribute(&done.case.name.value);
            let took = seconds(done.took);
            let _ = write!(text, "    <testcase classname=\"{path}\" name=\"{name}\" time=\"{took}\"");
            match done.troubles.first() {
                None => text.push_str("/>\n"),
                Some(trouble) => {
                    let message = attribute(&trouble.diagnostic.message);
                    let _ = writeln!(
                        text,
                        ">\n      <failure type=\"{}\" message=\"{message}\">{}</failure>\n    </testcase>",
                        trouble.diagnostic.id,
                        attribute(&story(done, false))
                    );
                }
            }
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn totals<'d, 't: 'd>(done: impl Iterator<Item = &'d Done<'t>>) -> String {
    let (mut tests, mut failures, mut time) = (0, 0, Duration::ZERO);
    for done in done {
        tests += 1;
        failures += usize::from(!done.troubles.is_empty());
        time += done.took;
    }
    format!(
        " tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"{}\"",
        seconds(time)
    )
}

fn seconds(time: Duration) -> String {
    format!("{:.6}", time.as_secs_f64())
}

/// Text for XML 1.0, which has no control characters but the white space.
fn attribute(text: &str) -> String {
    let sound: String = text
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect();
    quick_xml::escape::escape(sound.as_str()).into_owned()
}
