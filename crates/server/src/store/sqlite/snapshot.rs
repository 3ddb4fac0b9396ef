//! Snapshots of the database: both reads in one read transaction.

use std::sync::{Arc, PoisonError};

use rusqlite::{Connection, Row};
use vinr_domain::PaymentId;
use vinr_domain::payment::Payment;

use super::SqliteStore;
use super::cells::{Cells, Parameters, engine};
use super::payment_row;
use super::read::bound;
use super::readers::{all, first};
use super::record_rows::read_record;
use super::writer::QUEUE;
use crate::store::port::{Pending, Scope, StoreError};
use crate::store::record::{Kind, Record};
use crate::store::snapshot::{Backlog, Snapshot, SnapshotReads};
use crate::store::sql;

fn snapshot<T>(
    connection: &Connection,
    text: &str,
    bind: impl FnOnce(&mut Parameters<'_, '_>) -> rusqlite::Result<()>,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Snapshot<T>, StoreError> {
    // Rolled back when dropped: nothing is written.
    let moment = connection.unchecked_transaction().map_err(|e| engine(&e))?;
    let mut newest = bound(&moment, sql::NEWEST_EVENT, |_| Ok(()))?;
    let newest = first(&mut newest, |row| Cells::of(row).number())?.unwrap_or(0);
    let mut statement = bound(&moment, text, bind)?;
    Ok(Snapshot { rows: all(&mut statement, read)?, newest })
}

impl Backlog for SqliteStore {
    fn commits_waiting(&self) -> (usize, Option<usize>) {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner);
        let waiting = queue.as_ref().map_or(0, |queue| queue.max_capacity() - queue.capacity());
        (waiting, Some(QUEUE))
    }
}

impl SnapshotReads for SqliteStore {
    fn payments_behind_across_accounts(
        &self,
        behind: Option<(Scope, PaymentId)>,
        limit: u32,
    ) -> Pending<'_, Result<Snapshot<Arc<Payment>>, StoreError>> {
        self.read(move |connection| {
            let bind = |p: &mut Parameters<'_, '_>| {
                match &behind {
                    Some((scope, id)) => p.scope(scope)?.id(id.0)?,
                    None => p.put("")?.put(false)?.id(0)?,
                };
                p.put(limit).map(|_| ())
            };
            snapshot(connection, sql::PAYMENTS_BEHIND, bind, |row| payment_row::read(row).map(Arc::new))
        })
    }

    fn records_behind_across_accounts(
        &self,
        kind: Kind,
        behind: Option<(Scope, Arc<str>)>,
        limit: u32,
    ) -> Pending<'_, Result<Snapshot<Record>, StoreError>> {
        self.read(move |connection| {
            let bind = |p: &mut Parameters<'_, '_>| {
                p.put(kind.as_str())?;
                match &behind {
                    Some((scope, id)) => p.scope(scope)?.put(&**id)?,
                    None => p.put("")?.put(false)?.put("")?,
                };
                p.put(limit).map(|_| ())
            };
            snapshot(connection, sql::RECORDS_BEHIND, bind, read_record)
        })
    }
}
