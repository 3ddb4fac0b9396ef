//! Receipts of approved payments: what is printed by itself, and what the customer is asked. A receipt is made only
//! of what the journal has; none is made against the customer's wish.

use vinr_domain::IntentId;
use vinr_domain::device::State;
use vinr_wire::journal::{Command, IntentRecord};
use vinr_wire::link::ReceiptChannel;

use super::{Device, Stop};
use crate::journal::Disk;
use crate::memory::KeptRefund;
use crate::printer::{About, Copy, Receipt};
use crate::reader::Reader;
use crate::screen::Screen;
use crate::till::{Copies, Lookup, ReceiptOutcome, RefundFacts, ReprintRefusal};

/// The customer is being asked how to get the receipt.
#[derive(Debug)]
pub(super) struct ReceiptQuestion {
    intent: IntentId,
    channels: Vec<ReceiptChannel>,
    /// What is printed should the customer want paper.
    customer_copy: Receipt,
    /// Paper comes by itself when nobody answers.
    prints_silently: bool,
    /// What the screen goes back to.
    approved: Screen,
    /// On the monotonic clock.
    pub(super) until_ms: i64,
}

impl<D: Disk, R: Reader> Device<D, R> {
    /// Shows that a payment was approved, and sees to its receipts.
    pub(super) fn show_approved(&mut self, record: &IntentRecord) {
        let copies = (self.receipt(record, Copy::Merchant), self.receipt(record, Copy::Customer));
        let (Some(merchant_copy), Some(customer_copy)) = copies else { return };
        let Some(facts) = self.receipt_facts(record) else { return };
        let amount = facts.total;
        let last4 = facts.card.map(|card| card.last4);
        let auth_code = record.auth_code.as_deref().unwrap_or_default().to_owned();
        let approved = if facts.outcome == ReceiptOutcome::ApprovedOffline {
            Screen::ApprovedOffline { amount, last4 }
        } else {
            Screen::Approved { amount, last4, auth_code }
        };
        self.show_outcome(&approved);
        match record.origin.as_ref().and_then(|origin| origin.prints) {
            Some(false) => return,
            Some(true) => {
                self.print(&merchant_copy);
                return self.print(&customer_copy);
            }
            None => {}
        }
        self.print(&merchant_copy);
        let Some(wanted) = self.configuration.receipt.clone() else { return self.print(&customer_copy) };
        let only_paper = wanted.channels == [ReceiptChannel::Print];
        if wanted.channels.is_empty() {
            return;
        }
        if only_paper && !wanted.require_consent {
            return self.print(&customer_copy);
        }
        let prints_silently = !wanted.require_consent && wanted.channels.contains(&ReceiptChannel::Print);
        if self.has_customer() {
            // The next customer has the screen: nobody can be asked.
            if prints_silently {
                self.print(&customer_copy);
            }
            return;
        }
        self.parts.display.show(&Screen::Receipt { amount, channels: wanted.channels.clone() });
        self.parts.reader.ask_receipt(&wanted.channels);
        let until_ms = self.now_ms() + self.parts.settings.receipt_choice_ms;
        self.outcome_until_ms = None;
        self.receipt_question = Some(ReceiptQuestion {
            intent: record.intent,
            channels: wanted.channels,
            customer_copy,
            prints_silently,
            approved,
            until_ms,
        });
    }

    /// The receipt of an approved payment; `None` for any other.
    fn receipt(&self, record: &IntentRecord, copy: Copy) -> Option<Receipt> {
        let facts = self.receipt_facts(record)?;
        if !matches!(facts.outcome, ReceiptOutcome::Approved | ReceiptOutcome::ApprovedOffline) {
            return None;
        }
        Some(self.sheet(About::Payment(Box::new(facts)), copy))
    }

    fn sheet(&self, about: About, copy: Copy) -> Receipt {
        let terminal = self.parts.link_id.rsplit('.').next().unwrap_or(&self.parts.link_id).to_owned();
        let columns = crate::till::columns_of(&self.parts.hello.model);
        Receipt { copy, terminal, columns, about }
    }

    /// Money was given back: remembers it as the newest transaction, and prints its receipt where that is wanted.
    pub(super) async fn note_refund(&mut self, refund: &RefundFacts, prints: bool) -> Result<(), Stop> {
        let mut kept = self.parts.memory.kept().clone();
        if kept.refund.as_ref().is_some_and(|known| known.is(&refund.refund)) {
            return Ok(());
        }
        kept.refund = Some(KeptRefund::new(refund, self.stamp()));
        self.remember(kept).await?;
        if prints {
            for copy in [Copy::Merchant, Copy::Customer] {
                let sheet = self.sheet(About::Refund(refund.clone()), copy);
                self.print(&sheet);
            }
        }
        Ok(())
    }

    /// The newest refund, unless a payment that is `newer` came after it.
    fn refund_since(&self, newer: Option<&IntentRecord>) -> Option<RefundFacts> {
        let kept = self.parts.memory.kept().refund.as_ref()?;
        if newer.is_some_and(|record| record.written_at > kept.noted_at()) {
            return None;
        }
        kept.facts(self.parts.desk.access.borrow().shop.clone())
    }

    /// What a receipt of the newest transaction is made of.
    pub(super) fn newest_receipt(&self) -> Option<About> {
        let payment = self.look_up(&Lookup::Last);
        match self.refund_since(payment) {
            Some(refund) => Some(About::Refund(refund)),
            None => payment
                .and_then(|record| self.receipt_facts(record))
                .map(|facts| About::Payment(Box::new(facts))),
        }
    }

    /// Prints the receipt of the newest approved payment, or of the newest refund, again.
    pub(super) fn reprint(&mut self, copies: Copies) -> Result<(), ReprintRefusal> {
        if !self.parts.hello.has_printer {
            return Err(ReprintRefusal::NoPrinter);
        }
        let wanted: &[Copy] = match copies {
            Copies::Merchant => &[Copy::Merchant],
            Copies::Customer => &[Copy::Customer],
            Copies::Both => &[Copy::Merchant, Copy::Customer],
        };
        let approved = |record: &IntentRecord, _: &Command| {
            matches!(record.state, State::Approved { .. } | State::ApprovedAlone { .. })
        };
        let newest = self.newest(approved);
        let about = match self.refund_since(newest) {
            Some(refund) => About::Refund(refund),
            None => {
                let facts = newest.and_then(|record| self.receipt_facts(record));
                About::Payment(Box::new(facts.ok_or(ReprintRefusal::NothingToPrint)?))
            }
        };
        let receipts: Vec<Receipt> = wanted.iter().map(|copy| self.sheet(about.clone(), *copy)).collect();
        for receipt in receipts {
            self.parts.printer.print(&receipt).map_err(|error| {
                tracing::warn!(%error, "receipt not printed again");
                ReprintRefusal::PaperOut
            })?;
        }
        Ok(())
    }

    /// Whether the choice could be taken: the customer is being asked, and this was offered.
    pub(super) fn receipt_chosen(&mut self, choice: Option<ReceiptChannel>) -> Result<bool, Stop> {
        let offered = |question: &&ReceiptQuestion| choice.is_none_or(|one| question.channels.contains(&one));
        if self.receipt_question.as_ref().filter(offered).is_none() {
            return Ok(false);
        }
        let Some(question) = self.receipt_question.take() else { return Ok(false) };
        self.parts.reader.end();
        if choice == Some(ReceiptChannel::Print) {
            self.print(&question.customer_copy);
        }
        if let Some(record) = self.parts.journal.entry(question.intent) {
            // Goes to the disk with the next payment: nothing depends on it.
            let record = IntentRecord { receipt_channel: choice, ..record.clone() };
            self.parts.journal.apply(record)?;
        }
        self.show_outcome(&question.approved);
        Ok(true)
    }

    /// Nobody answers any more: time is up, or the next customer has the screen.
    pub(super) fn drop_receipt_question(&mut self) {
        if let Some(question) = self.receipt_question.take() {
            self.parts.reader.end();
            if question.prints_silently {
                self.print(&question.customer_copy);
            }
        }
    }

    fn print(&mut self, receipt: &Receipt) {
        if let Err(error) = self.parts.printer.print(receipt) {
            tracing::warn!(%error, "receipt not printed");
        }
    }
}
