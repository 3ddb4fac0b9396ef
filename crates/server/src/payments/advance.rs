//! The one place that moves payments: takes the step, writes it with everything that must be true at the same moment,
//! and only then says so. Carries out no effect; whoever called does, after the commit.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use vinr_domain::payment::{
    Adopted, Announcement, Birth, Effect, EndCause, Event, Illegal, Order, Origin, Originated, Payment,
    Terms, accept, adopt, adopt_ended, adopt_refused, enqueue, refuse, step,
};
use vinr_domain::{DeclineCode, EventId, PaymentId};
use vinr_wire::rest::view::PaymentView;

use super::tally::Tally;
use super::watch::Watchers;
use crate::accounts::AccountBook;
use crate::clock::Clock;
use crate::naming::Names;
use crate::store::{Change, CommitError, EventRow, Scope, Store, StoreError, Transaction};

/// The pauses before a step is written again while the store's queue is full: it empties in tens of milliseconds.
const PATIENCE: [Duration; 5] = [
    Duration::from_millis(20),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
];

/// Where payments are kept and moved.
#[derive(Clone)]
pub struct Books {
    /// Where they are kept.
    pub store: Arc<dyn Store>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where names come from.
    pub names: Arc<Names>,
    /// Who waits for changes.
    pub watchers: Watchers,
    /// Which terminals have taken something that no batch waits for yet.
    pub tally: Tally,
    /// Under which figures payments run.
    pub terms: Terms,
    /// Which of the figures are the account's own.
    pub accounts: Arc<AccountBook>,
}

/// A step that is durable.
#[derive(Clone, Debug)]
pub struct Advanced {
    /// The payment after it.
    pub payment: Arc<Payment>,
    /// What is to be carried out now. Announcements are already written.
    pub effects: Vec<Effect>,
}

/// Why a payment did not move. It is as it was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AdvanceError {
    /// The step is not legal.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// The transaction was refused.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// There is no such payment.
    #[error("no such payment")]
    NoSuchPayment,
}

impl From<StoreError> for AdvanceError {
    fn from(error: StoreError) -> Self {
        Self::Commit(CommitError::Failed(error))
    }
}

/// Whose payment it is.
#[must_use]
pub fn scope_of(payment: &Payment) -> Scope {
    Scope { account: payment.account.clone(), livemode: payment.livemode }
}

impl Books {
    /// The figures for the payment with a jitter of this moment.
    #[must_use]
    pub fn terms_now(&self, payment: &Payment) -> Terms {
        let jitter_permille = u16::try_from(self.names.draw() % 500).unwrap_or(0);
        let own = self.accounts.over_capture_percent(&scope_of(payment));
        let over_capture_percent = own.unwrap_or(self.terms.over_capture_percent);
        Terms { jitter_permille, over_capture_percent, ..self.terms }
    }

    /// Accepts an order: commit A. `alongside` goes into the same transaction, before the payment.
    ///
    /// # Errors
    /// [`CommitError`] when the order clashes with what is known already; nothing was written.
    pub async fn accept(&self, order: Order, alongside: Vec<Change>) -> Result<Advanced, CommitError> {
        let (payment, effects) = accept(order, self.clock.wall(), &self.terms);
        self.insert(payment, effects, alongside).await
    }

    /// Accepts an order that has to wait for a terminal. `alongside` goes into the same transaction, before the payment.
    ///
    /// # Errors
    /// [`CommitError`] when the order clashes with what is known already; nothing was written.
    pub async fn enqueue(&self, order: Order, alongside: Vec<Change>) -> Result<Advanced, CommitError> {
        let (payment, effects) = enqueue(order, self.clock.wall(), &self.terms);
        self.insert(payment, effects, alongside).await
    }

    /// Records an order that cannot run: the payment exists and has failed.
    ///
    /// # Errors
    /// [`CommitError`] when the order clashes with what is known already; nothing was written.
    pub async fn refuse(
        &self,
        order: Order,
        code: DeclineCode,
        alongside: Vec<Change>,
    ) -> Result<Advanced, CommitError> {
        let (payment, effects) = refuse(order, code, self.clock.wall());
        self.insert(payment, effects, alongside).await
    }

    async fn insert(
        &self,
        payment: Payment,
        effects: Vec<Effect>,
        alongside: Vec<Change>,
    ) -> Result<Advanced, CommitError> {
        let payment = Arc::new(payment);
        let mut changes = alongside;
        changes.push(Change::InsertPayment(Arc::clone(&payment)));
        self.announce(&payment, &effects, &mut changes);
        self.store.commit(Transaction { changes }).await?;
        self.watchers.publish(&payment);
        Ok(Advanced { payment, effects })
    }

    /// Takes over a payment that began at its terminal, with `alongside` in the same transaction: it is created and on
    /// its way to the acquirer, or over, in one commit.
    ///
    /// # Errors
    /// [`AdvanceError::Illegal`] when the request cannot be passed on; [`CommitError`] when intent or name belong to
    /// another payment. Nothing was written.
    pub async fn adopt(
        &self,
        birth: Birth,
        asked: &Originated,
        alongside: Vec<Change>,
    ) -> Result<Advanced, AdvanceError> {
        Ok(self.found(adopt(birth, asked, self.clock.wall(), &self.terms)?, alongside).await?)
    }

    /// Records a payment that began at its terminal and may not be: it has failed, and nobody is asked.
    ///
    /// # Errors
    /// As [`Self::adopt`].
    pub async fn adopt_refused(
        &self,
        birth: Birth,
        asked: &Originated,
        code: DeclineCode,
    ) -> Result<Advanced, CommitError> {
        self.found(adopt_refused(birth, asked, code, self.clock.wall()), Vec::new()).await
    }

    /// Records a payment that began at its terminal and ended there.
    ///
    /// # Errors
    /// As [`Self::adopt`].
    pub async fn adopt_ended(
        &self,
        birth: Birth,
        origin: &Origin,
        cause: EndCause,
    ) -> Result<Advanced, CommitError> {
        self.found(adopt_ended(birth, origin, cause, self.clock.wall()), Vec::new()).await
    }

    async fn found(&self, adopted: Adopted, alongside: Vec<Change>) -> Result<Advanced, CommitError> {
        let Adopted { created, payment, effects } = adopted;
        let (created, payment) = (Arc::new(created), Arc::new(payment));
        let mut changes = alongside;
        changes.push(Change::InsertPayment(Arc::clone(&payment)));
        changes.push(Change::AppendEvent(self.event_row(&created, Announcement::Created)));
        self.announce(&payment, &effects, &mut changes);
        self.commit_patiently(Transaction { changes }).await?;
        tracing::debug!(payment = %payment.id, state = ?payment.state.kind(), "payment taken over from its terminal");
        self.watchers.publish(&payment);
        Ok(Advanced { payment, effects })
    }

    /// Moves a payment by one event and makes it durable.
    ///
    /// # Errors
    /// [`AdvanceError::Illegal`] when the event cannot happen now; [`CommitError::StaleRevision`] when somebody else
    /// moved the payment first: read it again.
    pub async fn advance(&self, payment: &Payment, event: &Event) -> Result<Advanced, AdvanceError> {
        self.advance_with(payment, event, |_| Vec::new()).await
    }

    /// The same, with changes that must become true at the same moment, derived from the payment after the step.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub async fn advance_with(
        &self,
        payment: &Payment,
        event: &Event,
        alongside: impl FnOnce(&Payment) -> Vec<Change>,
    ) -> Result<Advanced, AdvanceError> {
        let (next, effects) = step(payment, event, self.clock.wall(), &self.terms_now(payment))?;
        let next = Arc::new(next);
        let mut changes = alongside(&next);
        let from_revision = payment.revision;
        changes.push(if next.terminal == payment.terminal {
            Change::UpdatePayment { payment: Arc::clone(&next), from_revision }
        } else {
            Change::AssignTerminal { payment: Arc::clone(&next), from_revision }
        });
        self.announce(&next, &effects, &mut changes);
        self.commit_patiently(Transaction { changes }).await?;
        tracing::debug!(payment = %next.id, state = ?next.state.kind(), "payment moved");
        self.tally.note_payment(&next);
        self.watchers.publish(&next);
        Ok(Advanced { payment: next, effects })
    }

    /// A payment that exists has to move on: what happened to it cannot be sent back to where it came from, as a new
    /// order can. So a full queue is waited for, a little.
    async fn commit_patiently(&self, transaction: Transaction) -> Result<(), CommitError> {
        for pause in PATIENCE {
            match self.store.commit(transaction.clone()).await {
                Err(CommitError::Failed(StoreError::Overloaded)) => sleep(pause).await,
                outcome => return outcome,
            }
        }
        self.store.commit(transaction).await
    }

    /// Reads a payment again.
    ///
    /// # Errors
    /// [`AdvanceError::NoSuchPayment`], or the store's failure.
    pub async fn reload(&self, scope: &Scope, id: PaymentId) -> Result<Arc<Payment>, AdvanceError> {
        self.store.get_payment(scope, id).await?.ok_or(AdvanceError::NoSuchPayment)
    }

    fn announce(&self, payment: &Arc<Payment>, effects: &[Effect], changes: &mut Vec<Change>) {
        let announcements = effects.iter().filter_map(|effect| match effect {
            Effect::Announce(announcement) => Some(*announcement),
            Effect::WaitAgain
            | Effect::SendCancel
            | Effect::AskAcquirer
            | Effect::Inquire
            | Effect::Advise(_)
            | Effect::TellTerminal(_) => None,
        });
        for announcement in announcements {
            changes.push(Change::AppendEvent(self.event_row(payment, announcement)));
        }
    }

    fn event_row(&self, payment: &Arc<Payment>, announcement: Announcement) -> EventRow {
        let now = self.clock.wall();
        EventRow {
            id: EventId(self.names.next(now)),
            scope: scope_of(payment),
            kind: announcement.as_str(),
            object_id: payment.id.to_string().into(),
            sequence: payment.sequence,
            created_at: now,
            data: snapshot(payment),
        }
    }
}

/// The payment at this moment, version-neutral. Writing a struct of numbers and text to memory cannot fail.
fn snapshot(payment: &Payment) -> Arc<[u8]> {
    serde_json::to_vec(&PaymentView::from(payment)).unwrap_or_default().into()
}
