//! The files of a database: made readable for their owner alone, and locked against a second process.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::OpenError;

/// The name of the database with `.lock` behind it.
pub(super) fn lock_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

/// Takes the data directory for this process, for as long as the file is held.
pub(super) fn lock(database: &Path) -> Result<File, OpenError> {
    let path = lock_path(database);
    if let Some(directory) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(|source| OpenError::File { path: directory.into(), source })?;
    }
    let file = private(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path }),
        Err(TryLockError::Error(source)) => Err(OpenError::File { path, source }),
    }
}

/// Opens the file, making it if it is not there; in either case its mode is 0600, whatever the umask. SQLite gives
/// the write-ahead log the mode of the database.
pub(super) fn private(path: &Path) -> Result<File, OpenError> {
    let open = || {
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        Ok(file)
    };
    open().map_err(|source| OpenError::File { path: path.into(), source })
}
