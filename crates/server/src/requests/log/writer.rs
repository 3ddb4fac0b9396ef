//! Writes the log: one task, a transaction a second at most, unless somebody waits to read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use vinr_domain::Timestamp;

use super::Note;
use crate::office::Office;
use crate::requests::line::Line;
use crate::requests::pages::{LINES, PAGES, PageRow};
use crate::store::{Change, CommitError, RecordCursor, RecordPage, Scope, StoreError, Transaction};

/// How long lines are gathered before they are written.
const EVERY: Duration = Duration::from_secs(1);
/// How many lines are written at once.
const AT_ONCE: usize = 512;
/// How often pages that are too old are looked for, and how many go at once.
const TIDY_EVERY: Duration = Duration::from_secs(600);
const TIDY_AT_ONCE: u32 = 64;
/// How many accounts' newest pages are remembered.
const REMEMBERED: usize = 1_024;

struct Writer {
    office: Office,
    lost: Arc<Mutex<BTreeMap<Scope, u64>>>,
    /// The newest page of each account that has asked lately, as it is durable.
    newest: BTreeMap<Scope, PageRow>,
    /// What is to be written.
    pending: BTreeMap<Scope, Vec<Line>>,
    count: usize,
    /// Who waits for it.
    readers: Vec<oneshot::Sender<()>>,
}

/// Writes until the platform ends. A crash loses the last second.
pub(super) async fn run(
    office: Office,
    lost: Arc<Mutex<BTreeMap<Scope, u64>>>,
    mut notes: mpsc::Receiver<Note>,
) {
    let mut writer = Writer {
        office,
        lost,
        newest: BTreeMap::new(),
        pending: BTreeMap::new(),
        count: 0,
        readers: Vec::new(),
    };
    let mut tidy_at = Instant::now() + TIDY_EVERY;
    let mut taken = Vec::with_capacity(AT_ONCE);
    loop {
        tokio::select! {
            biased;
            came = notes.recv_many(&mut taken, AT_ONCE) => {
                if came == 0 {
                    return;
                }
            }
            () = sleep_until(tidy_at) => {
                writer.tidy().await;
                tidy_at = Instant::now() + TIDY_EVERY;
                continue;
            }
        }
        writer.take(&mut taken);
        let until = Instant::now() + EVERY;
        while writer.readers.is_empty() && writer.count < AT_ONCE {
            match timeout_at(until, notes.recv_many(&mut taken, AT_ONCE)).await {
                Ok(1..) => writer.take(&mut taken),
                Ok(0) | Err(_) => break,
            }
        }
        writer.write_all().await;
    }
}

impl Writer {
    fn take(&mut self, taken: &mut Vec<Note>) {
        for note in taken.drain(..) {
            match note {
                Note::Asked(asked) => {
                    self.pending.entry(asked.scope.clone()).or_default().push(asked.into());
                    self.count += 1;
                }
                Note::CatchUp(reader) => self.readers.push(reader),
            }
        }
    }

    /// Writes what is pending, as often as it takes. Requests wait for nothing meanwhile: the channel fills, and what it
    /// cannot take is counted.
    async fn write_all(&mut self) {
        while let Err(error) = self.write().await {
            tracing::warn!(%error, "the request log cannot be written; it is tried again");
            sleep(EVERY).await;
        }
        for reader in self.readers.drain(..) {
            // A reader that has gone needs no answer.
            let _ = reader.send(());
        }
    }

    async fn write(&mut self) -> Result<(), CommitError> {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let scopes: Vec<Scope> = self.pending.keys().chain(lost.keys()).cloned().collect();
        let (mut changes, mut newest) = (Vec::new(), BTreeMap::new());
        for scope in scopes {
            if newest.contains_key(&scope) {
                continue;
            }
            let mut page = self.newest_of(&scope).await?;
            page.lost += lost.get(&scope).copied().unwrap_or(0);
            for line in self.pending.get(&scope).into_iter().flatten() {
                if page.lines.len() >= LINES {
                    let next = PageRow::new(scope.clone(), page.number + 1, line.at);
                    let full = std::mem::replace(&mut page, next);
                    changes.push(Change::put(&full));
                    if let Some(oldest) = page.number.checked_sub(PAGES) {
                        changes.push(Change::delete::<PageRow>(&scope, &PageRow::name(oldest)));
                    }
                }
                page.lines.push(line.clone());
            }
            changes.push(Change::put(&page));
            newest.insert(scope, page);
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.office.store.commit(Transaction { changes }).await?;
        self.written(newest, &lost);
        Ok(())
    }

    fn written(&mut self, newest: BTreeMap<Scope, PageRow>, lost: &BTreeMap<Scope, u64>) {
        self.pending.clear();
        self.count = 0;
        if self.newest.len() > REMEMBERED {
            self.newest.clear();
        }
        self.newest.extend(newest);
        let mut left = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        for (scope, told) in lost {
            if let Some(count) = left.get_mut(scope) {
                *count = count.saturating_sub(*told);
            }
        }
        left.retain(|_, count| *count > 0);
    }

    async fn newest_of(&self, scope: &Scope) -> Result<PageRow, StoreError> {
        if let Some(known) = self.newest.get(scope) {
            return Ok(known.clone());
        }
        let page = RecordPage { limit: 1, cursor: RecordCursor::Start };
        let (kept, _) = self.office.store.list::<PageRow>(scope, None, &page).await?;
        let first = || PageRow::new(scope.clone(), 1, self.office.now());
        Ok(kept.into_iter().next().map_or_else(first, |kept| kept.value))
    }

    /// Forgets pages that are too old.
    async fn tidy(&mut self) {
        let now: Timestamp = self.office.now();
        loop {
            let due = self.office.store.due_across_accounts::<PageRow>(now, TIDY_AT_ONCE).await;
            let due = match due {
                Ok(due) if due.is_empty() => return,
                Ok(due) => due,
                Err(error) => return tracing::warn!(%error, "old requests are forgotten later"),
            };
            let gone = due
                .iter()
                .map(|kept| Change::delete::<PageRow>(&kept.value.scope, &PageRow::name(kept.value.number)));
            let changes = gone.collect();
            if let Err(error) = self.office.store.commit(Transaction { changes }).await {
                return tracing::warn!(%error, "old requests are forgotten later");
            }
            // The number goes on from the page that is remembered; what was in it must not come back.
            for kept in due {
                if let Some(page) = self.newest.get_mut(&kept.value.scope)
                    && page.number == kept.value.number
                {
                    *page = PageRow::new(kept.value.scope, page.number + 1, now);
                }
            }
        }
    }
}
