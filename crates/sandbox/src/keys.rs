//! The secret that the readers of the sandbox share with its issuer: made on first start, kept in a file of mode
//! 0600, loaded ever after. Knows nothing of keys for anything else.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use vinr_wire::card::ReaderKey;
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;

/// The base key, from which every terminal's reader key is derived.
#[derive(Clone, Debug)]
pub struct SandboxKeys {
    base: ReaderKey,
}

/// The key file could not be made or read; the operator has to act.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file system refused.
    #[error("cannot {action} the reader key {}: {source}", path.display())]
    Io {
        /// What was attempted, as a verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason the system gave.
        source: std::io::Error,
    },
    /// Somebody else could have read it.
    #[error("the reader key {} is open to other users (mode {mode:04o}): run `chmod 600` on it", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not 32 bytes.
    #[error("{} is not a reader key: move it away and a new one is made", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes for a reader key")]
    NoRandomness,
}

impl SandboxKeys {
    /// Loads the base key from `path`; makes it there first if there is none. After a crash the file is there
    /// whole or not at all, and of two processes that start at once both use the same key.
    ///
    /// # Errors
    /// [`KeyFileError`] says what is wrong with the file.
    pub fn open(path: &Path) -> Result<Self, KeyFileError> {
        match load(path) {
            Err(KeyFileError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                create(path)?;
                load(path)
            }
            loaded => loaded,
        }
    }

    /// Keys from a base that the caller made: for worlds that live from a seed.
    #[must_use]
    pub fn from_base(base: ReaderKey) -> Self {
        Self { base }
    }

    /// What the issuer opens every terminal's cards with.
    #[must_use]
    pub fn base(&self) -> &ReaderKey {
        &self.base
    }

    /// What the reader of one terminal seals with; `terminal` is the name under which its link knows it.
    #[must_use]
    pub fn reader_key(&self, terminal: &str) -> ReaderKey {
        ReaderKey::derive(&self.base, terminal)
    }
}

fn io<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> KeyFileError + 'a {
    move |source| KeyFileError::Io { action, path: path.to_owned(), source }
}

fn load(path: &Path) -> Result<SandboxKeys, KeyFileError> {
    let mut file = File::open(path).map_err(io("open", path))?;
    let mode = file.metadata().map_err(io("inspect", path))?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Exposed { path: path.to_owned(), mode });
    }
    // One byte of room more than a key needs, so that a longer file shows.
    let mut bytes = Zeroizing::new([0; KEY_BYTES + 1]);
    let mut length = 0;
    while length < bytes.len() {
        match file.read(&mut bytes[length..]).map_err(io("read", path))? {
            0 => break,
            read => length += read,
        }
    }
    let key = bytes.get(..length).and_then(|read| <[u8; KEY_BYTES]>::try_from(read).ok());
    let key = key.ok_or_else(|| KeyFileError::Damaged { path: path.to_owned() })?;
    Ok(SandboxKeys { base: ReaderKey::from_bytes(key) })
}

fn create(path: &Path) -> Result<(), KeyFileError> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    aws_lc_rs::rand::fill(key.as_mut_slice()).map_err(|_| KeyFileError::NoRandomness)?;
    let mut suffix = [0; 8];
    aws_lc_rs::rand::fill(&mut suffix).map_err(|_| KeyFileError::NoRandomness)?;
    let mut staged = path.as_os_str().to_owned();
    staged.push(format!(".{:016x}.new", u64::from_be_bytes(suffix)));
    let staged = PathBuf::from(staged);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&staged)
        .map_err(io("create", &staged))?;
    file.write_all(key.as_slice()).and_then(|()| file.sync_all()).map_err(io("write", &staged))?;
    // A link, unlike a rename, does not replace the key of a process that was faster.
    let linked = std::fs::hard_link(&staged, path);
    std::fs::remove_file(&staged).map_err(io("tidy up after", &staged))?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(io("create", path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_once_private_and_the_same_ever_after() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("reader.key");
        let first = SandboxKeys::open(&path).unwrap();
        let again = SandboxKeys::open(&path).unwrap();
        assert_eq!(first.base().to_bytes(), again.base().to_bytes());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside the key");
        let other = SandboxKeys::open(&dir.path().join("other.key")).unwrap();
        assert_ne!(first.base().to_bytes(), other.base().to_bytes());
        assert_ne!(first.reader_key("term_a").to_bytes(), first.reader_key("term_b").to_bytes());
        assert_eq!(first.reader_key("term_a").to_bytes(), again.reader_key("term_a").to_bytes());
    }

    #[test]
    fn a_faster_process_keeps_its_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("reader.key");
        let first = SandboxKeys::open(&path).unwrap();
        create(&path).unwrap();
        assert_eq!(SandboxKeys::open(&path).unwrap().base().to_bytes(), first.base().to_bytes());
    }

    #[test]
    fn exposed_short_and_long_files_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("reader.key");
        SandboxKeys::open(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(SandboxKeys::open(&path), Err(KeyFileError::Exposed { mode: 0o640, .. })));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        for length in [0, 31, 33] {
            std::fs::write(&path, vec![7; length]).unwrap();
            assert!(matches!(SandboxKeys::open(&path), Err(KeyFileError::Damaged { .. })), "{length}");
        }
        assert!(matches!(SandboxKeys::open(&dir.path().join("no/key")), Err(KeyFileError::Io { .. })));
    }
}
