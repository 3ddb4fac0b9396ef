//! Questions and answers about outcomes, and reports of ends: what the terminal owes the cloud and the cloud owes
//! the terminal, taken up again after a restart and on every new link.

use vinr_domain::device::{Event, State};
use vinr_domain::{IntentId, PaymentId};
use vinr_wire::journal::IntentRecord;
use vinr_wire::link::{HostVerdict, ToCloud};

use super::effect::stan_of;
use super::origin::origin_of;
use super::outbox::Subject;
use super::{Device, Stop};
use crate::faults::CrashPoint;
use crate::journal::Disk;
use crate::reader::Reader;

/// Pause before reports that found no room are tried again.
pub(super) const REPORT_AGAIN_MS: i64 = 1_000;
/// Slots that reports leave free for the payment that is running.
const KEPT_FREE: usize = 16;

impl<D: Disk, R: Reader> Device<D, R> {
    /// After a start: requests whose answer was lost with the power are unknown, and will be asked for.
    pub(super) async fn recover(&mut self) -> Result<(), Stop> {
        let open: Vec<IntentId> = self
            .parts
            .journal
            .entries()
            .filter(|entry| matches!(entry.state, State::AuthSent { .. } | State::Unknown { .. }))
            .map(|entry| entry.intent)
            .collect();
        for intent in open {
            tracing::info!(%intent, "a request without an outcome was found");
            self.advance(intent, &Event::PowerReturned).await?;
        }
        Ok(())
    }

    pub(super) async fn link_up(&mut self, resumed: bool) -> Result<(), Stop> {
        self.link = Ok(());
        self.status_said = None;
        self.offline_said = None;
        self.look_around();
        // First of all: money may have moved without the terminal knowing.
        let now_ms = self.now_ms();
        for due_ms in self.questions.values_mut() {
            *due_ms = now_ms;
        }
        self.ask_due(now_ms).await?;
        if !resumed {
            self.request_again();
        }
        self.report();
        self.show_rest();
        Ok(())
    }

    /// The cloud has started again and may have forgotten a request that it had acknowledged: the same bytes once
    /// more, which it recognises by their stan if it has not.
    fn request_again(&mut self) {
        let held =
            self.active.as_ref().map(|active| active.intent).and_then(|intent| self.request_held(intent));
        if let Some(authorize) = held {
            self.say(ToCloud::Authorize(authorize));
        }
    }

    /// Asks how a request ended, and again after a while.
    pub(super) fn ask(&mut self, intent: IntentId, stan: u32) {
        let again_at_ms = self.now_ms() + self.parts.settings.ask_every_ms;
        self.questions.insert(intent, again_at_ms);
        let generation = self.generation_of(intent);
        self.say(ToCloud::StatusQuery { intent, stan, generation });
    }

    pub(super) async fn ask_due(&mut self, now_ms: i64) -> Result<(), Stop> {
        if self.link.is_err() {
            return Ok(());
        }
        let due: Vec<IntentId> =
            self.questions.iter().filter(|(_, at_ms)| **at_ms <= now_ms).map(|(intent, _)| *intent).collect();
        for intent in &due {
            match self.parts.journal.entry(*intent).map(|entry| &entry.state) {
                Some(State::AuthSent { .. } | State::Unknown { .. }) => {
                    self.advance(*intent, &Event::AnswerOverdue).await?;
                }
                Some(State::ApprovedAlone { .. }) => {}
                _ => {
                    self.questions.remove(intent);
                }
            }
        }
        // After every question, and in the order in which they were approved.
        for intent in self.waiting_in_order() {
            if due.contains(&intent) {
                self.advance(intent, &Event::AnswerOverdue).await?;
            }
        }
        Ok(())
    }

    /// The cloud has given a payment that began here another name. Goes to the disk with the verdict, or is said again.
    pub(super) fn rename(&mut self, intent: IntentId, renamed: Option<PaymentId>) -> Result<(), Stop> {
        let Some(name) = renamed else { return Ok(()) };
        let Some(mut record) = self.parts.journal.entry(intent).cloned() else { return Ok(()) };
        let Some(command) = record.command.as_mut().filter(|command| command.payment_id != name) else {
            return Ok(());
        };
        tracing::info!(%intent, from = %command.payment_id, to = %name, "the cloud has renamed a payment");
        command.payment_id = name;
        self.parts.journal.apply(record)?;
        Ok(())
    }

    /// The cloud says how a request ended.
    pub(super) async fn answered(
        &mut self,
        intent: IntentId,
        stan: u32,
        verdict: HostVerdict,
    ) -> Result<(), Stop> {
        self.point(CrashPoint::AnswerReceived)?;
        let Some(mut record) = self.parts.journal.entry(intent).cloned() else {
            tracing::info!(%intent, stan, "a verdict on an intent that is not known");
            return Ok(());
        };
        let asked = stan_of(&record.state).or(record.request.as_ref().map(|request| request.stan));
        if asked != Some(stan) {
            tracing::warn!(%intent, stan, ?asked, "a verdict on another request");
            return Ok(());
        }
        let event = match verdict {
            HostVerdict::Approved { authorized_minor, auth_code } => {
                if record.auth_code.is_none() {
                    record.auth_code = Some(auth_code);
                }
                Event::HostApproved { authorized_minor }
            }
            HostVerdict::Declined(code) => Event::HostDeclined(code),
            HostVerdict::Refused => Event::HostRefused,
            HostVerdict::Unknown => Event::HostUnknown,
            HostVerdict::Again => Event::HostAgain,
        };
        self.advance_record(record, &event).await
    }

    /// Reports every end that the cloud may not know of, as far as there is room.
    pub(super) fn report(&mut self) {
        self.report_at_ms = None;
        if let Err(error) = self.take_acknowledged() {
            tracing::warn!(%error, "acknowledged reports were not noted");
        }
        self.report_actions();
        let unreported: Vec<IntentRecord> = self.parts.journal.unreported().cloned().collect();
        for record in unreported {
            if self.parts.outbox.reports(Subject::Intent(record.intent)) {
                continue;
            }
            if self.parts.outbox.room() <= KEPT_FREE {
                self.report_at_ms = Some(self.now_ms() + REPORT_AGAIN_MS);
                return;
            }
            let (intent, attempt_epoch) = (record.intent, record.attempt_epoch);
            let message = match (&record.state, stan_of(&record.state)) {
                (State::Ended { cause }, _) => {
                    ToCloud::Ended { intent, attempt_epoch, cause: *cause, origin: origin_of(&record) }
                }
                (_, Some(stan)) => ToCloud::ResultConfirmed { intent, stan },
                (_, None) => continue,
            };
            self.say_report(Subject::Intent(intent), message);
        }
    }

    /// Notes in the journal what the cloud has acknowledged. Not synced: a report that is said twice does no harm.
    pub(super) fn take_acknowledged(&mut self) -> Result<(), Stop> {
        while let Some(subject) = self.parts.outbox.next_acknowledged() {
            let intent = match subject {
                Subject::Intent(intent) => intent,
                Subject::Action(action) => {
                    self.parts.memory.note_reported(action);
                    continue;
                }
                // The cloud asks after every greeting.
                Subject::Access => continue,
            };
            let known = self.parts.journal.entry(intent).filter(|entry| !entry.reported).cloned();
            if let Some(mut record) = known {
                record.reported = true;
                self.parts.journal.apply(record)?;
            }
        }
        Ok(())
    }

    /// The life of the journal in which the request got its number.
    fn generation_of(&self, intent: IntentId) -> u32 {
        let request = self.parts.journal.entry(intent).and_then(|entry| entry.request.as_ref());
        request.map_or(self.parts.journal.generation(), |request| request.generation)
    }
}
