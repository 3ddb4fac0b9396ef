//! Writes down what terminals say waits on them, looks whether anything is missing, and sees to it that somebody is told:
//! the terminal needs attention, the audit log says why, and a figure rises. One task; what it has to tell is durable
//! before it begins, so a restart loses nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::sleep;
use vinr_domain::terminal::{Event, Reason};
use vinr_wire::link::{OfflineStanding, ToCloud};

use super::chain::{ChainRow, Finding};
use crate::audit::{Act, By};
use crate::fleet::Register;
use crate::gateway::{Directory, Hearer, Terminal, TerminalKey};
use crate::office::Office;
use crate::store::{Change, CommitError, Kept, OfflineRow, Transaction};

/// How often it looks for something to tell.
const LOOK: Duration = Duration::from_secs(1);
/// How many chains are looked at at once.
const AT_ONCE: u32 = 64;
/// How often a write is tried that somebody else's comes before.
const TRIES: u32 = 5;

/// The desk.
#[derive(Clone)]
pub struct OfflineDesk {
    office: Office,
    directory: Arc<Directory>,
    register: Register,
    /// The newest word of each terminal that is not written yet.
    said: Arc<Mutex<BTreeMap<TerminalKey, OfflineStanding>>>,
    wake: Arc<Notify>,
}

impl Hearer for OfflineDesk {
    fn heard(&self, terminal: &Arc<Terminal>, message: &ToCloud) {
        let ToCloud::OfflineStanding(standing) = message else { return };
        self.note(&terminal.key, standing.clone());
    }
}

impl OfflineDesk {
    /// A desk for the terminals in the directory.
    #[must_use]
    pub fn new(office: Office, directory: Arc<Directory>, register: Register) -> Self {
        Self { office, directory, register, said: Arc::default(), wake: Arc::default() }
    }

    fn note(&self, key: &TerminalKey, standing: OfflineStanding) {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), standing);
        self.wake.notify_one();
    }

    /// Works until the platform ends.
    pub async fn run(self) {
        loop {
            let said = self.said.lock().unwrap_or_else(PoisonError::into_inner).pop_first();
            if let Some((key, standing)) = said {
                if let Err(error) = self.stands(&key, &standing).await {
                    tracing::warn!(terminal = %key.id, %error, "what waits on a terminal cannot be written; it is tried again");
                    self.said.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(standing);
                    sleep(LOOK).await;
                }
                continue;
            }
            if let Err(error) = self.tell().await {
                tracing::warn!(%error, "what is wrong with offline approvals cannot be written; it is tried again");
            }
            tokio::select! {
                biased;
                () = self.wake.notified() => {}
                () = sleep(LOOK) => {}
            }
        }
    }

    /// Writes what waits on the terminal, and whether anything that it gave never came.
    async fn stands(&self, key: &TerminalKey, standing: &OfflineStanding) -> Result<(), CommitError> {
        let Some(terminal) = self.directory.find(key) else { return Ok(()) };
        let now = OfflineRow::from(standing);
        let before = terminal.read(|row| row.offline.clone());
        if before.as_ref() != Some(&now) && (before.is_some() || now.last_number > 0) {
            let mut held = self.register.hold(&terminal).await;
            held.edit().offline = Some(now.clone());
            let waited = before.as_ref().is_some_and(|before| before.pending > 0);
            if waited != (now.pending > 0) {
                // Legal wherever a terminal that speaks stands; not in the moment in which it is deactivated.
                let _ = held.happened(Event::Changed);
            }
            held.record(Vec::new()).await?;
        }
        // Another life of the journal: nothing of the one before can come any more.
        if let Some(before) = before.filter(|before| before.generation != now.generation) {
            self.look_for_missing(key, before.generation, before.last_number).await?;
        }
        if now.pending == 0 {
            self.look_for_missing(key, now.generation, now.last_number).await?;
        }
        Ok(())
    }

    async fn look_for_missing(
        &self,
        key: &TerminalKey,
        generation: u32,
        given: u32,
    ) -> Result<(), CommitError> {
        for _ in 0..TRIES {
            let name = ChainRow::name(&key.id, generation);
            let kept = self.office.store.get::<ChainRow>(&key.scope, &name).await?;
            let fresh = || ChainRow::new(key.scope.clone(), key.id.clone(), generation, self.office.now());
            let mut next = kept.as_ref().map_or_else(fresh, |kept| kept.value.clone());
            if !next.nothing_waits(given) {
                return Ok(());
            }
            let change = match &kept {
                Some(kept) => Change::update(&next, kept.revision),
                None => Change::insert(&next),
            };
            match self.office.store.commit(Transaction { changes: vec![change] }).await {
                Err(CommitError::RecordStale { .. } | CommitError::RecordTaken { .. }) => {}
                outcome => return outcome,
            }
        }
        Ok(())
    }

    /// Tells what was found and not told.
    async fn tell(&self) -> Result<(), CommitError> {
        let due = self.office.store.due_across_accounts::<ChainRow>(self.office.now(), AT_ONCE).await?;
        for kept in due {
            match self.tell_of(&kept).await {
                // The lane has written to it; the next look finds both.
                Err(CommitError::RecordStale { .. }) => self.wake.notify_one(),
                outcome => outcome?,
            }
        }
        Ok(())
    }

    async fn tell_of(&self, kept: &Kept<ChainRow>) -> Result<(), CommitError> {
        let chain = &kept.value;
        let key = TerminalKey { scope: chain.scope.clone(), id: chain.terminal.clone() };
        let mut told = chain.clone();
        told.findings.clear();
        let mut changes = vec![Change::update(&told, kept.revision)];
        let Some(terminal) = self.directory.find(&key) else {
            return self.office.store.commit(Transaction { changes }).await;
        };
        let mut held = self.register.hold(&terminal).await;
        for finding in &chain.findings {
            held.find(reason(finding), true);
        }
        held.edit().offline_wrong_at = Some(self.office.now());
        let mut turn = self.office.audit.turn(&chain.scope).await?;
        for finding in &chain.findings {
            let act = Act::new(action(finding), chain.terminal.as_str()).after(finding);
            changes.push(turn.entry(By::system("offline"), act));
        }
        held.record(changes).await?;
        drop(turn);
        for finding in &chain.findings {
            metrics::counter!("vinr_offline_findings_total", "reason" => reason(finding).as_str())
                .increment(1);
        }
        Ok(())
    }
}

/// Why somebody should look after the terminal.
fn reason(finding: &Finding) -> Reason {
    if finding.is_about_records() { Reason::OfflineRecords } else { Reason::OfflineVoided }
}

/// As the audit log has it.
fn action(finding: &Finding) -> &'static str {
    if finding.is_about_records() { "offline_chain.broken" } else { "offline_approval.voided" }
}
