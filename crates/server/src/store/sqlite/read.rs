//! The reads of the port, each on a connection of its own.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection};
use vinr_domain::payment::{Payment, Status};
use vinr_domain::{IntentId, LocationId, PaymentId, Timestamp};

use super::cache::Cache;
use super::cells::{Cells, Parameters, engine};
use super::readers::{all, first};
use super::writer::Doomed;
use super::{payment_row, rows};
use crate::store::port::{
    AccountRow, EventRow, IdempotencyRow, KeyRow, Listed, LocationRow, Page, PaymentFilter, Retention, Scope,
    StoreError, TerminalRow,
};
use crate::store::{rules, sql};

/// Prepares the statement (once per connection) and binds its parameters.
fn bound<'c>(
    connection: &'c Connection,
    text: &str,
    bind: impl FnOnce(&mut Parameters<'_, '_>) -> rusqlite::Result<()>,
) -> Result<CachedStatement<'c>, StoreError> {
    let prepare = || {
        let mut statement = connection.prepare_cached(text)?;
        bind(&mut Parameters::of(&mut statement))?;
        Ok(statement)
    };
    prepare().map_err(|e| engine(&e))
}

fn read_shared(row: &rusqlite::Row<'_>) -> Result<Arc<Payment>, StoreError> {
    payment_row::read(row).map(Arc::new)
}

pub(super) fn payment(
    connection: &Connection,
    cache: &Cache,
    scope: &Scope,
    id: PaymentId,
) -> Result<Option<Arc<Payment>>, StoreError> {
    let before = cache.version(id);
    let mut statement = bound(connection, sql::GET_PAYMENT, |p| p.scope(scope)?.id(id.0).map(|_| ()))?;
    let found = first(&mut statement, read_shared)?;
    if let Some(payment) = &found {
        cache.fill(payment, before);
    }
    Ok(found)
}

pub(super) fn payment_by_intent(
    connection: &Connection,
    cache: &Cache,
    scope: &Scope,
    intent: IntentId,
) -> Result<Option<Arc<Payment>>, StoreError> {
    for text in [sql::ID_BY_INTENT, sql::ID_WITHOUT_TOKEN] {
        let mut statement = bound(connection, text, |p| p.scope(scope)?.id(intent.0).map(|_| ()))?;
        if let Some(id) = first(&mut statement, |row| Cells::of(row).id())? {
            return payment(connection, cache, scope, PaymentId(id));
        }
    }
    Ok(None)
}

pub(super) fn page(
    connection: &Connection,
    scope: &Scope,
    filter: &PaymentFilter,
    page: &Page,
) -> Result<Listed, StoreError> {
    let Some(bounds) = rules::id_bounds(filter, page.cursor) else {
        return Ok(Listed { payments: vec![], has_more: false });
    };
    let upward = rules::is_upward(page);
    let text = sql::list_payments(filter.terminal.is_some(), filter.reference.is_some(), upward);
    let mut statement = bound(connection, text, |p| {
        p.scope(scope)?
            .id(*bounds.start())?
            .id(*bounds.end())?
            .put(filter.terminal.as_deref())?
            .put(filter.reference.as_deref())?
            .put(filter.location.as_ref().map(LocationId::as_str))?
            .put(filter.status.map(Status::as_str))?
            .put(filter.from.map(|from| from.0))?
            .put(filter.to.map(|to| to.0))?
            .put(i64::from(page.limit) + 1)
            .map(|_| ())
    })?;
    let mut payments = all(&mut statement, read_shared)?;
    let has_more = payments.len() > page.limit as usize;
    payments.truncate(page.limit as usize);
    if upward {
        payments.reverse();
    }
    Ok(Listed { payments, has_more })
}

pub(super) fn unfinished_on_terminal(
    connection: &Connection,
    scope: &Scope,
    terminal: &str,
) -> Result<Vec<Arc<Payment>>, StoreError> {
    let mut statement =
        bound(connection, sql::UNFINISHED_ON_TERMINAL, |p| p.scope(scope)?.put(terminal).map(|_| ()))?;
    all(&mut statement, read_shared)
}

pub(super) fn unfinished(connection: &Connection) -> Result<Vec<Arc<Payment>>, StoreError> {
    let mut statement = bound(connection, sql::UNFINISHED_ACROSS_ACCOUNTS, |_| Ok(()))?;
    all(&mut statement, read_shared)
}

pub(super) fn due(
    connection: &Connection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Arc<Payment>>, StoreError> {
    let mut statement =
        bound(connection, sql::DUE_ACROSS_ACCOUNTS, |p| p.put(now.0)?.put(limit).map(|_| ()))?;
    all(&mut statement, read_shared)
}

pub(super) fn counts(connection: &Connection) -> Result<Vec<(Status, u64)>, StoreError> {
    let mut statement = bound(connection, sql::COUNT_PAYMENTS, |_| Ok(()))?;
    let mut counts = all(&mut statement, |row| {
        let mut cells = Cells::of(row);
        Ok((cells.parsed(Status::parse)?, cells.number()?))
    })?;
    counts.sort_by_key(|(status, _)| *status);
    Ok(counts)
}

pub(super) fn event(
    connection: &Connection,
    scope: &Scope,
    object_id: &str,
    sequence: u64,
) -> Result<Option<EventRow>, StoreError> {
    let mut statement =
        bound(connection, sql::FIND_EVENT, |p| p.scope(scope)?.put(object_id)?.number(sequence).map(|_| ()))?;
    first(&mut statement, |row| rows::read_event(row, scope, object_id, sequence))
}

pub(super) fn idempotency_key(
    connection: &Connection,
    scope: &Scope,
    operation: &str,
    key: &str,
) -> Result<Option<IdempotencyRow>, StoreError> {
    let mut statement = bound(connection, sql::FIND_IDEMPOTENCY_KEY, |p| {
        p.scope(scope)?.put(operation)?.put(key).map(|_| ())
    })?;
    first(&mut statement, |row| rows::read_idempotency_key(row, scope, operation, key))
}

pub(super) fn terminal(
    connection: &Connection,
    scope: &Scope,
    id: &str,
) -> Result<Option<TerminalRow>, StoreError> {
    let mut statement = bound(connection, sql::GET_TERMINAL, |p| p.scope(scope)?.put(id).map(|_| ()))?;
    first(&mut statement, rows::read_terminal)
}

pub(super) fn location(
    connection: &Connection,
    scope: &Scope,
    id: &str,
) -> Result<Option<LocationRow>, StoreError> {
    let mut statement = bound(connection, sql::GET_LOCATION, |p| p.scope(scope)?.put(id).map(|_| ()))?;
    first(&mut statement, rows::read_location)
}

pub(super) fn account(connection: &Connection, id: &str) -> Result<Option<AccountRow>, StoreError> {
    let mut statement = bound(connection, sql::GET_ACCOUNT, |p| p.put(id).map(|_| ()))?;
    first(&mut statement, rows::read_account)
}

pub(super) fn terminals(connection: &Connection) -> Result<Vec<TerminalRow>, StoreError> {
    let mut statement = bound(connection, sql::TERMINALS_ACROSS_ACCOUNTS, |_| Ok(()))?;
    all(&mut statement, rows::read_terminal)
}

pub(super) fn keys(connection: &Connection) -> Result<Vec<KeyRow>, StoreError> {
    let mut statement = bound(connection, sql::KEYS_ACROSS_ACCOUNTS, |_| Ok(()))?;
    all(&mut statement, rows::read_key)
}

/// Finds what is too old, so that the writer has only keys to delete.
pub(super) fn doomed(
    connection: &Connection,
    now: Timestamp,
    retention: &Retention,
    limit: u32,
) -> Result<Doomed, StoreError> {
    let ordinals = |text, retention_ms: Option<i64>| {
        let Some(retention_ms) = retention_ms else { return Ok(vec![]) };
        let cutoff = rules::cutoff(now, retention_ms);
        let mut statement = bound(connection, text, |p| p.put(limit)?.put(cutoff.0).map(|_| ()))?;
        all(&mut statement, |row| Cells::of(row).integer())
    };
    Ok(Doomed {
        payments: match retention.payments_ms {
            None => vec![],
            Some(ms) => settled_payments(connection, rules::cutoff(now, ms), limit as usize)?,
        },
        events: ordinals(sql::OLD_EVENTS, retention.events_ms)?,
        idempotency_keys: ordinals(sql::OLD_IDEMPOTENCY_KEYS, retention.idempotency_ms)?,
    })
}

/// Goes from scope to scope, so that each is read from its oldest payment to the cutoff and no further.
fn settled_payments(
    connection: &Connection,
    cutoff: Timestamp,
    limit: usize,
) -> Result<Vec<(Scope, PaymentId)>, StoreError> {
    let first_kept = PaymentId::first_at(cutoff.0);
    let mut found = Vec::new();
    let mut behind = (String::new(), false);
    while found.len() < limit {
        let mut next = bound(connection, sql::NEXT_SCOPE, |p| p.put(&behind.0)?.put(behind.1).map(|_| ()))?;
        let Some(scope) = first(&mut next, |row| Cells::of(row).scope())? else { break };
        let left = i64::try_from(limit - found.len()).unwrap_or(i64::MAX);
        let mut statement = bound(connection, sql::SETTLED_PAYMENTS, |p| {
            p.scope(&scope)?.id(first_kept.0)?.put(left).map(|_| ())
        })?;
        let ids = all(&mut statement, |row| Cells::of(row).id())?;
        found.extend(ids.into_iter().map(|id| (scope.clone(), PaymentId(id))));
        behind = (scope.account.as_str().to_owned(), scope.livemode);
    }
    Ok(found)
}
