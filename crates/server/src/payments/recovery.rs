//! Looks after payments that no longer need their terminal: unknown outcomes, reversals and captures that the acquirer
//! has not acknowledged, holds that end, leases that lapse with nobody left to say so. Works from the store alone, so
//! a restart loses nothing. Never gives up and never decides without the state machine.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use vinr_domain::payment::{AdviceKind, Effect, Event, Illegal, Payment, StateKind};
use vinr_domain::{PaymentId, Timestamp};

use super::advance::{AdvanceError, Advanced, Books, scope_of};
use crate::acquirer::{Acquirer, Answer, Subject};
use crate::gateway::{Directory, link_id};
use crate::store::{Change, CommitError, Scope};
use crate::tasks::Tasks;

/// How many due payments are attended to at the same time.
const AT_ONCE: u32 = 256;

/// The same after the clock went back. What was to happen soon by the old time would otherwise wait until the new time
/// gets there; looking at a payment too early does nothing to it, and its next moment is set by the new time.
const AT_ONCE_AFTER_A_JUMP: u32 = 10_000;

/// By how much the clock must be behind what it should say, in milliseconds, before that is a jump and not a slew.
const CLOCK_WENT_BACK_MS: i64 = 1_000;

/// How often a step is tried again when somebody else keeps moving the payment first.
const TRIES: u32 = 8;

/// Recovery of one server.
#[derive(Clone)]
pub struct Recovery {
    books: Books,
    acquirer: Arc<dyn Acquirer>,
    directory: Arc<Directory>,
    tasks: Tasks,
    every: Duration,
    wake: Arc<Notify>,
    attended: Arc<Mutex<BTreeSet<PaymentId>>>,
    #[cfg(feature = "sabotage")]
    sabotage: Option<crate::settings::Sabotage>,
}

impl Recovery {
    /// Recovery over these books; begins when [`Self::run`] does.
    #[must_use]
    pub fn new(
        books: Books,
        acquirer: Arc<dyn Acquirer>,
        directory: Arc<Directory>,
        tasks: Tasks,
        settings: &crate::settings::Settings,
    ) -> Self {
        Self {
            books,
            acquirer,
            directory,
            tasks,
            every: Duration::from_millis(settings.recovery_every_ms),
            wake: Arc::default(),
            attended: Arc::default(),
            #[cfg(feature = "sabotage")]
            sabotage: settings.sabotage,
        }
    }

    /// Looks now instead of at the next round.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Looks for due payments until the task ends.
    pub async fn run(self) {
        let mut last = (self.books.clock.wall(), self.books.clock.monotonic_ms());
        loop {
            let (wall, monotonic_ms) = (self.books.clock.wall(), self.books.clock.monotonic_ms());
            let expected = last.0.plus_ms(monotonic_ms - last.1);
            if expected.ms_since(wall) > CLOCK_WENT_BACK_MS {
                tracing::warn!(
                    by_ms = expected.ms_since(wall),
                    "the clock went back; due payments are looked at now"
                );
                self.look(expected.plus_ms(self.books.terms.advice_longest_ms), AT_ONCE_AFTER_A_JUMP).await;
            }
            last = (wall, monotonic_ms);
            self.look(wall, AT_ONCE).await;
            let _ = timeout(self.every, self.wake.notified()).await;
        }
    }

    async fn look(&self, due_by: Timestamp, at_once: u32) {
        match self.books.store.list_due_across_accounts(due_by, at_once).await {
            Ok(due) => due.into_iter().for_each(|payment| self.begin(payment)),
            Err(error) => tracing::error!(%error, "recovery cannot read what is due; it looks again"),
        }
    }

    /// Attends to a payment now, unless somebody does already.
    pub fn begin(&self, payment: Arc<Payment>) {
        let id = payment.id;
        if !self.attended.lock().unwrap_or_else(PoisonError::into_inner).insert(id) {
            return;
        }
        let this = self.clone();
        self.tasks.spawn(async move {
            this.attend(&payment).await;
            this.attended.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        });
    }

    async fn attend(&self, payment: &Arc<Payment>) {
        let event = match payment.state.kind() {
            StateKind::Queued | StateKind::Pending | StateKind::Cancelling => Event::LeaseLapsed,
            StateKind::Authorizing => Event::Silent,
            StateKind::Uncertain => self.inquire(payment).await,
            StateKind::Authorized => Event::HoldLapsed,
            StateKind::Reversing
            | StateKind::Completed
            | StateKind::Failed
            | StateKind::Cancelled
            | StateKind::Expired => match payment.advice {
                Some(advice) => self.advise(payment, advice.kind).await,
                None => return,
            },
        };
        match self.books.advance(payment, &event).await {
            Ok(advanced) => self.carry_out(&advanced),
            // An answer that cannot be true is treated as none: what really happened is undone in the end.
            Err(AdvanceError::Illegal(refused @ Illegal::ApprovedTooMuch)) => {
                tracing::error!(payment = %payment.id, %refused, "the acquirer's answer is not believed");
                if let Ok(advanced) = self.books.advance(payment, &Event::Silent).await {
                    self.carry_out(&advanced);
                }
            }
            // The lane or another request was faster; what is still due is found in the next round.
            Err(AdvanceError::Commit(CommitError::StaleRevision(_)) | AdvanceError::Illegal(_)) => {}
            Err(error) => {
                tracing::error!(payment = %payment.id, %error, "recovery goes on in the next round");
            }
        }
    }

    async fn inquire(&self, payment: &Arc<Payment>) -> Event {
        let answer = self.acquirer.inquire(subject(payment));
        match timeout(self.patience(), answer).await {
            Ok(Answer::Approved(approval)) => Event::Approved(approval),
            Ok(Answer::Declined(code)) => Event::Declined(code),
            Ok(Answer::NotFound) => Event::NotFound,
            Err(_elapsed) => Event::Silent,
        }
    }

    async fn advise(&self, payment: &Arc<Payment>, kind: AdviceKind) -> Event {
        let acknowledged = timeout(self.patience(), self.acquirer.advise(subject(payment), kind)).await;
        #[cfg(feature = "sabotage")]
        if self.sabotage == Some(crate::settings::Sabotage::ReverseOnce) {
            return Event::AdviceAcknowledged;
        }
        match acknowledged {
            Ok(()) => Event::AdviceAcknowledged,
            Err(_elapsed) => {
                let attempts = payment.advice.map_or(0, |advice| advice.attempts) + 1;
                if attempts >= 6 {
                    tracing::error!(payment = %payment.id, attempts, "the acquirer does not acknowledge");
                }
                Event::AdviceUnanswered
            }
        }
    }

    fn patience(&self) -> Duration {
        Duration::from_millis(self.books.terms.inquiry_answer_ms.unsigned_abs())
    }

    /// Does what a durable step asks for, as far as it concerns recovery.
    pub fn carry_out(&self, advanced: &Advanced) {
        for effect in &advanced.effects {
            match effect {
                Effect::Inquire | Effect::Advise(_) => self.wake(),
                Effect::TellTerminal(verdict) => self.directory.tell_verdict(&advanced.payment, verdict),
                // Only a terminal gives a payment back, and its lane takes care of that.
                Effect::WaitAgain | Effect::SendCancel | Effect::AskAcquirer | Effect::Announce(_) => {}
            }
        }
    }

    /// Moves a payment that needs no terminal: capture, void. `alongside` becomes true at the same moment.
    ///
    /// # Errors
    /// As [`Books::advance_with`]; a payment that others keep moving is given up after a few tries, unchanged.
    pub async fn apply(
        &self,
        scope: &Scope,
        id: PaymentId,
        event: &Event,
        alongside: impl Fn(&Payment) -> Vec<Change>,
    ) -> Result<Arc<Payment>, AdvanceError> {
        let mut payment = self.books.reload(scope, id).await?;
        for _ in 1..TRIES {
            match self.books.advance_with(&payment, event, &alongside).await {
                Err(AdvanceError::Commit(CommitError::StaleRevision(_))) => {
                    payment = self.books.reload(scope, id).await?;
                }
                Ok(advanced) => {
                    self.carry_out(&advanced);
                    return Ok(advanced.payment);
                }
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::StaleRevision(id).into())
    }

    /// Cancels a payment that waits for a terminal. `None` when it does not wait any more.
    ///
    /// # Errors
    /// As [`Books::advance_with`].
    pub async fn cancel_waiting(
        &self,
        scope: &Scope,
        payment: &Arc<Payment>,
        alongside: impl Fn(&Payment) -> Vec<Change>,
    ) -> Result<Option<Arc<Payment>>, AdvanceError> {
        let mut payment = Arc::clone(payment);
        while payment.is_queued() {
            match self.books.advance_with(&payment, &Event::CancelRequested, &alongside).await {
                Ok(advanced) => return Ok(Some(advanced.payment)),
                Err(AdvanceError::Commit(CommitError::StaleRevision(_))) => {
                    payment = self.books.reload(scope, payment.id).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Reads a payment.
    ///
    /// # Errors
    /// As [`Books::reload`].
    pub async fn reload(&self, scope: &Scope, id: PaymentId) -> Result<Arc<Payment>, AdvanceError> {
        self.books.reload(scope, id).await
    }

    /// Takes over a payment whose acquirer was being asked when the process that asked ended.
    pub async fn adopt(&self, payment: &Payment) {
        let scope = scope_of(payment);
        if let Err(error) = self.apply(&scope, payment.id, &Event::Silent, |_| Vec::new()).await {
            tracing::warn!(payment = %payment.id, %error, "not adopted; recovery finds it when it is due");
        }
    }
}

fn subject(payment: &Arc<Payment>) -> Subject {
    let terminal = payment.terminal.as_deref().unwrap_or_default();
    Subject { payment: Arc::clone(payment), terminal: link_id(&payment.account, terminal) }
}
