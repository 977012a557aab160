//! Token verification and the catalogue of token providers.
