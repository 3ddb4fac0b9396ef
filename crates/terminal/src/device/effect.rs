//! One step of one intent: into the journal, onto the disk, and then its effects in order. The only place that
//! steps the machine, and the only one that shows an outcome.

use vinr_domain::device::{Effect, Event, State, Step, step};
use vinr_domain::{IntentId, Money};
use vinr_wire::journal::IntentRecord;
use vinr_wire::link::ToCloud;

use super::origin::origin_of;
use super::outbox::Subject;
use super::{Device, Stop};
use crate::faults::CrashPoint;
use crate::journal::{Disk, JournalError};
use crate::reader::Reader;
use crate::screen::Screen;

impl<D: Disk, R: Reader> Device<D, R> {
    /// Takes the step that `event` is for an intent of the journal.
    pub(super) async fn advance(&mut self, intent: IntentId, event: &Event) -> Result<(), Stop> {
        match self.parts.journal.entry(intent).cloned() {
            Some(record) => self.advance_record(record, event).await,
            None => Ok(()),
        }
    }

    /// Takes the step, with what the event adds to the entry already in `record`.
    pub(super) async fn advance_record(&mut self, record: IntentRecord, event: &Event) -> Result<(), Stop> {
        match step(&record.state, event) {
            Ok(step) => self.take(record, step).await,
            Err(illegal) => {
                tracing::warn!(intent = %record.intent, %illegal, "nothing to do");
                Ok(())
            }
        }
    }

    /// An intent ends here before it began. When even the room for ends is used up, nothing is answered: the cloud
    /// then waits for the lease, which is slow and safe.
    pub(super) async fn leave_tombstone(&mut self, record: IntentRecord, step: Step) -> Result<(), Stop> {
        let intent = record.intent;
        match self.take(record, step).await {
            Err(Stop::Journal(JournalError::Full)) => {
                tracing::error!(%intent, "journal full: the command is not answered");
                Ok(())
            }
            other => other,
        }
    }

    async fn take(&mut self, mut record: IntentRecord, step: Step) -> Result<(), Stop> {
        let intent = record.intent;
        let changed = record.state != step.state;
        let was_alone = matches!(record.state, State::ApprovedAlone { .. });
        if changed || self.parts.journal.entry(intent).is_none() {
            record.state = step.state.clone();
            record.written_at = self.stamp();
            record.reported = false;
            if !matches!(step.state, State::ApprovedAlone { .. })
                && let Some(kept) = &mut record.offline
            {
                // The cloud has the verdict: the card goes with the same write.
                kept.kept_card = bytes::Bytes::new();
            }
            self.parts.journal.apply(record)?;
        }
        if step.durable {
            self.make_durable(&step.state).await?;
        }
        if changed && matches!(step.state, State::ApprovedAlone { .. }) {
            self.mark_approval(intent).await?;
        }
        if changed && (was_alone || matches!(step.state, State::ApprovedAlone { .. })) {
            self.count_waiting();
        }
        if changed && !matches!(step.state, State::Waiting { .. } | State::AuthSent { .. }) {
            self.leave_stage(intent);
        }
        for effect in step.effects {
            if effect == Effect::Confirm {
                self.point(CrashPoint::OutcomeNotConfirmed)?;
            }
            if effect == Effect::Forward {
                self.about_to_forward()?;
            }
            self.perform(intent, effect);
        }
        if changed {
            if matches!(step.state, State::ApprovedAlone { .. }) {
                self.point(CrashPoint::OfflineNotAnswered)?;
            }
            self.publish(intent);
        }
        Ok(())
    }

    async fn make_durable(&mut self, state: &State) -> Result<(), Stop> {
        let (before, after) = match state {
            State::Waiting { .. } | State::AuthSent { .. } | State::Unknown { .. } => {
                (CrashPoint::RequestNotSynced, CrashPoint::RequestSynced)
            }
            State::ApprovedAlone { .. } => (CrashPoint::OfflineNotSynced, CrashPoint::OfflineSynced),
            State::Approved { .. } | State::Declined { .. } | State::Voided { .. } => {
                (CrashPoint::OutcomeNotSynced, CrashPoint::OutcomeNotShown)
            }
            State::Ended { .. } => (CrashPoint::EndNotSynced, CrashPoint::EndNotReported),
        };
        // On its way to the disk: a power loss may find any part of it there.
        self.parts.journal.write()?;
        self.point(before)?;
        #[cfg(feature = "sabotage")]
        if (matches!(state, State::AuthSent { .. })
            && self.sabotaged(crate::sabotage::Sabotage::SkipJournalSync))
            || (matches!(state, State::ApprovedAlone { .. })
                && self.sabotaged(crate::sabotage::Sabotage::ShowAloneUnsynced))
            || (matches!(state, State::Ended { .. })
                && self.sabotaged(crate::sabotage::Sabotage::TombstoneUnsynced))
        {
            return self.point(after);
        }
        self.parts.journal.sync().await?;
        self.point(after)
    }

    /// The reader and the screen are free for the next payment.
    fn leave_stage(&mut self, intent: IntentId) {
        if self.active.as_ref().is_some_and(|active| active.intent == intent) {
            self.active = None;
            self.held = None;
            self.stage = None;
            self.parts.reader.end();
        }
    }

    fn perform(&mut self, intent: IntentId, effect: Effect) {
        let Some(record) = self.parts.journal.entry(intent).cloned() else { return };
        let attempt_epoch = record.attempt_epoch;
        match effect {
            Effect::SendAuthorize => self.send_authorize(intent),
            Effect::Forward => self.forward(intent),
            Effect::SendEnded(cause) => {
                let origin = origin_of(&record);
                let ended = ToCloud::Ended { intent, attempt_epoch, cause, origin };
                self.say_report(Subject::Intent(intent), ended);
            }
            Effect::SendTooLate => self.say(ToCloud::CancelTooLate { intent, attempt_epoch }),
            Effect::AskStatus => {
                if let Some(stan) = stan_of(&record.state) {
                    self.ask(intent, stan);
                }
            }
            Effect::Confirm => {
                self.questions.remove(&intent);
                if let Some(stan) = stan_of(&record.state).or(record.request.map(|request| request.stan)) {
                    self.say_report(Subject::Intent(intent), ToCloud::ResultConfirmed { intent, stan });
                }
            }
            Effect::ShowApproved => {
                self.show_approved(&record);
            }
            Effect::ShowDeclined(code) => self.show_outcome(&Screen::Declined { code }),
            Effect::ShowCancelled => {
                if let State::Ended { cause } = record.state {
                    self.show_outcome(&Screen::Cancelled { cause });
                }
            }
            Effect::ShowUnknown => {
                // Asked again until it is known, whether or not the step says to ask at once.
                let ask_at_ms = self.now_ms() + self.parts.settings.ask_every_ms;
                self.questions.entry(intent).or_insert(ask_at_ms);
                if let Some(command) = record.command {
                    let asked_minor = record.request.map(|request| request.amount_minor);
                    let amount_minor = asked_minor.unwrap_or(command.amount.amount_minor);
                    self.show_outcome(&Screen::Unknown { amount: Money { amount_minor, ..command.amount } });
                }
            }
        }
    }

    fn send_authorize(&mut self, intent: IntentId) {
        if let Some(authorize) = self.request_held(intent) {
            // Said even while there is no link: the cloud's fence decides whether it still counts.
            if !self.parts.outbox.send(ToCloud::Authorize(authorize)) {
                tracing::warn!(%intent, "too many messages wait for the link; the outcome will be asked for");
            }
        }
    }

    /// Shows an outcome, unless the next customer already has the screen.
    pub(super) fn show_outcome(&mut self, screen: &Screen) {
        if !self.has_customer() {
            self.parts.display.show(screen);
            self.outcome_until_ms = Some(self.now_ms() + self.parts.settings.outcome_shown_ms);
        }
    }

    /// Says something that the cloud will ask for again should it be lost: without a link it is not kept.
    pub(super) fn say(&mut self, message: ToCloud) {
        if self.link.is_ok() && !self.parts.outbox.send(message) {
            tracing::warn!("too many messages wait for the link; one was dropped");
        }
    }

    /// Says how an intent or an action ended; until the cloud has acknowledged it, it is said again on every new link.
    pub(super) fn say_report(&mut self, subject: Subject, message: ToCloud) {
        if self.link.is_ok() && !self.parts.outbox.send_report(subject, message) {
            self.report_at_ms.get_or_insert(self.parts.clock.monotonic_ms() + super::ask::REPORT_AGAIN_MS);
        }
    }
}

/// The number of the request whose outcome the state is about.
pub(super) fn stan_of(state: &State) -> Option<u32> {
    match state {
        State::AuthSent { stan }
        | State::Unknown { stan }
        | State::Approved { stan, .. }
        | State::Declined { stan, .. }
        | State::ApprovedAlone { stan, .. }
        | State::Voided { stan } => Some(*stan),
        State::Waiting { .. } | State::Ended { .. } => None,
    }
}
