//! The store as the rest of the server sees it: transactions as data, reads that take the account scope first.
//!
//! A commit is durable when its future resolves. Every check of a transaction is made against the state that the
//! transaction itself is applied to, so two writers cannot both pass one. Nothing here knows SQL.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use vinr_domain::payment::{Payment, Status};
use vinr_domain::{AccountId, EventId, IntentId, LocationId, PaymentId, TerminalId, Timestamp};

/// Whose data, and which of the two worlds; the first argument of every read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// The account.
    pub account: AccountId,
    /// Live or test data.
    pub livemode: bool,
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
    /// A payment that does not exist yet (else [`CommitError::StaleRevision`]). Fails on a known client token, or on
    /// a reference that another payment in `pending` or `processing` of the same scope bears (contract 2.2).
    InsertPayment(Arc<Payment>),
    /// A payment that is still at `from_revision`. What was asked (everything up to `created_at`) never changes, and
    /// a payment that has left `pending` and `processing` never returns to them; a store relies on both.
    UpdatePayment {
        /// The new row.
        payment: Arc<Payment>,
        /// The revision it was derived from.
        from_revision: u64,
    },
    /// A fact for the outside; an object has one event of each sequence.
    AppendEvent(EventRow),
    /// The first use of an idempotency key.
    ClaimIdempotencyKey(IdempotencyRow),
    /// What a sync create was answered when its time ran out before the outcome (`Answer::Payment` only). The first
    /// answer stays: fails with [`CommitError::IdempotencyKeyTaken`] unless the key waits for the outcome still
    /// (`sequence: None`). Claims a key that nobody has claimed.
    AnswerIdempotencyKey(IdempotencyRow),
    /// A new or changed terminal.
    PutTerminal(TerminalRow),
    /// A new or changed account.
    PutAccount(AccountRow),
    /// A new or changed API key.
    PutKey(KeyRow),
    /// A new or changed location.
    PutLocation(LocationRow),
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

/// A registered terminal.
#[derive(Clone, Debug, PartialEq)]
pub struct TerminalRow {
    /// Its name on the API; unique within the scope.
    pub id: TerminalId,
    /// Whose, and in which world.
    pub scope: Scope,
    /// Where it stands.
    pub location: Option<LocationId>,
    /// Hardware model, `nexgo_n92`, `simulator`.
    pub model: Arc<str>,
    /// The maker's number.
    pub serial_number: Arc<str>,
    /// When it was first registered.
    pub created_at: Timestamp,
    /// When it was last known to be connected.
    pub last_seen_at: Option<Timestamp>,
    /// Last reported.
    pub software_version: Arc<str>,
    /// How many links it has been granted; the next one gets this plus one.
    pub session_epoch: u64,
    /// Taken out of service.
    pub deactivated: bool,
}

/// A merchant.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountRow {
    /// Its name.
    pub id: AccountId,
    /// For people.
    pub display_name: Arc<str>,
    /// How far a capture may exceed its authorization (contract 1.7).
    pub over_capture_percent: u16,
    /// When it was opened.
    pub created_at: Timestamp,
}

/// An API key. The key itself is never stored.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyRow {
    /// SHA-256 of the key.
    pub hash: [u8; 32],
    /// What it opens.
    pub scope: Scope,
    /// Empty for a secret key; otherwise the scopes of a restricted key, `payments:read`.
    pub grants: Vec<Arc<str>>,
    /// The prefix and last four characters, for people.
    pub hint: Arc<str>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it opens nothing.
    pub revoked_at: Option<Timestamp>,
}

/// A location.
#[derive(Clone, Debug, PartialEq)]
pub struct LocationRow {
    /// Its name.
    pub id: LocationId,
    /// Whose, and in which world.
    pub scope: Scope,
    /// For people.
    pub display_name: Arc<str>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Which payments a list shows. Every condition given must hold. A store may rely on the time in a payment's id
/// being within a minute of its `created_at`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PaymentFilter {
    /// On this terminal.
    pub terminal: Option<Arc<str>>,
    /// Made while the terminal stood there.
    pub location: Option<LocationId>,
    /// In this status.
    pub status: Option<Status>,
    /// With this reference.
    pub reference: Option<Arc<str>>,
    /// Created at or after.
    pub from: Option<Timestamp>,
    /// Created at or before.
    pub to: Option<Timestamp>,
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

/// How old things may become. `None`: for ever. In milliseconds. The age of a payment is read off its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Final payments of which the acquirer has nothing left to be told.
    pub payments_ms: Option<i64>,
    /// Events (contract: 30 days).
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
pub trait Store: Send + Sync + 'static {
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

    /// One terminal.
    fn get_terminal(
        &self,
        scope: &Scope,
        id: &TerminalId,
    ) -> Pending<'_, Result<Option<TerminalRow>, StoreError>>;

    /// One account, whatever the world.
    fn get_account(&self, scope: &Scope) -> Pending<'_, Result<Option<AccountRow>, StoreError>>;

    /// One location.
    fn get_location(
        &self,
        scope: &Scope,
        id: &LocationId,
    ) -> Pending<'_, Result<Option<LocationRow>, StoreError>>;

    /// Every terminal, for the directory that the gateway keeps in memory.
    fn list_terminals_across_accounts(&self) -> Pending<'_, Result<Vec<TerminalRow>, StoreError>>;

    /// Every key, for the key ring that the API keeps in memory.
    fn list_keys_across_accounts(&self) -> Pending<'_, Result<Vec<KeyRow>, StoreError>>;

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
