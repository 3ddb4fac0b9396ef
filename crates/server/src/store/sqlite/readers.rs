//! A few read-only connections, used on the runtime's blocking threads. Reads never wait for the writer.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Statement};
use tokio::sync::Semaphore;

use super::cells::engine;
use crate::store::port::StoreError;

/// The connections that are not in use; as many permits as connections.
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        let permits = Arc::new(Semaphore::new(connections.len()));
        Self { idle: Mutex::new(connections), permits }
    }

    /// Runs the read on a blocking thread. It runs to its end even if nobody waits for it any more.
    pub(super) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let readers = self.clone();
        let run = move || {
            let Some(connection) = readers.take() else { return Err(StoreError::Closed) };
            let outcome = read(&connection);
            readers.give_back(connection);
            drop(permit);
            outcome
        };
        // A blocking task fails only by panicking or with the runtime.
        tokio::task::spawn_blocking(run).await.unwrap_or(Err(StoreError::Closed))
    }

    /// Lets no further read begin, and closes the connections as they become free.
    pub(super) fn close(&self) {
        self.permits.close();
        self.lock().clear();
    }

    fn take(&self) -> Option<Connection> {
        self.lock().pop()
    }

    fn give_back(&self, connection: Connection) {
        if !self.permits.is_closed() {
            self.lock().push(connection);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first row of a bound statement.
pub(super) fn first<T>(
    statement: &mut Statement<'_>,
    read: impl FnOnce(&rusqlite::Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut rows = statement.raw_query();
    rows.next().map_err(|e| engine(&e))?.map(read).transpose()
}

/// Every row of a bound statement.
pub(super) fn all<T>(
    statement: &mut Statement<'_>,
    read: impl Fn(&rusqlite::Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(|e| engine(&e))? {
        found.push(read(row)?);
    }
    Ok(found)
}
