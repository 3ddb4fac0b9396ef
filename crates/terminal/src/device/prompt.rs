//! The active payment between its prompt and its answer: what the reader says, and the timers. A card counts only
//! while the lease runs.

use vinr_domain::device::Event;
use vinr_domain::payment::AuthorizationRequest;
use vinr_domain::{CardFacts, EntryMode, IntentId, Timestamp};
use vinr_wire::card::SealContext;
use vinr_wire::link::{CardPresented, PresentCard, ProgressStage, ToCloud};

use super::{Active, Device, Stage, Stop};
use crate::journal::Disk;
use crate::reader::{Pin, PresentError, Reader, ReaderEvent};
use crate::screen::Screen;

/// A card that was read while the link was being made again. Nothing is written of it: should the power go now, nobody has
/// been charged.
#[derive(Debug)]
pub(super) struct Held {
    intent: IntentId,
    card: CardFacts,
    /// On the monotonic clock.
    until_ms: i64,
}

impl Held {
    /// When nobody waits for the link any longer, on the monotonic clock.
    pub(super) fn until_ms(&self) -> i64 {
        self.until_ms
    }
}

impl<D: Disk, R: Reader> Device<D, R> {
    /// The payment that waits for its customer.
    pub(super) fn prompting(&self) -> Option<&Active> {
        self.active.as_ref().filter(|active| !matches!(active.stage, Stage::Asking { .. }))
    }

    /// Whether a payment that waits for its customer must no longer be acted on: its lease is over. What began here has
    /// none.
    fn lapsed(&self, lease: Option<Timestamp>) -> bool {
        lease.is_some_and(|lease| self.lease_over(lease))
    }

    pub(super) async fn read(&mut self, event: ReaderEvent) -> Result<(), Stop> {
        if let ReaderEvent::ReceiptChosen(channel) = event {
            return self.receipt_chosen(channel).map(|_taken| ());
        }
        let Some(active) = self.prompting() else {
            // Too late: the prompt has ended, or a request is under way.
            return Ok(());
        };
        let (intent, amount, lease) = (active.intent, active.total(), active.lease());
        let asks_card = matches!(active.stage, Stage::Prompting { .. });
        match event {
            ReaderEvent::PinEntry => {
                self.parts.display.show(&Screen::PinEntry { amount });
                self.progress(intent, ProgressStage::CardPresented);
                self.progress(intent, ProgressStage::PinEntry);
                Ok(())
            }
            ReaderEvent::TipChosen(choice) => {
                self.tip_chosen(choice);
                Ok(())
            }
            // Answered above.
            ReaderEvent::ReceiptChosen(_) => Ok(()),
            ReaderEvent::CustomerCancelled => self.advance(intent, &Event::CustomerCancelled).await,
            ReaderEvent::CardRead(_) if self.lapsed(lease) => self.advance(intent, &Event::LeaseOver).await,
            ReaderEvent::CardRead(_) if !asks_card => Ok(()),
            ReaderEvent::CardRead(card) => self.card_read(intent, card).await,
        }
    }

    /// A card was read. Where the link broke a moment ago, the issuer is asked when it is back, if that is soon.
    async fn card_read(&mut self, intent: IntentId, card: CardFacts) -> Result<(), Stop> {
        let began_here = self.parts.journal.entry(intent).is_some_and(|record| record.attempt_epoch == 0);
        let until_ms = self.link_lost_ms.map(|lost_ms| lost_ms + self.parts.settings.link_grace_ms);
        match until_ms.filter(|until_ms| began_here && self.link.is_err() && self.now_ms() < *until_ms) {
            Some(until_ms) if self.held.is_none() => {
                tracing::info!(%intent, "a card was read while the link is away; it may be back in a moment");
                if let Some(amount) = self.active.as_ref().map(Active::total) {
                    self.parts.display.show(&Screen::Authorizing { amount });
                }
                self.held = Some(Held { intent, card, until_ms });
                Ok(())
            }
            Some(_) => Ok(()),
            None => self.decide(intent, card).await,
        }
    }

    /// Goes on with a card that was held: the link is back, or its time is over.
    pub(super) async fn settle_held(&mut self) -> Result<(), Stop> {
        let due = |held: &Held| self.link.is_ok() || self.now_ms() >= held.until_ms;
        if !self.held.as_ref().is_some_and(due) {
            return Ok(());
        }
        let Some(Held { intent, card, .. }) = self.held.take() else { return Ok(()) };
        // It may have been cancelled meanwhile, or have timed out.
        match self.prompting().is_some_and(|active| active.intent == intent) {
            true => self.decide(intent, card).await,
            false => Ok(()),
        }
    }

    async fn decide(&mut self, intent: IntentId, card: CardFacts) -> Result<(), Stop> {
        let (generation, stan) = (self.parts.journal.generation(), self.parts.journal.next_stan()?);
        let record = self.parts.journal.entry(intent).cloned();
        let (Some(mut record), Some(active)) = (record, &self.active) else {
            tracing::error!(%intent, "a card was read, and there is no entry");
            return Ok(());
        };
        let amount = active.total();
        let request = AuthorizationRequest {
            stan,
            generation,
            attempt_epoch: record.attempt_epoch,
            card,
            amount_minor: amount.amount_minor,
            tip: active.tip,
        };
        if record.attempt_epoch == 0 && self.link.is_err() {
            return self.decide_alone(record, request).await;
        }
        let context = SealContext { terminal: &self.parts.link_id, generation, stan, intent };
        let (Some(sealed), Some(active)) = (self.parts.reader.seal(context), &mut self.active) else {
            tracing::error!(%intent, "a card was read, and there is nothing to seal");
            return Ok(());
        };
        let overdue_at_ms = self.parts.clock.monotonic_ms() + self.parts.settings.answer_patience_ms;
        active.stage = Stage::Asking { overdue_at_ms, request: request.clone(), sealed };
        record.request = Some(request);
        self.stage = Some((intent, ProgressStage::Authorizing));
        self.parts.display.show(&Screen::Authorizing { amount });
        self.advance_record(record, &Event::CardRead { stan }).await?;
        // Behind the request, which is what everybody waits for.
        self.tell_progress(intent, ProgressStage::Authorizing);
        Ok(())
    }

    pub(super) async fn tick_active(&mut self, now_ms: i64) -> Result<(), Stop> {
        let Some(active) = &self.active else { return Ok(()) };
        let intent = active.intent;
        let event = match active.stage {
            Stage::ChoosingTip { lease, .. } | Stage::Prompting { lease, .. } if self.lapsed(lease) => {
                Event::LeaseOver
            }
            Stage::ChoosingTip { until_ms, .. } | Stage::Prompting { until_ms, .. } if now_ms >= until_ms => {
                Event::PromptTimedOut
            }
            Stage::Asking { overdue_at_ms, .. } if now_ms >= overdue_at_ms => Event::AnswerOverdue,
            Stage::ChoosingTip { .. } | Stage::Prompting { .. } | Stage::Asking { .. } => return Ok(()),
        };
        self.advance(intent, &event).await
    }

    pub(super) fn present(
        &mut self,
        card: Option<&str>,
        entry_mode: Option<EntryMode>,
    ) -> Result<IntentId, PresentError> {
        let active = self.prompting().ok_or(PresentError::NotPrompting)?;
        let intent = active.intent;
        self.parts.reader.present(card, entry_mode).map(|()| intent)
    }

    pub(super) fn hold_out(&mut self, card: &str, entry_mode: EntryMode) -> Result<IntentId, PresentError> {
        let active = self.prompting().ok_or(PresentError::NotPrompting)?;
        let intent = active.intent;
        self.parts.reader.hold_out(card, entry_mode).map(|()| intent)
    }

    pub(super) fn enter_pin(&mut self, pin: &Pin) -> Result<(), PresentError> {
        self.prompting().ok_or(PresentError::NoPinAsked)?;
        self.parts.reader.enter_pin(pin)
    }

    pub(super) fn present_for_cloud(&mut self, present: &PresentCard) {
        let presented = self.present(present.card.as_deref(), present.entry_mode);
        self.say(ToCloud::CardPresented(CardPresented {
            request: present.request,
            accepted: presented.is_ok(),
            intent: presented.as_ref().ok().copied(),
            reason: presented.err().map(|error| error.to_string()),
        }));
    }
}
