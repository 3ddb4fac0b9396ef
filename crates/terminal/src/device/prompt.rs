//! The active payment between its prompt and its answer: what the reader says, and the timers. A card counts only
//! while the lease runs.

use vinr_domain::device::Event;
use vinr_domain::payment::AuthorizationRequest;
use vinr_domain::{CardFacts, EntryMode, IntentId, Timestamp};
use vinr_wire::card::SealContext;
use vinr_wire::link::{CardPresented, PresentCard, ProgressStage, ToCloud};

use super::{Active, Device, Stage, Stop};
use crate::journal::Disk;
use crate::reader::{PresentError, Reader, ReaderEvent};
use crate::screen::Screen;

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

    async fn card_read(&mut self, intent: IntentId, card: CardFacts) -> Result<(), Stop> {
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
