//! What the API can ask of batches. Every method scopes by the caller first. Dropping one of these futures changes
//! nothing: what has begun goes on in a task of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::oneshot;
use vinr_domain::batch::{Batch, Event, State, Status};
use vinr_domain::{BatchId, Currency, TerminalId};
use vinr_wire::rest::batch::{BatchView, CloseBatch, ClosedBatchesView, ListBatches};

use super::closing::closed;
use super::ledger::BatchLedger;
use super::record::{BatchRow, CLOSED_AS, LIST, closed_as_value, list_value};
use crate::access::Principal;
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::{
    Change, CommitError, Kept, RecordCursor, RecordPage, Scope, StoreError, Tender, TerminalRow, Transaction,
};

/// How often closing begins again because somebody else was faster.
const TRIES: u32 = 64;
/// A terminal takes few currencies at a time.
const CURRENCIES: u32 = 100;

/// A page of batches.
#[derive(Clone, Debug)]
pub struct BatchesListed {
    /// Newest first.
    pub batches: Vec<BatchView>,
    /// Whether there is more.
    pub has_more: bool,
}

/// The batches of all accounts.
#[derive(Clone)]
pub struct Batches {
    pub(super) ledger: BatchLedger,
}

impl Batches {
    /// The batches of this ledger.
    #[must_use]
    pub fn new(ledger: BatchLedger) -> Self {
        Self { ledger }
    }

    /// One batch; an open one with what it would hold if it were closed now.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`], or that the store cannot answer.
    pub async fn retrieve(&self, who: &Principal, id: BatchId) -> Result<BatchView, Refusal> {
        let found = self.ledger.office.store.get::<BatchRow>(&who.scope, &id.to_string()).await?;
        let kept = found.ok_or(Refusal::NoSuch("batch"))?;
        Ok(self.view(&kept.value).await?)
    }

    /// A page of batches.
    ///
    /// # Errors
    /// [`Refusal::Field`] for a parameter out of bounds, or that the store cannot answer.
    pub async fn list(&self, who: &Principal, query: &ListBatches) -> Result<BatchesListed, Refusal> {
        let limit = u32::from(query.checked_limit()?);
        let cursor = match (query.starting_after, query.ending_before) {
            (Some(id), _) => RecordCursor::After(id.to_string().into()),
            (None, Some(id)) => RecordCursor::Before(id.to_string().into()),
            (None, None) => RecordCursor::Start,
        };
        let value = list_value(query.terminal_id.as_deref(), query.status, query.currency);
        let filtered = query.terminal_id.is_some() || query.status.is_some() || query.currency.is_some();
        let having = filtered.then_some((LIST, value.as_str()));
        let page = RecordPage { limit, cursor };
        let (rows, has_more) = self.ledger.office.store.list::<BatchRow>(&who.scope, having, &page).await?;
        let mut batches = Vec::with_capacity(rows.len());
        for kept in &rows {
            batches.push(self.view(&kept.value).await?);
        }
        Ok(BatchesListed { batches, has_more })
    }

    async fn view(&self, row: &BatchRow) -> Result<BatchView, StoreError> {
        if row.batch.state != State::Open {
            return Ok(BatchView::from(row.batch.as_ref()));
        }
        let tender = row.tender();
        let totals = self.ledger.sums(&row.scope, &tender).await?;
        let pending_count = self.ledger.pending(&row.scope, &tender).await?;
        Ok(BatchView::from(&Batch { totals, pending_count, ..row.batch.as_ref().clone() }))
    }

    /// Closes the batches of a terminal, in every currency, and answers with their sums. The same reference, or the same
    /// idempotency key, closes the same batches.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], or that the store cannot answer.
    pub async fn close(
        &self,
        who: &Principal,
        close: CloseBatch,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let office = &self.ledger.office;
        if let Some(said) = office.once.replay(&who.scope, key.as_ref()).await? {
            return Ok(said);
        }
        let Ok(terminal) = TerminalId::parse(&close.terminal_id) else { return Err(Refusal::NoSuchTerminal) };
        if office.store.get::<TerminalRow>(&who.scope, terminal.as_str()).await?.is_none() {
            return Err(Refusal::NoSuchTerminal);
        }
        let (this, who) = (self.clone(), who.clone());
        let (reply, answer) = oneshot::channel();
        office.tasks.spawn(async move {
            // Whoever asked may be gone; what is closing goes on.
            let _ = reply.send(this.close_terminal(&who, &close, key.as_ref()).await);
        });
        answer.await.map_err(|_ended| Refusal::Unavailable { money_may_have_moved: false })?
    }

    async fn close_terminal(
        &self,
        who: &Principal,
        close: &CloseBatch,
        key: Option<&IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let scope = &who.scope;
        let name = close.reference.as_ref().map(|reference| format!("r {reference}"));
        let name: Option<Arc<str>> = name.or_else(|| key.map(|key| format!("k {}", key.key))).map(Arc::from);
        let mut begun = Err(CommitError::Failed(StoreError::Overloaded));
        for _ in 0..TRIES {
            begun = self.begin_closing(who, close, name.as_ref()).await;
            match &begun {
                Err(CommitError::RecordStale { .. } | CommitError::RecordTaken { .. }) => {}
                _ => break,
            }
        }
        let mut closed = BTreeMap::new();
        for kept in begun? {
            let done = self.ledger.finish(kept).await?;
            closed.insert(done.value.batch.currency, BatchView::from(done.value.batch.as_ref()));
        }
        let main = self.settlement_currency(scope, closed.keys().next().copied());
        let batch =
            main.and_then(|main| closed.remove(&main)).or_else(|| closed.pop_first().map(|(_, one)| one));
        let batch = batch.ok_or(Refusal::Overloaded)?;
        let said = Said::new(200, &ClosedBatchesView { batch, batches: closed.into_values().collect() });
        self.ledger.office.conclude(scope, key, vec![], said).await
    }

    /// The batches that this request closes, from now on or from an earlier time.
    async fn begin_closing(
        &self,
        who: &Principal,
        close: &CloseBatch,
        name: Option<&Arc<str>>,
    ) -> Result<Vec<Kept<BatchRow>>, CommitError> {
        let (store, scope) = (&self.ledger.office.store, &who.scope);
        self.ledger.open_noted().await?;
        for tender in self.tenders(scope, close, Status::Closing).await?.keys() {
            self.ledger.finish_closing(scope, tender).await?;
        }
        let _turn = self.ledger.turn.lock().await;
        if let Some(name) = name {
            let value = closed_as_value(&close.terminal_id, name);
            let page = RecordPage { limit: CURRENCIES, cursor: RecordCursor::Start };
            let (known, _) = store.list::<BatchRow>(scope, Some((CLOSED_AS, &value)), &page).await?;
            if !known.is_empty() {
                return Ok(known);
            }
        }
        let open = self.tenders(scope, close, Status::Open).await?;
        let oldest = open.values().min_by_key(|kept| kept.value.batch.opened_at);
        let oldest = oldest.map(|kept| kept.value.batch.currency);
        let main = self.settlement_currency(scope, oldest).or_else(|| Currency::parse("EUR").ok());
        let mut begun = Vec::new();
        let mut changes = Vec::new();
        let event = Event::CloseRequested { reference: close.reference.as_deref().map(Arc::from) };
        for kept in open.into_values() {
            let (row, _effects) = self.ledger.stepped(&kept.value, &event)?;
            let row = BatchRow { closed_as: name.cloned(), ..row };
            changes.push(Change::update(&row, kept.revision));
            begun.push(Kept { revision: kept.revision + 1, value: row });
        }
        if let Some(main) = main.filter(|main| begun.iter().all(|kept| kept.value.batch.currency != *main)) {
            let tender = Tender { terminal: close.terminal_id.as_str().into(), currency: main };
            let empty = self.ledger.new_batch(scope, &tender, self.ledger.office.now()).await?;
            let (row, _effects) = self.ledger.stepped(&BatchRow::new(empty), &event)?;
            let row = BatchRow { closed_as: name.cloned(), ..row };
            changes.push(Change::insert(&row));
            begun.push(Kept { revision: 1, value: row });
        }
        let mut log = self.ledger.office.audit.turn(scope).await?;
        changes.extend(begun.iter().map(|kept| log.entry(who, closed(&kept.value))));
        store.commit(Transaction { changes }).await?;
        drop(log);
        for kept in &begun {
            self.ledger.tally.closing(scope, &kept.value.tender());
        }
        Ok(begun)
    }

    /// The batches of the terminal in this status.
    async fn tenders(
        &self,
        scope: &Scope,
        close: &CloseBatch,
        status: Status,
    ) -> Result<BTreeMap<Tender, Kept<BatchRow>>, StoreError> {
        let value = list_value(Some(&close.terminal_id), Some(status), None);
        let page = RecordPage { limit: CURRENCIES, cursor: RecordCursor::Start };
        let having = Some((LIST, value.as_str()));
        let (rows, _) = self.ledger.office.store.list::<BatchRow>(scope, having, &page).await?;
        Ok(rows.into_iter().map(|kept| (kept.value.tender(), kept)).collect())
    }

    /// The account's own currency, or this one when it has none.
    fn settlement_currency(&self, scope: &Scope, otherwise: Option<Currency>) -> Option<Currency> {
        (self.ledger.defaults)(scope).currency.or(otherwise)
    }
}
