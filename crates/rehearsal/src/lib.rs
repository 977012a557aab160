//! Token issuers on loopback that sign as the vendors do, for the demo and for tests.
//!
//! An [`Issuer`] listens on 127.0.0.1, serves a discovery document and a JWKS at the paths of its vendor, and signs
//! RS256 tokens with the vendor's claims. Each claim can be overridden or removed, a forged token is one call
//! away, and keys rotate.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use stagedoor_rehearsal::{Issuer, Kind, Options};
//!
//! let issuer = Issuer::start(Kind::Bitbucket, Options::default()).await?;
//! println!("{}", issuer.url()); // http://127.0.0.1:40123/2.0/workspaces/acme/pipelines-config/identity/oidc
//! let main = issuer.token(&serde_json::json!({}))?;
//! let no_deployment = issuer.token(&serde_json::json!({ "deploymentEnvironmentUuid": null }))?;
//! # Ok(()) }
//! ```

mod claims;
mod issuer;
mod key;
mod serve;

pub use claims::{Kind, ids};
pub use issuer::{Issuer, Options, SignWith, StartError};
pub use key::KeyError;
