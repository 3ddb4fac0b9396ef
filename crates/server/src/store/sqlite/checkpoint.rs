//! Moves committed pages from the write-ahead log into the database, on its own thread and connection, so that no
//! commit waits for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::Connection;

use super::fatal;

/// So many pages in the log that are not in the database yet are worth a checkpoint.
const PAGES: i64 = 1_000;
/// Without so many, it is done when the log has been quiet for this long.
const IDLE: Duration = Duration::from_secs(5);
/// A log of this length (64 MiB of 4 KiB pages) is begun anew; a writer that never pauses would keep it growing.
const LONGEST_PAGES: i64 = 16_384;

/// The log, as SQLite counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Log {
    /// Pages in it.
    pub(super) pages: i64,
    /// Pages of those that are in the database too.
    pub(super) done: i64,
}

/// Runs until the writer drops its end.
pub(super) fn run(connection: &Connection, look: &Receiver<()>, restart: &AtomicBool) {
    loop {
        let idle = match look.recv_timeout(IDLE) {
            Ok(()) => false,
            Err(RecvTimeoutError::Timeout) => true,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let Some(log) = pragma(connection, "NOOP") else { continue };
        let pending = log.pages - log.done;
        if pending >= PAGES || (idle && pending > 0) {
            let after = pragma(connection, "PASSIVE");
            // What a passive checkpoint leaves is little, so the writer can do the rest between two commits.
            if after.is_some_and(|log| log.pages > LONGEST_PAGES) {
                restart.store(true, Ordering::Relaxed);
            }
        }
    }
}

/// Copies everything and begins the log anew, in place: pages that the file has already are cheaper to write than
/// new ones. Waits for readers as long as the connection's busy timeout allows.
pub(super) fn restart(connection: &Connection) {
    pragma(connection, "RESTART");
}

/// Copies everything and leaves an empty log, waiting for readers as long as the connection's busy timeout allows.
pub(super) fn truncate(connection: &Connection) {
    pragma(connection, "TRUNCATE");
}

fn pragma(connection: &Connection, mode: &str) -> Option<Log> {
    let read = |row: &rusqlite::Row<'_>| Ok(Log { pages: row.get(1)?, done: row.get(2)? });
    match connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], read) {
        Ok(log) => Some(log),
        Err(error) => {
            fatal::abort_on_io_error(&error);
            tracing::warn!(%error, mode, "the write-ahead log could not be checkpointed; it grows");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_moves_nothing_and_restarting_begins_the_log_anew() {
        let directory = tempfile::tempdir().unwrap();
        let connection = Connection::open(directory.path().join("a.db")).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x BLOB)",
            )
            .unwrap();
        let write = |pages: i64| {
            connection.execute("INSERT INTO t VALUES (zeroblob($1 * 4096))", [pages]).unwrap();
        };
        write(50);
        let before = pragma(&connection, "NOOP").unwrap();
        assert!(before.pages > 50 && before.done == 0, "{before:?}");
        assert_eq!(pragma(&connection, "NOOP"), Some(before));
        restart(&connection);
        write(1);
        let after = pragma(&connection, "NOOP").unwrap();
        assert!(after.pages < 10, "{after:?}");
    }
}
