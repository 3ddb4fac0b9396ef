//! Where a simulator keeps what it needs: a directory of its own that is gone when it ends, or one that it is given. What
//! a killed one left behind is cleared away by the next.

use std::fs::{File, Permissions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::embedded::make_private_dir;
use crate::embedded::seed::Keys;
use crate::failure::Failure;

/// What the names of such directories begin with.
const PREFIX: &str = "vinr-simulator-";

/// Locked in a directory of this kind while its simulator runs.
const LOCK: &str = "running";

/// The directory of this simulator.
pub enum Place {
    /// Gone afterwards, however it ends short of being killed.
    Passing {
        /// The directory.
        dir: TempDir,
        /// Held while it lives.
        _lock: File,
    },
    /// Stays.
    Kept(PathBuf),
}

impl Place {
    /// The directory that was given, or a new one.
    pub fn new(given: Option<&Path>) -> Result<Self, Failure> {
        if let Some(dir) = given {
            make_private_dir(dir)?;
            if dir.join("vinr.db").exists() && !dir.join(Keys::FILE).exists() {
                let what =
                    format_args!("{} holds another platform, such as that of `vinr dev`", dir.display());
                return Err(Failure::new(what).cure("Choose another directory, or leave --data-dir out."));
            }
            return dir.canonicalize().map(Self::Kept).map_err(Failure::at(dir));
        }
        let around = std::env::temp_dir();
        let around = around.canonicalize().map_err(Failure::at(&around))?;
        clear_away(&around);
        let dir = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(&around)
            .map_err(Failure::at(&around))?;
        let lock = lock(dir.path()).map_err(Failure::at(dir.path()))?;
        Ok(Self::Passing { dir, _lock: lock })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        match self {
            Self::Passing { dir, .. } => dir.path(),
            Self::Kept(dir) => dir,
        }
    }

    /// Leaves nothing behind that was not to stay.
    pub fn clear(self) -> Result<(), Failure> {
        match self {
            Self::Passing { dir, .. } => {
                let path = dir.path().to_owned();
                dir.close().map_err(Failure::at(&path))
            }
            Self::Kept(_) => Ok(()),
        }
    }
}

/// The name comes last: a lock that can be seen is held.
fn lock(dir: &Path) -> std::io::Result<File> {
    let unnamed = dir.join("starting");
    let lock = File::options().write(true).create_new(true).mode(0o600).open(&unnamed)?;
    lock.lock()?;
    std::fs::rename(&unnamed, dir.join(LOCK))?;
    Ok(lock)
}

/// Removes the directories of simulators of this user that were killed. One that cannot be removed is left.
fn clear_away(around: &Path) {
    let Ok(entries) = std::fs::read_dir(around) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        let path = entry.path();
        if !ours || !is_private_dir(&path) {
            continue;
        }
        let Ok(lock) = File::open(path.join(LOCK)) else { continue };
        if lock.try_lock().is_ok() {
            let removed = std::fs::remove_dir_all(&path);
            tracing::info!(path = %path.display(), ?removed, "the directory of a simulator that was killed");
        }
    }
}

/// Whether it is a directory, not a way to one, that nobody but its owner may enter.
fn is_private_dir(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|facts| facts.is_dir() && facts.mode() & 0o077 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_one_left_is_cleared_away_and_what_a_living_one_has_is_not() {
        let around = tempfile::tempdir().unwrap();
        let place = |name: &str| {
            let path = around.path().join(format!("{PREFIX}{name}"));
            make_private_dir(&path).unwrap();
            path
        };
        let (dead, living, begun) = (place("dead"), place("living"), place("begun"));
        drop(lock(&dead).unwrap());
        let held = lock(&living).unwrap();
        let elsewhere = around.path().join("other");
        std::fs::create_dir(&elsewhere).unwrap();
        std::fs::write(elsewhere.join(LOCK), "").unwrap();
        std::os::unix::fs::symlink(&elsewhere, around.path().join(format!("{PREFIX}way"))).unwrap();

        clear_away(around.path());
        assert!(!dead.exists(), "its simulator is dead");
        assert!(living.exists() && begun.exists() && elsewhere.join(LOCK).exists());
        drop(held);
        clear_away(around.path());
        assert!(!living.exists() && begun.exists());
    }

    #[test]
    fn one_of_its_own_is_private_and_gone_afterwards_and_one_that_was_given_stays() {
        let place = Place::new(None).unwrap();
        let path = place.path().to_owned();
        assert!(is_private_dir(&path));
        std::fs::write(path.join("something"), "").unwrap();
        place.clear().unwrap();
        assert!(!path.exists());

        let around = tempfile::tempdir().unwrap();
        let given = around.path().join("not").join("there");
        let place = Place::new(Some(&given)).unwrap();
        assert!(is_private_dir(place.path()));
        place.clear().unwrap();
        assert!(given.exists());
    }
}
