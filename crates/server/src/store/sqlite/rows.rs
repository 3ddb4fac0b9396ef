//! Events and idempotency keys as columns, and back.

use rusqlite::{Row, Statement};
use vinr_domain::{EventId, PaymentId};

use super::cells::{Cells, Parameters};
use crate::store::port::{Answer, EventRow, IdempotencyRow, Posted, Scope, StoreError};
use crate::store::rules;

pub(super) fn insert_event(statement: &mut Statement<'_>, row: &EventRow) -> rusqlite::Result<usize> {
    Parameters::of(statement)
        .id(row.id.0)?
        .scope(&row.scope)?
        .put(&*row.object_id)?
        .number(row.sequence)?
        .put(row.kind)?
        .put(row.created_at.0)?
        .put(&*row.data)?
        .run()
}

/// Reads a row of `FIND_EVENT`.
pub(super) fn read_event(
    row: &Row<'_>,
    scope: &Scope,
    object_id: &str,
    sequence: u64,
) -> Result<EventRow, StoreError> {
    let mut cells = Cells::of(row);
    Ok(EventRow {
        id: EventId(cells.id()?),
        scope: scope.clone(),
        kind: cells.parsed(rules::event_kind)?,
        object_id: object_id.into(),
        sequence,
        created_at: cells.moment()?,
        data: cells.bytes()?.into(),
    })
}

/// Reads a row of `list_events`.
pub(super) fn read_listed_event(row: &Row<'_>, scope: &Scope) -> Result<EventRow, StoreError> {
    let mut cells = Cells::of(row);
    let id = EventId(cells.id()?);
    rest_of_event(&mut cells, scope.clone(), id)
}

/// Reads a row of `GET_EVENT`.
pub(super) fn read_posted_event(row: &Row<'_>, scope: &Scope, id: EventId) -> Result<Posted, StoreError> {
    let mut cells = Cells::of(row);
    let ordinal = cells.number()?;
    Ok(Posted { ordinal, event: rest_of_event(&mut cells, scope.clone(), id)? })
}

/// Reads a row of `EVENTS_AFTER`.
pub(super) fn read_following_event(row: &Row<'_>) -> Result<Posted, StoreError> {
    let mut cells = Cells::of(row);
    let (ordinal, scope) = (cells.number()?, cells.scope()?);
    let id = EventId(cells.id()?);
    Ok(Posted { ordinal, event: rest_of_event(&mut cells, scope, id)? })
}

fn rest_of_event(cells: &mut Cells<'_, '_>, scope: Scope, id: EventId) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        id,
        scope,
        object_id: cells.shared()?,
        sequence: cells.number()?,
        kind: cells.parsed(rules::event_kind)?,
        created_at: cells.moment()?,
        data: cells.bytes()?.into(),
    })
}

pub(super) fn insert_idempotency_key(
    statement: &mut Statement<'_>,
    row: &IdempotencyRow,
) -> rusqlite::Result<usize> {
    let mut parameters = Parameters::of(statement);
    put_idempotency_key(&mut parameters, row)?;
    parameters.put(row.fingerprint)?.put(row.created_at.0)?;
    put_answer(&mut parameters, &row.answer)?;
    parameters.run()
}

pub(super) fn answer_idempotency_key(
    statement: &mut Statement<'_>,
    row: &IdempotencyRow,
) -> rusqlite::Result<usize> {
    let mut parameters = Parameters::of(statement);
    put_answer(&mut parameters, &row.answer)?;
    put_idempotency_key(&mut parameters, row)?;
    parameters.run()
}

fn put_idempotency_key(parameters: &mut Parameters<'_, '_>, row: &IdempotencyRow) -> rusqlite::Result<()> {
    parameters.scope(&row.scope)?.put(&*row.operation)?.put(&*row.key)?;
    Ok(())
}

fn put_answer(parameters: &mut Parameters<'_, '_>, answer: &Answer) -> rusqlite::Result<()> {
    match answer {
        Answer::Payment { id, sequence, status } => parameters
            .put(status)?
            .id(id.0)?
            .put(sequence.map(|sequence| i64::try_from(sequence).unwrap_or(i64::MAX)))?
            .put(None::<&[u8]>)?,
        Answer::Verbatim { status, body } => {
            parameters.put(status)?.put(None::<&[u8]>)?.put(None::<i64>)?.put(&**body)?
        }
    };
    Ok(())
}

/// Reads a row of `FIND_IDEMPOTENCY_KEY`.
pub(super) fn read_idempotency_key(
    row: &Row<'_>,
    scope: &Scope,
    operation: &str,
    key: &str,
) -> Result<IdempotencyRow, StoreError> {
    let mut cells = Cells::of(row);
    let fingerprint = cells.hash()?;
    let created_at = cells.moment()?;
    let status = cells.number()?;
    let (payment, sequence) = (cells.maybe_id()?, cells.maybe_number()?);
    let answer = match (payment, cells.maybe_bytes()?) {
        (Some(id), None) => Answer::Payment { id: PaymentId(id), sequence, status },
        (None, Some(body)) => Answer::Verbatim { status, body: body.into() },
        (None, None) | (Some(_), Some(_)) => return Err(cells.unreadable()),
    };
    let (operation, key) = (operation.into(), key.into());
    Ok(IdempotencyRow { scope: scope.clone(), operation, key, fingerprint, created_at, answer })
}
