//! Deliveries as rows, and back; and the writer's statements on them.

use rusqlite::{Connection, Row, Statement};
use vinr_domain::EventId;

use super::cells::{Cells, Parameters};
use crate::store::delivery::{DeliveryRow, DeliveryStatus};
use crate::store::port::StoreError;
use crate::store::{rules, sql};

/// The writer's statements on deliveries, prepared once.
pub(super) struct DeliveryStatements<'c> {
    put: Statement<'c>,
    move_cursor: Statement<'c>,
    forget_cursor: Statement<'c>,
    forget_rows: Statement<'c>,
    delete: Statement<'c>,
}

impl<'c> DeliveryStatements<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            put: connection.prepare(sql::PUT_DELIVERY)?,
            move_cursor: connection.prepare(sql::MOVE_CURSOR)?,
            forget_cursor: connection.prepare(sql::FORGET_CURSOR)?,
            forget_rows: connection.prepare(sql::FORGET_DELIVERIES)?,
            delete: connection.prepare(sql::DELETE_DELIVERY)?,
        })
    }

    pub(super) fn put(&mut self, rows: &[DeliveryRow]) -> rusqlite::Result<()> {
        for row in rows {
            Parameters::of(&mut self.put)
                .put(&*row.endpoint)?
                .number(row.ordinal)?
                .scope(&row.scope)?
                .id(row.event.0)?
                .put(row.kind)?
                .put(&*row.object_id)?
                .put(row.status.as_str())?
                .put(row.attempts)?
                .put(row.created_at.0)?
                .put(row.last_attempt_at.map(|at| at.0))?
                .put(row.next_attempt_at.map(|at| at.0))?
                .put(row.http_status)?
                .put(row.duration_ms)?
                .put(row.error.as_deref())?
                .put(row.response.as_deref())?
                .run()?;
        }
        Ok(())
    }

    pub(super) fn move_cursor(&mut self, endpoint: &str, ordinal: u64) -> rusqlite::Result<()> {
        Parameters::of(&mut self.move_cursor).put(endpoint)?.number(ordinal)?.run().map(|_| ())
    }

    pub(super) fn forget(&mut self, endpoint: &str) -> rusqlite::Result<()> {
        Parameters::of(&mut self.forget_cursor).put(endpoint)?.run()?;
        Parameters::of(&mut self.forget_rows).put(endpoint)?.run().map(|_| ())
    }

    pub(super) fn delete(&mut self, endpoint: &str, ordinal: i64) -> rusqlite::Result<usize> {
        Parameters::of(&mut self.delete).put(endpoint)?.put(ordinal)?.run()
    }
}

/// Reads a row of any statement that selects deliveries.
pub(super) fn read_delivery(row: &Row<'_>) -> Result<DeliveryRow, StoreError> {
    let mut cells = Cells::of(row);
    Ok(DeliveryRow {
        endpoint: cells.shared()?,
        ordinal: cells.number()?,
        scope: cells.scope()?,
        event: EventId(cells.id()?),
        kind: cells.parsed(rules::event_kind)?,
        object_id: cells.shared()?,
        status: cells.parsed(DeliveryStatus::parse)?,
        attempts: cells.number()?,
        created_at: cells.moment()?,
        last_attempt_at: cells.maybe_moment()?,
        next_attempt_at: cells.maybe_moment()?,
        http_status: cells.maybe_number()?,
        duration_ms: cells.maybe_number()?,
        error: cells.maybe_shared()?,
        response: cells.maybe_shared()?,
    })
}
