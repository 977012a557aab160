//! What is known of the other end of the connection.

use std::net::IpAddr;

/// The network side of a request, as its door or gate saw it.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The peer's address (`aws:SourceIp`).
    pub source_ip: IpAddr,
    /// The `User-Agent`, chosen by the caller and so never to be trusted (`aws:UserAgent`).
    pub user_agent: String,
    /// The request id that the answer carries: a UUID made by the door.
    pub request_id: String,
    /// Whether the request came over TLS (`aws:SecureTransport`).
    pub secure_transport: bool,
}
