//! The one place where the process gives up: after an I/O error nobody knows what of the log is on the disk, and a
//! second fsync may report success for pages that were lost. A new process reads what is really there.

use rusqlite::ErrorCode;

/// Whether the disk failed, rather than the statement or the space on the disk.
fn is_io_error(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure)
}

/// Aborts the process on an I/O error of the database; returns for every other error, a full disk included: that
/// transaction is rolled back, and the store goes on.
pub(super) fn abort_on_io_error(error: &rusqlite::Error) {
    if is_io_error(error) {
        tracing::error!(%error, "the disk failed under the database; the process ends, to recover at its next start");
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::{Error, ffi};

    use super::*;

    #[test]
    fn only_a_failing_disk_ends_the_process() {
        let failure = |code| Error::SqliteFailure(ffi::Error::new(code), None);
        for code in [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_SHORT_READ] {
            assert!(is_io_error(&failure(code)));
        }
        for code in [ffi::SQLITE_FULL, ffi::SQLITE_BUSY, ffi::SQLITE_CONSTRAINT_UNIQUE] {
            assert!(!is_io_error(&failure(code)));
        }
    }
}
