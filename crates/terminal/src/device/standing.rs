//! What the listeners see of the device loop: how the terminal is, and every change of a payment. Published after the
//! journal has it.

use vinr_domain::device::State;
use vinr_domain::{IntentId, Money};
use vinr_wire::journal::IntentRecord;
use vinr_wire::link::ProgressStage;

use super::Device;
use crate::journal::Disk;
use crate::reader::Reader;
use crate::till::{ReceiptFacts, ReceiptOutcome, Serving, Standing};

impl<D: Disk, R: Reader> Device<D, R> {
    /// The payment that has the screen.
    pub(super) fn serving(&self) -> Option<Serving> {
        let Some(active) = &self.active else {
            return self.inquiry.as_ref().map(super::inquiry::Inquiry::serving);
        };
        let command = self.parts.journal.entry(active.intent)?.command.as_ref()?;
        Some(Serving {
            intent: active.intent,
            payment: command.payment_id,
            reference: command.reference.clone(),
            since: active.since,
        })
    }

    /// Tells the listeners how the terminal is, if they were told otherwise.
    pub(super) fn publish_standing(&self) {
        let standing = Standing {
            serving: self.serving(),
            locked: self.is_locked(),
            out_of_service: self.out_of_service,
            online: self.link.is_ok(),
            offline: self.offline.clone(),
            software_version: self.software_version(),
        };
        self.parts.desk.standing.send_if_modified(|said| {
            let changed = *said != standing;
            *said = standing;
            changed
        });
    }

    /// Tells the listeners that an entry has changed.
    pub(super) fn publish(&mut self, intent: IntentId) {
        self.publish_standing();
        let stage = self.stage_of(intent);
        if let Some(record) = self.parts.journal.entry(intent) {
            self.parts.desk.publish(record, stage);
        }
    }

    /// Notes how far a payment is, for the listeners.
    pub(super) fn reach(&mut self, intent: IntentId, stage: ProgressStage) {
        if self.stage != Some((intent, stage)) {
            self.stage = Some((intent, stage));
            self.publish(intent);
        }
    }

    /// What a receipt of this payment is made of; `None` while it is not decided.
    pub(super) fn receipt_facts(&self, record: &IntentRecord) -> Option<ReceiptFacts> {
        let command = record.command.as_ref()?;
        let request = record.request.as_ref();
        let asked_minor = request.map_or(command.amount.amount_minor, |request| request.amount_minor);
        let (outcome, total_minor) = match record.state {
            State::Waiting { .. } | State::AuthSent { .. } | State::Unknown { .. } => return None,
            State::Approved { authorized_minor, .. } => (ReceiptOutcome::Approved, authorized_minor),
            State::ApprovedAlone { authorized_minor, .. } => {
                (ReceiptOutcome::ApprovedOffline, authorized_minor)
            }
            State::Declined { code, .. } => (ReceiptOutcome::Declined(code), asked_minor),
            State::Ended { cause } => {
                let declined = cause.decline_code().map(ReceiptOutcome::Declined);
                (declined.unwrap_or(ReceiptOutcome::Cancelled), asked_minor)
            }
            State::Voided { .. } => (ReceiptOutcome::Cancelled, asked_minor),
        };
        let access = self.parts.desk.access.borrow();
        Some(ReceiptFacts {
            record: self.parts.desk.sale(record, None).record,
            outcome,
            total: Money { amount_minor: total_minor, ..command.amount },
            tip_minor: request.and_then(|request| request.tip).map(|tip| tip.amount_minor),
            card: request.map(|request| request.card),
            at: record.written_at,
            shop: access.shop.clone(),
            livemode: access.livemode,
        })
    }
}
