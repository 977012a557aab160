//! The configuration directory as a checked, immutable snapshot.
