//! The files shown in the guides are a configuration each, as they stand.

use std::fs;
use std::path::Path;

use stagedoor_config::load;
use tempfile::TempDir;

/// Writes every fenced block that carries `file=…` below the directory.
fn lay_out(page: &str, directory: &Path) -> usize {
    let mut written = 0;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some((_, name)) = line.strip_prefix("```").and_then(|info| info.split_once(",file=")) else {
            continue;
        };
        let content: String =
            lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        let path = directory.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        written += 1;
    }
    written
}

#[test]
fn every_guide_shows_a_configuration_that_loads_without_a_finding() {
    let guides = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides");
    let mut pages: Vec<_> = fs::read_dir(guides).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|page| !page.ends_with("index.md"));
    assert!(pages.len() >= 4, "a guide each for Bitbucket, CircleCI, GitLab and GitHub");
    for page in pages {
        let directory = TempDir::new().unwrap();
        assert!(lay_out(&fs::read_to_string(&page).unwrap(), directory.path()) >= 4, "{}", page.display());
        match load(directory.path()) {
            Ok(snapshot) => {
                assert!(
                    snapshot.warnings.is_empty(),
                    "{}:\n{}",
                    page.display(),
                    snapshot.warnings.render(false)
                );
                assert_eq!((snapshot.roles.len(), snapshot.issuers.len()), (1, 1), "{}", page.display());
            }
            Err(report) => panic!("{}:\n{}", page.display(), report.render(false)),
        }
    }
}
