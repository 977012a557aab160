//! Short-lived credentials: keyring, sealed session tokens, Signature Version 4 verification.
