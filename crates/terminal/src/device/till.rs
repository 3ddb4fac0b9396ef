//! Orders from tills and ECRs, and their questions. The first arrival of an intent runs and is durable before it is
//! answered; every later one joins it, however it came (contract 3.1 and 3.5). Such a payment has the attempt epoch 0 and
//! no lease of the cloud: its prompt ends by the terminal's own clock.

use std::sync::Arc;

use tokio::sync::oneshot;
use vinr_domain::device::{Event, State};
use vinr_domain::{IntentId, PaymentId, TipPrompt};
use vinr_wire::journal::{Command, IntentRecord, LanOrigin};
use vinr_wire::link::{Collect, ProgressStage, Simulation};

use super::{Device, Stop};
use crate::faults::CrashPoint;
use crate::journal::Disk;
use crate::reader::Reader;
use crate::till::{
    CancelRefusal, LineItem, Lookup, OfficeAsk, Sale, Taken, TillAsk, TillOrder, TillRefusal, TillTip,
};

/// What the screen and the reader are taken for.
#[derive(Debug)]
pub(super) struct Sought {
    pub(super) intent: IntentId,
    pub(super) amount: vinr_domain::Money,
    /// The lease in server time; `None` for what began here.
    pub(super) lease: Option<vinr_domain::Timestamp>,
    pub(super) tip: TillTip,
    pub(super) reference: Option<Arc<str>>,
    pub(super) simulation: Option<Simulation>,
    pub(super) items: Vec<LineItem>,
}

impl From<&Collect> for Sought {
    fn from(collect: &Collect) -> Self {
        Self {
            intent: collect.intent,
            amount: collect.amount,
            lease: Some(collect.deadline),
            tip: collect.tip.clone().map_or(TillTip::AsConfigured, |prompt: TipPrompt| TillTip::Ask(prompt)),
            reference: collect.reference.clone(),
            simulation: collect.simulation.clone(),
            items: Vec::new(),
        }
    }
}

impl From<&TillOrder> for Sought {
    fn from(order: &TillOrder) -> Self {
        Self {
            intent: order.intent,
            amount: order.amount,
            lease: None,
            tip: order.tip.clone(),
            reference: order.reference.clone(),
            simulation: order.simulation.clone(),
            items: order.items.clone(),
        }
    }
}

impl<D: Disk, R: Reader> Device<D, R> {
    pub(super) async fn serve_till(&mut self, asked: TillAsk) -> Result<(), Stop> {
        match asked {
            TillAsk::Collect { order, answer } => self.take_order(order, answer).await?,
            TillAsk::Find { what, answer } => {
                let _ = answer.send(self.look_up(&what).map(|record| self.sale(record)));
            }
            TillAsk::List { answer } => {
                let mut sales: Vec<Sale> =
                    self.parts.journal.entries().map(|record| self.sale(record)).collect();
                sales.sort_by_key(|sale| std::cmp::Reverse(age(&sale.record)));
                let _ = answer.send(sales);
            }
            TillAsk::Cancel { what, answer } => {
                let cancelled = self.cancel_for_till(&what).await?;
                let _ = answer.send(cancelled);
            }
            TillAsk::Office(ask) => self.ask_office(ask),
            TillAsk::NoteCaptured { intent, captured_minor, completed_as, answer } => {
                self.note_captured(intent, captured_minor, completed_as).await?;
                let _ = answer.send(());
            }
            TillAsk::Receipt { what, answer } => {
                let _ = answer.send(self.look_up(&what).and_then(|record| self.receipt_facts(record)));
            }
            TillAsk::Refunded { refund, prints, answer } => {
                self.note_refund(&refund, prints).await?;
                let _ = answer.send(());
            }
            TillAsk::Newest { answer } => {
                let _ = answer.send(self.newest_receipt());
            }
            TillAsk::Reprint { copies, answer } => {
                let _ = answer.send(self.reprint(copies));
            }
            TillAsk::Flush { answer } => {
                self.flush();
                self.ask_due(self.now_ms()).await?;
                let _ = answer.send(self.offline.pending as usize);
            }
        }
        Ok(())
    }

    async fn take_order(
        &mut self,
        order: Box<TillOrder>,
        answer: oneshot::Sender<Result<Taken, TillRefusal>>,
    ) -> Result<(), Stop> {
        let Some(answer) = self.join_inquiry(&order, answer) else { return Ok(()) };
        let begins = self.known(order.intent).is_none() && self.may_begin(&order).is_ok();
        let (order, answer) = match begins {
            true => match self.inquire(order, answer) {
                Ok(()) => return Ok(()),
                Err(back) => back,
            },
            false => (order, answer),
        };
        let taken = self.take_now(&order).await?;
        // Whoever asked may be gone; the payment is in the journal all the same.
        let _ = answer.send(taken);
        Ok(())
    }

    /// Begins an order, or joins the payment that it is already.
    pub(super) async fn take_now(&mut self, order: &TillOrder) -> Result<Result<Taken, TillRefusal>, Stop> {
        Ok(match self.known(order.intent) {
            Some(known) => self.join_order(&known, order),
            None => match self.may_begin(order) {
                Ok(()) => Ok(self.begin_order(order).await?),
                Err(refusal) => Err(refusal),
            },
        })
    }

    /// Whether a payment that is not known may begin now.
    fn may_begin(&self, order: &TillOrder) -> Result<(), TillRefusal> {
        if self.restart_by_ms.is_some() {
            return Err(TillRefusal::Restarting);
        }
        if self.out_of_service {
            return Err(TillRefusal::OutOfService);
        }
        if self.parts.desk.access.borrow().suspended {
            return Err(TillRefusal::Suspended);
        }
        if let Some(reference) = &order.reference
            && let Some(open) = self.open_with(reference)
        {
            return Err(TillRefusal::ReferenceTaken(open));
        }
        self.is_free()?;
        if self.is_locked() {
            return Err(TillRefusal::Locked);
        }
        if !self.parts.journal.has_room() {
            return Err(TillRefusal::JournalFull);
        }
        Ok(())
    }

    fn is_free(&self) -> Result<(), TillRefusal> {
        match self.serving() {
            Some(serving) => Err(TillRefusal::Busy { reference: serving.reference, since: serving.since }),
            None => Ok(()),
        }
    }

    /// No payments until somebody acts.
    pub(super) fn is_locked(&self) -> bool {
        self.parts.memory.kept().locked || self.parts.reader.is_faulty()
    }

    /// A payment with this reference that has not ended (contract 2.2). One that was approved here alone has not: it
    /// may still be declined.
    fn open_with(&self, reference: &str) -> Option<PaymentId> {
        let open = |record: &&IntentRecord| match record.state {
            State::Waiting { .. }
            | State::AuthSent { .. }
            | State::Unknown { .. }
            | State::ApprovedAlone { .. } => true,
            State::Approved { .. } | State::Declined { .. } | State::Voided { .. } | State::Ended { .. } => {
                false
            }
        };
        let commands = self.parts.journal.entries().filter(open).filter_map(|record| record.command.as_ref());
        commands
            .filter(|command| command.reference.as_deref() == Some(reference))
            .map(|command| command.payment_id)
            .next()
    }

    async fn begin_order(&mut self, order: &TillOrder) -> Result<Taken, Stop> {
        let record = self.record_of_order(order);
        self.parts.journal.apply(record)?;
        self.parts.journal.write()?;
        self.point(CrashPoint::OrderNotSynced)?;
        self.parts.journal.sync().await?;
        self.point(CrashPoint::OrderSynced)?;
        self.prompt(order.into());
        self.publish(order.intent);
        self.point(CrashPoint::OrderNotAnswered)?;
        let record = self.parts.journal.entry(order.intent).cloned();
        let record = record.unwrap_or_else(|| self.record_of_order(order));
        Ok(Taken::Started(self.sale(&record)))
    }

    fn record_of_order(&self, order: &TillOrder) -> IntentRecord {
        let now = self.stamp();
        let deadline = now.plus_ms(self.parts.settings.prompt_timeout_ms);
        let command = Command {
            payment_id: order.payment,
            amount: order.amount,
            capture_method: order.capture_method,
            reference: order.reference.clone(),
        };
        let origin = LanOrigin {
            channel: order.channel,
            description: order.description.clone(),
            metadata: Arc::clone(&order.metadata),
            created_at: now,
            captured_minor: None,
            prints: order.prints,
            completed_as: None,
        };
        IntentRecord {
            intent: order.intent,
            attempt_epoch: 0,
            command: Some(command),
            request: None,
            state: State::Waiting { attempt_epoch: 0, deadline },
            auth_code: None,
            reported: false,
            written_at: now,
            receipt_channel: None,
            origin: Some(origin),
            offline: None,
        }
    }

    /// The intent is known: the order joins it, if it is the same.
    fn join_order(&mut self, known: &IntentRecord, order: &TillOrder) -> Result<Taken, TillRefusal> {
        if let Some(command) = known.command.as_ref().filter(|command| !is_same(command, order)) {
            return Err(TillRefusal::TokenReused(command.payment_id));
        }
        let prompts = self.active.as_ref().is_some_and(|active| active.intent == known.intent);
        if matches!(known.state, State::Waiting { attempt_epoch: 0, .. }) && !prompts {
            // The terminal has started again since; the prompt it had is gone.
            if self.restart_by_ms.is_some() {
                return Err(TillRefusal::Restarting);
            }
            self.is_free()?;
            if self.is_locked() {
                return Err(TillRefusal::Locked);
            }
            self.prompt(order.into());
            self.publish(known.intent);
        }
        Ok(Taken::Joined(self.sale(known)))
    }

    /// A till cancels: what it asked for itself, or, in the customer's place, what the cloud commanded.
    async fn cancel_for_till(&mut self, what: &Lookup) -> Result<Result<Sale, CancelRefusal>, Stop> {
        let Some(record) = self.look_up(what).cloned() else { return Ok(Err(CancelRefusal::NotFound)) };
        let intent = record.intent;
        match record.state {
            State::Waiting { attempt_epoch: 0, .. } => self.advance(intent, &Event::CancelAsked).await?,
            State::Waiting { .. } => self.advance(intent, &Event::CustomerCancelled).await?,
            State::Ended { .. } => {}
            State::AuthSent { .. }
            | State::Unknown { .. }
            | State::Approved { .. }
            | State::Declined { .. }
            | State::ApprovedAlone { .. }
            | State::Voided { .. } => {
                return Ok(Err(CancelRefusal::TooLate(Box::new(self.sale(&record)))));
            }
        }
        let record = self.parts.journal.entry(intent).unwrap_or(&record);
        Ok(Ok(self.sale(record)))
    }

    async fn note_captured(
        &mut self,
        intent: IntentId,
        captured_minor: i64,
        completed_as: Option<Arc<str>>,
    ) -> Result<(), Stop> {
        let Some(mut record) = self.parts.journal.entry(intent).cloned() else { return Ok(()) };
        let Some(origin) = &mut record.origin else { return Ok(()) };
        origin.captured_minor = Some(captured_minor);
        if completed_as.is_some() {
            origin.completed_as = completed_as;
        }
        self.parts.journal.apply(record)?;
        self.parts.journal.sync().await?;
        self.publish(intent);
        Ok(())
    }

    /// The entry that is meant.
    pub(super) fn look_up(&self, what: &Lookup) -> Option<&IntentRecord> {
        let journal = &self.parts.journal;
        match what {
            Lookup::Intent(intent) => journal.entry(*intent),
            Lookup::Active => self.active.as_ref().and_then(|active| journal.entry(active.intent)),
            Lookup::Payment(payment) => self.newest(|_, command| command.payment_id == *payment),
            Lookup::Reference(reference) => {
                self.newest(|_, command| command.reference.as_ref() == Some(reference))
            }
            Lookup::Last => self.newest(|record, _| match record.state {
                State::Waiting { .. } | State::AuthSent { .. } | State::Unknown { .. } => false,
                State::Approved { .. }
                | State::Declined { .. }
                | State::ApprovedAlone { .. }
                | State::Voided { .. }
                | State::Ended { .. } => true,
            }),
        }
    }

    /// The newest entry of a payment that was asked for here and is `wanted`.
    pub(super) fn newest(&self, wanted: impl Fn(&IntentRecord, &Command) -> bool) -> Option<&IntentRecord> {
        let entries = self.parts.journal.entries();
        entries
            .filter(|record| record.command.as_ref().is_some_and(|command| wanted(record, command)))
            .max_by_key(|record| age(record))
    }

    /// Ends prompts that a restart interrupted and that nobody asked for again in their time.
    pub(super) async fn end_orphans(&mut self, now_ms: i64) -> Result<(), Stop> {
        let due = |(_, until_ms): &(&IntentId, &i64)| **until_ms <= now_ms;
        let due: Vec<IntentId> = self.orphans.iter().filter(due).map(|(intent, _)| *intent).collect();
        for intent in due {
            self.orphans.remove(&intent);
            let state = self.parts.journal.entry(intent).map(|record| &record.state);
            if matches!(state, Some(State::Waiting { attempt_epoch: 0, .. })) {
                self.advance(intent, &Event::PromptTimedOut).await?;
            }
        }
        Ok(())
    }

    /// After a start: prompts of tills are kept for a while, without a screen, for their tills to come back.
    pub(super) fn recover_orders(&mut self) {
        let until_ms = self.now_ms() + self.parts.settings.prompt_timeout_ms;
        let waiting =
            |record: &&IntentRecord| matches!(record.state, State::Waiting { attempt_epoch: 0, .. });
        let waiting = self.parts.journal.entries().filter(waiting);
        self.orphans = waiting.map(|record| (record.intent, until_ms)).collect();
    }

    pub(super) fn ask_office(&mut self, ask: OfficeAsk) {
        let now_ms = self.now_ms();
        let (online, parts) = (self.link.is_ok(), &mut self.parts);
        self.office.ask(ask, online, now_ms, &parts.settings, &mut parts.outbox);
    }

    pub(super) fn stage_of(&self, intent: IntentId) -> Option<ProgressStage> {
        self.stage.filter(|(staged, _)| *staged == intent).map(|(_, stage)| stage)
    }

    fn sale(&self, record: &IntentRecord) -> Sale {
        self.parts.desk.sale(record, self.stage_of(record.intent))
    }
}

/// Orders payments by when they were asked for: the names on the API are drawn in the order of time.
fn age(record: &IntentRecord) -> (Option<PaymentId>, IntentId) {
    (record.command.as_ref().map(|command| command.payment_id), record.intent)
}

/// Whether an order asks for what the intent already stands for.
fn is_same(command: &Command, order: &TillOrder) -> bool {
    command.amount == order.amount
        && command.capture_method == order.capture_method
        && command.reference == order.reference
}
