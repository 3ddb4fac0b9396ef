//! One terminal's payment while it occupies the terminal: the only writer of that payment, besides recovery once its
//! time is over. Takes one input at a time, writes, and only then speaks. Holds nothing that the store does not hold,
//! except what a simulated cardholder was told and the sealed card on its way to the acquirer. Beside that payment it
//! takes those that began at the terminal; one that the terminal approved alone occupies nothing.

mod asks;
mod originated;
#[cfg(feature = "sabotage")]
mod planted;

use std::future::Future;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use vinr_domain::payment::{Effect, Event, Illegal, Payment, State, StateKind, Verdict};
use vinr_domain::{DeclineCode, IntentId, PaymentId};
use vinr_wire::link::{
    Authorize, Collect, CollectAnswer, HostVerdict, Simulation, Takes, ToCloud, ToTerminal,
};

use self::asks::Asks;
use super::directory::Terminal;
use super::lanes::{LaneInput, Lanes, Offer, Offered, Submitted};
use crate::acquirer::{Answer, Ask, Subject};
use crate::payments::{AdvanceError, Advanced, verdict_for};
use crate::store::{Change, CommitError, Stage};

/// A running lane.
pub(super) struct Lane {
    all: Lanes,
    terminal: Arc<Terminal>,
    inputs: mpsc::Receiver<LaneInput>,
    current: Option<Arc<Payment>>,
    simulation: Option<Simulation>,
    sealed_card: Option<vinr_wire::card::SealedCard>,
    asks: Asks,
}

impl Lane {
    pub(super) fn new(all: Lanes, terminal: Arc<Terminal>, inputs: mpsc::Receiver<LaneInput>) -> Self {
        Self { all, terminal, inputs, current: None, simulation: None, sealed_card: None, asks: Asks::new() }
    }

    /// Runs until the terminal is free and nothing is left in the mailbox.
    pub(super) async fn run(mut self) {
        loop {
            if self.current.is_none() && self.asks.is_empty() && self.retired() {
                return;
            }
            let lapse = self.lapse();
            tokio::select! {
                biased;
                (payment, answer) = self.asks.next() => self.heard(&payment, answer).await,
                input = self.inputs.recv() => match input {
                    Some(input) => self.take(input).await,
                    None => return,
                },
                () = lapse => self.lapsed().await,
            }
        }
    }

    /// Leaves the directory if the mailbox is empty, under the lock that senders hold.
    fn retired(&mut self) -> bool {
        let mut lane = self.terminal.lane.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.inputs.is_empty() {
            return false;
        }
        *lane = None;
        drop(lane);
        self.all.vacancies.free(&self.terminal.key);
        true
    }

    /// Resolves when the current payment's lease and margin are over.
    fn lapse(&self) -> impl Future<Output = ()> + use<> {
        let due_at = self.current.as_ref().filter(|p| !self.asks.contains(p.id)).and_then(|p| p.due_at);
        let wait = due_at.map(|due| {
            let ms = due.ms_since(self.all.books.clock.wall()).max(0);
            Instant::now() + Duration::from_millis(ms.unsigned_abs())
        });
        async move {
            match wait {
                Some(moment) => sleep_until(moment).await,
                None => std::future::pending().await,
            }
        }
    }

    async fn lapsed(&mut self) {
        let Some(payment) = self.current.clone() else { return };
        let event = match payment.state.kind() {
            StateKind::Authorizing => Event::Silent,
            _ => Event::LeaseLapsed,
        };
        match self.move_on(&payment, &event).await {
            Ok(_) => {}
            // The wall clock went back since the timer was set; the next one is set from it.
            Err(AdvanceError::Illegal(Illegal::TooEarly)) => {}
            Err(error) => self.look_again(&payment, &error).await,
        }
    }

    async fn take(&mut self, input: LaneInput) {
        match input {
            LaneInput::Create(submitted) => self.create(*submitted).await,
            LaneInput::Offer(offered) => self.offered(*offered).await,
            LaneInput::Cancel { id, alongside, reply } => self.cancel(id, alongside, reply).await,
            LaneInput::FromTerminal(message) => self.hear(*message).await,
            LaneInput::LinkUp => self.send_again(),
            LaneInput::Adopt(payment) => {
                if self.current.is_none() {
                    self.current = Some(payment);
                    self.send_again();
                }
            }
        }
    }

    async fn create(&mut self, submitted: Submitted) {
        let Submitted { order, simulation, alongside, only_if_free, reply } = submitted;
        let refusal = if self.terminal.is_locked() {
            Some(DeclineCode::TerminalLocked)
        } else if !self.terminal.is_online() {
            Some(DeclineCode::TerminalOffline)
        } else if self.current.is_some() {
            Some(DeclineCode::TerminalBusy)
        } else {
            None
        };
        if only_if_free && refusal.is_some() {
            let _ = reply.send(Ok(None));
            return;
        }
        let opened = match refusal {
            Some(code) => self.all.books.refuse(order, code, alongside).await,
            None => self.all.books.accept(order, alongside).await,
        };
        if refusal.is_none()
            && let Ok(opened) = &opened
        {
            self.current = Some(Arc::clone(&opened.payment));
            self.simulation = simulation;
            self.send_again();
        }
        // A caller who hung up changes nothing.
        let _ = reply.send(opened.map(|opened| Some(opened.payment)));
    }

    /// A payment that waits becomes this terminal's, if the terminal is free and nobody was faster.
    async fn offered(&mut self, offered: Offered) {
        let Offered { payment, simulation, reply } = offered;
        if self.current.is_some() || !self.terminal.is_online() || self.terminal.is_locked() {
            let _ = reply.send(Offer::NotFree);
            return;
        }
        let event = Event::TerminalAssigned {
            terminal: self.terminal.key.id.as_str().into(),
            location: self.terminal.row().location,
        };
        let outcome = match self.all.books.advance(&payment, &event).await {
            Ok(advanced) => {
                self.current = Some(advanced.payment);
                self.simulation = simulation;
                self.send_again();
                Offer::Taken
            }
            Err(AdvanceError::Commit(CommitError::Failed(error))) => {
                tracing::error!(payment = %payment.id, %error, "a payment that waits could not be assigned");
                Offer::Failed
            }
            Err(_moved) => {
                #[cfg(feature = "sabotage")]
                self.take_all_the_same(&payment).await;
                Offer::Moved
            }
        };
        let _ = reply.send(outcome);
    }

    async fn cancel(
        &mut self,
        id: PaymentId,
        alongside: Vec<Change>,
        reply: oneshot::Sender<Result<Arc<Payment>, AdvanceError>>,
    ) {
        let known = match self.current.clone().filter(|payment| payment.id == id) {
            Some(payment) => Ok(payment),
            None => self.all.books.reload(&self.terminal.key.scope, id).await,
        };
        let outcome = match known {
            Ok(payment) => self.move_with(&payment, &Event::CancelRequested, alongside).await,
            Err(error) => Err(error),
        };
        let _ = reply.send(outcome);
    }

    async fn hear(&mut self, message: ToCloud) {
        match message {
            ToCloud::CollectAnswer(CollectAnswer { intent, attempt_epoch, answer }) => match answer {
                Takes::Prompting => self.acknowledged(intent),
                Takes::Refused(code) => {
                    self.ended(intent, attempt_epoch, &Event::TerminalRefused(code)).await;
                }
            },
            ToCloud::Authorize(mut authorize) => {
                match authorize.origin.take() {
                    Some(origin) => self.originated(authorize, origin).await,
                    None => self.authorize(authorize).await,
                }
                // What was not passed on is not kept.
                self.sealed_card = None;
            }
            ToCloud::Ended { intent, attempt_epoch, cause, origin: Some(origin) } => {
                self.ended_there(intent, attempt_epoch, cause, &origin).await;
            }
            ToCloud::Ended { intent, attempt_epoch, cause, origin: None } => {
                self.ended(intent, attempt_epoch, &Event::TerminalEnded(cause)).await;
            }
            ToCloud::StatusQuery { intent, stan, generation } => {
                self.status(intent, generation, stan).await;
            }
            // The request for authorization came before it in the same stream and says it all.
            ToCloud::CancelTooLate { .. } => {}
            // The link takes these out before they come here.
            ToCloud::ResultConfirmed { .. }
            | ToCloud::CardPresented(_)
            | ToCloud::ConfigApplied(_)
            | ToCloud::ActionReport(_)
            | ToCloud::CertificateRequest { .. }
            | ToCloud::DeviceStatus(_)
            | ToCloud::Progress(_)
            | ToCloud::LanAccessApplied(_)
            | ToCloud::LanCertificateRequest(_)
            | ToCloud::OfficeRequest(_)
            | ToCloud::OfflineStanding(_) => {}
        }
    }

    fn acknowledged(&self, intent: IntentId) {
        if let Some(payment) = self.current.as_ref().filter(|payment| payment.intent == intent) {
            self.terminal.trail.note(payment.id, Stage::Acknowledged, self.all.books.clock.wall());
        }
    }

    /// The terminal says that the intent ended there. A fact: it is taken from any link, once.
    async fn ended(&mut self, intent: IntentId, attempt_epoch: u32, event: &Event) {
        let Some(payment) = self.find(intent).await else { return };
        let ends = match payment.state {
            // A payment of a group can come to a terminal twice: what ended the first time says nothing of the second.
            State::Pending => attempt_epoch == payment.attempt_epoch,
            State::Cancelling => attempt_epoch <= payment.attempt_epoch,
            _ => false,
        };
        if !ends {
            return;
        }
        if let Err(error) = self.move_on(&payment, event).await {
            self.look_again(&payment, &error).await;
        }
    }

    async fn authorize(&mut self, authorize: Authorize) {
        let Authorize { intent, request, sealed_card, .. } = authorize;
        let (generation, stan) = (request.generation, request.stan);
        let Some(payment) = self.find(intent).await else {
            self.terminal.send(result(intent, stan, HostVerdict::Refused, None));
            return;
        };
        if !matches!(payment.state, State::Pending | State::Cancelling) {
            // Said before: the verdict is what it was.
            if let Some(verdict) = verdict_for(&payment, generation, stan) {
                self.terminal.send(result(intent, stan, HostVerdict::from(&verdict), None));
            }
            return;
        }
        self.terminal.trail.note(payment.id, Stage::CardPresented, self.all.books.clock.wall());
        self.sealed_card = Some(sealed_card);
        #[cfg(feature = "sabotage")]
        self.ask_before_commit(&payment, &request).await;
        match self.move_on(&payment, &Event::CardPresented(request)).await {
            Ok(_) => {}
            Err(AdvanceError::Illegal(refused)) => {
                tracing::warn!(payment = %payment.id, %refused, "a request for authorization is not passed on");
                self.terminal.send(result(intent, stan, HostVerdict::Refused, None));
            }
            Err(error) => self.look_again(&payment, &error).await,
        }
    }

    /// The terminal asks how its request ended, because it has forgotten the card or lost patience. What has not
    /// arrived before this question will not: links deliver in order.
    async fn status(&mut self, intent: IntentId, generation: u32, stan: u32) {
        let Some(mut payment) = self.find(intent).await else {
            self.terminal.send(result(intent, stan, HostVerdict::Refused, None));
            return;
        };
        if matches!(payment.state, State::Pending | State::Cancelling) {
            let event = Event::TerminalRefused(DeclineCode::CommunicationError);
            match self.move_on(&payment, &event).await {
                Ok(moved) => payment = moved,
                // No answer is better than a wrong one: the terminal asks again.
                Err(error) => return self.look_again(&payment, &error).await,
            }
        }
        if let Some(verdict) = verdict_for(&payment, generation, stan) {
            let name = payment.name_for_terminal();
            self.terminal.send(result(intent, stan, HostVerdict::from(&verdict), name));
        }
    }

    /// The acquirer answered, or its time is over.
    async fn heard(&mut self, asked: &Arc<Payment>, answer: Option<Answer>) {
        // What is known of the current payment may be newer.
        let current = self.current.as_ref().filter(|current| current.id == asked.id);
        let payment = Arc::clone(current.unwrap_or(asked));
        let event = match answer {
            Some(Answer::Approved(approval)) => Event::Approved(approval),
            Some(Answer::Declined(code)) => Event::Declined(code),
            Some(Answer::NotFound) | None => Event::Silent,
        };
        #[cfg(feature = "sabotage")]
        let event = match event {
            Event::Silent if self.all.sabotage == Some(crate::settings::Sabotage::SilenceIsDecline) => {
                Event::Declined(DeclineCode::CommunicationError)
            }
            event => event,
        };
        match self.move_on(&payment, &event).await {
            Ok(_) => {}
            Err(AdvanceError::Illegal(refused)) => {
                // An answer that cannot be true is treated as none: what really happened is found out or undone.
                tracing::error!(payment = %payment.id, %refused, "the acquirer's answer is not believed");
                if let Err(error) = self.move_on(&payment, &Event::Silent).await {
                    self.look_again(&payment, &error).await;
                }
            }
            Err(error) => self.look_again(&payment, &error).await,
        }
    }

    async fn move_on(&mut self, payment: &Arc<Payment>, event: &Event) -> Result<Arc<Payment>, AdvanceError> {
        self.move_with(payment, event, Vec::new()).await
    }

    async fn move_with(
        &mut self,
        payment: &Arc<Payment>,
        event: &Event,
        mut alongside: Vec<Change>,
    ) -> Result<Arc<Payment>, AdvanceError> {
        // What the terminal said on the way is written with what became of it: no write of its own.
        let passed = self.terminal.trail.of(payment.id);
        if !passed.is_empty() {
            alongside.push(Change::NoteMoments {
                scope: self.terminal.key.scope.clone(),
                payment: payment.id,
                moments: passed.as_slice().into(),
            });
        }
        let advanced = self.all.books.advance_with(payment, event, |_| alongside).await?;
        self.terminal.trail.written(payment.id, passed.len());
        self.settle(&advanced);
        self.carry_out(&advanced);
        Ok(advanced.payment)
    }

    /// Keeps the payment while it occupies the terminal.
    fn settle(&mut self, advanced: &Advanced) {
        let occupies = advanced.payment.occupies_terminal();
        let is_current = self.current.as_ref().is_none_or(|current| current.id == advanced.payment.id);
        if is_current {
            self.current = occupies.then(|| Arc::clone(&advanced.payment));
            if !occupies && !advanced.payment.is_queued() {
                self.simulation = None;
            }
        }
    }

    fn carry_out(&mut self, advanced: &Advanced) {
        let payment = &advanced.payment;
        for effect in &advanced.effects {
            match effect {
                Effect::WaitAgain => {
                    let simulation = self.simulation.take();
                    self.all.vacancies.given_back(&self.terminal.key, Arc::clone(payment), simulation);
                }
                Effect::SendCancel => {
                    self.terminal.send(cancel(payment));
                }
                Effect::AskAcquirer => self.ask(payment),
                Effect::TellTerminal(verdict) => self.tell(payment, verdict),
                Effect::Inquire | Effect::Advise(_) => self.all.recovery.wake(),
                Effect::Announce(_) => {}
            }
        }
    }

    fn tell(&self, payment: &Payment, verdict: &Verdict) {
        if let Some(request) = payment.state.request() {
            let (verdict, name) = (HostVerdict::from(verdict), payment.name_for_terminal());
            self.terminal.send(result(payment.intent, request.stan, verdict, name));
        } else if *verdict == Verdict::Refused {
            // The request was never taken over, so the payment does not know its number.
            self.terminal.send(cancel(payment));
        }
    }

    fn ask(&mut self, payment: &Arc<Payment>) {
        let Some(sealed_card) = self.sealed_card.take() else { return };
        let answer = self.all.acquirer.authorize(Ask { subject: self.subject(payment), sealed_card });
        let patience = Duration::from_millis(self.all.books.terms.acquirer_answer_ms.unsigned_abs());
        self.all.tasks.spawn(self.asks.open(payment, answer, patience));
    }

    fn subject(&self, payment: &Arc<Payment>) -> Subject {
        Subject { payment: Arc::clone(payment), terminal: Arc::clone(&self.terminal.link_id) }
    }

    /// Sends the terminal what it must know of the current payment; it joins what it knows already.
    fn send_again(&self) {
        let Some(payment) = &self.current else { return };
        match &payment.state {
            State::Pending => {
                if self.terminal.send(ToTerminal::Collect(self.collect(payment))) {
                    let now = self.all.books.clock.wall();
                    self.terminal.trail.note(payment.id, Stage::Dispatched, now);
                }
            }
            State::Cancelling => {
                self.terminal.send(cancel(payment));
            }
            State::Queued
            | State::Authorizing { .. }
            | State::Uncertain { .. }
            | State::Reversing { .. }
            | State::Authorized { .. }
            | State::Completed { .. }
            | State::Failed { .. }
            | State::Cancelled { .. }
            | State::Expired { .. } => {}
        }
    }

    fn collect(&self, payment: &Payment) -> Collect {
        Collect {
            intent: payment.intent,
            attempt_epoch: payment.attempt_epoch,
            deadline: payment.deadline,
            amount: payment.asked,
            capture_method: payment.capture_method,
            reference: payment.reference.clone(),
            payment_id: payment.id,
            simulation: self.simulation.clone(),
            // As the terminal is configured.
            tip: None,
        }
    }

    async fn find(&self, intent: IntentId) -> Option<Arc<Payment>> {
        if let Some(current) = self.current.as_ref().filter(|payment| payment.intent == intent) {
            return Some(Arc::clone(current));
        }
        let found = self.all.books.store.find_payment_by_intent(&self.terminal.key.scope, intent).await;
        let found = found.unwrap_or_else(|error| {
            tracing::error!(%error, "a payment cannot be read; the terminal asks again");
            None
        });
        // An intent of another terminal is none of this one's business.
        found.filter(|payment| payment.is_on(self.terminal.key.id.as_str()))
    }

    /// Somebody else moved the payment: what counts is what is stored. When the store fails, the lane lets go and
    /// recovery finds the payment in the store when it is due: a terminal is never held by what cannot be written.
    async fn look_again(&mut self, payment: &Arc<Payment>, error: &AdvanceError) {
        let is_current = self.current.as_ref().is_some_and(|current| current.id == payment.id);
        if let AdvanceError::Commit(CommitError::Failed(_)) = error {
            tracing::error!(payment = %payment.id, %error, "a payment could not be moved");
            if is_current {
                self.current = None;
            }
            return;
        }
        let stored = self.all.books.reload(&self.terminal.key.scope, payment.id).await.ok();
        if is_current {
            self.current = stored.filter(|stored| stored.occupies_terminal());
        }
    }
}

fn result(intent: IntentId, stan: u32, verdict: HostVerdict, renamed: Option<PaymentId>) -> ToTerminal {
    ToTerminal::AuthorizeResult { intent, stan, verdict, renamed }
}

fn cancel(payment: &Payment) -> ToTerminal {
    ToTerminal::Cancel { intent: payment.intent, attempt_epoch: payment.attempt_epoch }
}
