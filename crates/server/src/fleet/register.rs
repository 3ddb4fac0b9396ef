//! The one way to change what is registered of a terminal. Changes of one terminal are made one after another, each
//! from what the one before left, each in one transaction with the events that tell of it; memory follows the store.
//! Decides nothing about what may be changed.

use std::any::Any;
use std::sync::{Arc, PoisonError};

use tokio::sync::{OwnedMutexGuard, oneshot};
use vinr_domain::terminal::{Event, Illegal, Reason, State, step};
use vinr_wire::rest::terminal::{TerminalEvent, TerminalView};

use super::view::view_of;
use crate::audit::{Act, By};
use crate::gateway::Terminal;
use crate::gateway::directory::Known;
use crate::office::Office;
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::{Change, CommitError, TerminalRow, Transaction};

/// The register of terminals.
#[derive(Clone)]
pub struct Register {
    office: Office,
}

/// A terminal whose turn it is to be changed, and what it is to become. Dropping it changes nothing.
///
/// Whoever holds one waits for nothing but the store, and holds no second one: others wait for it.
#[must_use = "a change that is not recorded is not made"]
pub struct Held {
    office: Office,
    terminal: Arc<Terminal>,
    turn: OwnedMutexGuard<()>,
    next: Known,
    told: Vec<Change>,
    kept: Vec<Box<dyn Any + Send>>,
}

impl Register {
    /// A register over this office.
    #[must_use]
    pub fn new(office: Office) -> Self {
        Self { office }
    }

    /// Waits for the terminal's turn.
    pub async fn hold(&self, terminal: &Arc<Terminal>) -> Held {
        let turn = Arc::clone(&terminal.turn).lock_owned().await;
        self.held(terminal, turn)
    }

    /// The terminal's turn, unless somebody else has it.
    pub fn try_hold(&self, terminal: &Arc<Terminal>) -> Option<Held> {
        let turn = Arc::clone(&terminal.turn).try_lock_owned().ok()?;
        Some(self.held(terminal, turn))
    }

    fn held(&self, terminal: &Arc<Terminal>, turn: OwnedMutexGuard<()>) -> Held {
        Held {
            office: self.office.clone(),
            terminal: Arc::clone(terminal),
            turn,
            next: terminal.known(),
            told: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// Makes what all of them are to become durable, in one transaction. For whoever changes many at once and has
    /// taken every turn without waiting for it.
    ///
    /// # Errors
    /// What the store says; then none is changed.
    pub async fn record_all(&self, all: Vec<Held>) -> Result<(), CommitError> {
        let changes = all.iter().flat_map(Held::changes).collect();
        self.office.store.commit(Transaction { changes }).await?;
        all.into_iter().for_each(|mut held| held.install());
        Ok(())
    }
}

impl Held {
    /// Whose turn it is.
    #[must_use]
    pub fn terminal(&self) -> &Arc<Terminal> {
        &self.terminal
    }

    /// What is to be registered.
    #[must_use]
    pub fn row(&self) -> &TerminalRow {
        &self.next.row
    }

    /// What is to be registered, for changing it. Presence, deactivation and the count of events are changed by
    /// [`Self::happened`] alone. Say [`Event::Changed`] afterwards when the API shows what was changed.
    pub fn edit(&mut self) -> &mut TerminalRow {
        &mut self.next.row
    }

    /// Where it is to stand.
    #[must_use]
    pub fn state(&self) -> State {
        self.next.state
    }

    /// Takes a step. What the outside has to be told shows the terminal as edited so far.
    ///
    /// # Errors
    /// [`Illegal`] when the event has no meaning where the terminal stands; nothing is changed.
    pub fn happened(&mut self, event: Event) -> Result<(), Illegal> {
        let taken = step(self.next.state, event)?;
        let row = &mut self.next.row;
        self.next.state = taken.state;
        row.deactivated = taken.state == State::Deactivated;
        // One that is awaited was connected; after another start it is awaited again.
        row.connected = matches!(taken.state, State::Connected { .. } | State::Awaited { .. });
        if let Some(notice) = taken.effect {
            row.sequence += 1;
            let view = view_of(row, taken.state, &self.terminal.signs);
            let data = TerminalEvent::from(&view);
            let event = self.office.event(&row.scope, notice.as_str(), row.id.as_str(), row.sequence, &data);
            self.told.push(event);
        }
        Ok(())
    }

    /// The cloud finds that something is wrong with it, or no longer is. Nothing is to be done when that is known.
    pub fn find(&mut self, reason: Reason, holds: bool) {
        let row = &mut self.next.row;
        row.found = row.found.with(reason, holds);
        let wrong = row.reported.and(row.found);
        // Legal wherever a terminal stands.
        let _ = self.happened(Event::Wrong(wrong));
    }

    /// Makes the record go with the transaction; the events told so far stay.
    pub fn delete(&mut self) {
        self.next.gone = true;
    }

    /// Keeps something until the change is durable: a guard of what the change relies on.
    pub fn keep(&mut self, guard: impl Send + 'static) {
        self.kept.push(Box::new(guard));
    }

    /// The terminal as the API will show it.
    #[must_use]
    pub fn view(&self) -> TerminalView {
        view_of(&self.next.row, self.next.state, &self.terminal.signs)
    }

    /// What is to be written.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let row = &self.next.row;
        let record = if self.next.gone {
            Change::delete::<TerminalRow>(&row.scope, row.id.as_str())
        } else {
            Change::put(row)
        };
        std::iter::once(record).chain(self.told.iter().cloned()).collect()
    }

    /// Makes it durable together with `more`. The turn stays with the caller. For tasks that end with the platform
    /// only: a future that is dropped in between leaves memory behind the store.
    ///
    /// # Errors
    /// What the store says; then nothing is changed, and what was asked for is forgotten.
    pub async fn record(&mut self, more: Vec<Change>) -> Result<(), CommitError> {
        let changes = self.changes().into_iter().chain(more).collect();
        let recorded = self.office.store.commit(Transaction { changes }).await;
        match &recorded {
            Ok(()) => self.install(),
            Err(_) => {
                self.next = self.terminal.known();
                self.told.clear();
            }
        }
        recorded
    }

    /// Makes it durable together with `more`, with the answer to the request and with the line in the audit log that
    /// `act` says, on a task of its own: a caller who hangs up changes nothing. When the request was answered before,
    /// nothing is changed and that is the answer.
    ///
    /// # Errors
    /// As [`crate::once::Once::commit`]; then nothing is changed.
    pub async fn conclude(
        mut self,
        by: impl Into<By>,
        act: Option<Act>,
        key: Option<IdempotencyKey>,
        more: Vec<Change>,
        said: Said,
    ) -> Result<Said, Refusal> {
        let by = by.into();
        let (reply, answer) = oneshot::channel();
        self.office.tasks.clone().spawn(async move {
            let changes = self.changes().into_iter().chain(more).collect();
            let scope = self.next.row.scope.clone();
            let said = match act {
                Some(act) => {
                    self.office.conclude_audited((&scope, by), act, key.as_ref(), changes, said).await
                }
                None => self.office.conclude(&scope, key.as_ref(), changes, said).await,
            };
            if said.as_ref().is_ok_and(|said| !said.replayed) {
                self.install();
            }
            drop(self);
            let _ = reply.send(said);
        });
        answer.await.map_err(|_ended| Refusal::Unavailable { money_may_have_moved: false })?
    }

    fn install(&mut self) {
        self.told.clear();
        *self.terminal.known.lock().unwrap_or_else(PoisonError::into_inner) = self.next.clone();
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").field("next", &self.next).field("turn", &self.turn).finish_non_exhaustive()
    }
}
