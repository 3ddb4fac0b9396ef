//! The reads of the port, each on a connection of its own.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection};
use vinr_domain::payment::{Payment, Status};
use vinr_domain::{EventId, IntentId, PaymentId, Timestamp};

use super::cache::Cache;
use super::cells::{Cells, Parameters, engine};
use super::delivery_rows::read_delivery;
use super::readers::{all, first};
use super::record_rows::read_record;
use super::writer::Doomed;
use super::{payment_row, rows};
use crate::store::delivery::{DeliveryCursor, DeliveryPage, DeliveryRow, DeliveryStatus};
use crate::store::port::{
    EventCursor, EventFilter, EventPage, EventRow, IdempotencyRow, Posted, Retention, Scope, StoreError,
};
use crate::store::record::{Kind, Record, RecordCursor, RecordPage, RecordsListed};
use crate::store::{rules, sql};

/// Prepares the statement (once per connection) and binds its parameters.
pub(super) fn bound<'c>(
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

pub(super) fn read_shared(row: &rusqlite::Row<'_>) -> Result<Arc<Payment>, StoreError> {
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

pub(super) fn event_of_name(
    connection: &Connection,
    scope: &Scope,
    id: EventId,
) -> Result<Option<Posted>, StoreError> {
    let mut statement = bound(connection, sql::GET_EVENT, |p| p.scope(scope)?.id(id.0).map(|_| ()))?;
    first(&mut statement, |row| rows::read_posted_event(row, scope, id))
}

pub(super) fn events(
    connection: &Connection,
    scope: &Scope,
    filter: &EventFilter,
    page: &EventPage,
) -> Result<(Vec<EventRow>, bool), StoreError> {
    let Some(bounds) = rules::event_bounds(filter, page.cursor) else { return Ok((vec![], false)) };
    let upward = matches!(page.cursor, EventCursor::Before(_));
    let (first_kind, end_kind) = rules::kind_bounds(filter);
    let text = sql::list_events(filter.object_id.is_some(), upward);
    let mut statement = bound(connection, text, |p| {
        p.scope(scope)?
            .id(*bounds.start())?
            .id(*bounds.end())?
            .put(first_kind)?
            .put(end_kind)?
            .put(filter.object_id.as_deref())?
            .put(filter.from.map(|from| from.0))?
            .put(filter.to.map(|to| to.0))?
            .put(i64::from(page.limit) + 1)
            .map(|_| ())
    })?;
    let mut events = all(&mut statement, |row| rows::read_listed_event(row, scope))?;
    let has_more = events.len() > page.limit as usize;
    events.truncate(page.limit as usize);
    if upward {
        events.reverse();
    }
    Ok((events, has_more))
}

pub(super) fn events_after(
    connection: &Connection,
    ordinal: u64,
    limit: u32,
) -> Result<Vec<Posted>, StoreError> {
    let mut statement = bound(connection, sql::EVENTS_AFTER, |p| p.number(ordinal)?.put(limit).map(|_| ()))?;
    all(&mut statement, rows::read_following_event)
}

pub(super) fn delivery(
    connection: &Connection,
    scope: &Scope,
    endpoint: &str,
    ordinal: u64,
) -> Result<Option<DeliveryRow>, StoreError> {
    let mut statement =
        bound(connection, sql::GET_DELIVERY, |p| p.put(endpoint)?.number(ordinal)?.scope(scope).map(|_| ()))?;
    first(&mut statement, read_delivery)
}

pub(super) fn deliveries(
    connection: &Connection,
    scope: &Scope,
    endpoint: &str,
    page: &DeliveryPage,
) -> Result<(Vec<DeliveryRow>, bool), StoreError> {
    let (low, high, upward) = match page.cursor {
        DeliveryCursor::Start => (0, u64::MAX, false),
        DeliveryCursor::After(ordinal) => (0, ordinal, false),
        DeliveryCursor::Before(ordinal) => (ordinal, u64::MAX, true),
    };
    let mut statement = bound(connection, sql::list_deliveries(upward), |p| {
        p.put(endpoint)?
            .number(low)?
            .number(high)?
            .scope(scope)?
            .put(page.status.map(DeliveryStatus::as_str))?
            .put(i64::from(page.limit) + 1)
            .map(|_| ())
    })?;
    let mut rows = all(&mut statement, read_delivery)?;
    let has_more = rows.len() > page.limit as usize;
    rows.truncate(page.limit as usize);
    if upward {
        rows.reverse();
    }
    Ok((rows, has_more))
}

pub(super) fn pending_deliveries(
    connection: &Connection,
    endpoint: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let mut statement = bound(connection, sql::PENDING_DELIVERIES, |p| {
        p.put(endpoint)?.number(after)?.put(limit).map(|_| ())
    })?;
    all(&mut statement, read_delivery)
}

pub(super) fn cursors(connection: &Connection) -> Result<Vec<(Arc<str>, u64)>, StoreError> {
    let mut statement = bound(connection, sql::CURSORS, |_| Ok(()))?;
    all(&mut statement, |row| {
        let mut cells = Cells::of(row);
        Ok((cells.shared()?, cells.number()?))
    })
}

/// Goes from endpoint to endpoint, so that each is read from its oldest delivery only.
fn old_deliveries(
    connection: &Connection,
    cutoff: Timestamp,
    limit: u32,
) -> Result<Vec<(Arc<str>, i64)>, StoreError> {
    let mut found = Vec::new();
    for (endpoint, _) in cursors(connection)? {
        let mut statement = bound(connection, sql::OLD_DELIVERIES, |p| {
            p.put(&*endpoint)?.put(limit)?.put(cutoff.0).map(|_| ())
        })?;
        found.extend(all(&mut statement, |row| {
            let mut cells = Cells::of(row);
            Ok((cells.shared()?, cells.integer()?))
        })?);
        found.truncate(limit as usize);
    }
    Ok(found)
}

pub(super) fn record(
    connection: &Connection,
    scope: &Scope,
    kind: Kind,
    id: &str,
) -> Result<Option<Record>, StoreError> {
    let mut statement =
        bound(connection, sql::GET_RECORD, |p| p.put(kind.as_str())?.scope(scope)?.put(id).map(|_| ()))?;
    first(&mut statement, read_record)
}

pub(super) fn records(
    connection: &Connection,
    scope: &Scope,
    kind: Kind,
    having: Option<(&'static str, String)>,
    page: &RecordPage,
) -> Result<RecordsListed, StoreError> {
    let place = |id: &str| -> Result<Option<i64>, StoreError> {
        let key = |p: &mut Parameters<'_, '_>| p.put(kind.as_str())?.scope(scope)?.put(id).map(|_| ());
        let mut statement = bound(connection, sql::HEAD_OF_RECORD, key)?;
        first(&mut statement, |row| Cells::of(row).integer())
    };
    let (behind, upward) = match &page.cursor {
        RecordCursor::Start => (Some(i64::MAX), false),
        RecordCursor::After(id) => (place(id)?, false),
        RecordCursor::Before(id) => (place(id)?, true),
    };
    let Some(behind) = behind else { return Ok(RecordsListed { records: vec![], has_more: false }) };
    let mut statement = bound(connection, sql::list_records(having.is_some(), upward), |p| {
        p.put(kind.as_str())?.scope(scope)?.put(behind)?;
        if let Some((name, value)) = having {
            p.put(name)?.put(value)?;
        }
        p.put(i64::from(page.limit) + 1).map(|_| ())
    })?;
    let mut records = all(&mut statement, read_record)?;
    let has_more = records.len() > page.limit as usize;
    records.truncate(page.limit as usize);
    if upward {
        records.reverse();
    }
    Ok(RecordsListed { records, has_more })
}

pub(super) fn named_record(
    connection: &Connection,
    kind: Kind,
    name: &str,
    value: &str,
) -> Result<Option<Record>, StoreError> {
    let mut statement =
        bound(connection, sql::FIND_RECORD, |p| p.put(kind.as_str())?.put(name)?.put(value).map(|_| ()))?;
    first(&mut statement, read_record)
}

pub(super) fn all_records(connection: &Connection, kind: Kind) -> Result<Vec<Record>, StoreError> {
    let mut statement =
        bound(connection, sql::RECORDS_ACROSS_ACCOUNTS, |p| p.put(kind.as_str()).map(|_| ()))?;
    all(&mut statement, read_record)
}

pub(super) fn due_records(
    connection: &Connection,
    kind: Kind,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Record>, StoreError> {
    let mut statement = bound(connection, sql::DUE_RECORDS_ACROSS_ACCOUNTS, |p| {
        p.put(kind.as_str())?.put(now.0)?.put(limit).map(|_| ())
    })?;
    all(&mut statement, read_record)
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
        deliveries: match retention.events_ms {
            None => vec![],
            Some(ms) => old_deliveries(connection, rules::cutoff(now, ms), limit)?,
        },
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
