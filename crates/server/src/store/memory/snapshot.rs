//! Snapshots of the in-memory model.

use std::ops::Bound;
use std::sync::Arc;

use vinr_domain::PaymentId;
use vinr_domain::payment::Payment;

use super::{MemoryStore, Rows};
use crate::store::port::{Pending, Scope, StoreError};
use crate::store::record::{Kind, Record};
use crate::store::snapshot::{Backlog, Snapshot, SnapshotReads};

impl Rows {
    fn newest(&self) -> u64 {
        self.event_order.last_key_value().map_or(0, |(ordinal, _)| *ordinal)
    }
}

impl Backlog for MemoryStore {
    fn commits_waiting(&self) -> (usize, Option<usize>) {
        (0, None)
    }
}

impl SnapshotReads for MemoryStore {
    fn payments_behind_across_accounts(
        &self,
        behind: Option<(Scope, PaymentId)>,
        limit: u32,
    ) -> Pending<'_, Result<Snapshot<Arc<Payment>>, StoreError>> {
        self.answer(|rows| {
            let from = behind.map_or(Bound::Unbounded, Bound::Excluded);
            let found = rows.payments.range((from, Bound::Unbounded)).take(limit as usize);
            Snapshot { rows: found.map(|(_, payment)| Arc::clone(payment)).collect(), newest: rows.newest() }
        })
    }

    fn records_behind_across_accounts(
        &self,
        kind: Kind,
        behind: Option<(Scope, Arc<str>)>,
        limit: u32,
    ) -> Pending<'_, Result<Snapshot<Record>, StoreError>> {
        self.answer(|rows| {
            let found = rows.records.behind(kind, behind.as_ref()).take(limit as usize);
            Snapshot { rows: found.cloned().collect(), newest: rows.newest() }
        })
    }
}
