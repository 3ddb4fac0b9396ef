//! Reads that say of which moment they are: rows in the order of their names together with the newest event that they
//! reflect; and how much waits to be written. With them whoever follows the events can begin with what was there before, and count nothing twice.

use std::sync::Arc;

use vinr_domain::PaymentId;
use vinr_domain::payment::Payment;

use super::port::{Pending, Scope, StoreError};
use super::record::{Kind, Record};

/// Rows, all as they were at the same moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot<T> {
    /// In the order of account, mode and name.
    pub rows: Vec<T>,
    /// The place of the newest event that is in them; every event up to there is, none behind it.
    pub newest: u64,
}

/// How much waits for the store itself.
pub trait Backlog: Send + Sync + 'static {
    /// How many transactions wait for the writer, and how many may; `None` when none ever waits.
    fn commits_waiting(&self) -> (usize, Option<usize>);
}

/// The reads that figures are counted from.
pub trait SnapshotReads: Send + Sync + 'static {
    /// At most `limit` payments behind this one, of all accounts; `None`: from the first.
    fn payments_behind_across_accounts(
        &self,
        behind: Option<(Scope, PaymentId)>,
        limit: u32,
    ) -> Pending<'_, Result<Snapshot<Arc<Payment>>, StoreError>>;

    /// The same for records of a kind.
    fn records_behind_across_accounts(
        &self,
        kind: Kind,
        behind: Option<(Scope, Arc<str>)>,
        limit: u32,
    ) -> Pending<'_, Result<Snapshot<Record>, StoreError>>;
}
