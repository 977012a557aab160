//! Token verification and the catalogue of token providers.
//!
//! A token goes through [`verify`] and comes out as a [`VerifiedToken`], or as a [`TokenRefusal`] that says
//! why. [`Provider`] describes the services that issue tokens; [`Issuer`] is one of them as configured.

mod algorithm;
mod aws;
mod checks;
mod claims;
mod context;
mod delegation;
mod hints;
mod issuer;
mod json;
mod jws;
mod keys;
mod provenance;
pub mod provider;
mod refusal;
mod verify;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use aws::SessionTags;
pub use checks::LEEWAY_SECONDS;
pub use claims::Claims;
pub use context::Profile;
pub use hints::KeyHints;
pub use issuer::{DuplicateIssuer, Issuer, Issuers, KeySource};
pub use jws::{Header, TOKEN_LIMIT};
pub use keys::{KEY_COUNT_LIMIT, KEY_SET_LIMIT, KeyStatus, Keys, KeysOptions};
pub use provenance::Provenance;
pub use provider::{Derived, Parameter, ParameterError, Provider};
pub use refusal::TokenRefusal;
pub use verify::{VerifiedToken, verify};
