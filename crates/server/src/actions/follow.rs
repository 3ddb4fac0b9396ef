//! Follows open actions: sends them when their terminal is there, writes what it reports, ends what has lapsed. One
//! task, beside requests that take an action back; the record's revision decides between the two.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::sleep;
use vinr_domain::action::{Action, Effect, Event, Illegal, State, step};
use vinr_domain::{ActionId, terminal};
use vinr_wire::link::{ActionProgress, ActionReport, HelloFacts, Order, Perform, ToCloud, ToTerminal};
use vinr_wire::rest::error::ErrorCode;

use super::row::{ActionRow, Update};
use super::service::{Actions, Note};
use crate::audit::{Act, By};
use crate::fleet::Held;
use crate::gateway::{Hearer, Terminal, TerminalKey};
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::{Change, CommitError, Scope, Transaction};

/// How often it looks for actions that have lapsed.
const LOOK: Duration = Duration::from_secs(1);
/// How often a step is tried that somebody else's comes before.
const TRIES: usize = 5;
/// The longest reason of a terminal that is kept, in characters.
const REASON_CHARS: usize = 500;

impl Hearer for Actions {
    fn greeted(&self, terminal: &Arc<Terminal>, _: &HelloFacts) {
        let open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        let ids: Vec<_> = open.get(&terminal.key).into_iter().flat_map(|open| open.keys().copied()).collect();
        drop(open);
        for id in ids {
            self.note(&terminal.key, id, |note| note.reached = true);
        }
    }

    fn heard(&self, terminal: &Arc<Terminal>, message: &ToCloud) {
        let ToCloud::ActionReport(ActionReport { action, state, .. }) = message else { return };
        let open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        let known = open.get(&terminal.key).is_some_and(|open| open.contains_key(action));
        drop(open);
        if !known {
            return;
        }
        self.note(&terminal.key, *action, |note| match (&note.report, state) {
            // What has ended is not begun again by a word that came late.
            (Some(ActionProgress::Completed | ActionProgress::Failed { .. }), ActionProgress::Processing) => {
            }
            _ => note.report = Some(state.clone()),
        });
    }
}

impl Actions {
    /// Follows until the platform ends.
    pub async fn run(self) {
        loop {
            let note = self.shared.notes.lock().unwrap_or_else(PoisonError::into_inner).pop_first();
            if let Some(((key, id), note)) = note {
                self.deal_with(&key, id, note).await;
                continue;
            }
            let any = !self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
            tokio::select! {
                biased;
                () = self.shared.wake.notified() => {}
                () = sleep(LOOK), if any => self.look(),
            }
        }
    }

    fn look(&self) {
        let now = self.shared.office.now();
        let open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        let each = open.iter().flat_map(|(key, open)| open.iter().map(move |(id, open)| (key, id, open)));
        let lapsed: Vec<_> = each
            .filter(|(_, _, open)| open.lapses_at <= now)
            .map(|(key, id, _)| (key.clone(), *id))
            .collect();
        drop(open);
        for (key, id) in lapsed {
            self.note(&key, id, |note| note.lapsed = true);
        }
    }

    async fn deal_with(&self, key: &TerminalKey, id: ActionId, note: Note) {
        let report = note.report.clone().map(|state| match state {
            ActionProgress::Processing => Event::Begun,
            ActionProgress::Completed => Event::Done,
            ActionProgress::Failed { reason } => Event::Refused(reason.chars().take(REASON_CHARS).collect()),
        });
        let reached = note.reached.then_some(Event::Reached);
        let lapsed = note.lapsed.then_some(Event::Lapsed);
        for event in report.into_iter().chain(reached).chain(lapsed) {
            match self.take_step(&key.scope, id, &event, None).await {
                Ok(_) => {}
                Err(Refusal::Overloaded | Refusal::Unavailable { .. }) => {
                    sleep(LOOK).await;
                    self.note(key, id, |again| {
                        again.reached |= note.reached;
                        again.report = again.report.take().or(note.report.clone());
                    });
                    return;
                }
                // The action has gone on by another way.
                Err(refusal) => tracing::debug!(action = %id, %refusal, "an action does not move"),
            }
        }
    }

    /// Takes one step of the action, durable, and does what follows from it. `asked`: by whom, with which key.
    pub(super) async fn take_step(
        &self,
        scope: &Scope,
        id: ActionId,
        event: &Event,
        asked: Option<(By, Option<IdempotencyKey>)>,
    ) -> Result<ActionRow, Refusal> {
        for _ in 0..TRIES {
            let kept = self.read(scope, &id.to_string()).await?;
            let key = TerminalKey { scope: scope.clone(), id: kept.value.terminal.clone() };
            let terminal = self.shared.directory.find(&key).ok_or(Refusal::NoSuchTerminal)?;
            let mut row = kept.value.clone();
            let event = self.decided(&mut row, &terminal, event).await?;
            let taken =
                step(&row.state, &event, row.expires_at, self.shared.office.now()).map_err(refused)?;
            let announced = taken.effects.contains(&Effect::Announce);
            row.state = taken.state;
            if announced {
                row.sequence += 1;
            }
            row.completed_at = row.state.is_final().then(|| self.shared.office.now()).or(row.completed_at);
            if row != kept.value {
                match self.write(&terminal, &row, (kept.revision, announced), asked.clone()).await {
                    Ok(()) => {}
                    Err(CommitError::RecordStale { .. }) => continue,
                    Err(error) => return Err(error.into()),
                }
                self.keep_track(&row);
            }
            if taken.effects.contains(&Effect::Send) {
                self.send(&terminal, &row).await?;
            }
            return Ok(row);
        }
        Err(Refusal::Overloaded)
    }

    /// An update is decided when the terminal is there, because only then is it known what it runs.
    async fn decided(
        &self,
        row: &mut ActionRow,
        terminal: &Terminal,
        event: &Event,
    ) -> Result<Event, Refusal> {
        let decides = row.action == Action::Update && row.state == State::Queued && *event == Event::Reached;
        if !decides || row.expires_at <= self.shared.office.now() {
            return Ok(event.clone());
        }
        match self.shared.releases.choose(&terminal.row()) {
            None => Ok(Event::NothingToDo),
            Some(release) => {
                row.update = Some(Update { release: release.id, version: release.version });
                Ok(Event::Reached)
            }
        }
    }

    /// Writes the step with its event; with what it means for the terminal's lock; with the line of the audit log and
    /// the answer, when somebody asked for it.
    async fn write(
        &self,
        terminal: &Arc<Terminal>,
        row: &ActionRow,
        (revision, announced): (u64, bool),
        asked: Option<(By, Option<IdempotencyKey>)>,
    ) -> Result<(), CommitError> {
        let view = row.view();
        let mut changes = vec![Change::update(row, revision)];
        if announced {
            changes.push(self.told(row, &view));
        }
        let office = &self.shared.office;
        if let Some((by, key)) = asked {
            let act = Act::new("terminal_action.cancelled", view.id.as_str()).after(&view);
            let mut turn = office.audit.turn(&row.scope).await?;
            changes.push(turn.entry(by, act));
            let (said, now) = (Said::new(200, &view), office.now());
            let claim = office.once.try_commit(&row.scope, key.as_ref(), changes, &said, now).await;
            drop(turn);
            if claim.is_ok() && row.action == Action::Lock {
                self.lock_follows(terminal, row, Vec::new()).await?;
            }
            return claim;
        }
        if row.state.is_final() && matches!(row.action, Action::Lock | Action::Unlock) {
            return self.lock_follows(terminal, row, changes).await;
        }
        office.store.commit(Transaction { changes }).await
    }

    /// What the end of a lock or an unlock means for the terminal.
    async fn lock_follows(
        &self,
        terminal: &Arc<Terminal>,
        row: &ActionRow,
        changes: Vec<Change>,
    ) -> Result<(), CommitError> {
        let mut held = self.shared.register.hold(terminal).await;
        let shown = |held: &Held| held.row().locked || held.row().lock_asked;
        let before = shown(&held);
        if matches!(row.state, State::Completed { .. }) {
            held.edit().locked = row.action == Action::Lock;
        }
        held.edit().lock_asked = self.other_lock_is_open(&terminal.key, row.id);
        if shown(&held) != before {
            say_changed(&mut held);
        }
        held.record(changes).await
    }

    fn other_lock_is_open(&self, key: &TerminalKey, but: ActionId) -> bool {
        let open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut of_terminal = open.get(key).into_iter().flatten();
        of_terminal.any(|(id, open)| *id != but && open.action == Action::Lock)
    }

    async fn send(&self, terminal: &Terminal, row: &ActionRow) -> Result<(), Refusal> {
        let order = match (row.action, &row.update) {
            (Action::Reboot, _) => Order::Reboot,
            (Action::Lock, _) => Order::Lock,
            (Action::Unlock, _) => Order::Unlock,
            (Action::Flush, _) => Order::Flush,
            (Action::Update, Some(update)) => match self.shared.releases.signed(&update.release) {
                Some(signed) => Order::Update(signed),
                // Halted since: it is not sent again, and lapses unless the terminal has it.
                None => return Ok(()),
            },
            (Action::Update, None) => return Ok(()),
        };
        let perform = Perform { action: row.id, expires_at: row.expires_at, order };
        // If it cannot be sent now, it is when the terminal is next there.
        terminal.send(ToTerminal::Perform(perform));
        Ok(())
    }
}

/// The API shows something else of the terminal.
pub(super) fn say_changed(held: &mut Held) {
    if let Err(illegal) = held.happened(terminal::Event::Changed) {
        tracing::error!(terminal = %held.row().id, %illegal, "a terminal's change cannot be told");
    }
}

fn refused(illegal: Illegal) -> Refusal {
    let message = match illegal {
        Illegal::CancelNotAllowed | Illegal::Final => {
            "The action has been sent to the terminal or has ended. It cannot be taken back."
        }
        Illegal::TooEarly | Illegal::Meaningless => "The action is not at this point.",
    };
    Refusal::stated(ErrorCode::ActionNotCancellable, message)
}
