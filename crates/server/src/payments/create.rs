//! Creating a payment: named, put into its terminal's lane, answered at once or when the outcome is known.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;
use vinr_domain::payment::{Order, Payment, ResponseMode};
use vinr_domain::{DeclineCode, IntentId, PaymentId};
use vinr_wire::link::Simulation;
use vinr_wire::rest::payment::{NewPayment, Place};

use super::advance::Advanced;
use super::service::{Answered, Payments, answered, row};
use super::watch::Watch;
use crate::access::Principal;
use crate::gateway::{Submitted, Terminal};
use crate::once::IdempotencyKey;
use crate::refusal::Refusal;
use crate::store::{Answer, Change, CommitError, Scope, Transaction};

impl Payments {
    /// Creates a payment. In sync mode the answer waits for the outcome, 130 s at most. `simulation` is what a simulated
    /// cardholder does; test mode only.
    ///
    /// # Errors
    /// [`Refusal::DuplicateReference`], [`Refusal::ClientTokenReused`], [`Refusal::IdempotencyKeyReused`], or that
    /// nothing can be taken now. A payment that cannot run is no error: it is a failed payment.
    pub async fn create(
        &self,
        who: &Principal,
        new: NewPayment,
        simulation: Option<Simulation>,
        key: Option<IdempotencyKey>,
    ) -> Result<Answered, Refusal> {
        // A key that has been used is found out by the commit that claims it again: asking first would cost every
        // first request a read. A client token is looked for anyway, and the key goes before it.
        if new.intent.is_some() {
            if let Some(replayed) = self.replay(&who.scope, key.as_ref()).await? {
                return Ok(replayed);
            }
            if let Some(attached) = self.attach(&who.scope, &new).await? {
                return Ok(attached);
            }
        }
        let id = PaymentId(self.books.names.next(self.books.clock.wall()));
        let watch = (new.response_mode == ResponseMode::Sync).then(|| self.books.watchers.watch(id));
        let outcome = self.open(who, id, &new, simulation, key.as_ref()).await;
        match outcome {
            Ok(payment) => self.answer(who, payment, watch, key.as_ref()).await,
            Err(error) => self.clash(who, &new, key.as_ref(), error).await,
        }
    }

    async fn open(
        &self,
        who: &Principal,
        id: PaymentId,
        new: &NewPayment,
        simulation: Option<Simulation>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Arc<Payment>, OpenError> {
        let order = Order {
            id,
            account: who.scope.account.clone(),
            livemode: who.scope.livemode,
            intent: new.intent.unwrap_or(IntentId(id.0)),
            terminal: None,
            group: None,
            location: None,
            asked: new.asked,
            capture_method: new.capture_method,
            response_mode: new.response_mode,
            reference: new.reference.clone(),
            description: new.description.clone(),
            metadata: Arc::clone(&new.metadata),
        };
        let alongside = self.claim(&who.scope, id, new.response_mode, key);
        #[cfg(feature = "sabotage")]
        let (alongside, late) = self.key_after_commit(alongside);
        let wanted = Wanted { order, simulation, alongside };
        let opened = match &new.place {
            Place::Terminal(terminal) => self.open_on(who, terminal, wanted).await?,
            Place::Group(group) => self.open_in_group(who, group, wanted).await?,
        };
        #[cfg(feature = "sabotage")]
        if !late.is_empty() {
            self.books.store.commit(Transaction { changes: late }).await?;
        }
        Ok(opened)
    }

    async fn open_on(
        &self,
        who: &Principal,
        terminal: &Arc<str>,
        wanted: Wanted,
    ) -> Result<Arc<Payment>, OpenError> {
        match self.find_terminal(&who.scope, terminal) {
            Some(terminal) => self.submit(&terminal, wanted, false).await?.ok_or(OpenError::Ended),
            None => {
                let order = Order { terminal: Some(Arc::clone(terminal)), ..wanted.order };
                self.refuse(order, DeclineCode::TerminalNotFound, wanted.alongside).await
            }
        }
    }

    /// Puts the order into the terminal's lane. `None` when only a free terminal was wanted and it is not.
    pub(super) async fn submit(
        &self,
        terminal: &Arc<Terminal>,
        wanted: Wanted,
        only_if_free: bool,
    ) -> Result<Option<Arc<Payment>>, OpenError> {
        let Wanted { order, simulation, alongside } = wanted;
        let order = Order {
            terminal: Some(terminal.key.id.as_str().into()),
            location: terminal.row().location,
            ..order
        };
        let (reply, answer) = oneshot::channel();
        let submitted = Submitted { order, simulation, alongside, only_if_free, reply };
        self.lanes.submit(terminal, submitted).map_err(|_full| OpenError::Full)?;
        Ok(answer.await.map_err(|_ended| OpenError::Ended)??)
    }

    pub(super) async fn refuse(
        &self,
        order: Order,
        code: DeclineCode,
        alongside: Vec<Change>,
    ) -> Result<Arc<Payment>, OpenError> {
        let refused = self.books.refuse(order, code, alongside).await;
        Ok(refused.map(|Advanced { payment, .. }| payment)?)
    }

    fn claim(
        &self,
        scope: &Scope,
        id: PaymentId,
        mode: ResponseMode,
        key: Option<&IdempotencyKey>,
    ) -> Vec<Change> {
        let answer = match mode {
            ResponseMode::Async => Answer::Payment { id, sequence: Some(1), status: 202 },
            ResponseMode::Sync => Answer::Payment { id, sequence: None, status: 200 },
        };
        let now = self.books.clock.wall();
        key.map(|key| Change::ClaimIdempotencyKey(row(scope, key, answer, now))).into_iter().collect()
    }

    /// Answers for the payment: at once, or when its outcome is known, or that the time is over.
    pub(super) async fn answer(
        &self,
        who: &Principal,
        payment: Arc<Payment>,
        watch: Option<Watch>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Answered, Refusal> {
        let Some(mut watch) = watch else { return Ok(answered(&payment, 202)) };
        if payment.is_answerable() {
            return Ok(answered(&payment, status_of(&payment)));
        }
        let hold = Duration::from_millis(self.settings.sync_hold_ms.unsigned_abs());
        if let Ok(Some(payment)) = timeout(hold, watch.until(Payment::is_answerable)).await {
            return Ok(answered(&payment, status_of(&payment)));
        }
        let payment = self.books.reload(&who.scope, payment.id).await?;
        if payment.is_answerable() {
            return Ok(answered(&payment, status_of(&payment)));
        }
        self.remember(who, &payment, key).await?;
        Ok(answered(&payment, 202))
    }

    /// The time was over before the outcome was there: from now on this is the answer of the key.
    async fn remember(
        &self,
        who: &Principal,
        payment: &Payment,
        key: Option<&IdempotencyKey>,
    ) -> Result<(), Refusal> {
        let Some(key) = key else { return Ok(()) };
        let answer = Answer::Payment { id: payment.id, sequence: Some(payment.sequence), status: 202 };
        let row = row(&who.scope, key, answer, self.books.clock.wall());
        let changes = vec![Change::AnswerIdempotencyKey(row)];
        Ok(self.books.store.commit(Transaction { changes }).await?)
    }

    /// The payment that bears the client token already, if it is the same payment (contract 3.1).
    async fn attach(&self, scope: &Scope, new: &NewPayment) -> Result<Option<Answered>, Refusal> {
        let Some(intent) = new.intent else { return Ok(None) };
        let Some(known) = self.books.store.find_payment_by_intent(scope, intent).await? else {
            return Ok(None);
        };
        let same = known.asked == new.asked
            && known.reference == new.reference
            && known.capture_method == new.capture_method;
        if !same {
            return Err(Refusal::ClientTokenReused(known.id));
        }
        let mut attached = self.outcome_or_now(&known, new.response_mode).await?;
        attached.replayed = true;
        Ok(Some(attached))
    }

    pub(super) async fn outcome_or_now(
        &self,
        payment: &Arc<Payment>,
        mode: ResponseMode,
    ) -> Result<Answered, Refusal> {
        if mode == ResponseMode::Async {
            return Ok(answered(payment, 202));
        }
        let mut watch = self.books.watchers.watch(payment.id);
        let scope = super::scope_of(payment);
        let mut payment = self.books.reload(&scope, payment.id).await?;
        if !payment.is_answerable() {
            let hold = Duration::from_millis(self.settings.sync_hold_ms.unsigned_abs());
            let _ = timeout(hold, watch.until(Payment::is_answerable)).await;
            payment = self.books.reload(&scope, payment.id).await?;
        }
        let status = if payment.is_answerable() { status_of(&payment) } else { 202 };
        Ok(answered(&payment, status))
    }

    /// Somebody else was faster with the same key, token or reference.
    async fn clash(
        &self,
        who: &Principal,
        new: &NewPayment,
        key: Option<&IdempotencyKey>,
        error: OpenError,
    ) -> Result<Answered, Refusal> {
        if matches!(error, OpenError::Commit(_))
            && let Some(replayed) = self.replay(&who.scope, key).await?
        {
            return Ok(replayed);
        }
        match error {
            OpenError::Commit(CommitError::ClientTokenTaken(id)) => {
                self.attach(&who.scope, new).await?.ok_or(Refusal::ClientTokenReused(id))
            }
            OpenError::Commit(error) => Err(error.into()),
            OpenError::Full => Err(Refusal::Overloaded),
            OpenError::QueueFull => Err(super::create_in_group::queue_full()),
            OpenError::Ended => Err(Refusal::Unavailable { money_may_have_moved: true }),
        }
    }

    #[cfg(feature = "sabotage")]
    fn key_after_commit(&self, alongside: Vec<Change>) -> (Vec<Change>, Vec<Change>) {
        match self.settings.sabotage {
            Some(crate::settings::Sabotage::KeyAfterCommit) => (Vec::new(), alongside),
            _ => (alongside, Vec::new()),
        }
    }
}

/// 202 says: not the outcome (contract 3.4).
pub(super) fn status_of(payment: &Payment) -> u16 {
    if payment.outcome_unknown() { 202 } else { 200 }
}

/// A payment that is wanted, wherever it will be collected.
#[derive(Clone)]
pub(super) struct Wanted {
    pub(super) order: Order,
    /// What a simulated cardholder does.
    pub(super) simulation: Option<Simulation>,
    /// What becomes true with it.
    pub(super) alongside: Vec<Change>,
}

pub(super) enum OpenError {
    Commit(CommitError),
    /// The lane takes no more.
    Full,
    /// As many payments wait for terminals as may.
    QueueFull,
    Ended,
}

impl From<CommitError> for OpenError {
    fn from(error: CommitError) -> Self {
        Self::Commit(error)
    }
}
