//! The gates: identity-aware proxies that honour sessions.
