//! The in-memory model of the store: the oracle of the engines and the store of the simulated world. Deterministic;
//! no threads, no clock, nothing survives it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vinr_domain::payment::{Payment, Status};
use vinr_domain::{AccountId, IntentId, LocationId, PaymentId, TerminalId, Timestamp};

use super::port::{
    AccountRow, Change, CommitError, EventRow, IdempotencyRow, KeyRow, Listed, LocationRow, Page,
    PaymentFilter, Pending, Retention, Scope, Store, StoreError, TerminalRow, Transaction,
};
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
    intents: BTreeMap<(Scope, IntentId), PaymentId>,
    events: BTreeMap<EventKey, EventRow>,
    event_order: BTreeMap<u64, EventKey>,
    idempotency: BTreeMap<IdempotencyKey, IdempotencyRow>,
    idempotency_order: BTreeMap<u64, IdempotencyKey>,
    appended: u64,
    terminals: BTreeMap<(Scope, TerminalId), TerminalRow>,
    accounts: BTreeMap<AccountId, AccountRow>,
    keys: BTreeMap<[u8; 32], KeyRow>,
    locations: BTreeMap<(Scope, LocationId), LocationRow>,
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
        Self { rows: Mutex::default(), gate: Some(gate) }
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        // Nothing panics between two halves of a change, so a poisoned lock guards whole rows.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
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
            Change::UpdatePayment { payment, from_revision } => {
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
            Change::AppendEvent(_)
            | Change::PutTerminal(_)
            | Change::PutAccount(_)
            | Change::PutKey(_)
            | Change::PutLocation(_) => Ok(()),
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
        let bearer = payment.reference.as_ref().and_then(|reference| {
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
            Change::UpdatePayment { payment, .. } => {
                self.payments.insert((payment_scope(&payment), payment.id), payment);
            }
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
            Change::PutTerminal(row) => {
                self.terminals.insert((row.scope.clone(), row.id.clone()), row);
            }
            Change::PutAccount(row) => {
                self.accounts.insert(row.id.clone(), row);
            }
            Change::PutKey(row) => {
                self.keys.insert(row.hash, row);
            }
            Change::PutLocation(row) => {
                self.locations.insert((row.scope.clone(), row.id.clone()), row);
            }
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

    fn list(&self, scope: &Scope, filter: &PaymentFilter, page: &Page) -> Listed {
        let Some(bounds) = rules::id_bounds(filter, page.cursor) else {
            return Listed { payments: vec![], has_more: false };
        };
        let limit = page.limit as usize;
        let shown = |payment: &&Arc<Payment>| bounds.contains(&payment.id.0) && matches(filter, payment);
        let mut payments: Vec<_> = if rules::is_upward(page) {
            self.of(scope).filter(shown).take(limit + 1).cloned().collect()
        } else {
            self.of(scope).rev().filter(shown).take(limit + 1).cloned().collect()
        };
        let has_more = payments.len() > limit;
        payments.truncate(limit);
        if rules::is_upward(page) {
            payments.reverse();
        }
        Listed { payments, has_more }
    }

    fn unfinished(&self) -> Vec<Arc<Payment>> {
        let mut found: Vec<_> =
            self.payments.values().filter(|p| rules::is_unfinished(p.status())).cloned().collect();
        found.sort_by_key(|payment| payment.id);
        found
    }

    fn purge(&mut self, now: Timestamp, retention: &Retention, limit: usize) -> u64 {
        let payments =
            retention.payments_ms.map_or(0, |ms| self.purge_payments(rules::cutoff(now, ms), limit));
        let events = retention.events_ms.map_or(0, |ms| self.purge_events(rules::cutoff(now, ms), limit));
        let keys = retention.idempotency_ms.map_or(0, |ms| self.purge_keys(rules::cutoff(now, ms), limit));
        (payments + events + keys) as u64
    }

    fn purge_payments(&mut self, cutoff: Timestamp, limit: usize) -> usize {
        let first_kept = PaymentId::first_at(cutoff.0);
        let old = |payment: &&Arc<Payment>| payment.id < first_kept && rules::is_settled(payment);
        let gone: Vec<_> = self.payments.values().filter(old).take(limit).cloned().collect();
        for payment in &gone {
            self.payments.remove(&(payment_scope(payment), payment.id));
            self.intents.remove(&(payment_scope(payment), payment.intent));
        }
        gone.len()
    }

    fn purge_events(&mut self, cutoff: Timestamp, limit: usize) -> usize {
        let oldest: Vec<_> = self.event_order.iter().take(limit).map(|(n, key)| (*n, key.clone())).collect();
        let mut gone = 0;
        for (ordinal, key) in oldest {
            if self.events.get(&key).is_some_and(|event| event.created_at < cutoff) {
                self.events.remove(&key);
                self.event_order.remove(&ordinal);
                gone += 1;
            }
        }
        gone
    }

    fn purge_keys(&mut self, cutoff: Timestamp, limit: usize) -> usize {
        let oldest: Vec<_> =
            self.idempotency_order.iter().take(limit).map(|(n, key)| (*n, key.clone())).collect();
        let mut gone = 0;
        for (ordinal, key) in oldest {
            if self.idempotency.get(&key).is_some_and(|row| row.created_at < cutoff) {
                self.idempotency.remove(&key);
                self.idempotency_order.remove(&ordinal);
                gone += 1;
            }
        }
        gone
    }
}

fn matches(filter: &PaymentFilter, payment: &Payment) -> bool {
    filter.terminal.as_ref().is_none_or(|terminal| *terminal == payment.terminal)
        && (filter.location.is_none() || filter.location == payment.location)
        && filter.status.is_none_or(|status| status == payment.status())
        && (filter.reference.is_none() || filter.reference == payment.reference)
        && filter.from.is_none_or(|from| payment.created_at >= from)
        && filter.to.is_none_or(|to| payment.created_at <= to)
}

impl Store for MemoryStore {
    fn commit(&self, transaction: Transaction) -> Pending<'_, Result<(), CommitError>> {
        let Some(gate) = self.gate.clone() else {
            return Box::pin(async move { self.rows().commit(transaction) });
        };
        Box::pin(async move {
            gate(&transaction, Moment::Before).await;
            let outcome = self.rows().commit(transaction.clone());
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
        let here = |p: &&Arc<Payment>| *p.terminal == *terminal.as_str() && rules::is_unfinished(p.status());
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

    fn get_terminal(
        &self,
        scope: &Scope,
        id: &TerminalId,
    ) -> Pending<'_, Result<Option<TerminalRow>, StoreError>> {
        self.answer(|rows| rows.terminals.get(&(scope.clone(), id.clone())).cloned())
    }

    fn get_account(&self, scope: &Scope) -> Pending<'_, Result<Option<AccountRow>, StoreError>> {
        self.answer(|rows| rows.accounts.get(&scope.account).cloned())
    }

    fn get_location(
        &self,
        scope: &Scope,
        id: &LocationId,
    ) -> Pending<'_, Result<Option<LocationRow>, StoreError>> {
        self.answer(|rows| rows.locations.get(&(scope.clone(), id.clone())).cloned())
    }

    fn list_terminals_across_accounts(&self) -> Pending<'_, Result<Vec<TerminalRow>, StoreError>> {
        self.answer(|rows| rows.terminals.values().cloned().collect())
    }

    fn list_keys_across_accounts(&self) -> Pending<'_, Result<Vec<KeyRow>, StoreError>> {
        self.answer(|rows| rows.keys.values().cloned().collect())
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
