//! The HTTP gate over real sockets.

mod access;
mod bodies;
mod client;
mod curl;
mod forwarding;
mod house;
mod paths;
mod smuggling;
mod trouble;
mod upstream;
mod websocket;
