//! The store as the rest of the server sees it: transactions as data, reads that take the account scope first.
//!
//! A commit is durable when its future resolves. Every check of a transaction is made against the state that the
//! transaction itself is applied to, so two writers cannot both pass one. Nothing here knows SQL.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use vinr_domain::payment::{Payment, Status};
use vinr_domain::{AccountId, BatchId, EventId, IntentId, PaymentId, TerminalId, Timestamp};

use super::batching::BatchReads;
use super::delivery::{DeliveryPage, DeliveryRow};
pub use super::filter::{PaymentFilter, PaymentLooks};
use super::moments::Passed;
use super::record::{Kind, Record, RecordPage, RecordsListed};
use super::spelling;

/// Whose data, and which of the two worlds; the first argument of every read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scope {
    /// The account.
    #[serde(with = "spelling::text")]
    pub account: AccountId,
    /// Live or test data.
    pub livemode: bool,
}

impl Scope {
    /// Where the records of an account as a whole are kept, those that have no live and test halves.
    #[must_use]
    pub fn of_account(account: AccountId) -> Self {
        Self { account, livemode: true }
    }

    /// Where the records of the platform itself are kept, those that belong to no merchant.
    #[must_use]
    pub fn platform() -> Self {
        let account = AccountId::parse("acct_vinr_platform").expect("the platform's name is well formed");
        Self { account, livemode: true }
    }
}

/// A boxed future, so that a store can be a trait object.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One transaction: all of its changes, or none. It touches a row at most once; one that does otherwise is refused
/// with [`StoreError::Engine`].
#[derive(Clone, Debug, Default)]
pub struct Transaction {
    /// Applied in order.
    pub changes: Vec<Change>,
}

/// One change. Inserts and updates of payments carry the whole row.
#[derive(Clone, Debug)]
pub enum Change {
    /// A payment that does not exist yet (else [`CommitError::StaleRevision`]). Fails on a known client token, or, unless
    /// it began at a terminal, on a reference that another in `pending` or `processing` bears (contract 2.2).
    InsertPayment(Arc<Payment>),
    /// A payment that is still at `from_revision`. What was asked (everything up to `created_at`) never changes here, and
    /// a payment that has left `pending` and `processing` never returns to them; a store relies on both.
    UpdatePayment {
        /// The new row.
        payment: Arc<Payment>,
        /// The revision it was derived from.
        from_revision: u64,
    },
    /// These payments are settled in this batch, for ever. Each must be completed, with nothing left for the acquirer to
    /// be told, and in no batch (else [`CommitError::StaleRevision`]). Leaves their revisions alone: whoever moves one
    /// of them knows nothing of batches.
    JoinBatch {
        /// Whose.
        scope: Scope,
        /// The batch.
        batch: BatchId,
        /// Each named once.
        payments: Vec<PaymentId>,
    },
    /// The same for a payment of a group that gets its terminal or gives it back: with terminal and location.
    #[expect(missing_docs, reason = "as in UpdatePayment")]
    AssignTerminal { payment: Arc<Payment>, from_revision: u64 },
    /// A fact for the outside; an object has one event of each sequence.
    AppendEvent(EventRow),
    /// The first use of an idempotency key.
    ClaimIdempotencyKey(IdempotencyRow),
    /// What a sync create was answered when its time ran out before the outcome (`Answer::Payment` only). The first
    /// answer stays: fails with [`CommitError::IdempotencyKeyTaken`] unless the key waits for the outcome still
    /// (`sequence: None`). Claims a key that nobody has claimed.
    AnswerIdempotencyKey(IdempotencyRow),
    /// What a payment's terminal said on its way, behind what is noted already. Nothing when there is no such payment.
    NoteMoments {
        /// Whose.
        scope: Scope,
        /// The payment.
        payment: PaymentId,
        /// In the order of their times.
        moments: Arc<[Passed]>,
    },
    /// A record that does not exist yet, at revision 1; [`Change::insert`] makes it.
    InsertRecord(Record),
    /// A record that is still at `from_revision`, now one higher; [`Change::update`] makes it.
    UpdateRecord {
        /// The new record.
        record: Record,
        /// The revision it was derived from.
        from_revision: u64,
    },
    /// A new or changed record, one revision higher; [`Change::put`] makes it.
    PutRecord(Record),
    /// New or changed deliveries, whole rows.
    PutDeliveries(Vec<DeliveryRow>),
    /// How far an endpoint has come: the place of the newest event that it was told of, or that has a delivery, with
    /// all before it.
    MoveCursor {
        /// Which endpoint.
        endpoint: Arc<str>,
        /// The place.
        ordinal: u64,
    },
    /// No deliveries of that endpoint any more, and no cursor.
    ForgetDeliveries {
        /// Which endpoint.
        endpoint: Arc<str>,
    },
    /// No such record any more; nothing when there was none. [`Change::delete`] makes it.
    DeleteRecord {
        /// What it is about.
        kind: Kind,
        /// Whose.
        scope: Scope,
        /// Its name.
        id: Arc<str>,
    },
}

/// Something that happened to an object, as the outside is told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// Its name.
    pub id: EventId,
    /// Whose.
    pub scope: Scope,
    /// `terminal_payment.completed` and so on.
    pub kind: &'static str,
    /// The object it is about (`tpay_…`).
    pub object_id: Arc<str>,
    /// Its place among the events of that object.
    pub sequence: u64,
    /// When.
    pub created_at: Timestamp,
    /// The object at that moment, version-neutral (`vinr_wire::rest::view`), as JSON.
    pub data: Arc<[u8]>,
}

/// What is remembered under an idempotency key (contract 2.2).
#[derive(Clone, Debug, PartialEq)]
pub struct IdempotencyRow {
    /// Whose.
    pub scope: Scope,
    /// Method and path, `POST /v1/terminal/payments`.
    pub operation: Arc<str>,
    /// The key, 1 to 255 characters.
    pub key: Arc<str>,
    /// SHA-256 of the request's body and query.
    pub fingerprint: [u8; 32],
    /// When it was first used.
    pub created_at: Timestamp,
    /// What the first request was answered.
    pub answer: Answer,
}

/// The stored answer to a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The payment as it was at `sequence`; `None`: as it was when its outcome became known.
    Payment {
        /// Which payment.
        id: PaymentId,
        /// At which of its sequences.
        sequence: Option<u64>,
        /// HTTP status of the answer when `sequence` is given; otherwise derived from the outcome.
        status: u16,
    },
    /// These bytes.
    Verbatim {
        /// HTTP status.
        status: u16,
        /// JSON.
        body: Arc<[u8]>,
    },
}

/// Which stretch of a list, newest first (contract 2.3).
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// 1 to 100.
    pub limit: u32,
    /// From where.
    pub cursor: Cursor,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// At the newest.
    Start,
    /// With those older than this one.
    After(PaymentId),
    /// With those newer than this one: the `limit` of them that are nearest to it, still newest first.
    Before(PaymentId),
}

/// A stretch of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Newest first.
    pub payments: Vec<Arc<Payment>>,
    /// Whether there is more in the direction of travel.
    pub has_more: bool,
}

/// Which events a list shows. Every condition given must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventFilter {
    /// Of this kind, `terminal.online`, or of all kinds that begin so when it ends in a point, `terminal.`.
    pub kind: Option<Arc<str>>,
    /// About this object.
    pub object_id: Option<Arc<str>>,
    /// Created at or after.
    pub from: Option<Timestamp>,
    /// Created at or before.
    pub to: Option<Timestamp>,
}

/// Which stretch of the events, newest first (contract 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// 1 to 100.
    pub limit: u32,
    /// From where.
    pub cursor: EventCursor,
}

/// Where a page of events begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventCursor {
    /// At the newest.
    Start,
    /// With those older than this one.
    After(EventId),
    /// With those newer than this one: the `limit` of them that are nearest to it, still newest first.
    Before(EventId),
}

/// An event with its place among all events of the store. Places rise in the order of the commits, with gaps, and are
/// never given twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Posted {
    /// The place, from 1.
    pub ordinal: u64,
    /// The event.
    pub event: EventRow,
}

/// Endpoints, each with how far it has come: the place of an event.
pub type Places = Vec<(Arc<str>, u64)>;

/// How old things may become. `None`: for ever. In milliseconds. The age of a payment is read off its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Final payments of which the acquirer has nothing left to be told.
    pub payments_ms: Option<i64>,
    /// Events, and deliveries that are over (contract: 30 days).
    pub events_ms: Option<i64>,
    /// Idempotency keys (contract 2.2: 30 days).
    pub idempotency_ms: Option<i64>,
}

/// Why a transaction was not applied. Nothing of it was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CommitError {
    /// Somebody else changed the payment first; read it again.
    #[error("{0} has changed since it was read")]
    StaleRevision(PaymentId),
    /// The client token names another payment of the scope.
    #[error("the client token belongs to {0}")]
    ClientTokenTaken(PaymentId),
    /// A payment in `pending` or `processing` bears the reference.
    #[error("the reference belongs to {0}, which is not finished")]
    ReferenceTaken(PaymentId),
    /// Somebody else changed or deleted the record first; read it again.
    #[error("the {} {id} has changed since it was read", kind.as_str())]
    RecordStale {
        /// What it is about.
        kind: Kind,
        /// Its name.
        id: Arc<str>,
    },
    /// There is a record of that name, or another record of the kind has one of its unique keys.
    #[error("the {} {id} is there already", kind.as_str())]
    RecordTaken {
        /// What it is about.
        kind: Kind,
        /// The name of the one that is there.
        id: Arc<str>,
    },
    /// The idempotency key has been used; here is what it stands for.
    #[error("the idempotency key has been used")]
    IdempotencyKeyTaken(Box<IdempotencyRow>),
    /// The store is closed or failing; the transaction may be tried again later.
    #[error(transparent)]
    Failed(#[from] StoreError),
}

/// The store cannot answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StoreError {
    /// The queue of commits is full; nothing was taken.
    #[error("the store is overloaded")]
    Overloaded,
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// The engine failed. For the log, not for callers.
    #[error("the store failed: {0}")]
    Engine(Arc<str>),
}

/// The store.
pub trait Store:
    BatchReads + PaymentLooks + super::SnapshotReads + super::Backlog + Send + Sync + 'static
{
    /// Applies the transaction; durable when the future resolves with `Ok`. Nothing happens before the first poll;
    /// dropping the future afterwards does not undo it.
    ///
    /// # Errors
    /// [`CommitError`], of the first change that cannot be made; nothing of the transaction was applied.
    fn commit(&self, transaction: Transaction) -> Pending<'_, Result<(), CommitError>>;

    /// One payment.
    fn get_payment(
        &self,
        scope: &Scope,
        id: PaymentId,
    ) -> Pending<'_, Result<Option<Arc<Payment>>, StoreError>>;

    /// The payment that the initiator named so.
    fn find_payment_by_intent(
        &self,
        scope: &Scope,
        intent: IntentId,
    ) -> Pending<'_, Result<Option<Arc<Payment>>, StoreError>>;

    /// A page of payments.
    fn list_payments(
        &self,
        scope: &Scope,
        filter: &PaymentFilter,
        page: &Page,
    ) -> Pending<'_, Result<Listed, StoreError>>;

    /// Payments in `pending` or `processing` on the terminal, oldest first.
    fn list_unfinished_on_terminal(
        &self,
        scope: &Scope,
        terminal: &TerminalId,
    ) -> Pending<'_, Result<Vec<Arc<Payment>>, StoreError>>;

    /// The event with that sequence of that object.
    fn find_event(
        &self,
        scope: &Scope,
        object_id: &str,
        sequence: u64,
    ) -> Pending<'_, Result<Option<EventRow>, StoreError>>;

    /// What is remembered under the key for the operation.
    fn find_idempotency_key(
        &self,
        scope: &Scope,
        operation: &str,
        key: &str,
    ) -> Pending<'_, Result<Option<IdempotencyRow>, StoreError>>;

    /// The event of that name.
    fn get_event(&self, scope: &Scope, id: EventId) -> Pending<'_, Result<Option<Posted>, StoreError>>;

    /// A page of events, newest first by name, and whether there is more in the direction of travel.
    fn list_events(
        &self,
        scope: &Scope,
        filter: &EventFilter,
        page: &EventPage,
    ) -> Pending<'_, Result<(Vec<EventRow>, bool), StoreError>>;

    /// The events behind the place, in the order of their places, at most `limit`. The newest come from memory.
    fn events_after_across_accounts(
        &self,
        ordinal: u64,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Posted>, StoreError>>;

    /// The place of the newest durable event, now and whenever it rises; 0 when there is none.
    fn tail(&self) -> watch::Receiver<u64>;

    /// What became of the event at that place for the endpoint.
    fn get_delivery(
        &self,
        scope: &Scope,
        endpoint: &str,
        ordinal: u64,
    ) -> Pending<'_, Result<Option<DeliveryRow>, StoreError>>;

    /// A page of the deliveries of an endpoint, newest event first, and whether there is more in the direction of
    /// travel.
    fn list_deliveries(
        &self,
        scope: &Scope,
        endpoint: &str,
        page: &DeliveryPage,
    ) -> Pending<'_, Result<(Vec<DeliveryRow>, bool), StoreError>>;

    /// The deliveries of an endpoint that are pending behind the place, in the order of their events, at most `limit`.
    fn list_pending_deliveries_across_accounts(
        &self,
        endpoint: &str,
        after: u64,
        limit: u32,
    ) -> Pending<'_, Result<Vec<DeliveryRow>, StoreError>>;

    /// How far every endpoint has come.
    fn list_cursors_across_accounts(&self) -> Pending<'_, Result<Places, StoreError>>;

    /// One record. Typed: [`get`](trait.Store.html#method.get).
    fn get_record(
        &self,
        scope: &Scope,
        kind: Kind,
        id: &str,
    ) -> Pending<'_, Result<Option<Record>, StoreError>>;

    /// A page of records, newest first; with `having`, those with this key.
    fn list_records(
        &self,
        scope: &Scope,
        kind: Kind,
        having: Option<(&'static str, &str)>,
        page: &RecordPage,
    ) -> Pending<'_, Result<RecordsListed, StoreError>>;

    /// The record with this unique key.
    fn find_record_across_accounts(
        &self,
        kind: Kind,
        name: &'static str,
        value: &str,
    ) -> Pending<'_, Result<Option<Record>, StoreError>>;

    /// Every record of the kind, the oldest first.
    fn list_records_across_accounts(&self, kind: Kind) -> Pending<'_, Result<Vec<Record>, StoreError>>;

    /// Records whose `due_at` is at or before `now`, the longest overdue first, at most `limit`.
    fn list_due_records_across_accounts(
        &self,
        kind: Kind,
        now: Timestamp,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Record>, StoreError>>;

    /// Payments whose `due_at` is at or before `now`, the longest overdue first, at most `limit`.
    fn list_due_across_accounts(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Arc<Payment>>, StoreError>>;

    /// Payments in `pending` or `processing`, for the adoption at start, oldest first.
    fn list_unfinished_across_accounts(&self) -> Pending<'_, Result<Vec<Arc<Payment>>, StoreError>>;

    /// How many payments are in each status; every status once, in the order of `Status::ALL`.
    fn count_payments_across_accounts(&self) -> Pending<'_, Result<Vec<(Status, u64)>, StoreError>>;

    /// Deletes what is older than the retention allows, at most `limit` rows of each kind; says how many went. Looks
    /// at the `limit` events and keys that were recorded first, so call it again until it answers 0.
    fn purge_across_accounts(
        &self,
        now: Timestamp,
        retention: &Retention,
        limit: u32,
    ) -> Pending<'_, Result<u64, StoreError>>;
}
