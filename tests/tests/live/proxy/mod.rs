//! `coldcase proxy` as clients and servers see it.

mod client;
mod curl;
mod intercept;
mod operation;
mod parity;
mod plain;
mod reverse;
mod server;
mod started;
mod streams;
