//! A disk in memory that forgets like a real one: what was not synced may be gone, whole or in part, after a power
//! loss. For simulated worlds and tests; never blocks and never spawns.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::{Rng, RngExt as _};

use super::Disk;

#[derive(Debug, Default)]
struct Platter {
    bytes: Vec<u8>,
    synced_bytes: usize,
    syncs: u64,
    failing: bool,
}

/// A shared handle: a world keeps one while the terminal that owned the other loses power.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    platter: Arc<Mutex<Platter>>,
}

impl MemoryDisk {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Loses power: of what was not synced, a random part of the beginning is kept, and its last bytes may be
    /// garbage, because a disk does not write in the order of the file.
    pub fn power_loss(&self, rng: &mut impl Rng) {
        let mut platter = self.platter();
        let unsynced_bytes = platter.bytes.len() - platter.synced_bytes;
        let kept = platter.synced_bytes + rng.random_range(0..=unsynced_bytes);
        platter.bytes.truncate(kept);
        if kept > platter.synced_bytes && rng.random_bool(0.25) {
            let from = rng.random_range(platter.synced_bytes..kept);
            rng.fill_bytes(&mut platter.bytes[from..]);
        }
        platter.synced_bytes = platter.bytes.len();
    }

    /// From now on (or no longer) every write and sync fails.
    pub fn set_failing(&self, failing: bool) {
        self.platter().failing = failing;
    }

    /// Everything on the disk, synced or not.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.platter().bytes.clone()
    }

    /// Puts bytes on the disk, synced.
    pub fn set_bytes(&self, bytes: Vec<u8>) {
        let mut platter = self.platter();
        platter.synced_bytes = bytes.len();
        platter.bytes = bytes;
    }

    /// How many bytes at the beginning are safe from power loss.
    #[must_use]
    pub fn synced_bytes(&self) -> usize {
        self.platter().synced_bytes
    }

    /// How often the disk was synced; what a payment costs.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.platter().syncs
    }

    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.platter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn working(&self) -> io::Result<MutexGuard<'_, Platter>> {
        let platter = self.platter();
        if platter.failing { Err(io::Error::other("the disk fails")) } else { Ok(platter) }
    }
}

impl Disk for MemoryDisk {
    fn load(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.working()?.bytes.clone())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.working()?.bytes.extend_from_slice(bytes);
        Ok(())
    }

    async fn sync(&mut self) -> io::Result<()> {
        let mut platter = self.working()?;
        platter.synced_bytes = platter.bytes.len();
        platter.syncs += 1;
        Ok(())
    }

    async fn replace(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        let mut platter = self.working()?;
        platter.synced_bytes = bytes.len();
        platter.bytes = bytes;
        Ok(())
    }
}
