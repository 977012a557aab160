//! The audit log: records, transparency log, verification, search.
