//! Sees to it that every terminal has what holds for it. One task, the only one that writes what is known of them: works
//! out what holds, makes a new version durable, sends it, and writes down what the terminal says. Sends again what is
//! not answered.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use tokio::time::{Instant, sleep, sleep_until};
use vinr_wire::link::{ConfigApplied, Configure, HelloFacts, ToCloud, ToTerminal};
use vinr_wire::rest::lan::LanModes;

use super::levels::{Bounds, Reader};
use super::row::ConfigurationRow;
use super::service::{Answered, Configurations, Note, Slot};
use crate::gateway::{Hearer, Terminal, TerminalKey};
use crate::store::{Change, CommitError, Scope, StoreError, Transaction};

/// How many terminals are written in one transaction.
const PORTION: usize = 500;
/// How often it looks for terminals that have not answered, and for those that stand elsewhere now or whose
/// account is bounded otherwise.
const LOOK: Duration = Duration::from_secs(2);
/// How long a terminal may take to answer before it is told again, in milliseconds.
const PATIENCE_MS: i64 = 15_000;
/// After which pause what could not be written is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// The longest reason of a terminal that is kept, in characters.
const REASON_CHARS: usize = 500;

/// A terminal with what happened to it and what follows.
struct Case {
    terminal: Arc<Terminal>,
    note: Note,
    slot: Slot,
    changed: bool,
    tell: bool,
    /// What it is to serve in the merchant's network, when that may be news.
    doors: Option<LanModes>,
}

impl Hearer for Configurations {
    fn greeted(&self, terminal: &Arc<Terminal>, facts: &HelloFacts) {
        self.note(&terminal.key, |note| note.greeted_with = Some(facts.config_version));
    }

    fn heard(&self, terminal: &Arc<Terminal>, message: &ToCloud) {
        let ToCloud::ConfigApplied(ConfigApplied { version, error }) = message else { return };
        let error = error.as_ref().map(|text| text.chars().take(REASON_CHARS).collect::<String>().into());
        let answered = Answered { version: *version, error, at: self.shared.office.now() };
        self.note(&terminal.key, |note| {
            if note.answered.as_ref().is_none_or(|known| known.version <= answered.version) {
                note.answered = Some(answered);
            }
        });
    }
}

impl Configurations {
    /// Works until the platform ends.
    pub async fn run(self) {
        let mut look = Instant::now() + LOOK;
        loop {
            let portion = self.portion();
            if !portion.is_empty() {
                self.deal_with(portion).await;
                continue;
            }
            tokio::select! {
                biased;
                () = self.shared.wake.notified() => {}
                () = sleep_until(look) => {
                    self.find_moved();
                    self.tell_again();
                    look = Instant::now() + LOOK;
                }
            }
        }
    }

    fn portion(&self) -> Vec<(TerminalKey, Note)> {
        let mut notes = self.shared.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut portion = Vec::new();
        while portion.len() < PORTION
            && let Some(note) = notes.pop_first()
        {
            portion.push(note);
        }
        portion
    }

    async fn deal_with(&self, portion: Vec<(TerminalKey, Note)>) {
        if let Err(error) = self.try_portion(&portion).await {
            tracing::warn!(%error, "configurations cannot be worked out; it is tried again");
            sleep(AGAIN).await;
            for (key, old) in portion {
                self.note(&key, |note| {
                    note.greeted_with = note.greeted_with.or(old.greeted_with);
                    note.answered = note.answered.take().or(old.answered);
                });
            }
        }
    }

    async fn try_portion(&self, portion: &[(TerminalKey, Note)]) -> Result<(), CommitError> {
        let mut cases = self.cases(portion).await?;
        for case in &mut cases {
            case.hear();
        }
        let changed = cases.iter().filter(|case| case.changed);
        let changes: Vec<Change> = changed.clone().map(|case| Change::put(&case.slot.row)).collect();
        let stirred: BTreeSet<Scope> = changed.map(|case| case.terminal.key.scope.clone()).collect();
        if !changes.is_empty() {
            self.shared.office.store.commit(Transaction { changes }).await?;
        }
        let now_ms = self.shared.office.clock.monotonic_ms();
        let news = cases.iter().filter_map(|case| Some((&case.terminal.key, case.doors?)));
        news.for_each(|(key, modes)| self.say_doors(key, modes));
        let mut slots = self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner);
        for mut case in cases {
            if case.tell && tell(&case.terminal, &case.slot) {
                case.slot.told_ms = Some(now_ms);
            }
            slots.insert(case.terminal.key.clone(), case.slot);
        }
        drop(slots);
        stirred.iter().for_each(|scope| self.stir(scope));
        Ok(())
    }

    async fn cases(&self, portion: &[(TerminalKey, Note)]) -> Result<Vec<Case>, StoreError> {
        let mut reader = Reader::new(&self.shared.office);
        let mut alike: HashMap<Bytes, (Bytes, Arc<str>)> = HashMap::new();
        let mut cases = Vec::with_capacity(portion.len());
        for (key, note) in portion {
            let Some(terminal) = self.shared.directory.find(key) else { continue };
            let row = terminal.row();
            let standpoint = reader.standpoint(&row).await?;
            let effective = standpoint.effective();
            let modes = effective.lan_modes();
            let bytes = Bytes::from(effective.to_device_json().to_string());
            // Terminals that are told the same share the bytes.
            let (config, digest) =
                alike.entry(bytes.clone()).or_insert_with(|| (bytes.clone(), digest_of(&bytes))).clone();
            let fresh = || Slot {
                row: ConfigurationRow::new(key.id.clone(), key.scope.clone(), self.shared.office.now()),
                location: None,
                bounds: Bounds::default(),
                config: Bytes::new(),
                told_ms: None,
            };
            let mut slot = self.slot(key).unwrap_or_else(fresh);
            let changed = slot.row.digest != digest;
            let doors = (changed || slot.config.is_empty()).then_some(modes);
            if changed {
                slot.row.rise(&digest, 0);
            }
            (slot.location, slot.bounds) = (row.location, standpoint.bounds);
            slot.config = config;
            cases.push(Case { terminal, note: note.clone(), slot, changed, tell: changed, doors });
        }
        Ok(cases)
    }

    /// Looks for terminals that stand elsewhere than when it was worked out what holds for them, or whose account has
    /// other bounds.
    fn find_moved(&self) {
        let slots = self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let moved = |(key, slot): (&TerminalKey, &Slot)| {
            let terminal = self.shared.directory.find(key)?;
            let known = slot.config.is_empty()
                || (terminal.read(|row| row.location == slot.location)
                    && Bounds::of(&self.shared.office, &key.scope) == slot.bounds);
            (!known).then(|| key.clone())
        };
        let moved: Vec<_> = slots.iter().filter_map(moved).collect();
        drop(slots);
        moved.iter().for_each(|key| self.terminal_changed(key));
    }

    /// Tells those again that are connected and have not answered for long.
    fn tell_again(&self) {
        let now_ms = self.shared.office.clock.monotonic_ms();
        let mut slots = self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, slot) in slots.iter_mut() {
            let waited = slot.told_ms.is_none_or(|told_ms| now_ms - told_ms >= PATIENCE_MS);
            if slot.row.is_answered() || slot.config.is_empty() || !waited {
                continue;
            }
            if let Some(terminal) = self.shared.directory.find(key)
                && tell(&terminal, slot)
            {
                slot.told_ms = Some(now_ms);
            }
        }
    }
}

impl Case {
    /// What the terminal said of itself and of a version.
    fn hear(&mut self) {
        let row = &mut self.slot.row;
        if let Some(has) = self.note.greeted_with {
            if has > row.version {
                // It knows more than the cloud does, which was restored from a copy perhaps: go above it.
                row.rise(&Arc::clone(&row.digest), has);
                self.changed = true;
            } else if has < row.version && row.applied_version == row.version {
                // It had it and has lost it.
                (row.applied_version, row.applied_at) = (has, None);
                self.changed = true;
            }
            self.tell |= row.applied_version != row.version;
        }
        let Some(Answered { version, error, at }) = self.note.answered.take() else { return };
        if version == row.version && error.is_some() {
            row.error = error;
            self.changed = true;
        } else if error.is_none() && version <= row.version && version >= row.applied_version {
            let news = version > row.applied_version || row.applied_at.is_none();
            if news {
                (row.applied_version, row.applied_at) = (version, Some(at));
                self.changed = true;
            }
            if version == row.version {
                row.error = None;
                self.tell = false;
            }
        }
    }
}

fn tell(terminal: &Terminal, slot: &Slot) -> bool {
    let configure = Configure { version: slot.row.version, config: slot.config.clone() };
    terminal.send(ToTerminal::Configure(configure))
}

pub(super) fn digest_of(bytes: &[u8]) -> Arc<str> {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}
