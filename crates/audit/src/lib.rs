//! The audit log: records, transparency log, verification, search.
//!
//! Every decision is one [`Record`], appended to a [`Log`] before its effect
//! leaves the process: an [`append`](Log::append) returns only once the record
//! is on disk, and [`Recorded`] is the proof that it did.
//!
//! The log is a C2SP tiled transparency log (tlog-tiles, tlog-checkpoint,
//! signed-note): any client of that format reads the directory, and
//! [`verify`](fn@verify) tells an edit, a deletion, a reordering, a cut tail,
//! a rollback and a fork apart, offline.

mod checkpoint;
mod cosigner;
mod disk;
mod error;
mod index;
mod journal;
mod log;
mod note;
mod prove;
mod query;
mod reader;
mod receipt;
mod record;
mod retention;
mod search;
mod tiles;
mod trace;
mod tree;
mod verify;
mod witness;

pub use checkpoint::Checkpoint;
pub use cosigner::{CosignatureAlgorithm, CosignerKey};
pub use error::AuditError;
pub use index::{rebuild_index, reindex};
pub use log::{Log, LogOptions, key};
pub use note::VerifierKey;
pub use prove::{ConsistencyProof, InclusionProof, checkpoint, prove, prove_consistency, prove_growth};
pub use query::{Order, Query};
pub use receipt::{MalformedReceipt, Receipt, Recorded};
pub use record::{
    Decision, Details, FederationData, Kind, Printable, Record, Resource, SessionContext, SessionIssuer,
    Statement, UserIdentity,
};
pub use retention::{erase, prune};
pub use search::{Entry, search, show, size};
pub use trace::{Link, Subject, trace};
pub use tree::{verify_consistency, verify_inclusion};
pub use verify::{Fault, FaultKind, Verification, VerifyOptions, verify};
pub use witness::{Witness, WitnessRefusal};
