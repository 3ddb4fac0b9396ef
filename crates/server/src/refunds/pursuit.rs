//! Asks the acquirer for refunds, and about them, until it has said what became of each. Works from the store alone, so
//! a restart loses nothing; never gives up, and never decides without the state machine.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use vinr_domain::payment::{self, Payment, Terms};
use vinr_domain::refund::{Effect, Event, Meaningless, Refund, State, step};
use vinr_domain::{RefundId, Timestamp};
use vinr_wire::rest::view::RefundView;

use super::record::RefundRow;
use crate::acquirer::{Acquirer, RefundAnswer, RefundSubject, Subject};
use crate::gateway::link_id;
use crate::office::Office;
use crate::payments::{AdvanceError, Recovery, Tally};
use crate::store::{Change, CommitError, Kept, Scope, StoreError, Transaction};

/// How many due refunds are attended to in one round.
const AT_ONCE: u32 = 256;
/// How often a step is tried again when somebody else changed the refund first.
const TRIES: u32 = 8;
/// Every refund that is pending has a moment before this one.
const END_OF_TIME: Timestamp = Timestamp(i64::MAX);

/// Who pursues refunds.
#[derive(Clone)]
pub struct Pursuit {
    office: Office,
    recovery: Recovery,
    acquirer: Arc<dyn Acquirer>,
    tally: Tally,
    wake: Arc<Notify>,
    attended: Arc<Mutex<BTreeSet<RefundId>>>,
}

enum Stop {
    /// Somebody else changed it first, or it has ended: read it again.
    Stale,
    /// The store does not answer; the next round goes on.
    Store,
}

impl From<Meaningless> for Stop {
    fn from(_: Meaningless) -> Self {
        Self::Stale
    }
}

impl From<CommitError> for Stop {
    fn from(error: CommitError) -> Self {
        if matches!(error, CommitError::RecordStale { .. } | CommitError::StaleRevision(_)) {
            return Self::Stale;
        }
        tracing::error!(%error, "a refund could not be written; the next round goes on");
        Self::Store
    }
}

impl Pursuit {
    /// Over these parts; begins when [`Self::run`] does.
    #[must_use]
    pub fn new(office: Office, recovery: Recovery, acquirer: Arc<dyn Acquirer>, tally: Tally) -> Self {
        Self { office, recovery, acquirer, tally, wake: Arc::default(), attended: Arc::default() }
    }

    /// Takes up what an earlier process left pending, then attends to what is due until the task ends.
    pub async fn run(self) {
        self.look(END_OF_TIME, 100_000).await;
        let every = Duration::from_millis(self.office.settings.recovery_every_ms);
        loop {
            let _ = timeout(every, self.wake.notified()).await;
            self.look(self.office.now(), AT_ONCE).await;
        }
    }

    async fn look(&self, due_by: Timestamp, at_once: u32) {
        match self.office.store.due_across_accounts::<RefundRow>(due_by, at_once).await {
            Ok(due) => due.iter().for_each(|kept| self.take_up(&kept.value)),
            Err(error) => tracing::error!(%error, "due refunds cannot be read; they are looked for again"),
        }
    }

    fn take_up(&self, row: &RefundRow) {
        match row.refund.state {
            State::Asking | State::Uncertain => self.begin(row, false),
            State::Succeeded { at } => self.tally.note(&row.scope, row.tender(), at),
            State::Failed { .. } => {}
        }
    }

    /// Attends to a refund now, unless somebody does already. `fresh`: nobody has asked the acquirer yet.
    pub(super) fn begin(&self, row: &RefundRow, fresh: bool) {
        let (scope, id) = (row.scope.clone(), row.refund.id);
        if !self.attended().insert(id) {
            return;
        }
        let this = self.clone();
        self.office.tasks.spawn(async move {
            this.attend(&scope, id, fresh).await;
            this.attended().remove(&id);
        });
    }

    fn attended(&self) -> std::sync::MutexGuard<'_, BTreeSet<RefundId>> {
        self.attended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on while there is something to do at once.
    async fn attend(&self, scope: &Scope, id: RefundId, mut fresh: bool) {
        loop {
            let Ok(Some(kept)) = self.office.store.get::<RefundRow>(scope, &id.to_string()).await else {
                return;
            };
            let Ok(payment) = self.recovery.reload(scope, kept.value.refund.payment).await else { return };
            let Some(event) = self.ask(&kept.value.refund, &payment, fresh).await else { return };
            let Ok(effects) = self.move_on(scope, kept, &event).await else { return };
            fresh = effects.contains(&Effect::Ask);
            let due_now = effects.contains(&Effect::Inquire);
            let goes_on = fresh || (due_now && self.is_due(scope, id).await);
            if !goes_on {
                return;
            }
        }
    }

    async fn is_due(&self, scope: &Scope, id: RefundId) -> bool {
        let kept = self.office.store.get::<RefundRow>(scope, &id.to_string()).await;
        let due_at = kept.ok().flatten().and_then(|kept| kept.value.refund.due_at);
        due_at.is_some_and(|due_at| due_at <= self.office.now())
    }

    /// What the acquirer says, or that it says nothing. `None` for a refund that has ended.
    async fn ask(&self, refund: &Arc<Refund>, payment: &Arc<Payment>, fresh: bool) -> Option<Event> {
        let terminal = link_id(&payment.account, &refund.terminal);
        let of = Subject { payment: Arc::clone(payment), terminal };
        let subject = RefundSubject { refund: Arc::clone(refund), of };
        let terms = self.terms();
        let (patience_ms, answer) = match refund.state {
            // A capture that the acquirer has not acknowledged may not have been seen: it would know nothing to give back.
            State::Asking | State::Uncertain if payment.advice.is_some() => return Some(Event::Silent),
            // Whoever asked has gone without writing down the answer.
            State::Asking if !fresh => return Some(Event::Silent),
            State::Asking => (terms.acquirer_answer_ms, self.acquirer.refund(subject)),
            State::Uncertain => (terms.inquiry_answer_ms, self.acquirer.inquire_refund(subject)),
            State::Succeeded { .. } | State::Failed { .. } => return None,
        };
        let patience = Duration::from_millis(patience_ms.unsigned_abs());
        Some(match timeout(patience, answer).await {
            Ok(RefundAnswer::Acknowledged) => Event::Acknowledged,
            Ok(RefundAnswer::Refused(why)) => Event::Refused(why),
            Ok(RefundAnswer::NotFound) => Event::NotFound,
            Err(_elapsed) => Event::Silent,
        })
    }

    /// Takes the step, again if somebody else changed the refund in the meantime.
    async fn move_on(
        &self,
        scope: &Scope,
        mut kept: Kept<RefundRow>,
        event: &Event,
    ) -> Result<Vec<Effect>, Stop> {
        for _ in 0..TRIES {
            match self.take_step(scope, &kept, event).await {
                Err(Stop::Stale) => {
                    let id = kept.value.refund.id.to_string();
                    let again = self.office.store.get::<RefundRow>(scope, &id).await;
                    kept = again.ok().flatten().ok_or(Stop::Store)?;
                }
                outcome => return outcome,
            }
        }
        Err(Stop::Stale)
    }

    async fn take_step(
        &self,
        scope: &Scope,
        kept: &Kept<RefundRow>,
        event: &Event,
    ) -> Result<Vec<Effect>, Stop> {
        let before = &kept.value.refund;
        let (next, effects) = step(before, event, self.office.now(), &self.terms())?;
        let row = RefundRow { refund: Arc::new(next), ..kept.value.clone() };
        let changes = self.changes(&row, kept.revision, &effects);
        if effects.contains(&Effect::Release) {
            let release = payment::Event::RefundReleased(before.amount.amount_minor);
            let alongside = |_: &Payment| changes.clone();
            match self.recovery.apply(scope, before.payment, &release, alongside).await {
                Ok(_) => {}
                Err(AdvanceError::Commit(error)) => return Err(error.into()),
                Err(error) => {
                    tracing::error!(refund = %before.id, %error, "what was reserved cannot be released");
                    return Err(Stop::Store);
                }
            }
        } else {
            self.office.store.commit(Transaction { changes }).await?;
        }
        tracing::debug!(refund = %before.id, state = ?row.refund.state.kind(), "refund moved");
        if matches!(row.refund.state, State::Succeeded { .. }) {
            self.tally.note(scope, row.tender(), self.office.now());
        }
        Ok(effects)
    }

    /// The refund and what is told of it.
    pub(super) fn changes(&self, row: &RefundRow, from_revision: u64, effects: &[Effect]) -> Vec<Change> {
        let told = effects.iter().filter_map(|effect| match effect {
            Effect::Announce(announcement) => Some(announcement.as_str()),
            Effect::Ask | Effect::Inquire | Effect::Release => None,
        });
        let (id, view) = (row.refund.id.to_string(), RefundView::from(row.refund.as_ref()));
        let event = |kind| self.office.event(&row.scope, kind, &id, row.refund.sequence, &view);
        let written = match from_revision {
            0 => Change::insert(row),
            revision => Change::update(row, revision),
        };
        std::iter::once(written).chain(told.map(event)).collect()
    }

    pub(super) fn terms(&self) -> Terms {
        let jitter_permille = u16::try_from(self.office.names.draw() % 500).unwrap_or(0);
        Terms { jitter_permille, ..self.office.settings.terms }
    }

    pub(super) fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    pub(super) fn office(&self) -> &Office {
        &self.office
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        CommitError::from(error).into()
    }
}
