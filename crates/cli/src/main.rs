//! The stagedoor command.
fn main() {}
