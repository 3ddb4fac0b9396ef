//! Payments while nobody can be asked: approved alone within the limits, sealed and marked on disk before anybody sees it,
//! forwarded in the order of their numbers once there is a link, and kept until the cloud has decided (contract 1.10 and
//! 3.5). Beyond the limits the payment ends at once, because nothing has left the terminal.

use vinr_domain::device::{Event, State};
use vinr_domain::payment::{AuthorizationRequest, OfflineApproval};
use vinr_domain::{IntentId, Model};
use vinr_wire::card::kept::KeepContext;
use vinr_wire::card::{SealContext, SealedCard};
use vinr_wire::journal::{IntentRecord, KeptOffline};
use vinr_wire::link::{Authorize, OfflineStanding, ToCloud, chain};

use super::origin::origin_of;
use super::{Device, Stop};
use crate::faults::CrashPoint;
use crate::journal::Disk;
use crate::offline::{Limits, Mark, Refusal, Waiting};
use crate::reader::Reader;

/// Slots that forwarding leaves free for the payment that is running.
const KEPT_FREE: usize = 16;
/// Pause before what found no room is tried again.
const AGAIN_MS: i64 = 1_000;

impl<D: Disk, R: Reader> Device<D, R> {
    /// A card was read for a payment that began here, and nobody can be asked.
    pub(super) async fn decide_alone(
        &mut self,
        mut record: IntentRecord,
        request: AuthorizationRequest,
    ) -> Result<(), Stop> {
        let intent = record.intent;
        if let Err(refusal) = self.may_approve(&record, &request) {
            tracing::info!(%intent, ?refusal, "not approved without the cloud");
            let event = match refusal {
                Refusal::Off => Event::NobodyToAsk,
                Refusal::Beyond => Event::BeyondLimits,
            };
            return self.advance_record(record, &event).await;
        }
        let (generation, stan) = (request.generation, request.stan);
        let terminal = self.parts.link_id.as_str();
        let context = SealContext { terminal, generation, stan, intent };
        let Some(sealed) = self.parts.reader.seal(context) else {
            tracing::error!(%intent, "a card was read, and there is nothing to seal");
            return Ok(());
        };
        let (number, previous) = self.next_in_chain();
        let unhashed = OfflineApproval { approved_at: self.stamp(), number, previous, hash: chain::FIRST };
        let hash = chain::approval_hash(intent, &request, &unhashed, &sealed);
        let approval = OfflineApproval { hash, ..unhashed };
        let context = KeepContext { terminal, generation, stan, previous: &previous };
        let kept_card = self.parts.vault.keep(&sealed, context);
        let authorized_minor = request.amount_minor;
        record.request = Some(request);
        record.offline = Some(KeptOffline { approval, kept_card });
        self.advance_record(record, &Event::ApprovedAlone { stan, authorized_minor }).await
    }

    fn may_approve(&self, record: &IntentRecord, request: &AuthorizationRequest) -> Result<(), Refusal> {
        let command = record.command.as_ref().ok_or(Refusal::Off)?;
        let model = Model::parse(&self.parts.hello.model);
        let access = self.parts.desk.access.borrow().clone();
        let limits = Limits::of(&self.configuration.offline, &access, model).ok_or(Refusal::Off)?;
        if !self.knows_the_time() {
            return Err(Refusal::Off);
        }
        let standing = &self.offline;
        let waiting = Waiting {
            count: standing.pending,
            total_minor: standing.amount_minor,
            oldest_at: standing.oldest_at,
        };
        let amount = vinr_domain::Money { amount_minor: request.amount_minor, ..command.amount };
        limits.admit(amount, waiting, self.stamp())
    }

    /// Whether an approval can be dated: the cloud has said the time in this life, or the device's own clock has not
    /// gone back behind what the journal has seen.
    fn knows_the_time(&self) -> bool {
        let newest = self.parts.journal.entries().filter(|record| record.command.is_some());
        let newest = newest.filter(|record| !matches!(record.state, State::Waiting { .. }));
        let newest = newest.map(|record| record.written_at).max();
        self.heard_time.is_some() || newest.is_some_and(|newest| self.parts.clock.wall() >= newest)
    }

    /// The number that the next approval gets, and the hash that it names.
    fn next_in_chain(&self) -> (u32, [u8; 32]) {
        let generation = self.parts.journal.generation();
        let mark = self.parts.mark.mark();
        let marked = (mark.generation == generation).then_some((mark.last_number, mark.last_hash));
        let known = self.newest_approval().map(|approval| (approval.number, approval.hash));
        let (last, hash) = marked.into_iter().chain(known).max().unwrap_or((0, chain::FIRST));
        (last.saturating_add(1), hash)
    }

    /// The newest approval of this generation that the journal has.
    fn newest_approval(&self) -> Option<OfflineApproval> {
        let generation = self.parts.journal.generation();
        let ours = |record: &&IntentRecord| {
            record.request.as_ref().is_some_and(|request| request.generation == generation)
        };
        let approvals =
            self.parts.journal.entries().filter(ours).filter_map(|record| record.offline.as_ref());
        approvals.map(|kept| kept.approval).max_by_key(|approval| approval.number)
    }

    /// Moves the mark to an approval that the journal has on disk. Before it is shown.
    pub(super) async fn mark_approval(&mut self, intent: IntentId) -> Result<(), Stop> {
        let kept = self.parts.journal.entry(intent).and_then(|record| record.offline.as_ref());
        let Some(approval) = kept.map(|kept| kept.approval) else { return Ok(()) };
        self.move_mark(approval).await?;
        self.point(CrashPoint::OfflineMarked)
    }

    async fn move_mark(&mut self, approval: OfflineApproval) -> Result<(), Stop> {
        let generation = self.parts.journal.generation();
        let OfflineApproval { number: last_number, hash: last_hash, .. } = approval;
        self.parts.mark.replace(Mark { generation, last_number, last_hash }).await?;
        Ok(())
    }

    /// After a start: holds the mark against the journal, and takes up what waits.
    pub(super) async fn recover_alone(&mut self) -> Result<(), Stop> {
        let generation = self.parts.journal.generation();
        let (known, mark) = (self.newest_approval(), self.parts.mark.mark().clone());
        let number = known.map_or(0, |approval| approval.number);
        if mark.generation == generation || mark.generation == 0 {
            match known.filter(|approval| approval.number > mark.last_number) {
                // Power was lost between the two, or an older version wrote no mark.
                Some(approval) => self.move_mark(approval).await?,
                None if self.offline.pending > 0 && number < mark.last_number => {
                    tracing::error!(
                        number,
                        marked = mark.last_number,
                        "the journal is behind its mark: rolled back?"
                    );
                }
                None if number < mark.last_number => {
                    tracing::warn!(
                        number,
                        marked = mark.last_number,
                        "the journal has no approvals up to its mark"
                    );
                }
                None => {}
            }
        } else {
            tracing::error!(
                marked = mark.generation,
                generation,
                "the journal that the mark belongs to is gone"
            );
        }
        let waiting: Vec<IntentId> = self.waiting_in_order();
        for intent in waiting {
            tracing::info!(%intent, "an approval without the cloud waits to be forwarded");
            self.advance(intent, &Event::PowerReturned).await?;
        }
        Ok(())
    }

    /// What waits to be forwarded, in the order of its numbers.
    pub(super) fn waiting_in_order(&self) -> Vec<IntentId> {
        let waits = |record: &IntentRecord| match record.state {
            State::ApprovedAlone { stan, .. } => Some((stan, record.intent)),
            _ => None,
        };
        let mut waiting: Vec<(u32, IntentId)> = self.parts.journal.entries().filter_map(waits).collect();
        waiting.sort_unstable();
        waiting.into_iter().map(|(_, intent)| intent).collect()
    }

    /// The moment before an approval leaves. Without a link none does.
    pub(super) fn about_to_forward(&self) -> Result<(), Stop> {
        if self.link.is_ok() { self.point(CrashPoint::ForwardNotSent) } else { Ok(()) }
    }

    /// Forwards an approval, and again after a while unless the cloud decides before.
    pub(super) fn forward(&mut self, intent: IntentId) {
        let now_ms = self.now_ms();
        let again_ms = self.parts.settings.forward_every_ms;
        // Without a link it is due at once when there is one.
        self.questions.insert(intent, if self.link.is_ok() { now_ms + again_ms } else { now_ms });
        if self.link.is_err() {
            return;
        }
        let Some(authorize) = self.forwarded(intent) else { return };
        if self.parts.outbox.room() <= KEPT_FREE || !self.parts.outbox.send(ToCloud::Authorize(authorize)) {
            self.questions.insert(intent, now_ms + AGAIN_MS);
        }
    }

    fn forwarded(&self, intent: IntentId) -> Option<Authorize> {
        let record = self.parts.journal.entry(intent)?;
        let (request, kept) = (record.request.clone()?, record.offline.as_ref()?);
        match self.kept_card(&request, kept) {
            Ok(sealed_card) => {
                let (origin, offline) = (origin_of(record), Some(kept.approval));
                Some(Authorize { intent, request, sealed_card, origin, offline })
            }
            Err(error) => {
                // Never dropped: somebody may put the device's key back.
                tracing::error!(%intent, %error, "the card of an approval without the cloud does not open");
                None
            }
        }
    }

    fn kept_card(
        &self,
        request: &AuthorizationRequest,
        kept: &KeptOffline,
    ) -> Result<SealedCard, vinr_wire::card::SealError> {
        let (generation, stan) = (request.generation, request.stan);
        let previous = &kept.approval.previous;
        let context = KeepContext { terminal: &self.parts.link_id, generation, stan, previous };
        self.parts.vault.take(&kept.kept_card, context)
    }

    /// Everything that waits is due now.
    pub(super) fn flush(&mut self) {
        let now_ms = self.now_ms();
        for intent in self.waiting_in_order() {
            self.questions.insert(intent, now_ms);
        }
    }

    /// Looks again at what waits: an entry has begun to, or no longer does.
    pub(super) fn count_waiting(&mut self) {
        let mark = self.parts.mark.mark();
        // The mark of a journal that is gone is told until there is a newer one.
        let (generation, last_number) = if mark.last_number > 0 {
            (mark.generation, mark.last_number)
        } else {
            (self.parts.journal.generation(), 0)
        };
        let mut standing = OfflineStanding {
            pending: 0,
            amount_minor: 0,
            currency: None,
            oldest_at: None,
            generation,
            last_number,
        };
        for record in self.parts.journal.entries() {
            let State::ApprovedAlone { authorized_minor, .. } = record.state else { continue };
            standing.pending += 1;
            standing.amount_minor = standing.amount_minor.saturating_add(authorized_minor);
            standing.currency = record.command.as_ref().map(|command| command.amount.currency);
            let approved_at = record.offline.as_ref().map(|kept| kept.approval.approved_at);
            standing.oldest_at = standing.oldest_at.into_iter().chain(approved_at).min();
        }
        self.offline = standing;
        self.publish_facts();
    }

    /// Tells the cloud what waits, if it has been told otherwise on this link.
    pub(super) fn report_waiting(&mut self) {
        if self.link.is_err() || self.offline_said.as_ref() == Some(&self.offline) {
            return;
        }
        if self.parts.outbox.send(ToCloud::OfflineStanding(self.offline.clone())) {
            self.offline_said = Some(self.offline.clone());
        }
    }
}
