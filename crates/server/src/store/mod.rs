//! What the platform knows, durably: one port, an SQLite engine and an in-memory model that answer alike.
//!
//! Knows no HTTP, no terminals and no steps of payments; it keeps rows and refuses what breaks a rule between rows.

pub mod batching;
#[cfg(test)]
mod conformance;
pub mod delivery;
mod filter;
pub mod memory;
pub mod moments;
pub mod port;
pub mod record;
pub mod registry;
mod rules;
mod search;
pub mod snapshot;
pub mod spelling;
mod sql;
pub mod sqlite;

pub use batching::{BatchReads, BrandSum, Lot, Tender, Unbatched, UnbatchedSums, UnbatchedTender};
pub use delivery::{DeliveryCursor, DeliveryPage, DeliveryRow, DeliveryStatus};
pub use memory::{Gate, MemoryStore, Moment};
pub use moments::{Passed, Stage};
pub use port::{
    Answer, Change, CommitError, Cursor, EventCursor, EventFilter, EventPage, EventRow, IdempotencyRow,
    Listed, Page, PaymentFilter, PaymentLooks, Pending, Posted, Retention, Scope, Store, StoreError,
    Transaction,
};
pub use record::{Kept, Kind, Record, RecordCursor, RecordKey, RecordPage, RecordsListed, Stored};
pub use registry::{AccountRow, KeyRow, LocationRow, OfflineRow, TerminalRow};
pub use snapshot::{Backlog, Snapshot, SnapshotReads};
pub use sqlite::{OpenError, Options, SqliteStore};
