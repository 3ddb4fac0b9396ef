//! Owns how keys and certificates reach the disk: private modes, and whole or not at all. It knows nothing of what
//! is inside the files, and refuses secrets that others could have read.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const FILE_MODE: u32 = 0o600;
const DIR_MODE: u32 = 0o700;
const OTHERS: u32 = 0o077;
const OTHERS_WRITE: u32 = 0o022;

/// Keys or certificates could not be read from or written to disk; the operator has to act.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted, as a verb.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The reason the system gave.
        source: std::io::Error,
    },
    /// A private key that group or others can open has to be taken for known to them.
    #[error(
        "{} is open to other users (mode {mode:04o}): run `chmod 600 {}`, and replace the key if anybody may have \
         read it",
        path.display(), path.display()
    )]
    KeyExposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Whoever can write to the directory can replace the key in it.
    #[error("other users can write to {} (mode {mode:04o}): run `chmod 700 {}`", path.display(), path.display())]
    DirectoryExposed {
        /// The directory that holds the key.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

fn io<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> StorageError + 'a {
    move |source| StorageError::Io { action, path: path.to_owned(), source }
}

/// Creates `dir` and its missing parents with mode 0700; an existing directory is left as it is.
pub(crate) fn create_private_dir(dir: &Path) -> Result<(), StorageError> {
    DirBuilder::new().recursive(true).mode(DIR_MODE).create(dir).map_err(io("create", dir))
}

/// Keeps a second process out of `dir` for as long as the returned handle lives.
pub(crate) fn lock(dir: &Path) -> Result<File, StorageError> {
    let path = dir.join(".lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .open(&path)
        .map_err(io("open", &path))?;
    file.lock().map_err(io("lock", &path))?;
    Ok(file)
}

/// Whether something exists at `path`; an unreadable parent is an error and not "no".
pub(crate) fn exists(path: &Path) -> Result<bool, StorageError> {
    path.try_exists().map_err(io("look for", path))
}

/// Replaces or creates `dir/name` with mode 0600. After a crash the file is the old or the new one, never a part.
pub(crate) fn write(dir: &Path, name: &str, content: &[u8]) -> Result<(), StorageError> {
    let staged = dir.join(format!(".{name}.new"));
    let target = dir.join(name);
    discard(&staged, std::fs::remove_file(&staged))?;
    write_new(&staged, content)?;
    std::fs::rename(&staged, &target).map_err(io("replace", &target))?;
    sync_dir(dir)
}

/// Renames `dir/from` to `dir/to`, durably.
pub(crate) fn rename(dir: &Path, from: &str, to: &str) -> Result<(), StorageError> {
    let target = dir.join(to);
    std::fs::rename(dir.join(from), &target).map_err(io("replace", &target))?;
    sync_dir(dir)
}

/// Creates the directory `parent/name` with these files in it, all of them or none.
pub(crate) fn publish_dir(parent: &Path, name: &str, files: &[(&str, &[u8])]) -> Result<(), StorageError> {
    let staged = parent.join(format!(".{name}.new"));
    let target = parent.join(name);
    discard(&staged, std::fs::remove_dir_all(&staged))?;
    DirBuilder::new().mode(DIR_MODE).create(&staged).map_err(io("create", &staged))?;
    for (file, content) in files {
        write_new(&staged.join(file), content)?;
    }
    sync_dir(&staged)?;
    std::fs::rename(&staged, &target).map_err(io("create", &target))?;
    sync_dir(parent)
}

/// Reads a certificate file.
pub(crate) fn read(path: &Path) -> Result<String, StorageError> {
    std::fs::read_to_string(path).map_err(io("read", path))
}

/// Reads a private key, after checking that only its owner can open the file or replace it.
pub(crate) fn read_secret(path: &Path) -> Result<String, StorageError> {
    let dir = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mode = std::fs::metadata(dir).map_err(io("inspect", dir))?.permissions().mode() & 0o7777;
    if mode & OTHERS_WRITE != 0 {
        return Err(StorageError::DirectoryExposed { path: dir.to_owned(), mode });
    }
    // The mode is taken from the open handle, so that the file checked is the file read.
    let mut file = File::open(path).map_err(io("read", path))?;
    let mode = file.metadata().map_err(io("inspect", path))?.permissions().mode() & 0o7777;
    if mode & OTHERS != 0 {
        return Err(StorageError::KeyExposed { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(io("read", path))?;
    Ok(text)
}

/// Leftovers of an earlier crash go away; that there are none is the normal case.
fn discard(path: &Path, removed: std::io::Result<()>) -> Result<(), StorageError> {
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(io("remove", path)(error)),
        _ => Ok(()),
    }
}

fn write_new(path: &Path, content: &[u8]) -> Result<(), StorageError> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(path)
        .map_err(io("create", path))?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(io("write", path))
}

fn sync_dir(dir: &Path) -> Result<(), StorageError> {
    File::open(dir).and_then(|handle| handle.sync_all()).map_err(io("sync", dir))
}
