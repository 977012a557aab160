//! Composition: configuration, doors, gates, reload, metrics, drain.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use stagedoor_server::{Options, Server};
//!
//! let running = Server::start("examples/shop".as_ref(), Options::default()).await?;
//! println!("{:?}", running.addresses().await);
//! running.stop().await;
//! # Ok(()) }
//! ```

mod addresses;
mod api;
mod core;
mod error;
mod gates;
mod keyring;
mod metrics;
mod options;
mod own;
mod reload;
mod server;
mod sessions;
mod signing;
mod watch;

pub use addresses::Addresses;
pub use error::{ListenError, Purpose, ReloadError, StartError};
pub use options::Options;
pub use reload::Reloaded;
pub use server::{Running, Server};
