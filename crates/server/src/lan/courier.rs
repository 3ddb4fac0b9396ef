//! Sees to it that every terminal knows who may speak to it. One task, the only one that writes how far terminals have
//! come: works out what a terminal is to be told, makes a new version durable, sends it, and writes down what the
//! terminal says. Sends again what is not answered, and certifies listeners.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};
use vinr_domain::terminal::Reason;
use vinr_wire::link::{HelloFacts, LanAccess, LanAccessApplied, LanCertificateRequest, ToCloud, ToTerminal};

use super::assembly::{Standpoint, digest_of};
use super::row::{ClientCertificateRow, LanAccessRow, ListenerCertificate};
use super::service::{Answered, Lan, Note, Slot, Wish};
use crate::configuration::Reader;
use crate::gateway::{Hearer, Terminal, TerminalKey};
use crate::identities::link_identity;
use crate::store::{Change, CommitError, Scope, StoreError, Transaction};

/// How many terminals are written in one transaction.
const PORTION: usize = 200;
/// How often it looks for terminals that have not answered, and for those of which something has changed.
const LOOK: Duration = Duration::from_secs(2);
/// How long a terminal may take to answer before it is told again, in milliseconds.
const PATIENCE_MS: i64 = 15_000;
/// After which pause what could not be written is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// The longest reason of a terminal that is kept, in characters.
const REASON_CHARS: usize = 500;
/// The most addresses of a terminal that are looked at.
const MAX_ADDRESSES: usize = 16;
/// How often certificates that have ended long ago are forgotten, and how many at once.
const TIDY_EVERY: Duration = Duration::from_secs(3_600);
const TIDY_AT_ONCE: u32 = 500;

/// A terminal with what happened to it and what follows.
struct Case {
    terminal: Arc<Terminal>,
    slot: Slot,
    changed: bool,
    tell: bool,
    /// What its listener is to present from now on.
    issued: Option<String>,
}

impl Hearer for Lan {
    fn greeted(&self, terminal: &Arc<Terminal>, _facts: &HelloFacts) {
        // Whoever serves nothing costs nothing when ten thousand come back.
        if self.slot(&terminal.key).is_some() {
            self.note(&terminal.key, |note| note.greeted = true);
        }
    }

    fn heard(&self, terminal: &Arc<Terminal>, message: &ToCloud) {
        match message {
            ToCloud::LanAccessApplied(LanAccessApplied { version, error }) => {
                let error =
                    error.as_ref().map(|text| text.chars().take(REASON_CHARS).collect::<String>().into());
                let answered = Answered { version: *version, error, at: self.shared.office.now() };
                self.note(&terminal.key, |note| {
                    if note.answered.as_ref().is_none_or(|known| known.version <= answered.version) {
                        note.answered = Some(answered);
                    }
                });
            }
            ToCloud::LanCertificateRequest(LanCertificateRequest { csr_der, addresses }) => {
                let addresses = addresses.iter().copied().take(MAX_ADDRESSES).collect();
                let wish = Wish { csr_der: csr_der.clone(), addresses };
                self.note(&terminal.key, |note| note.wish = Some(wish));
            }
            _ => {}
        }
    }
}

impl Lan {
    /// Works until the platform ends.
    pub async fn run(self) {
        let mut look = Instant::now();
        let mut tidy = Instant::now();
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
                    self.find_changed();
                    self.tell_again();
                    look = Instant::now() + LOOK;
                    if Instant::now() >= tidy {
                        tidy = Instant::now() + TIDY_EVERY;
                        self.forget_ended().await;
                    }
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
        // Before anybody can see that the notes are gone.
        let mut taken = self.shared.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let done = std::mem::replace(&mut *taken, portion.iter().map(|(key, _)| key.clone()).collect());
        drop((taken, notes));
        // Only now it shows how far they have come.
        let stirred: BTreeSet<Scope> = done.into_iter().map(|key| key.scope).collect();
        stirred.iter().for_each(|scope| self.shared.configurations.stir(scope));
        portion
    }

    async fn deal_with(&self, portion: Vec<(TerminalKey, Note)>) {
        if let Err(error) = self.try_portion(&portion).await {
            tracing::warn!(%error, "terminals cannot be told who may speak to them; it is tried again");
            sleep(AGAIN).await;
            for (key, old) in portion {
                self.note(&key, |note| note.take_over(old));
            }
        }
    }

    async fn try_portion(&self, portion: &[(TerminalKey, Note)]) -> Result<(), CommitError> {
        let mut reader = Reader::new(&self.shared.office);
        let mut cases = Vec::with_capacity(portion.len());
        for (key, note) in portion {
            cases.extend(self.case(&mut reader, key, note).await?);
        }
        let changed = cases.iter().filter(|case| case.changed);
        let changes: Vec<Change> = changed.map(|case| Change::put(&case.slot.row)).collect();
        if !changes.is_empty() {
            self.shared.office.store.commit(Transaction { changes }).await?;
        }
        let now_ms = self.shared.office.clock.monotonic_ms();
        for mut case in cases {
            if let Some(chain_pem) = case.issued {
                case.terminal.send(ToTerminal::LanCertificateIssued { chain_pem });
            }
            if case.tell && tell(&case.terminal, &case.slot) {
                case.slot.told_ms = Some(now_ms);
            }
            let refused = case.slot.row.error.is_some();
            let key = case.terminal.key.clone();
            self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner).insert(key, case.slot);
            self.say_whether_refused(&case.terminal, refused).await;
        }
        Ok(())
    }

    /// What follows for one terminal; `None` when nobody ever asked anything of it in its network.
    async fn case(
        &self,
        reader: &mut Reader<'_>,
        key: &TerminalKey,
        note: &Note,
    ) -> Result<Option<Case>, StoreError> {
        let Some(terminal) = self.shared.directory.find(key) else { return Ok(None) };
        let office = &self.shared.office;
        let asked = self.asked(key).await?;
        let modes = reader.effective(&terminal.row()).await?.lan_modes();
        let known = self.slot(key);
        let told = asked.revision > 0 || modes.any() || known.as_ref().is_some_and(Slot::is_told);
        if !told && known.is_none() && note.wish.is_none() {
            return Ok(None);
        }
        let fresh = || Slot::new(LanAccessRow::new(key.id.clone(), key.scope.clone(), office.now()));
        let slot = known.unwrap_or_else(fresh);
        let mut case = Case { terminal, slot, changed: false, tell: false, issued: None };
        let standpoint = Standpoint::of(office, &case.terminal);
        case.slot.standpoint = Some(standpoint.clone());
        if told {
            let access = self.assemble(&asked.value, modes, &standpoint).await?;
            let digest = digest_of(&access);
            if case.slot.row.digest != digest {
                case.slot.row.rise(&digest, 0);
                (case.changed, case.tell) = (true, true);
            }
            case.hear(note);
            case.slot.message = Some(Arc::new(LanAccess { version: case.slot.row.version, ..access }));
        }
        if let Some(wish) = &note.wish {
            self.certify(&mut case, wish);
        }
        Ok(Some(case))
    }

    /// Certifies the terminal's listener.
    fn certify(&self, case: &mut Case, wish: &Wish) {
        let terminal = &case.terminal;
        if terminal.read(|row| row.deactivated) || !terminal.is_online() {
            return;
        }
        let (Ok(authority), Some(identity)) =
            (self.shared.identities.authority(), link_identity(&terminal.key))
        else {
            return;
        };
        let now = self.shared.office.now();
        match authority.issue_listener(&wish.csr_der, &identity, &wish.addresses, now) {
            Ok(issued) => {
                case.slot.row.listener = Some(ListenerCertificate {
                    serial: issued.facts().serial.as_str().into(),
                    not_after: issued.facts().not_after,
                    addresses: wish.addresses.iter().map(|address| address.to_string().into()).collect(),
                });
                case.changed = true;
                case.issued = Some(issued.chain_pem().to_owned());
            }
            // The terminal asks again by itself.
            Err(error) => {
                tracing::warn!(terminal = %terminal.key.id, %error, "a listener is not certified");
            }
        }
    }

    /// Looks for terminals of which something has changed that decides what they are told, and for those that have not
    /// been looked at since the start.
    fn find_changed(&self) {
        let slots = self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = |(key, slot): (&TerminalKey, &Slot)| {
            let terminal = self.shared.directory.find(key)?;
            let now = Standpoint::of(&self.shared.office, &terminal);
            (slot.standpoint.as_ref() != Some(&now)).then(|| key.clone())
        };
        let changed: Vec<_> = slots.iter().filter_map(changed).collect();
        drop(slots);
        changed.iter().for_each(|key| self.changed(key));
    }

    /// Tells those again that are connected and have not answered for long.
    fn tell_again(&self) {
        let now_ms = self.shared.office.clock.monotonic_ms();
        let mut slots = self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, slot) in slots.iter_mut() {
            let waited = slot.told_ms.is_none_or(|told_ms| now_ms - told_ms >= PATIENCE_MS);
            if slot.row.is_answered() || !waited {
                continue;
            }
            if let Some(terminal) = self.shared.directory.find(key)
                && tell(&terminal, slot)
            {
                slot.told_ms = Some(now_ms);
            }
        }
    }

    /// Somebody has to look after a terminal that could not do what was asked for.
    async fn say_whether_refused(&self, terminal: &Arc<Terminal>, refused: bool) {
        if terminal.read(|row| row.found.contain(Reason::ConfigurationRefused)) == refused {
            return;
        }
        let mut held = self.shared.fleet.register.hold(terminal).await;
        held.find(Reason::ConfigurationRefused, refused);
        if let Err(error) = held.record(Vec::new()).await {
            tracing::error!(terminal = %terminal.key.id, %error, "a terminal's refusal cannot be recorded");
        }
    }

    async fn forget_ended(&self) {
        let (store, now) = (&self.shared.office.store, self.shared.office.now());
        let ended = match store.due_across_accounts::<ClientCertificateRow>(now, TIDY_AT_ONCE).await {
            Ok(ended) => ended,
            Err(error) => {
                tracing::warn!(%error, "ended client certificates cannot be forgotten; it is tried again");
                return;
            }
        };
        let forget = |row: &ClientCertificateRow| {
            Change::delete::<ClientCertificateRow>(&row.scope, &row.id.to_string())
        };
        let changes: Vec<Change> = ended.iter().map(|kept| forget(&kept.value)).collect();
        if !changes.is_empty()
            && let Err(error) = store.commit(Transaction { changes }).await
        {
            tracing::warn!(%error, "ended client certificates cannot be forgotten; it is tried again");
        }
    }
}

impl Case {
    /// What the terminal said of itself and of a version.
    fn hear(&mut self, note: &Note) {
        let row = &mut self.slot.row;
        // What it has it does not say; it answers a version that it has already, and changes nothing.
        self.tell |= note.greeted;
        let Some(Answered { version, error, at }) = note.answered.clone() else { return };
        if version > row.version {
            // It knows more than the cloud does, which was restored from a copy perhaps: go above it.
            row.rise(&Arc::clone(&row.digest), version);
            (self.changed, self.tell) = (true, true);
        } else if version == row.version && error.is_some() {
            self.changed |= row.error != error;
            row.error = error;
        } else if error.is_none() && version >= row.applied_version {
            let cleared = version == row.version && row.error.take().is_some();
            let news = version > row.applied_version || row.applied_at.is_none();
            if news {
                (row.applied_version, row.applied_at) = (version, Some(at));
            }
            self.changed |= news || cleared;
        }
    }
}

fn tell(terminal: &Terminal, slot: &Slot) -> bool {
    let Some(message) = &slot.message else { return false };
    if terminal.read(|row| row.deactivated) {
        return false;
    }
    terminal.send(ToTerminal::LanAccess(Box::new(LanAccess::clone(message))))
}
