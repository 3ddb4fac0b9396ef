//! The service of configurations: what it stands on, what it has to do next, and what is known of each terminal.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use tokio::sync::{Notify, broadcast};
use vinr_domain::{AccountId, LocationId, TerminalId, Timestamp};
use vinr_wire::rest::lan::LanModes;

use super::levels::Bounds;
use super::row::ConfigurationRow;
use crate::fleet::Register;
use crate::gateway::{Directory, Terminal, TerminalKey};
use crate::office::Office;
use crate::refusal::Refusal;
use crate::store::{Scope, StoreError};

/// The configuration of all terminals.
#[derive(Clone)]
pub struct Configurations {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) office: Office,
    pub(super) directory: Arc<Directory>,
    pub(super) register: Register,
    /// Written by the courier alone.
    pub(super) slots: Mutex<BTreeMap<TerminalKey, Slot>>,
    /// What the courier has to do; one note for each terminal at most.
    pub(super) notes: Mutex<BTreeMap<TerminalKey, Note>>,
    pub(super) wake: Notify,
    doors: OnceLock<Box<Doors>>,
    pub(super) stirs: broadcast::Sender<Scope>,
}

/// How many changes wait for somebody who watches; whoever misses some only knows that there were some.
const STIRS: usize = 64;

/// Hears of what a terminal is to serve in the merchant's network.
type Doors = dyn Fn(&TerminalKey, LanModes) + Send + Sync;

/// What is known of a terminal, as it is durable.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) row: ConfigurationRow,
    /// Where the terminal stood when this was worked out.
    pub(super) location: Option<LocationId>,
    /// What bounded its account then.
    pub(super) bounds: Bounds,
    /// What holds, as the terminal is told it; empty before it was worked out.
    pub(super) config: Bytes,
    /// When it was last told, in milliseconds of the monotonic clock.
    pub(super) told_ms: Option<i64>,
}

/// What has happened to a terminal since the courier last looked.
#[derive(Clone, Debug, Default)]
pub(super) struct Note {
    /// It has greeted, and has this version.
    pub(super) greeted_with: Option<u64>,
    /// It has said what became of a version: of the newest that it spoke of.
    pub(super) answered: Option<Answered>,
}

#[derive(Clone, Debug)]
pub(super) struct Answered {
    pub(super) version: u64,
    pub(super) error: Option<Arc<str>>,
    pub(super) at: Timestamp,
}

impl Configurations {
    /// The configurations of the terminals in the directory.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(
        office: Office,
        directory: Arc<Directory>,
        register: Register,
    ) -> Result<Self, StoreError> {
        let kept = office.store.all_across_accounts::<ConfigurationRow>().await?;
        let slot = |row: ConfigurationRow| {
            let key = TerminalKey { scope: row.scope.clone(), id: row.terminal.clone() };
            (
                key,
                Slot { row, location: None, bounds: Bounds::default(), config: Bytes::new(), told_ms: None },
            )
        };
        let slots = Mutex::new(kept.into_iter().map(|kept| slot(kept.value)).collect());
        let (notes, wake, doors) = (Mutex::default(), Notify::new(), OnceLock::new());
        let (stirs, _) = broadcast::channel(STIRS);
        Ok(Self {
            shared: Arc::new(Shared { office, directory, register, slots, notes, wake, doors, stirs }),
        })
    }

    /// Says who is told what a terminal is to serve in the merchant's network, whenever something else holds for it and
    /// once after each start. The first word counts.
    pub fn on_doors(&self, told: impl Fn(&TerminalKey, LanModes) + Send + Sync + 'static) {
        let _ = self.shared.doors.set(Box::new(told));
    }

    pub(super) fn say_doors(&self, key: &TerminalKey, modes: LanModes) {
        if let Some(told) = self.shared.doors.get() {
            told(key, modes);
        }
    }

    /// Something that decides what holds for the terminal has changed: its location, for example.
    pub fn terminal_changed(&self, key: &TerminalKey) {
        self.note(key, |_| {});
    }

    /// Something that decides what holds for the terminals of the location has changed.
    pub fn location_changed(&self, scope: &Scope, location: &LocationId) {
        for terminal in self.at(scope, location) {
            self.note(&terminal.key, |_| {});
        }
    }

    /// Something that decides what holds for the terminals of the account has changed: its cap, for example.
    pub fn account_changed(&self, account: &AccountId) {
        for terminal in self.of(account) {
            self.note(&terminal.key, |_| {});
        }
    }

    pub(super) fn note(&self, key: &TerminalKey, write: impl FnOnce(&mut Note)) {
        let mut notes = self.shared.notes.lock().unwrap_or_else(PoisonError::into_inner);
        write(notes.entry(key.clone()).or_default());
        drop(notes);
        self.shared.wake.notify_one();
    }

    pub(super) fn find(&self, scope: &Scope, id: &str) -> Result<Arc<Terminal>, Refusal> {
        let id = TerminalId::parse(id).map_err(|_| Refusal::NoSuchTerminal)?;
        let key = TerminalKey { scope: scope.clone(), id };
        self.shared.directory.find(&key).ok_or(Refusal::NoSuchTerminal)
    }

    /// The terminals that stand there.
    pub(super) fn at(&self, scope: &Scope, location: &LocationId) -> Vec<Arc<Terminal>> {
        let mut all = self.shared.directory.all();
        all.retain(|terminal| {
            terminal.key.scope == *scope
                && terminal.read(|row| row.location.as_ref() == Some(location) && !row.deactivated)
        });
        all
    }

    /// The terminals of the account, test and live.
    pub(super) fn of(&self, account: &AccountId) -> Vec<Arc<Terminal>> {
        let mut all = self.shared.directory.all();
        all.retain(|terminal| {
            terminal.key.scope.account == *account && !terminal.read(|row| row.deactivated)
        });
        all
    }

    pub(super) fn slot(&self, key: &TerminalKey) -> Option<Slot> {
        self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}
