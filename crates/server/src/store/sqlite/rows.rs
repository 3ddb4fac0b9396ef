//! Events, idempotency keys, terminals, accounts, keys and locations as columns, and back.

use rusqlite::{Row, Statement};
use vinr_domain::{AccountId, EventId, LocationId, PaymentId, TerminalId};

use super::cells::{Cells, Parameters};
use crate::store::port::{
    AccountRow, Answer, EventRow, IdempotencyRow, KeyRow, LocationRow, Scope, StoreError, TerminalRow,
};
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

pub(super) fn put_terminal(statement: &mut Statement<'_>, row: &TerminalRow) -> rusqlite::Result<usize> {
    Parameters::of(statement)
        .scope(&row.scope)?
        .put(row.id.as_str())?
        .put(row.location.as_ref().map(LocationId::as_str))?
        .put(&*row.model)?
        .put(&*row.serial_number)?
        .put(row.created_at.0)?
        .put(row.last_seen_at.map(|at| at.0))?
        .put(&*row.software_version)?
        .number(row.session_epoch)?
        .put(row.deactivated)?
        .run()
}

pub(super) fn read_terminal(row: &Row<'_>) -> Result<TerminalRow, StoreError> {
    let mut cells = Cells::of(row);
    let scope = cells.scope()?;
    Ok(TerminalRow {
        id: cells.parsed(|text| TerminalId::parse(text).ok())?,
        scope,
        location: cells.maybe_parsed(|text| LocationId::parse(text).ok())?,
        model: cells.shared()?,
        serial_number: cells.shared()?,
        created_at: cells.moment()?,
        last_seen_at: cells.maybe_moment()?,
        software_version: cells.shared()?,
        session_epoch: cells.number()?,
        deactivated: cells.boolean()?,
    })
}

pub(super) fn put_account(statement: &mut Statement<'_>, row: &AccountRow) -> rusqlite::Result<usize> {
    Parameters::of(statement)
        .put(row.id.as_str())?
        .put(&*row.display_name)?
        .put(row.over_capture_percent)?
        .put(row.created_at.0)?
        .run()
}

pub(super) fn read_account(row: &Row<'_>) -> Result<AccountRow, StoreError> {
    let mut cells = Cells::of(row);
    Ok(AccountRow {
        id: cells.parsed(|text| AccountId::parse(text).ok())?,
        display_name: cells.shared()?,
        over_capture_percent: cells.number()?,
        created_at: cells.moment()?,
    })
}

pub(super) fn put_key(statement: &mut Statement<'_>, row: &KeyRow) -> rusqlite::Result<usize> {
    let grants: Vec<&str> = row.grants.iter().map(|grant| &**grant).collect();
    let grants =
        serde_json::to_string(&grants).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
    Parameters::of(statement)
        .put(row.hash)?
        .scope(&row.scope)?
        .put(grants)?
        .put(&*row.hint)?
        .put(row.created_at.0)?
        .put(row.revoked_at.map(|at| at.0))?
        .run()
}

pub(super) fn read_key(row: &Row<'_>) -> Result<KeyRow, StoreError> {
    let mut cells = Cells::of(row);
    let hash = cells.hash()?;
    let scope = cells.scope()?;
    let grants: Vec<String> = cells.parsed(|text| serde_json::from_str(text).ok())?;
    Ok(KeyRow {
        hash,
        scope,
        grants: grants.into_iter().map(Into::into).collect(),
        hint: cells.shared()?,
        created_at: cells.moment()?,
        revoked_at: cells.maybe_moment()?,
    })
}

pub(super) fn put_location(statement: &mut Statement<'_>, row: &LocationRow) -> rusqlite::Result<usize> {
    Parameters::of(statement)
        .scope(&row.scope)?
        .put(row.id.as_str())?
        .put(&*row.display_name)?
        .put(row.created_at.0)?
        .run()
}

pub(super) fn read_location(row: &Row<'_>) -> Result<LocationRow, StoreError> {
    let mut cells = Cells::of(row);
    let scope = cells.scope()?;
    Ok(LocationRow {
        id: cells.parsed(|text| LocationId::parse(text).ok())?,
        scope,
        display_name: cells.shared()?,
        created_at: cells.moment()?,
    })
}
