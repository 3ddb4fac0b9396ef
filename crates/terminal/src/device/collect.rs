//! Commands from the cloud: collect and cancel. The first arrival of an intent runs, every later one joins what the
//! journal has (contract 3.1); an old, expired or superseded command does nothing (contract 3.3).

use vinr_domain::device::{Event, State, tombstone};
use vinr_domain::payment::EndCause;
use vinr_domain::{DeclineCode, IntentId, Timestamp};
use vinr_wire::journal::{Command, IntentRecord};
use vinr_wire::link::{Authorize, Collect, CollectAnswer, Takes, ToCloud};

use super::origin::origin_of;
use super::{Device, Stage, Stop};
use crate::faults::CrashPoint;
use crate::journal::Disk;
use crate::reader::Reader;

/// How long [`vinr_wire::link::ClockSync`] goes without news before it no longer says what time it is. Decides here
/// only when to ask it.
const SERVER_TIME_TRUSTED_MS: i64 = 5 * 60_000;

impl<D: Disk, R: Reader> Device<D, R> {
    pub(super) async fn collect(&mut self, collect: Collect) -> Result<(), Stop> {
        if self.restart_by_ms.is_some() {
            // The cloud says it again on the next link.
            return Ok(());
        }
        self.commanded(collect.intent).await?;
        if let Some(known) = self.known(collect.intent) {
            return self.join(known, collect).await;
        }
        if self.lease_over(collect.deadline) {
            return self.refuse_for_good(&collect).await;
        }
        if self.has_customer() {
            self.answer(&collect, Takes::Refused(DeclineCode::TerminalBusy));
            return Ok(());
        }
        if self.is_locked() {
            self.answer(&collect, Takes::Refused(DeclineCode::TerminalLocked));
            self.show_rest();
            return Ok(());
        }
        if !self.parts.journal.has_room() {
            tracing::error!(intent = %collect.intent, "journal full: payment refused");
            self.answer(&collect, Takes::Refused(DeclineCode::TerminalLocked));
            self.show_rest();
            return Ok(());
        }
        let state = State::Waiting { attempt_epoch: collect.attempt_epoch, deadline: collect.deadline };
        // Not synced: nothing has left the terminal, and if this is forgotten the cloud says it again.
        self.parts.journal.apply(record_of(&collect, state, self.stamp()))?;
        self.point(CrashPoint::CommandReceived)?;
        self.answer(&collect, Takes::Prompting);
        self.prompt((&collect).into());
        self.publish(collect.intent);
        Ok(())
    }

    /// The entry of an intent that the journal knows.
    pub(super) fn known(&self, intent: IntentId) -> Option<IntentRecord> {
        #[cfg(feature = "sabotage")]
        if self.sabotaged(crate::sabotage::Sabotage::RestartKnownIntent) {
            return None;
        }
        self.parts.journal.entry(intent).cloned()
    }

    /// The command is for an intent that is known: it is joined or replayed, never restarted.
    async fn join(&mut self, known: IntentRecord, collect: Collect) -> Result<(), Stop> {
        let intent = collect.intent;
        if collect.attempt_epoch < known.attempt_epoch {
            tracing::debug!(%intent, epoch = collect.attempt_epoch, "superseded command dropped");
            return Ok(());
        }
        if known.command.as_ref().is_some_and(|command| command.amount != collect.amount) {
            // The fence and the cloud's own check of the amount keep the money right; the entry stays as it is.
            tracing::error!(%intent, "a known intent came back with another amount");
        }
        let known = self.raise(known, &collect)?;
        match known.state {
            State::Waiting { .. } => return self.join_waiting(&collect).await,
            State::AuthSent { stan } => match self.request_held(intent) {
                Some(authorize) => {
                    self.answer(&collect, Takes::Prompting);
                    self.say(ToCloud::Authorize(authorize));
                }
                None => self.ask(intent, stan),
            },
            State::Unknown { stan }
            | State::Approved { stan, .. }
            | State::Declined { stan, .. }
            | State::Voided { stan } => self.ask(intent, stan),
            // A question would be answered that there is no such request, for good.
            State::ApprovedAlone { .. } => {
                self.about_to_forward()?;
                self.forward(intent);
            }
            State::Ended { cause } => {
                let attempt_epoch = known.attempt_epoch;
                let origin = origin_of(&known);
                self.say(ToCloud::Ended { intent, attempt_epoch, cause, origin });
            }
        }
        Ok(())
    }

    async fn join_waiting(&mut self, collect: &Collect) -> Result<(), Stop> {
        if self.lease_over(collect.deadline) {
            return self.advance(collect.intent, &Event::LeaseOver).await;
        }
        match &self.active {
            Some(active) if active.intent != collect.intent => {
                self.answer(collect, Takes::Refused(DeclineCode::TerminalBusy));
            }
            Some(_) => {
                self.answer(collect, Takes::Prompting);
                self.extend(collect.intent, collect.deadline);
            }
            // The terminal has started again since; the prompt it had is gone.
            None => {
                self.answer(collect, Takes::Prompting);
                self.prompt(collect.into());
                self.publish(collect.intent);
            }
        }
        Ok(())
    }

    /// Keeps the highest fence of the intent, and the lease that came with it.
    fn raise(&mut self, mut known: IntentRecord, collect: &Collect) -> Result<IntentRecord, Stop> {
        if collect.attempt_epoch == known.attempt_epoch {
            return Ok(known);
        }
        known.attempt_epoch = collect.attempt_epoch;
        if let Some(command) = &mut known.command {
            // What began here may have another name in the cloud.
            command.payment_id = collect.payment_id;
        }
        if let State::Waiting { attempt_epoch, deadline } = &mut known.state {
            (*attempt_epoch, *deadline) = (collect.attempt_epoch, collect.deadline);
        }
        self.parts.journal.apply(known.clone())?;
        Ok(known)
    }

    /// The lease was over before the command arrived, or server time is not known: it must not run later either.
    async fn refuse_for_good(&mut self, collect: &Collect) -> Result<(), Stop> {
        tracing::info!(intent = %collect.intent, "command arrived after its lease");
        let step = tombstone(EndCause::LeaseOver);
        let record = record_of(collect, step.state.clone(), self.stamp());
        self.leave_tombstone(record, step).await
    }

    pub(super) async fn cancel(&mut self, intent: IntentId, attempt_epoch: u32) -> Result<(), Stop> {
        let Some(mut known) = self.parts.journal.entry(intent).cloned() else {
            return self.cancel_unseen(intent, attempt_epoch).await;
        };
        if attempt_epoch < known.attempt_epoch {
            tracing::debug!(%intent, attempt_epoch, "superseded cancel dropped");
            return Ok(());
        }
        if attempt_epoch > known.attempt_epoch {
            known.attempt_epoch = attempt_epoch;
            self.parts.journal.apply(known)?;
        }
        self.advance(intent, &Event::CancelAsked).await
    }

    async fn cancel_unseen(&mut self, intent: IntentId, attempt_epoch: u32) -> Result<(), Stop> {
        let step = tombstone(EndCause::Cancelled);
        #[cfg(feature = "sabotage")]
        if self.sabotaged(crate::sabotage::Sabotage::IgnoreTombstone) {
            let cause = EndCause::Cancelled;
            self.say(ToCloud::Ended { intent, attempt_epoch, cause, origin: None });
            return Ok(());
        }
        let written_at = self.stamp();
        let record = IntentRecord {
            intent,
            attempt_epoch,
            command: None,
            request: None,
            state: step.state.clone(),
            auth_code: None,
            reported: false,
            written_at,
            receipt_channel: None,
            origin: None,
            offline: None,
        };
        self.leave_tombstone(record, step).await
    }

    fn extend(&mut self, intent: IntentId, lease: Timestamp) {
        let Some(active) = self.active.as_mut().filter(|active| active.intent == intent) else { return };
        if let Stage::ChoosingTip { lease: held, .. } | Stage::Prompting { lease: held, .. } =
            &mut active.stage
        {
            *held = Some(lease);
        }
    }

    /// The request that is under way, as it was first sent.
    pub(super) fn request_held(&self, intent: IntentId) -> Option<Authorize> {
        let active = self.active.as_ref().filter(|active| active.intent == intent)?;
        match &active.stage {
            Stage::Asking { request, sealed, .. } => {
                let origin = self.parts.journal.entry(intent).and_then(origin_of);
                let (request, sealed_card) = (request.clone(), sealed.clone());
                Some(Authorize { intent, request, sealed_card, origin, offline: None })
            }
            Stage::ChoosingTip { .. } | Stage::Prompting { .. } => None,
        }
    }

    fn answer(&mut self, collect: &Collect, answer: Takes) {
        let (intent, attempt_epoch) = (collect.intent, collect.attempt_epoch);
        self.say(ToCloud::CollectAnswer(CollectAnswer { intent, attempt_epoch, answer }));
    }

    /// Whether the terminal must no longer act under this lease: it is over, or might be (contract 3.3).
    pub(super) fn lease_over(&self, deadline: Timestamp) -> bool {
        self.server_time.lease_over(deadline, self.now_ms())
    }

    /// When to look whether the lease is over, on the monotonic clock; now, when server time is not known.
    pub(super) fn lease_end_ms(&self, deadline: Timestamp) -> i64 {
        let now_ms = self.now_ms();
        let left_ms =
            |(now, error_ms): (Timestamp, i64)| deadline.ms_since(now).saturating_sub(error_ms).max(0);
        let by_deadline_ms = now_ms.saturating_add(self.server_time.server_now(now_ms).map_or(0, left_ms));
        // The lease also ends when server time has not been heard for too long.
        let by_silence_ms = self.heard_time.map_or(now_ms, |(_, at_ms)| at_ms + SERVER_TIME_TRUSTED_MS + 1);
        by_deadline_ms.min(by_silence_ms)
    }
}

fn record_of(collect: &Collect, state: State, written_at: Timestamp) -> IntentRecord {
    let command = Command {
        payment_id: collect.payment_id,
        amount: collect.amount,
        capture_method: collect.capture_method,
        reference: collect.reference.clone(),
    };
    IntentRecord {
        intent: collect.intent,
        attempt_epoch: collect.attempt_epoch,
        command: Some(command),
        request: None,
        state,
        auth_code: None,
        reported: false,
        written_at,
        receipt_channel: None,
        origin: None,
        offline: None,
    }
}
