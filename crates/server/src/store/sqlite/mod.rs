//! The store on SQLite: one file, one process, one writer with group commit, readers and a coherent cache beside it.

mod apply;
mod batching;
mod cache;
mod cells;
mod checkpoint;
mod delivery_rows;
mod fatal;
mod files;
mod migrate;
mod payment_lists;
mod payment_row;
mod read;
mod readers;
mod recent;
mod record_rows;
mod rows;
mod snapshot;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{oneshot, watch};
use vinr_domain::payment::{Payment, Status};
use vinr_domain::{EventId, IntentId, PaymentId, TerminalId, Timestamp};

use self::cache::Cache;
use self::readers::Readers;
use self::recent::Recent;
use self::writer::{Job, Shared};
use super::delivery::{DeliveryPage, DeliveryRow};
use super::port::{
    CommitError, EventFilter, EventPage, EventRow, IdempotencyRow, Listed, Page, PaymentFilter, Pending,
    Places, Posted, Retention, Scope, Store, StoreError, Transaction,
};
use super::record::{Kind, Record, RecordPage, RecordsListed};
use super::sql;

/// How long a statement waits for a lock that another connection of this process, or an operator's tool, holds.
const BUSY: Duration = Duration::from_secs(5);
/// Statements that a reader keeps prepared; more than there are.
const PREPARED: usize = 64;

/// What can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many payments are kept in memory; fewer than 128 turns that off.
    pub cached_payments: usize,
    /// How many reads run at a time, besides those that memory answers.
    pub readers: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { cached_payments: 65_536, readers: 4 }
    }
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// By another process.
    #[error(
        "another vinr process is using this data directory ({path} is locked): stop it, or choose another"
    )]
    InUse {
        /// The lock.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("{path}: {source}")]
    File {
        /// What was to be opened or made.
        path: PathBuf,
        /// Why it was not.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("the database {path} cannot be opened: {message}")]
    Engine {
        /// The database.
        path: PathBuf,
        /// Why.
        message: String,
    },
    /// It holds something else.
    #[error("{path} is not a vinr database: choose another data directory")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer program has written it.
    #[error(
        "the database {path} has schema {found}, this vinr knows schemas up to {known}: start the newer vinr, or \
         restore the backup from before the upgrade"
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest that this program knows.
        known: usize,
    },
    /// Another program has written it.
    #[error(
        "migration {version} ({name}) of the database {path} is not the one that this vinr carries: start the vinr \
         that wrote the database, or restore a backup"
    )]
    Changed {
        /// The database.
        path: PathBuf,
        /// Which step.
        version: i64,
        /// Its name.
        name: &'static str,
    },
}

impl OpenError {
    fn engine(path: &Path, error: &rusqlite::Error) -> Self {
        Self::Engine { path: path.into(), message: error.to_string() }
    }
}

/// The store. Dropping it closes it.
pub struct SqliteStore {
    queue: RwLock<Option<mpsc::Sender<Job>>>,
    readers: Arc<Readers>,
    cache: Arc<Cache>,
    recent: Arc<Recent>,
    running: Mutex<Option<Running>>,
}

/// What ends with the store: the threads, and last of all the lock.
struct Running {
    writer: JoinHandle<Connection>,
    checkpointer: JoinHandle<()>,
    lock: File,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the database file, making it and its directory if they are not there. `now` dates the migrations.
    /// Reads and the file system block; call it where that is allowed.
    ///
    /// # Errors
    /// [`OpenError`], in words for the operator.
    pub fn open(path: &Path, now: Timestamp, options: Options) -> Result<Self, OpenError> {
        Self::open_with(path, now, options, |_| Ok(()))
    }

    /// As [`Self::open`], for a file that cannot grow beyond `pages`: the tests' full disk.
    #[cfg(test)]
    pub(super) fn open_limited(path: &Path, pages: u32) -> Result<Self, OpenError> {
        let limit = |connection: &Connection| connection.pragma_update(None, "max_page_count", pages);
        Self::open_with(path, Timestamp(0), Options::default(), limit)
    }

    fn open_with(
        path: &Path,
        now: Timestamp,
        options: Options,
        prepare: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<Self, OpenError> {
        let failed = |error: rusqlite::Error| OpenError::engine(path, &error);
        let lock = files::lock(path)?;
        files::private(path)?;
        let mut connection = connect(path, true).map_err(failed)?;
        migrate::migrate(&mut connection, path, now, migrate::MIGRATIONS)?;
        prepare(&connection).map_err(failed)?;
        let checkpoints = connect(path, true).map_err(failed)?;
        let connections: Result<Vec<_>, _> =
            (0..options.readers.max(1)).map(|_| connect(path, false)).collect();
        let readers = Arc::new(Readers::new(connections.map_err(failed)?));
        let cache = Arc::new(Cache::new(options.cached_payments));
        let newest = connection.query_row(sql::NEWEST_EVENT, [], |row| row.get(0)).map_err(failed)?;
        let recent = Arc::new(Recent::new(newest));

        let (queue, jobs) = mpsc::channel(writer::QUEUE);
        let (look, looks) = sync_channel(1);
        let (ready, answer) = sync_channel(1);
        let restart = Arc::new(AtomicBool::new(false));
        let shared = Shared { cache: cache.clone(), recent: recent.clone(), look, restart: restart.clone() };
        let thread = |name: &str| Builder::new().name(name.to_owned());
        let unspawned = |source| OpenError::File { path: path.into(), source };
        let write = move || {
            writer::run(&connection, jobs, &shared, &ready);
            connection
        };
        let writer = thread("store-writer").spawn(write).map_err(unspawned)?;
        let checkpointer = thread("store-checkpoint")
            .spawn(move || checkpoint::run(&checkpoints, &looks, &restart))
            .map_err(unspawned)?;
        // A writer that is gone without an answer has panicked; its statements are at fault.
        answer.recv().unwrap_or(Err(rusqlite::Error::InvalidQuery)).map_err(failed)?;
        let running = Mutex::new(Some(Running { writer, checkpointer, lock }));
        Ok(Self { queue: RwLock::new(Some(queue)), readers, cache, recent, running })
    }

    /// Takes nothing more, commits what is queued, moves the log into the database and releases the files. Blocks
    /// until that is done; a second call does nothing.
    pub fn close(&self) {
        drop(self.queue.write().unwrap_or_else(PoisonError::into_inner).take());
        self.readers.close();
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            // A thread that panicked has said so; there is nothing left to wait for.
            let last = running.writer.join();
            let _ = running.checkpointer.join();
            // The last connection takes the log away with it; two that close at once leave it to each other.
            drop(last);
            // Closing the file would do, were it not for a child that is just being forked and has it open too.
            let _ = running.lock.unlock();
        }
    }

    fn submit(&self, job: Job) -> Result<(), StoreError> {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner);
        let queue = queue.as_ref().ok_or(StoreError::Closed)?;
        queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Overloaded,
            TrySendError::Closed(_) => StoreError::Closed,
        })
    }

    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Pending<'_, Result<T, StoreError>> {
        Box::pin(self.readers.run(read))
    }

    async fn purge(&self, now: Timestamp, retention: Retention, limit: u32) -> Result<u64, StoreError> {
        let doomed = self.readers.run(move |c| read::doomed(c, now, &retention, limit)).await?;
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Purge(doomed, reply))?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.close();
    }
}

fn connect(path: &Path, writes: bool) -> rusqlite::Result<Connection> {
    let access = if writes { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY };
    // Each connection is used by one thread at a time, so SQLite's own mutexes guard nothing.
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    if writes {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        // Kibibytes of pages. The random keys of idempotency want their index in memory, but SQLite walks the whole
        // cache after a commit that has split a page, so that a large one costs more than it saves.
        connection.pragma_update(None, "cache_size", -16_384)?;
    } else {
        connection.pragma_update(None, "cache_size", -8_192)?;
    }
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

fn ready<'a, T: Send + 'a>(value: T) -> Pending<'a, Result<T, StoreError>> {
    Box::pin(std::future::ready(Ok(value)))
}

impl Store for SqliteStore {
    fn commit(&self, transaction: Transaction) -> Pending<'_, Result<(), CommitError>> {
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            self.submit(Job::Commit(transaction, reply))?;
            answer.await.unwrap_or(Err(CommitError::Failed(StoreError::Closed)))
        })
    }

    fn get_payment(
        &self,
        scope: &Scope,
        id: PaymentId,
    ) -> Pending<'_, Result<Option<Arc<Payment>>, StoreError>> {
        if let Some(payment) = self.cache.get(scope, id) {
            return ready(Some(payment));
        }
        let (scope, cache) = (scope.clone(), self.cache.clone());
        self.read(move |c| read::payment(c, &cache, &scope, id))
    }

    fn find_payment_by_intent(
        &self,
        scope: &Scope,
        intent: IntentId,
    ) -> Pending<'_, Result<Option<Arc<Payment>>, StoreError>> {
        if let Some(payment) = self.cache.get_by_intent(scope, intent) {
            return ready(Some(payment));
        }
        let (scope, cache) = (scope.clone(), self.cache.clone());
        self.read(move |c| read::payment_by_intent(c, &cache, &scope, intent))
    }

    fn list_payments(
        &self,
        scope: &Scope,
        filter: &PaymentFilter,
        page: &Page,
    ) -> Pending<'_, Result<Listed, StoreError>> {
        let (scope, filter, page) = (scope.clone(), filter.clone(), page.clone());
        self.read(move |c| payment_lists::page(c, &scope, &filter, &page))
    }

    fn list_unfinished_on_terminal(
        &self,
        scope: &Scope,
        terminal: &TerminalId,
    ) -> Pending<'_, Result<Vec<Arc<Payment>>, StoreError>> {
        let (scope, terminal) = (scope.clone(), terminal.clone());
        self.read(move |c| read::unfinished_on_terminal(c, &scope, terminal.as_str()))
    }

    fn find_event(
        &self,
        scope: &Scope,
        object_id: &str,
        sequence: u64,
    ) -> Pending<'_, Result<Option<EventRow>, StoreError>> {
        let (scope, object_id) = (scope.clone(), object_id.to_owned());
        self.read(move |c| read::event(c, &scope, &object_id, sequence))
    }

    fn find_idempotency_key(
        &self,
        scope: &Scope,
        operation: &str,
        key: &str,
    ) -> Pending<'_, Result<Option<IdempotencyRow>, StoreError>> {
        let (scope, operation, key) = (scope.clone(), operation.to_owned(), key.to_owned());
        self.read(move |c| read::idempotency_key(c, &scope, &operation, &key))
    }

    fn get_event(&self, scope: &Scope, id: EventId) -> Pending<'_, Result<Option<Posted>, StoreError>> {
        let scope = scope.clone();
        self.read(move |c| read::event_of_name(c, &scope, id))
    }

    fn list_events(
        &self,
        scope: &Scope,
        filter: &EventFilter,
        page: &EventPage,
    ) -> Pending<'_, Result<(Vec<EventRow>, bool), StoreError>> {
        let (scope, filter, page) = (scope.clone(), filter.clone(), *page);
        self.read(move |c| read::events(c, &scope, &filter, &page))
    }

    fn events_after_across_accounts(
        &self,
        ordinal: u64,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Posted>, StoreError>> {
        match self.recent.after(ordinal, limit as usize) {
            Some(posted) => ready(posted),
            None => self.read(move |c| read::events_after(c, ordinal, limit)),
        }
    }

    fn tail(&self) -> watch::Receiver<u64> {
        self.recent.tail()
    }

    fn get_delivery(
        &self,
        scope: &Scope,
        endpoint: &str,
        ordinal: u64,
    ) -> Pending<'_, Result<Option<DeliveryRow>, StoreError>> {
        let (scope, endpoint) = (scope.clone(), endpoint.to_owned());
        self.read(move |c| read::delivery(c, &scope, &endpoint, ordinal))
    }

    fn list_deliveries(
        &self,
        scope: &Scope,
        endpoint: &str,
        page: &DeliveryPage,
    ) -> Pending<'_, Result<(Vec<DeliveryRow>, bool), StoreError>> {
        let (scope, endpoint, page) = (scope.clone(), endpoint.to_owned(), *page);
        self.read(move |c| read::deliveries(c, &scope, &endpoint, &page))
    }

    fn list_pending_deliveries_across_accounts(
        &self,
        endpoint: &str,
        after: u64,
        limit: u32,
    ) -> Pending<'_, Result<Vec<DeliveryRow>, StoreError>> {
        let endpoint = endpoint.to_owned();
        self.read(move |c| read::pending_deliveries(c, &endpoint, after, limit))
    }

    fn list_cursors_across_accounts(&self) -> Pending<'_, Result<Places, StoreError>> {
        self.read(read::cursors)
    }

    fn get_record(
        &self,
        scope: &Scope,
        kind: Kind,
        id: &str,
    ) -> Pending<'_, Result<Option<Record>, StoreError>> {
        let (scope, id) = (scope.clone(), id.to_owned());
        self.read(move |c| read::record(c, &scope, kind, &id))
    }

    fn list_records(
        &self,
        scope: &Scope,
        kind: Kind,
        having: Option<(&'static str, &str)>,
        page: &RecordPage,
    ) -> Pending<'_, Result<RecordsListed, StoreError>> {
        let (scope, page) = (scope.clone(), page.clone());
        let having = having.map(|(name, value)| (name, value.to_owned()));
        self.read(move |c| read::records(c, &scope, kind, having, &page))
    }

    fn find_record_across_accounts(
        &self,
        kind: Kind,
        name: &'static str,
        value: &str,
    ) -> Pending<'_, Result<Option<Record>, StoreError>> {
        let value = value.to_owned();
        self.read(move |c| read::named_record(c, kind, name, &value))
    }

    fn list_records_across_accounts(&self, kind: Kind) -> Pending<'_, Result<Vec<Record>, StoreError>> {
        self.read(move |c| read::all_records(c, kind))
    }

    fn list_due_records_across_accounts(
        &self,
        kind: Kind,
        now: Timestamp,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Record>, StoreError>> {
        self.read(move |c| read::due_records(c, kind, now, limit))
    }

    fn list_due_across_accounts(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Arc<Payment>>, StoreError>> {
        self.read(move |c| read::due(c, now, limit))
    }

    fn list_unfinished_across_accounts(&self) -> Pending<'_, Result<Vec<Arc<Payment>>, StoreError>> {
        self.read(read::unfinished)
    }

    fn count_payments_across_accounts(&self) -> Pending<'_, Result<Vec<(Status, u64)>, StoreError>> {
        self.read(read::counts)
    }

    fn purge_across_accounts(
        &self,
        now: Timestamp,
        retention: &Retention,
        limit: u32,
    ) -> Pending<'_, Result<u64, StoreError>> {
        Box::pin(self.purge(now, *retention, limit))
    }
}
