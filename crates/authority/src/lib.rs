//! Verify, decide, issue, record: the only place where a decision is made.
