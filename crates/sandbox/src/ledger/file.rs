//! The ledger's file: one writer, whole lines, one `write(2)` for each append, compaction on opening. Knows lines as
//! bytes to be appended; what they mean is the book's.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::line::{Line, VERSION};
use super::{LedgerError, Replayed, replay};
use crate::issuer::Book;

/// Where decisions are remembered.
#[derive(Debug)]
pub(crate) enum Ledger {
    /// Nowhere.
    Memory,
    /// In a file.
    File(LedgerFile),
}

#[derive(Debug)]
pub(crate) struct LedgerFile {
    file: File,
    len: u64,
    /// A failed append left bytes that could not be taken back: nothing may follow them.
    spoilt: bool,
}

impl Ledger {
    /// Opens or makes the file, drops a torn last line, and compacts the file if it has outgrown `compact_above`
    /// and has doubled since the last compaction.
    pub(crate) fn open(path: &Path, compact_above: u64) -> Result<(Self, Book), LedgerError> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)
            .map_err(io("open", path))?;
        lock(&file, path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io("read", path))?;
        let Replayed { book, whole_len, snapshot_bytes, .. } = replay(&bytes, path)?;
        if whole_len < bytes.len() {
            tracing::info!(dropped = bytes.len() - whole_len, "the issuer's ledger ended in a torn line");
            file.set_len(whole_len as u64).map_err(io("shorten", path))?;
        }
        let mut ledger = LedgerFile { file, len: whole_len as u64, spoilt: false };
        if ledger.len == 0 {
            ledger
                .append(&[Line::Ledger { version: VERSION, snapshot_bytes: 0 }])
                .map_err(io("write", path))?;
        }
        if ledger.len > compact_above.max(snapshot_bytes.saturating_mul(2)) {
            ledger = compacted(&book, path)?;
        }
        Ok((Self::File(ledger), book))
    }

    /// A ledger on a disk without room.
    #[cfg(test)]
    pub(crate) fn on_full_disk() -> Self {
        let file = OpenOptions::new().write(true).open("/dev/full").unwrap();
        Self::File(LedgerFile { file, len: 0, spoilt: false })
    }

    /// Remembers lines, all or none.
    pub(crate) fn append(&mut self, lines: &[Line]) -> io::Result<()> {
        match self {
            Self::Memory => Ok(()),
            Self::File(_) if lines.is_empty() => Ok(()),
            Self::File(file) => file.append(lines),
        }
    }
}

impl LedgerFile {
    fn append(&mut self, lines: &[Line]) -> io::Result<()> {
        if self.spoilt {
            return Err(io::Error::other("an earlier append could not be taken back"));
        }
        let mut bytes = Vec::with_capacity(512);
        for line in lines {
            write_line(line, &mut bytes)?;
        }
        let written = loop {
            match self.file.write(&bytes) {
                // Interrupted before anything was written.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                written => break written,
            }
        };
        let error = match written {
            Ok(written) if written == bytes.len() => {
                self.len += written as u64;
                return Ok(());
            }
            Ok(_) => io::Error::new(ErrorKind::StorageFull, "only a part of a line could be written"),
            Err(error) => error,
        };
        self.spoilt = self.file.set_len(self.len).is_err();
        Err(error)
    }
}

fn write_line(line: &Line, bytes: &mut Vec<u8>) -> io::Result<()> {
    serde_json::to_writer(&mut *bytes, line)?;
    bytes.push(b'\n');
    Ok(())
}

/// Writes the book into a new file and puts it in the place of the old one, which stays whole until then.
fn compacted(book: &Book, path: &Path) -> Result<LedgerFile, LedgerError> {
    let mut body = Vec::new();
    for line in book.snapshot() {
        write_line(&line, &mut body).map_err(io("compact", path))?;
    }
    let mut bytes = Vec::with_capacity(body.len() + 64);
    let header = Line::Ledger { version: VERSION, snapshot_bytes: body.len() as u64 };
    write_line(&header, &mut bytes).map_err(io("compact", path))?;
    bytes.append(&mut body);
    let mut staged = path.as_os_str().to_owned();
    staged.push(".compact");
    let staged = PathBuf::from(staged);
    match std::fs::remove_file(&staged) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(io("tidy up after", &staged)(error)),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .append(true)
        .create_new(true)
        .mode(0o600)
        .open(&staged)
        .map_err(io("create", &staged))?;
    lock(&file, &staged)?;
    // Here the machine's death counts too: the rename may reach the disk before what it renames.
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(io("write", &staged))?;
    std::fs::rename(&staged, path).map_err(io("replace", path))?;
    tracing::info!(bytes = bytes.len(), "the issuer's ledger was compacted");
    Ok(LedgerFile { file, len: bytes.len() as u64, spoilt: false })
}

fn lock(file: &File, path: &Path) -> Result<(), LedgerError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(LedgerError::Busy { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(io("lock", path)(source)),
    }
}

pub(super) fn io<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> LedgerError + 'a {
    move |source| LedgerError::Io { action, path: path.to_owned(), source }
}
