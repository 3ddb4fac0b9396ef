//! Where a journal's bytes are kept: the port, and the file of a real device. Knows nothing of what is inside.

use std::fs::File;
use std::future::Future;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::private_file::{create_dir, directory_of, open_to_append, replace, sync_dir};

/// Durable bytes that grow at the end. One owner at a time.
pub trait Disk: Send {
    /// Everything that has been written. Called once, before anything else.
    ///
    /// # Errors
    /// What the system says.
    fn load(&mut self) -> io::Result<Vec<u8>>;

    /// Adds bytes at the end. They survive a power loss after the next [`Disk::sync`].
    ///
    /// # Errors
    /// What the system says; the end of the journal is then unknown and the terminal has to start again.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Returns when everything appended is safe from power loss. Does not block the runtime's other tasks.
    ///
    /// # Errors
    /// What the system says. Nothing may be assumed of unsynced bytes afterwards, and a second try proves nothing:
    /// the terminal has to start again.
    fn sync(&mut self) -> impl Future<Output = io::Result<()>> + Send;

    /// Puts other bytes in the place of all: after a power loss the old ones or the new ones are there, whole.
    ///
    /// # Errors
    /// What the system says; the old bytes are still there.
    fn replace(&mut self, bytes: Vec<u8>) -> impl Future<Output = io::Result<()>> + Send;
}

/// A file with mode 0600 on a local file system.
#[derive(Debug)]
pub struct FileDisk {
    path: PathBuf,
    file: Arc<File>,
    /// The directory's entry for the file has been synced.
    named: bool,
}

impl FileDisk {
    /// Opens or creates the file, and locks it against a second terminal on the same journal.
    ///
    /// # Errors
    /// What the system says, with the path; [`io::ErrorKind::WouldBlock`] when another process has the journal.
    pub fn open(path: &Path) -> io::Result<Self> {
        let at = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        create_dir(directory_of(path)).map_err(at)?;
        let file = open_to_append(path).map_err(at)?;
        Ok(Self { path: path.to_owned(), file: Arc::new(file), named: false })
    }
}

impl Disk for FileDisk {
    fn load(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(&self.path)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        (&*self.file).write_all(bytes)
    }

    async fn sync(&mut self) -> io::Result<()> {
        let file = Arc::clone(&self.file);
        let directory = (!self.named).then(|| directory_of(&self.path).to_owned());
        run(move || {
            // The size is part of what `fdatasync` makes durable; times are not, and nobody needs them.
            file.sync_data()?;
            directory.map_or(Ok(()), |directory| sync_dir(&directory))
        })
        .await?;
        self.named = true;
        Ok(())
    }

    async fn replace(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        let path = self.path.clone();
        let file = run(move || replace(&path, &bytes)).await?;
        self.file = Arc::new(file);
        self.named = true;
        Ok(())
    }
}

/// Runs blocking work beside the runtime's tasks.
async fn run<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
