//! Where things are in the working copy.

use std::env;
use std::path::{Path, PathBuf};

use crate::Failure;

/// The directories that developer commands work in.
pub(crate) struct Place {
    /// The workspace's root.
    pub(crate) root: PathBuf,
    /// Cargo's target directory.
    target: PathBuf,
}

impl Place {
    /// Finds the workspace from where cargo started this program.
    pub(crate) fn find() -> Result<Self, Failure> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .parent()
            .map(Path::to_path_buf)
            .ok_or_else(|| format!("`{}` has no parent directory", manifest.display()))?;
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        Ok(Self { root, target })
    }

    /// The committed lists of client packages.
    pub(crate) fn client_lists(&self) -> PathBuf {
        self.root.join("tests/clients")
    }

    /// Where client packages are installed.
    pub(crate) fn installed_clients(&self) -> PathBuf {
        self.target.join("clients")
    }
}
