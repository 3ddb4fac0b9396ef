//! The in-memory model of the store: the oracle of the engines and the store of the simulated world. Deterministic;
//! no threads, no clock, nothing survives it.

mod batching;
mod deliveries;
mod lists;
mod records;
mod snapshot;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use vinr_domain::payment::{Payment, Status};
use vinr_domain::{EventId, IntentId, PaymentId, TerminalId, Timestamp};

use self::batching::Batched;
use self::deliveries::Deliveries;
use self::records::Records;
use super::delivery::{DeliveryPage, DeliveryRow};
use super::moments::Passed;
use super::port::{
    Change, CommitError, EventFilter, EventPage, EventRow, IdempotencyRow, Listed, Page, PaymentFilter,
    Pending, Places, Posted, Retention, Scope, Store, StoreError, Transaction,
};
use super::record::{Kind, Record, RecordPage, RecordsListed};
use super::rules;

/// When a gate is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Moment {
    /// Nothing has been applied.
    Before,
    /// The transaction has been applied or refused; its writer does not know yet.
    After,
}

/// Awaited around every commit; one that never resolves freezes the writer there.
pub type Gate = Arc<dyn Fn(&Transaction, Moment) -> Pending<'static, ()> + Send + Sync>;

type EventKey = (Scope, Arc<str>, u64);
type IdempotencyKey = (Scope, Arc<str>, Arc<str>);

/// The model. Its rows live as long as it does.
#[derive(Default)]
pub struct MemoryStore {
    rows: Mutex<Rows>,
    tail: watch::Sender<u64>,
    gate: Option<Gate>,
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Rows {
    payments: BTreeMap<(Scope, PaymentId), Arc<Payment>>,
    batched: Batched,
    intents: BTreeMap<(Scope, IntentId), PaymentId>,
    events: BTreeMap<EventKey, EventRow>,
    event_order: BTreeMap<u64, EventKey>,
    idempotency: BTreeMap<IdempotencyKey, IdempotencyRow>,
    idempotency_order: BTreeMap<u64, IdempotencyKey>,
    appended: u64,
    records: Records,
    deliveries: Deliveries,
    moments: BTreeMap<(Scope, PaymentId), Vec<Passed>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store whose every commit passes the gate twice.
    #[must_use]
    pub fn with_gate(gate: Gate) -> Self {
        Self { gate: Some(gate), ..Self::default() }
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        // Nothing panics between two halves of a change, so a poisoned lock guards whole rows.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn commit_now(&self, transaction: Transaction) -> Result<(), CommitError> {
        let mut rows = self.rows();
        rows.commit(transaction)?;
        let newest = rows.event_order.last_key_value().map_or(0, |(ordinal, _)| *ordinal);
        self.tail.send_if_modified(|tail| std::mem::replace(tail, newest.max(*tail)) < newest);
        Ok(())
    }

    fn answer<T: Send + 'static>(&self, read: impl FnOnce(&Rows) -> T) -> Pending<'_, Result<T, StoreError>> {
        let answer = read(&self.rows());
        Box::pin(std::future::ready(Ok(answer)))
    }
}

fn payment_scope(payment: &Payment) -> Scope {
    Scope { account: payment.account.clone(), livemode: payment.livemode }
}

fn idempotency_key(row: &IdempotencyRow) -> IdempotencyKey {
    (row.scope.clone(), row.operation.clone(), row.key.clone())
}

fn event_key(event: &EventRow) -> EventKey {
    (event.scope.clone(), event.object_id.clone(), event.sequence)
}

impl Rows {
    fn commit(&mut self, transaction: Transaction) -> Result<(), CommitError> {
        rules::check_form(&transaction)?;
        transaction.changes.iter().try_for_each(|change| self.check(change))?;
        transaction.changes.iter().try_for_each(|change| self.check_event(change))?;
        transaction.changes.into_iter().for_each(|change| self.apply(change));
        Ok(())
    }

    fn check(&self, change: &Change) -> Result<(), CommitError> {
        match change {
            Change::InsertPayment(payment) => self.check_insert(payment),
            Change::UpdatePayment { payment, from_revision }
            | Change::AssignTerminal { payment, from_revision } => {
                match self.payments.get(&(payment_scope(payment), payment.id)) {
                    Some(known) if known.revision == *from_revision => Ok(()),
                    _ => Err(CommitError::StaleRevision(payment.id)),
                }
            }
            Change::ClaimIdempotencyKey(row) => match self.idempotency.get(&idempotency_key(row)) {
                Some(known) => Err(CommitError::IdempotencyKeyTaken(Box::new(known.clone()))),
                None => Ok(()),
            },
            Change::AnswerIdempotencyKey(row) => match self.idempotency.get(&idempotency_key(row)) {
                Some(known) if !rules::is_open(&known.answer) => {
                    Err(CommitError::IdempotencyKeyTaken(Box::new(known.clone())))
                }
                _ => Ok(()),
            },
            Change::JoinBatch { scope, payments, .. } => self.check_join(scope, payments),
            Change::AppendEvent(_)
            | Change::PutDeliveries(_)
            | Change::MoveCursor { .. }
            | Change::ForgetDeliveries { .. }
            | Change::NoteMoments { .. } => Ok(()),
            Change::InsertRecord(_)
            | Change::UpdateRecord { .. }
            | Change::PutRecord(_)
            | Change::DeleteRecord { .. } => self.records.check(change),
        }
    }

    /// Comes last: what a caller can act upon is told first.
    fn check_event(&self, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::AppendEvent(event) if self.events.contains_key(&event_key(event)) => {
                Err(StoreError::Engine("the object has an event of that sequence".into()))
            }
            _ => Ok(()),
        }
    }

    fn check_insert(&self, payment: &Payment) -> Result<(), CommitError> {
        let scope = payment_scope(payment);
        if self.payments.contains_key(&(scope.clone(), payment.id)) {
            return Err(CommitError::StaleRevision(payment.id));
        }
        if let Some(id) = self.intents.get(&(scope.clone(), payment.intent)) {
            return Err(CommitError::ClientTokenTaken(*id));
        }
        let claimed = payment.reference.as_ref().filter(|_| rules::claims_reference(payment));
        let bearer = claimed.and_then(|reference| {
            self.of(&scope)
                .find(|p| p.reference.as_ref() == Some(reference) && rules::is_unfinished(p.status()))
        });
        bearer.map_or(Ok(()), |bearer| Err(CommitError::ReferenceTaken(bearer.id)))
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::InsertPayment(payment) => {
                let scope = payment_scope(&payment);
                self.intents.insert((scope.clone(), payment.intent), payment.id);
                self.payments.insert((scope, payment.id), payment);
            }
            Change::UpdatePayment { payment, .. } | Change::AssignTerminal { payment, .. } => {
                self.payments.insert((payment_scope(&payment), payment.id), payment);
            }
            Change::JoinBatch { scope, batch, payments } => self.join(&scope, batch, &payments),
            Change::AppendEvent(event) => {
                self.appended += 1;
                self.event_order.insert(self.appended, event_key(&event));
                self.events.insert(event_key(&event), event);
            }
            Change::ClaimIdempotencyKey(row) => self.remember(row),
            Change::AnswerIdempotencyKey(row) => match self.idempotency.get_mut(&idempotency_key(&row)) {
                Some(known) => known.answer = row.answer,
                None => self.remember(row),
            },
            Change::InsertRecord(record)
            | Change::UpdateRecord { record, .. }
            | Change::PutRecord(record) => self.records.put(record),
            Change::DeleteRecord { kind, scope, id } => {
                self.records.remove(kind, &scope, &id);
            }
            Change::PutDeliveries(rows) => self.deliveries.put(rows),
            Change::MoveCursor { endpoint, ordinal } => self.deliveries.move_cursor(endpoint, ordinal),
            Change::ForgetDeliveries { endpoint } => self.deliveries.forget(&endpoint),
            Change::NoteMoments { scope, payment, moments } => self.note(scope, payment, &moments),
        }
    }

    fn remember(&mut self, row: IdempotencyRow) {
        self.appended += 1;
        self.idempotency_order.insert(self.appended, idempotency_key(&row));
        self.idempotency.insert(idempotency_key(&row), row);
    }

    fn of(&self, scope: &Scope) -> impl DoubleEndedIterator<Item = &Arc<Payment>> {
        let from = (scope.clone(), PaymentId(0));
        let to = (scope.clone(), PaymentId(u128::MAX));
        self.payments.range(from..=to).map(|(_, payment)| payment)
    }
}

impl Store for MemoryStore {
    fn commit(&self, transaction: Transaction) -> Pending<'_, Result<(), CommitError>> {
        let Some(gate) = self.gate.clone() else {
            return Box::pin(async move { self.commit_now(transaction) });
        };
        Box::pin(async move {
            gate(&transaction, Moment::Before).await;
            let outcome = self.commit_now(transaction.clone());
            gate(&transaction, Moment::After).await;
            outcome
        })
    }

    fn get_payment(
        &self,
        scope: &Scope,
        id: PaymentId,
    ) -> Pending<'_, Result<Option<Arc<Payment>>, StoreError>> {
        self.answer(|rows| rows.payments.get(&(scope.clone(), id)).cloned())
    }

    fn find_payment_by_intent(
        &self,
        scope: &Scope,
        intent: IntentId,
    ) -> Pending<'_, Result<Option<Arc<Payment>>, StoreError>> {
        self.answer(|rows| {
            let id = rows.intents.get(&(scope.clone(), intent))?;
            rows.payments.get(&(scope.clone(), *id)).cloned()
        })
    }

    fn list_payments(
        &self,
        scope: &Scope,
        filter: &PaymentFilter,
        page: &Page,
    ) -> Pending<'_, Result<Listed, StoreError>> {
        self.answer(|rows| rows.list(scope, filter, page))
    }

    fn list_unfinished_on_terminal(
        &self,
        scope: &Scope,
        terminal: &TerminalId,
    ) -> Pending<'_, Result<Vec<Arc<Payment>>, StoreError>> {
        let here = |p: &&Arc<Payment>| p.is_on(terminal.as_str()) && rules::is_unfinished(p.status());
        self.answer(|rows| rows.of(scope).filter(here).cloned().collect())
    }

    fn find_event(
        &self,
        scope: &Scope,
        object_id: &str,
        sequence: u64,
    ) -> Pending<'_, Result<Option<EventRow>, StoreError>> {
        self.answer(|rows| rows.events.get(&(scope.clone(), object_id.into(), sequence)).cloned())
    }

    fn find_idempotency_key(
        &self,
        scope: &Scope,
        operation: &str,
        key: &str,
    ) -> Pending<'_, Result<Option<IdempotencyRow>, StoreError>> {
        self.answer(|rows| rows.idempotency.get(&(scope.clone(), operation.into(), key.into())).cloned())
    }

    fn get_event(&self, scope: &Scope, id: EventId) -> Pending<'_, Result<Option<Posted>, StoreError>> {
        self.answer(|rows| rows.posted().find(|p| p.event.id == id && p.event.scope == *scope))
    }

    fn list_events(
        &self,
        scope: &Scope,
        filter: &EventFilter,
        page: &EventPage,
    ) -> Pending<'_, Result<(Vec<EventRow>, bool), StoreError>> {
        self.answer(|rows| rows.list_events(scope, filter, page))
    }

    fn events_after_across_accounts(
        &self,
        ordinal: u64,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Posted>, StoreError>> {
        self.answer(|rows| {
            let behind = rows.event_order.range(ordinal + 1..).take(limit as usize);
            behind.filter_map(|(ordinal, key)| rows.post(*ordinal, key)).collect()
        })
    }

    fn tail(&self) -> watch::Receiver<u64> {
        self.tail.subscribe()
    }

    fn get_delivery(
        &self,
        scope: &Scope,
        endpoint: &str,
        ordinal: u64,
    ) -> Pending<'_, Result<Option<DeliveryRow>, StoreError>> {
        self.answer(|rows| rows.deliveries.get(scope, endpoint, ordinal))
    }

    fn list_deliveries(
        &self,
        scope: &Scope,
        endpoint: &str,
        page: &DeliveryPage,
    ) -> Pending<'_, Result<(Vec<DeliveryRow>, bool), StoreError>> {
        self.answer(|rows| rows.deliveries.list(scope, endpoint, page))
    }

    fn list_pending_deliveries_across_accounts(
        &self,
        endpoint: &str,
        after: u64,
        limit: u32,
    ) -> Pending<'_, Result<Vec<DeliveryRow>, StoreError>> {
        self.answer(|rows| rows.deliveries.pending(endpoint, after, limit as usize))
    }

    fn list_cursors_across_accounts(&self) -> Pending<'_, Result<Places, StoreError>> {
        self.answer(|rows| rows.deliveries.cursors())
    }

    fn get_record(
        &self,
        scope: &Scope,
        kind: Kind,
        id: &str,
    ) -> Pending<'_, Result<Option<Record>, StoreError>> {
        self.answer(|rows| rows.records.get(scope, kind, id).cloned())
    }

    fn list_records(
        &self,
        scope: &Scope,
        kind: Kind,
        having: Option<(&'static str, &str)>,
        page: &RecordPage,
    ) -> Pending<'_, Result<RecordsListed, StoreError>> {
        self.answer(|rows| rows.records.list(scope, kind, having, page))
    }

    fn find_record_across_accounts(
        &self,
        kind: Kind,
        name: &'static str,
        value: &str,
    ) -> Pending<'_, Result<Option<Record>, StoreError>> {
        self.answer(|rows| rows.records.find(kind, name, value).cloned())
    }

    fn list_records_across_accounts(&self, kind: Kind) -> Pending<'_, Result<Vec<Record>, StoreError>> {
        self.answer(|rows| rows.records.all(kind).cloned().collect())
    }

    fn list_due_records_across_accounts(
        &self,
        kind: Kind,
        now: Timestamp,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Record>, StoreError>> {
        self.answer(|rows| rows.records.due(kind, now, limit as usize))
    }

    fn list_due_across_accounts(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Arc<Payment>>, StoreError>> {
        self.answer(|rows| {
            let mut due: Vec<_> =
                rows.payments.values().filter(|p| p.due_at.is_some_and(|due| due <= now)).cloned().collect();
            due.sort_by_key(|payment| payment.due_at);
            due.truncate(limit as usize);
            due
        })
    }

    fn list_unfinished_across_accounts(&self) -> Pending<'_, Result<Vec<Arc<Payment>>, StoreError>> {
        self.answer(Rows::unfinished)
    }

    fn count_payments_across_accounts(&self) -> Pending<'_, Result<Vec<(Status, u64)>, StoreError>> {
        self.answer(|rows| {
            let count = |status| rows.payments.values().filter(|p| p.status() == status).count() as u64;
            Status::ALL.into_iter().map(|status| (status, count(status))).collect()
        })
    }

    fn purge_across_accounts(
        &self,
        now: Timestamp,
        retention: &Retention,
        limit: u32,
    ) -> Pending<'_, Result<u64, StoreError>> {
        let retention = *retention;
        Box::pin(async move { Ok(self.rows().purge(now, &retention, limit as usize)) })
    }
}
