//! The Cloud API from outside: the real router over the real application, on the in-memory store. No terminal is
//! connected and the acquirer is silent; what needs either is tested where they are.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod access;
mod accounts;
mod audit;
mod bad_input;
mod batches;
mod document;
mod idempotency;
mod isolation;
mod limits;
mod logs;
mod pages;
mod payments;
mod refunds;
mod requests;
mod shop;
mod streams;
