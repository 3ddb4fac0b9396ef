//! Payments that begin at the terminal of a lane. The intent has one payment in the cloud, whoever is first: the terminal
//! that asks gets that payment, or becomes its beginning, or is refused.

use std::sync::Arc;

use vinr_domain::payment::{
    AuthorizationRequest, Birth, Channel, EndCause, Event, Illegal, Origin, Originated, Payment, State,
    Verdict, believed_creation,
};
use vinr_domain::{DeclineCode, IntentId, PaymentId, Timestamp};
use vinr_wire::link::{Authorize, HostVerdict};

use super::{Lane, result};
use crate::offline::Assessment;
use crate::payments::{AdvanceError, Advanced, verdict_for};
use crate::store::{CommitError, StoreError, Transaction};

/// How often it begins again because somebody else wrote first.
const TRIES: u32 = 16;

/// What came of one try.
enum Tried {
    /// The terminal has its answer, or will.
    Done,
    /// Somebody else wrote first.
    Again,
    /// The name that the terminal gave belongs to another payment.
    NameTaken,
}

impl Lane {
    /// The terminal asks for a payment that began there, or forwards what it approved alone.
    pub(super) async fn originated(&mut self, authorize: Authorize, origin: Origin) {
        if self.asks.is_full() {
            tracing::warn!(terminal = %self.terminal.key.id, "too many requests at once; this one is not answered");
            return;
        }
        let mut name = believed_creation(&origin, self.now()).map(|created_at| (origin.payment, created_at));
        for _ in 0..TRIES {
            match self.try_originated(&authorize, &origin, name).await {
                Ok(Tried::Done) => return,
                Ok(Tried::Again) => {}
                Ok(Tried::NameTaken) => name = None,
                // No answer is better than a wrong one: the terminal asks again.
                Err(error) => {
                    return tracing::error!(intent = %authorize.intent, %error, "a payment of a terminal cannot be taken");
                }
            }
        }
        tracing::error!(intent = %authorize.intent, "a payment of a terminal keeps changing; the terminal asks again");
    }

    async fn try_originated(
        &mut self,
        authorize: &Authorize,
        origin: &Origin,
        name: Option<(PaymentId, Timestamp)>,
    ) -> Result<Tried, StoreError> {
        let mut assessment = match &authorize.offline {
            Some(approval) => Some(self.all.offline.assess(&self.terminal, authorize, approval).await?),
            None => None,
        };
        let known =
            self.all.books.store.find_payment_by_intent(&self.terminal.key.scope, authorize.intent).await?;
        let asked = Originated {
            origin: origin.clone(),
            request: authorize.request.clone(),
            forward: assessment.as_ref().map(|assessment| assessment.forward),
        };
        let Some(payment) = known else {
            if let Some(before) = self.charged_before(&asked).await? {
                tracing::warn!(intent = %authorize.intent, %before, "an ECR's reference is not charged again");
                return self.refuse(authorize, None, assessment.as_mut()).await;
            }
            return self.take_over(authorize, asked, name, assessment.as_mut()).await;
        };
        #[cfg(feature = "sabotage")]
        self.take_from_elsewhere(authorize, &payment).await;
        if !payment.is_on(self.terminal.key.id.as_str()) {
            return self.refuse(authorize, None, assessment.as_mut()).await;
        }
        let (generation, stan) = (asked.request.generation, asked.request.stan);
        if may_move(&payment, &asked.request) {
            return self.join(authorize, &payment, asked, assessment.as_mut()).await;
        }
        match verdict_for(&payment, generation, stan) {
            // The answer to the same request will come.
            None => Ok(Tried::Done),
            Some(Verdict::Refused) => self.refuse(authorize, Some(payment.id), assessment.as_mut()).await,
            Some(verdict) => {
                self.answer(authorize, &verdict, Some(payment.id));
                Ok(Tried::Done)
            }
        }
    }

    /// The transaction that an ECR's reference has charged before (contract 1.9). A terminal asks before it reads a card;
    /// this is for one that was not answered, or that had nobody to ask (ADR 0017). What was approved there alone for
    /// another amount is no repetition.
    async fn charged_before(&self, asked: &Originated) -> Result<Option<PaymentId>, StoreError> {
        let origin = &asked.origin;
        let Some(reference) = origin.reference.as_deref().filter(|_| origin.channel == Channel::Cashless)
        else {
            return Ok(None);
        };
        let scope = &self.terminal.key.scope;
        let before = self.all.books.charged_at(scope, reference, self.terminal.key.id.as_str()).await?;
        let repeats = |before: &Payment| {
            asked.forward.is_none()
                || (before.asked == origin.asked
                    && before.capture_method == origin.capture_method
                    && before.amount_minor() == asked.request.amount_minor)
        };
        Ok(before.filter(|before| repeats(before)).map(|before| before.id))
    }

    /// Nobody knows the intent: this is where its payment begins.
    async fn take_over(
        &mut self,
        authorize: &Authorize,
        asked: Originated,
        name: Option<(PaymentId, Timestamp)>,
        mut assessment: Option<&mut Assessment>,
    ) -> Result<Tried, StoreError> {
        let birth = self.birth(authorize.intent, &asked.origin, name);
        // What the terminal approved alone is a fact, and is taken all the same.
        let account = &self.terminal.key.scope.account;
        if authorize.offline.is_none() && self.all.books.accounts.suspended(account) {
            let refused = self.all.books.adopt_refused(birth, &asked, DeclineCode::AccountSuspended).await;
            return self.taken_over(refused.map_err(AdvanceError::Commit), authorize, assessment).await;
        }
        if let Some(assessment) = &mut assessment {
            assessment.age(authorize);
        }
        let alongside = assessment.as_ref().map(|assessment| assessment.changes()).unwrap_or_default();
        self.sealed_card = Some(authorize.sealed_card.clone());
        let outcome = self.all.books.adopt(birth, &asked, alongside).await;
        self.taken_over(outcome, authorize, assessment).await
    }

    async fn taken_over(
        &mut self,
        outcome: Result<Advanced, AdvanceError>,
        authorize: &Authorize,
        assessment: Option<&mut Assessment>,
    ) -> Result<Tried, StoreError> {
        match outcome {
            Ok(advanced) => {
                self.settle(&advanced);
                self.carry_out(&advanced);
                Ok(Tried::Done)
            }
            Err(AdvanceError::Commit(CommitError::StaleRevision(_))) => Ok(Tried::NameTaken),
            Err(AdvanceError::Illegal(refused)) => self.cannot_be(authorize, &refused, assessment).await,
            Err(error) => again_or_failed(error),
        }
    }

    /// The cloud knows the intent, on this terminal, and it is open.
    async fn join(
        &mut self,
        authorize: &Authorize,
        payment: &Arc<Payment>,
        asked: Originated,
        mut assessment: Option<&mut Assessment>,
    ) -> Result<Tried, StoreError> {
        // Nobody is asked for what is being cancelled, and what was approved alone for it is lost: that is said in the
        // transaction that ends it.
        let comes_to_nothing = matches!(payment.state, State::Cancelling);
        match &mut assessment {
            Some(assessment) if comes_to_nothing => assessment.void(authorize),
            Some(assessment) => assessment.age(authorize),
            None => {}
        }
        let alongside = assessment.as_ref().map(|assessment| assessment.changes()).unwrap_or_default();
        self.sealed_card = Some(authorize.sealed_card.clone());
        let event = Event::Originated(Box::new(asked));
        match self.move_with(payment, &event, alongside).await {
            Ok(moved) => {
                if comes_to_nothing {
                    self.answer(authorize, &Verdict::Refused, Some(moved.id));
                }
                Ok(Tried::Done)
            }
            Err(AdvanceError::Illegal(refused)) => self.cannot_be(authorize, &refused, assessment).await,
            Err(error) => again_or_failed(error),
        }
    }

    async fn cannot_be(
        &mut self,
        authorize: &Authorize,
        refused: &Illegal,
        assessment: Option<&mut Assessment>,
    ) -> Result<Tried, StoreError> {
        tracing::warn!(intent = %authorize.intent, %refused, "a terminal's own request is not passed on");
        self.refuse(authorize, None, assessment).await
    }

    /// The acquirer is not asked. For what the terminal approved alone that is an alarm, and is on record first.
    async fn refuse(
        &mut self,
        authorize: &Authorize,
        name: Option<PaymentId>,
        assessment: Option<&mut Assessment>,
    ) -> Result<Tried, StoreError> {
        if let Some(assessment) = assessment {
            assessment.void(authorize);
            let changes = assessment.changes();
            if !changes.is_empty()
                && let Err(error) = self.all.books.store.commit(Transaction { changes }).await
            {
                return again_or_failed(error.into());
            }
        }
        self.answer(authorize, &Verdict::Refused, name);
        Ok(Tried::Done)
    }

    fn answer(&self, authorize: &Authorize, verdict: &Verdict, name: Option<PaymentId>) {
        let stan = authorize.request.stan;
        self.terminal.send(result(authorize.intent, stan, HostVerdict::from(verdict), name));
    }

    /// The terminal says that a payment ended there before a card was read.
    pub(super) async fn ended_there(
        &mut self,
        intent: IntentId,
        attempt_epoch: u32,
        cause: EndCause,
        origin: &Origin,
    ) {
        let mut name = believed_creation(origin, self.now()).map(|created_at| (origin.payment, created_at));
        for _ in 0..TRIES {
            let scope = &self.terminal.key.scope;
            match self.all.books.store.find_payment_by_intent(scope, intent).await {
                Ok(None) => {}
                // The terminal will never read a card for this intent, whatever the cloud has commanded since: the end
                // counts as one of the newest attempt.
                Ok(Some(known)) => {
                    let epoch = if attempt_epoch == 0 { known.attempt_epoch } else { attempt_epoch };
                    return self.ended(intent, epoch, &Event::TerminalEnded(cause)).await;
                }
                Err(error) => return tracing::error!(%intent, %error, "an ended payment cannot be recorded"),
            }
            let birth = self.birth(intent, origin, name);
            match self.all.books.adopt_ended(birth, origin, cause).await {
                Ok(_) => return,
                Err(CommitError::StaleRevision(_)) => name = None,
                Err(CommitError::ClientTokenTaken(_)) => {}
                Err(error) => return tracing::error!(%intent, %error, "an ended payment cannot be recorded"),
            }
        }
    }

    fn birth(&self, intent: IntentId, origin: &Origin, name: Option<(PaymentId, Timestamp)>) -> Birth {
        let now = self.now();
        let (id, created_at) = name.unwrap_or_else(|| (PaymentId(self.all.books.names.next(now)), now));
        let scope = &self.terminal.key.scope;
        tracing::debug!(%intent, %id, channel = origin.channel.as_str(), "a payment begins at its terminal");
        Birth {
            id,
            account: scope.account.clone(),
            livemode: scope.livemode,
            intent,
            terminal: self.terminal.key.id.as_str().into(),
            location: self.terminal.row().location,
            created_at,
        }
    }

    fn now(&self) -> Timestamp {
        self.all.books.clock.wall()
    }

    /// Planted bugs: money is asked for although the intent's payment is not this terminal's, or is over.
    #[cfg(feature = "sabotage")]
    async fn take_from_elsewhere(&self, authorize: &Authorize, payment: &Arc<Payment>) {
        use crate::settings::Sabotage;
        let elsewhere = !payment.is_on(self.terminal.key.id.as_str());
        let closed = !may_move(payment, &authorize.request);
        let other = payment.state.request().is_none_or(|request| request.stan != authorize.request.stan);
        let planted = match self.all.sabotage {
            Some(Sabotage::ForwardPastFence) => {
                authorize.offline.is_some() && (elsewhere || (closed && other))
            }
            Some(Sabotage::OwnRequestAnywhere) => authorize.offline.is_none() && elsewhere,
            _ => false,
        };
        if planted {
            let state =
                State::Authorizing { request: authorize.request.clone(), asked_at: payment.created_at };
            let payment = Arc::new(Payment { state, ..payment.as_ref().clone() });
            let ask = crate::acquirer::Ask {
                subject: self.subject(&payment),
                sealed_card: authorize.sealed_card.clone(),
            };
            let _ = tokio::time::timeout(std::time::Duration::from_secs(1), self.all.acquirer.authorize(ask))
                .await;
        }
    }
}

/// Whether a request that began at the terminal can still become this payment's, or is sent again for it.
fn may_move(payment: &Payment, request: &AuthorizationRequest) -> bool {
    match &payment.state {
        State::Pending | State::Cancelling => true,
        State::Uncertain { request: asked, .. } => payment.offline.is_some() && asked == request,
        State::Queued
        | State::Authorizing { .. }
        | State::Reversing { .. }
        | State::Authorized { .. }
        | State::Completed { .. }
        | State::Failed { .. }
        | State::Cancelled { .. }
        | State::Expired { .. } => false,
    }
}

fn again_or_failed(error: AdvanceError) -> Result<Tried, StoreError> {
    match error {
        AdvanceError::Commit(CommitError::Failed(error)) => Err(error),
        // The intent, the payment or the chain was written by somebody else: it is read again.
        AdvanceError::Commit(_) | AdvanceError::Illegal(_) | AdvanceError::NoSuchPayment => Ok(Tried::Again),
    }
}
