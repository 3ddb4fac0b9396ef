//! What the service of merchants' networks stands on, what it has to do next, and what is known of each terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Mutex as Lock, PoisonError};

use bytes::Bytes;
use tokio::sync::{Mutex, Notify, oneshot};
use vinr_domain::{LocationId, Timestamp};
use vinr_wire::link::LanAccess;
use vinr_wire::rest::lan::LanModes;

use super::assembly::Standpoint;
use super::row::{LanAccessRow, LanRow};
use crate::configuration::Configurations;
use crate::fleet::Fleet;
use crate::gateway::{Directory, Terminal, TerminalKey};
use crate::identities::Identities;
use crate::office::Office;
use crate::refusal::Refusal;
use crate::store::{Kept, Scope, StoreError};

/// The merchants' networks of all terminals.
#[derive(Clone)]
pub struct Lan {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) office: Office,
    pub(super) directory: Arc<Directory>,
    pub(super) fleet: Fleet,
    pub(super) identities: Identities,
    /// Says which doors are to be open.
    pub(super) configurations: Configurations,
    /// Requests take turns: what one counts, another does not change.
    pub(super) turn: Mutex<()>,
    /// Written by the courier alone, but for terminals that are new here.
    pub(super) slots: Lock<BTreeMap<TerminalKey, Slot>>,
    /// What the courier has to do; one note for each terminal at most.
    pub(super) notes: Lock<BTreeMap<TerminalKey, Note>>,
    /// Of which terminals it has taken the notes and is not done yet.
    pub(super) taken: Lock<BTreeSet<TerminalKey>>,
    pub(super) wake: Notify,
}

/// What is known of a terminal, as it is durable.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) row: LanAccessRow,
    /// What decided when the message was worked out; `None` before it was.
    pub(super) standpoint: Option<Standpoint>,
    /// What the terminal is told.
    pub(super) message: Option<Arc<LanAccess>>,
    /// When it was last told, in milliseconds of the monotonic clock.
    pub(super) told_ms: Option<i64>,
}

/// What has happened to a terminal since the courier last looked.
#[derive(Clone, Debug, Default)]
pub(super) struct Note {
    /// It has greeted.
    pub(super) greeted: bool,
    /// It has said what became of a version: of the newest that it spoke of.
    pub(super) answered: Option<Answered>,
    /// It wants its listener certified; its newest wish.
    pub(super) wish: Option<Wish>,
}

#[derive(Clone, Debug)]
pub(super) struct Answered {
    pub(super) version: u64,
    pub(super) error: Option<Arc<str>>,
    pub(super) at: Timestamp,
}

#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) csr_der: Bytes,
    pub(super) addresses: Vec<IpAddr>,
}

impl Note {
    /// What is left to do when an older note could not be dealt with.
    pub(super) fn take_over(&mut self, older: Self) {
        self.greeted |= older.greeted;
        self.answered = self.answered.take().or(older.answered);
        self.wish = self.wish.take().or(older.wish);
    }
}

impl Slot {
    pub(super) fn new(row: LanAccessRow) -> Self {
        Self { row, standpoint: None, message: None, told_ms: None }
    }

    /// Whether the terminal has been told anything: then it is told when that ends, too.
    pub(super) fn is_told(&self) -> bool {
        self.row.version > 0
    }
}

impl Lan {
    /// The networks of the terminals in the directory.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(
        office: &Office,
        directory: &Arc<Directory>,
        fleet: &Fleet,
        identities: &Identities,
        configurations: &Configurations,
    ) -> Result<Self, StoreError> {
        let mut slots = BTreeMap::new();
        for kept in office.store.all_across_accounts::<LanRow>().await? {
            let row = kept.value;
            let key = TerminalKey { scope: row.scope.clone(), id: row.terminal.clone() };
            slots.insert(key, Slot::new(LanAccessRow::new(row.terminal, row.scope, row.created_at)));
        }
        for kept in office.store.all_across_accounts::<LanAccessRow>().await? {
            let row = kept.value;
            let key = TerminalKey { scope: row.scope.clone(), id: row.terminal.clone() };
            slots.insert(key, Slot::new(row));
        }
        let this = Self {
            shared: Arc::new(Shared {
                office: office.clone(),
                directory: Arc::clone(directory),
                fleet: fleet.clone(),
                identities: identities.clone(),
                configurations: configurations.clone(),
                turn: Mutex::default(),
                slots: Lock::new(slots),
                notes: Lock::default(),
                taken: Lock::default(),
                wake: Notify::new(),
            }),
        };
        let told = this.clone();
        fleet.locations.on_change(move |scope, location| told.location_changed(scope, location));
        let told = this.clone();
        configurations.on_doors(move |key, modes| told.doors_changed(key, modes));
        Ok(this)
    }

    /// Other doors may be open. Whoever serves nothing and was told nothing costs nothing.
    fn doors_changed(&self, key: &TerminalKey, modes: LanModes) {
        if modes.any() || self.slot(key).is_some() {
            self.changed(key);
        }
    }

    /// What is written on receipts of the terminals there has changed.
    fn location_changed(&self, scope: &Scope, location: &LocationId) {
        let slots = self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let there = |key: &&TerminalKey| {
            key.scope == *scope
                && self
                    .shared
                    .directory
                    .find(key)
                    .is_some_and(|terminal| terminal.read(|row| row.location.as_ref() == Some(location)))
        };
        let there: Vec<TerminalKey> = slots.keys().filter(there).cloned().collect();
        drop(slots);
        there.iter().for_each(|key| self.changed(key));
    }

    /// Something that decides what the terminal is told has changed, or was said for the first time.
    pub(super) fn changed(&self, key: &TerminalKey) {
        self.note(key, |_| {});
    }

    pub(super) fn note(&self, key: &TerminalKey, write: impl FnOnce(&mut Note)) {
        let mut notes = self.shared.notes.lock().unwrap_or_else(PoisonError::into_inner);
        write(notes.entry(key.clone()).or_default());
        drop(notes);
        self.shared.wake.notify_one();
    }

    pub(super) fn slot(&self, key: &TerminalKey) -> Option<Slot> {
        self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    pub(super) fn find(&self, scope: &Scope, id: &str) -> Result<Arc<Terminal>, Refusal> {
        self.shared.fleet.terminals.find(scope, id)
    }

    /// The terminal, if anything may still be changed about it.
    pub(super) fn find_in_service(&self, scope: &Scope, id: &str) -> Result<Arc<Terminal>, Refusal> {
        let terminal = self.find(scope, id)?;
        if terminal.read(|row| row.deactivated) { Err(Refusal::NoSuchTerminal) } else { Ok(terminal) }
    }

    /// What is kept of the terminal beside its configuration; at revision 0 while that is nothing.
    pub(super) async fn asked(&self, key: &TerminalKey) -> Result<Kept<LanRow>, StoreError> {
        let office = &self.shared.office;
        let kept = office.store.get::<LanRow>(&key.scope, key.id.as_str()).await?;
        let fresh = || LanRow::new(key.id.clone(), key.scope.clone(), office.now());
        Ok(kept.unwrap_or_else(|| Kept { revision: 0, value: fresh() }))
    }

    /// Runs it on a task of its own, so that a caller who hangs up changes nothing.
    pub(super) async fn detached<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Refusal>> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (reply, answer) = oneshot::channel();
        self.shared.office.tasks.spawn(async move {
            // Nobody waits any more: what was done is done.
            let _ = reply.send(work.await);
        });
        answer.await.unwrap_or(Err(Refusal::Unavailable { money_may_have_moved: false }))
    }
}
