//! How far the approvals without the cloud have come, kept apart from the journal: a journal that was rolled back or cut
//! is behind it. Written whole, before an approval is shown.

use std::io;

use serde::{Deserialize, Serialize};

use crate::journal::Disk;
use crate::memory::MemoryError;

/// The newest approval.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mark {
    /// Life of the journal that it is in; 0: there was none yet.
    pub(crate) generation: u32,
    /// Its number in that life.
    pub(crate) last_number: u32,
    /// What the next one is chained to.
    pub(crate) last_hash: [u8; 32],
}

/// The mark on its disk.
#[derive(Debug)]
pub(crate) struct MarkFile<D> {
    disk: D,
    mark: Mark,
}

impl<D: Disk> MarkFile<D> {
    /// Reads what is on the disk; nothing there is nothing approved.
    pub(crate) fn open(mut disk: D) -> Result<Self, MemoryError> {
        let bytes = disk.load()?;
        let mark = if bytes.is_empty() {
            Mark::default()
        } else {
            let damaged = |error: serde_json::Error| MemoryError::Mark { reason: error.to_string() };
            serde_json::from_slice(&bytes).map_err(damaged)?
        };
        Ok(Self { disk, mark })
    }

    pub(crate) fn mark(&self) -> &Mark {
        &self.mark
    }

    /// Puts `mark` in the place of what was; durable when this returns.
    pub(crate) async fn replace(&mut self, mark: Mark) -> Result<(), MemoryError> {
        let bytes = serde_json::to_vec(&mark).map_err(io::Error::other)?;
        self.disk.replace(bytes).await?;
        self.mark = mark;
        Ok(())
    }

    pub(crate) fn into_disk(self) -> D {
        self.disk
    }
}
