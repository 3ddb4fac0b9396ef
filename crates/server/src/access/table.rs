//! Holders of keys, in memory, by the hash of their key. Looking one up takes no lock; a change is in force for the
//! next request. Does not know what a holder may do.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use subtle::ConstantTimeEq;
use tokio::sync::watch;
use vinr_domain::Timestamp;

use super::{AccessDenied, KeyId};

/// A key's use is noted again after this long.
const USE_NOTED_EVERY_MS: i64 = 60_000;

/// Stands for a key that was never used.
const NEVER: i64 = i64::MIN;

pub(super) struct Entry<H> {
    pub(super) hash: [u8; 32],
    pub(super) holder: Arc<H>,
    pub(super) revoked_at: Option<Timestamp>,
    used_at_ms: Arc<AtomicI64>,
}

impl<H> Clone for Entry<H> {
    fn clone(&self) -> Self {
        Self {
            hash: self.hash,
            holder: Arc::clone(&self.holder),
            revoked_at: self.revoked_at,
            used_at_ms: Arc::clone(&self.used_at_ms),
        }
    }
}

impl<H> Entry<H> {
    pub(super) fn new(hash: [u8; 32], holder: H, revoked_at: Option<Timestamp>) -> Self {
        Self { hash, holder: Arc::new(holder), revoked_at, used_at_ms: Arc::new(AtomicI64::new(NEVER)) }
    }

    fn in_force(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none_or(|at| at > now)
    }
}

/// The keys in force and those that were.
pub(super) struct Table<H> {
    entries: ArcSwap<HashMap<KeyId, Entry<H>>>,
    /// Changes are made one at a time, or one would overwrite the other.
    changing: Mutex<()>,
    changes: watch::Sender<u64>,
}

impl<H> Default for Table<H> {
    fn default() -> Self {
        Self { entries: ArcSwap::default(), changing: Mutex::default(), changes: watch::Sender::new(0) }
    }
}

impl<H> Table<H> {
    pub(super) fn len(&self) -> usize {
        self.entries.load().len()
    }

    /// Puts these in the place of all the others.
    pub(super) fn load(&self, entries: impl Iterator<Item = Entry<H>>) {
        let entries = entries.map(|entry| (KeyId::of(&entry.hash), entry)).collect();
        self.change(|all| *all = entries);
    }

    /// Adds a holder, or replaces the one with the same hash; when the key was used stays known.
    pub(super) fn insert(&self, mut entry: Entry<H>) {
        self.change(|all| {
            let id = KeyId::of(&entry.hash);
            if let Some(known) = all.get(&id) {
                entry.used_at_ms = Arc::clone(&known.used_at_ms);
            }
            all.insert(id, entry);
        });
    }

    /// Ends a key at a moment, or takes that back.
    pub(super) fn end(&self, id: KeyId, at: Timestamp) {
        self.change(|all| {
            if let Some(entry) = all.get_mut(&id) {
                entry.revoked_at = Some(at);
            }
        });
    }

    /// The holder of the key with this hash.
    pub(super) fn find(
        &self,
        hash: &[u8; 32],
        fits: impl FnOnce(&H) -> bool,
        now: Timestamp,
    ) -> Result<Arc<H>, AccessDenied> {
        let entries = self.entries.load();
        // The table is searched by half of the hash. How long that takes tells nothing about a key, because nobody
        // can choose the hash of a guess; the other half is compared in constant time all the same.
        let entry = entries.get(&KeyId::of(hash)).filter(|entry| bool::from(entry.hash.ct_eq(hash)));
        let entry = entry.filter(|entry| fits(&entry.holder)).ok_or(AccessDenied::Unknown)?;
        if !entry.in_force(now) {
            return Err(AccessDenied::Revoked);
        }
        let used_at_ms = entry.used_at_ms.load(Ordering::Relaxed);
        if now.0.saturating_sub(used_at_ms) >= USE_NOTED_EVERY_MS {
            entry.used_at_ms.store(now.0, Ordering::Relaxed);
        }
        Ok(Arc::clone(&entry.holder))
    }

    /// Whether the key opens anything now.
    pub(super) fn in_force(&self, id: KeyId, now: Timestamp) -> bool {
        self.entries.load().get(&id).is_some_and(|entry| entry.in_force(now))
    }

    /// How many of these holders have a key that opens something now.
    pub(super) fn count(&self, counts: impl Fn(&H) -> bool, now: Timestamp) -> usize {
        let entries = self.entries.load();
        entries.values().filter(|entry| entry.in_force(now) && counts(&entry.holder)).count()
    }

    /// When the key was last used, to the minute; since this process began, or as [`Self::note_use`] was told.
    pub(super) fn used_at(&self, id: KeyId) -> Option<Timestamp> {
        let entries = self.entries.load();
        let used_at_ms = entries.get(&id)?.used_at_ms.load(Ordering::Relaxed);
        (used_at_ms != NEVER).then_some(Timestamp(used_at_ms))
    }

    /// Says when a key was used before this process began.
    pub(super) fn note_use(&self, id: KeyId, at: Timestamp) {
        if let Some(entry) = self.entries.load().get(&id) {
            entry.used_at_ms.fetch_max(at.0, Ordering::Relaxed);
        }
    }

    /// Calls for every holder whose key has been used.
    pub(super) fn each_used(&self, mut see: impl FnMut(KeyId, &H, Timestamp)) {
        for (id, entry) in self.entries.load().iter() {
            let used_at_ms = entry.used_at_ms.load(Ordering::Relaxed);
            if used_at_ms != NEVER {
                see(*id, &entry.holder, Timestamp(used_at_ms));
            }
        }
    }

    /// Counts the changes.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn change(&self, change: impl FnOnce(&mut HashMap<KeyId, Entry<H>>)) {
        let _turn = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries = HashMap::clone(&self.entries.load());
        change(&mut entries);
        self.entries.store(Arc::new(entries));
        self.changes.send_modify(|count| *count += 1);
    }
}
