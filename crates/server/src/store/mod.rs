//! What the platform knows, durably: one port, an SQLite engine and an in-memory model that answer alike.
//!
//! Knows no HTTP, no terminals and no steps of payments; it keeps rows and refuses what breaks a rule between rows.

#[cfg(test)]
mod conformance;
pub mod memory;
pub mod port;
mod rules;
mod sql;
pub mod sqlite;

pub use memory::{Gate, MemoryStore, Moment};
pub use port::{
    AccountRow, Answer, Change, CommitError, Cursor, EventRow, IdempotencyRow, KeyRow, Listed, LocationRow,
    Page, PaymentFilter, Pending, Retention, Scope, Store, StoreError, TerminalRow, Transaction,
};
pub use sqlite::{OpenError, Options, SqliteStore};
