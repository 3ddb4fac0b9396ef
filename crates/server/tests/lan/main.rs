//! Payments that begin at terminals, from the cloud's side: a scripted terminal on a real link session, a scripted
//! acquirer, virtual time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod device;
mod offline;
mod originated;
mod shop;
mod tills;
