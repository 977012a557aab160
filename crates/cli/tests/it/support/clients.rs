//! Where the real clients are.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn client(variable: &str, fallback: &Path) -> PathBuf {
    let path = std::env::var_os(variable).map_or_else(|| fallback.to_owned(), PathBuf::from);
    assert!(
        path.exists(),
        "`{}` is missing: run `cargo xtask setup` once, or `cargo xtask test`",
        path.display()
    );
    path
}

fn venv(program: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("clients/venv/bin").join(program)
}

/// Python with boto3.
pub(crate) fn python() -> PathBuf {
    client("STAGEDOOR_TEST_PYTHON", &venv("python"))
}

/// The AWS CLI.
pub(crate) fn aws() -> PathBuf {
    client("STAGEDOOR_TEST_AWS", &venv("aws"))
}

/// Node.
pub(crate) fn node() -> PathBuf {
    client("STAGEDOOR_TEST_NODE", Path::new("/usr/bin/node"))
}

/// curl.
pub(crate) fn curl() -> PathBuf {
    client("STAGEDOOR_TEST_CURL", Path::new("/usr/bin/curl"))
}

/// A script of ours in `tests/clients`, where the npm packages are.
pub(crate) fn script(name: &str) -> PathBuf {
    let packages = client("STAGEDOOR_TEST_PACKAGES", &root().join("tests/clients"));
    assert!(
        packages.join("node_modules").exists(),
        "`{}` has no node_modules: run `cargo xtask setup` once",
        packages.display()
    );
    packages.join(name)
}
