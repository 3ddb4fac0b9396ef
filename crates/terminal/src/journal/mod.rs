//! The terminal's memory across power losses: one entry per intent, hash-chained, on disk when the device loop says
//! so (contract 3.1 and 3.5). Never drops an entry to make room, never gives a stan twice, and never holds a card
//! number.

mod disk;
mod memory_disk;
mod plugged_disk;

use std::collections::BTreeMap;
use std::io;

use vinr_domain::device::State;
use vinr_domain::{IntentId, Timestamp};
use vinr_wire::journal::{
    CHAIN_START, ChainHash, FIRST_INDEX, IntentRecord, Opened, Record, Tail, encode, scan,
};

pub use disk::{Disk, FileDisk};
pub use memory_disk::MemoryDisk;
pub use plugged_disk::PluggedDisk;

/// The journal cannot be used, or cannot take what it was given.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk is at fault. What was written last may or may not be there: start again.
    #[error("the journal cannot be read or written: {0}")]
    Disk(#[from] io::Error),
    /// Bytes in the middle were changed or lost. What is behind them cannot be trusted and must not be dropped.
    #[error(
        "the journal is damaged at byte {at}: {reason}. Settle its payments with the cloud's records, then move the \
         file away; the terminal starts a new one"
    )]
    Damaged {
        /// Where the damage begins.
        at: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The file is another terminal's.
    #[error("the journal belongs to {found}, this terminal is {expected}")]
    OtherTerminal {
        /// Whose it is.
        found: String,
        /// Who asked.
        expected: String,
    },
    /// No room for another intent until old ones are reported and erased.
    #[error("the journal is full")]
    Full,
    /// Every number of this generation has been given.
    #[error("the journal has given its last request number; move the file away to start a new generation")]
    NumbersExhausted,
}

/// How much a journal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many intents before [`Journal::has_room`] says no. Tombstones may take a quarter more, because a cancel
    /// that is not remembered is worse than a payment that is refused.
    pub entries: usize,
    /// The size above which the file is rewritten once most of it is superseded or erased.
    pub compact_above_bytes: usize,
}

/// The open journal.
#[derive(Debug)]
pub struct Journal<D> {
    disk: D,
    limits: Limits,
    terminal: String,
    generation: u32,
    last_stan: u32,
    entries: BTreeMap<IntentId, IntentRecord>,
    /// Where the next record goes in the chain.
    index: u64,
    hash: ChainHash,
    /// Size of the file.
    bytes: usize,
    /// Records that are not on the disk yet. They go there in one write that is synced before the next, so that a
    /// power loss can only damage the end of the file.
    unwritten: Vec<u8>,
    /// The last write is not synced.
    unsynced: bool,
    /// A write or sync failed: the end of the file is unknown.
    broken: bool,
}

impl<D: Disk> Journal<D> {
    /// Reads what is on the disk, or starts a journal there. The end of a last write that a power loss cut off is
    /// removed: it had not been synced, so nothing was said on its strength.
    ///
    /// A new journal gets the second of `now` as its generation, which no earlier journal of this terminal can have
    /// had; so the numbers of its requests are new even though they start at 1.
    ///
    /// # Errors
    /// [`JournalError`] when the disk fails, is damaged in the middle, or is another terminal's.
    pub async fn open(
        mut disk: D,
        terminal: &str,
        now: Timestamp,
        limits: Limits,
    ) -> Result<Self, JournalError> {
        let bytes = disk.load()?;
        let found = scan(&bytes);
        match &found.tail {
            Tail::Clean => {}
            Tail::Torn { at, reason } => {
                tracing::warn!(at, %reason, total = bytes.len(), "journal: the end of the last write is cut off");
                disk.replace(bytes[..found.valid_len].to_vec()).await?;
            }
            Tail::Broken { at, reason } => {
                return Err(JournalError::Damaged { at: *at, reason: reason.to_string() });
            }
        }
        let mut journal = Self {
            disk,
            limits,
            terminal: terminal.to_owned(),
            generation: 0,
            last_stan: 0,
            entries: BTreeMap::new(),
            index: found.next_index,
            hash: found.last_hash,
            bytes: found.valid_len,
            unwritten: Vec::new(),
            unsynced: false,
            broken: false,
        };
        for record in found.records {
            journal.remember(record)?;
        }
        if journal.generation == 0 {
            journal.begin(now).await?;
        }
        Ok(journal)
    }

    async fn begin(&mut self, now: Timestamp) -> Result<(), JournalError> {
        let generation = u32::try_from(now.unix_seconds()).unwrap_or(u32::MAX).max(1);
        let opened = Opened { generation, last_stan: 0, terminal: self.terminal.clone() };
        tracing::info!(generation, "journal: started");
        self.append(Record::Opened(opened))?;
        self.sync().await
    }

    fn remember(&mut self, record: Record) -> Result<(), JournalError> {
        match record {
            Record::Opened(opened) => {
                if opened.terminal != self.terminal {
                    let (found, expected) = (opened.terminal, self.terminal.clone());
                    return Err(JournalError::OtherTerminal { found, expected });
                }
                (self.generation, self.last_stan) = (opened.generation, opened.last_stan);
            }
            Record::Intent(entry) => {
                let stan = entry.request.as_ref().filter(|request| request.generation == self.generation);
                self.last_stan = self.last_stan.max(stan.map_or(0, |request| request.stan));
                self.entries.insert(entry.intent, *entry);
            }
            Record::Erased(intent) => {
                self.entries.remove(&intent);
            }
        }
        Ok(())
    }

    fn append(&mut self, record: Record) -> Result<(), JournalError> {
        self.check()?;
        let (bytes, hash) = encode(&record, self.index, &self.hash);
        self.unwritten.extend(bytes);
        self.index += 1;
        self.hash = hash;
        self.remember(record)
    }

    /// The life of this journal; with a stan it names a request of this terminal for ever.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The number that the next request has. Given once an entry with it is applied.
    ///
    /// # Errors
    /// [`JournalError::NumbersExhausted`].
    pub fn next_stan(&self) -> Result<u32, JournalError> {
        self.last_stan.checked_add(1).ok_or(JournalError::NumbersExhausted)
    }

    /// The latest that is known of an intent.
    #[must_use]
    pub fn entry(&self, intent: IntentId) -> Option<&IntentRecord> {
        self.entries.get(&intent)
    }

    /// Every entry, oldest intent first.
    pub fn entries(&self) -> impl Iterator<Item = &IntentRecord> {
        self.entries.values()
    }

    /// The entries with an outcome that the cloud has not acknowledged to know.
    pub fn unreported(&self) -> impl Iterator<Item = &IntentRecord> {
        self.entries().filter(|entry| {
            !entry.reported
                && matches!(
                    entry.state,
                    State::Approved { .. }
                        | State::Declined { .. }
                        | State::Voided { .. }
                        | State::Ended { .. }
                )
        })
    }

    /// How many more payments fit.
    #[must_use]
    pub fn room(&self) -> usize {
        self.limits.entries.saturating_sub(self.entries.len())
    }

    /// Gives the disk back.
    pub(crate) fn into_disk(self) -> D {
        self.disk
    }

    /// Whether a new payment fits.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.entries.len() < self.limits.entries && self.last_stan < u32::MAX
    }

    /// Puts an entry in the place of what was known of its intent. On the disk after [`Self::sync`].
    ///
    /// # Errors
    /// [`JournalError::Full`] for a new intent without room; [`JournalError::Disk`] when an earlier write failed.
    pub fn apply(&mut self, entry: IntentRecord) -> Result<(), JournalError> {
        let tombstone = matches!(entry.state, State::Ended { .. });
        let most = self.limits.entries + if tombstone { self.limits.entries / 4 } else { 0 };
        if !self.entries.contains_key(&entry.intent) && self.entries.len() >= most {
            return Err(JournalError::Full);
        }
        self.append(Record::Intent(Box::new(entry)))
    }

    /// Forgets an intent. Only for what is settled, reported and older than any command that may still arrive.
    ///
    /// # Errors
    /// [`JournalError::Disk`].
    pub fn erase(&mut self, intent: IntentId) -> Result<(), JournalError> {
        if self.entries.contains_key(&intent) { self.append(Record::Erased(intent)) } else { Ok(()) }
    }

    /// Hands what was applied to the disk, in one piece, to be synced next. Nothing while an earlier piece is not
    /// synced: a power loss must only ever find the last piece incomplete.
    ///
    /// # Errors
    /// [`JournalError::Disk`], after which nothing more can be written.
    pub fn write(&mut self) -> Result<(), JournalError> {
        self.check()?;
        if !self.unwritten.is_empty() && !self.unsynced {
            let bytes = std::mem::take(&mut self.unwritten);
            self.broken = true;
            self.disk.append(&bytes)?;
            self.broken = false;
            self.bytes += bytes.len();
            self.unsynced = true;
        }
        Ok(())
    }

    /// Returns when everything applied is on the disk, safe from power loss. Costs nothing when nothing changed.
    ///
    /// # Errors
    /// [`JournalError::Disk`], after which nothing more can be written.
    pub async fn sync(&mut self) -> Result<(), JournalError> {
        self.write()?;
        while self.unsynced {
            // Stays set should this future be dropped half-way: then too the end of the file is unknown.
            self.broken = true;
            self.disk.sync().await?;
            (self.broken, self.unsynced) = (false, false);
            self.write()?;
        }
        Ok(())
    }

    fn check(&self) -> Result<(), JournalError> {
        if self.broken { Err(io::Error::other("an earlier write failed").into()) } else { Ok(()) }
    }

    /// Rewrites the file with what is still known, if it is large and most of it is not.
    ///
    /// # Errors
    /// [`JournalError::Disk`]; the old file is still there.
    pub async fn compact_if_worth_it(&mut self) -> Result<(), JournalError> {
        self.check()?;
        if self.bytes <= self.limits.compact_above_bytes {
            return Ok(());
        }
        let (generation, last_stan, terminal) = (self.generation, self.last_stan, self.terminal.clone());
        let opened = Record::Opened(Opened { generation, last_stan, terminal });
        let entries = self.entries.values().map(|entry| Record::Intent(Box::new(entry.clone())));
        let (mut bytes, mut index, mut hash) = (Vec::new(), FIRST_INDEX, CHAIN_START);
        for record in std::iter::once(opened).chain(entries) {
            let (written, next) = encode(&record, index, &hash);
            bytes.extend(written);
            (index, hash) = (index + 1, next);
        }
        if bytes.len() > self.bytes / 2 {
            return Ok(());
        }
        tracing::info!(from = self.bytes, to = bytes.len(), "journal: compacted");
        self.broken = true;
        let size = bytes.len();
        self.disk.replace(bytes).await?;
        (self.index, self.hash, self.bytes) = (index, hash, size);
        self.unwritten.clear();
        (self.broken, self.unsynced) = (false, false);
        Ok(())
    }
}
