//! The whole terminal from outside: a scripted cloud on one side, a cardholder and a disk that loses power on the
//! other. Virtual time, no socket, no file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod actions;
mod breaks;
mod canary;
mod configuration;
mod hands;
mod lease;
mod offline;
mod payment;
mod renewal;
mod restart;
#[cfg(feature = "sabotage")]
mod sabotage;
mod status;
mod till;
mod tip;
mod world;
