//! Puts `examples/shop` into the binary, so that `stagedoor demo` needs no files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).ok_or(io::ErrorKind::NotFound);
    let shop = variable("CARGO_MANIFEST_DIR")?.join("../../examples/shop").canonicalize()?;
    println!("cargo:rerun-if-changed={}", shop.display());
    let mut files = Vec::new();
    collect(&shop, &mut files)?;
    files.sort();
    let mut code = String::from("&[\n");
    for file in files {
        println!("cargo:rerun-if-changed={}", file.display());
        let name = file.strip_prefix(&shop).map_err(io::Error::other)?;
        code += &format!("    ({:?}, include_str!({:?})),\n", name.display().to_string(), file);
    }
    code.push(']');
    fs::write(variable("OUT_DIR")?.join("shop.rs"), code)
}

/// All files below a directory, but what a server that ran there has left.
fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if !path.is_dir() {
            files.push(path);
        } else if path.file_name().is_some_and(|name| name != "state") {
            collect(&path, files)?;
        }
    }
    Ok(())
}
