//! Refunds and the settlement of batches: what the issuer gives back, and whether an acquirer's sums can be true. A
//! refund is named by its [`RefundId`]; the same name gives back at most once, for ever.

use vinr_domain::batch::Totals;
use vinr_domain::{BatchId, Currency, Money, PaymentId, RefundId, Timestamp};

use super::book::{Entry, Record, Refunded};
use super::{Issuer, RequestKey};
use crate::deck::Behaviour;
use crate::ledger::Anomaly;
use crate::ledger::line::{Line, Outcome};

/// A request to give money back to the card that a request took it from.
#[derive(Clone, Debug)]
pub struct Refund {
    /// Its name.
    pub refund: RefundId,
    /// The request that took the money.
    pub key: RequestKey,
    /// The payment that request was for.
    pub payment: PaymentId,
    /// How much.
    pub amount: Money,
}

/// What comes back for a refund, or for an inquiry about one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundReply {
    /// The money is given back, now or before.
    Accepted,
    /// It is not, and will not be under this name.
    Refused(RefundRefusal),
    /// There has been no such refund. There may still be one. Only ever said to an inquiry.
    NotFound,
    /// Nothing: the ledger could not be written. Ask again.
    Silent,
    /// The decision is taken now and its answer leaves later.
    Late {
        /// How much later, in milliseconds.
        after_ms: u32,
        /// `Accepted` or `Refused`.
        answer: Box<RefundReply>,
    },
}

/// Why a refund is refused. But for the first, the acquirer is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefusal {
    /// The card takes no money back.
    #[error("the card takes no money back")]
    Declined,
    /// No such request, or one for another payment.
    #[error("there has been no such request for this payment")]
    UnknownRequest,
    /// Nothing has been taken under it, or it has been reversed.
    #[error("nothing is taken under the request")]
    NothingTaken,
    /// It took another currency.
    #[error("the request took {taken}")]
    OtherCurrency {
        /// What it took.
        taken: Currency,
    },
    /// The name belongs to a refund with other content.
    #[error("the name belongs to another refund")]
    OtherContent,
    /// Less than one minor unit, or more than is left.
    #[error("at most {left_minor} minor units are left")]
    BeyondWhatIsLeft {
        /// What is left, in minor units.
        left_minor: i64,
    },
}

/// What comes back for the sums of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettleReply {
    /// They are noted, now or before.
    Agreed,
    /// They cannot be true: more than was ever taken or given back on the terminal in this currency, all its batches
    /// together; or the batch has been settled with other sums.
    OutOfBalance,
    /// Nothing: the ledger could not be written. Ask again.
    Silent,
}

impl Issuer {
    /// Gives money back, or repeats what was decided about it before.
    pub fn refund(&mut self, ask: Refund, now: Timestamp) -> RefundReply {
        if let Some(known) = self.book.refund(ask.refund) {
            if known.key == ask.key && known.amount_minor == ask.amount.amount_minor {
                return self.paced(&ask.key, decided(known));
            }
            let noted = self.note(ask.key, Anomaly::OtherRefund, now);
            return if noted {
                RefundReply::Refused(RefundRefusal::OtherContent)
            } else {
                RefundReply::Silent
            };
        }
        let declined = match self.refusal(&ask) {
            None => false,
            Some(RefundRefusal::Declined) => true,
            Some(refusal @ RefundRefusal::BeyondWhatIsLeft { .. }) => {
                let noted = self.note(ask.key, Anomaly::OverRefund, now);
                return if noted { RefundReply::Refused(refusal) } else { RefundReply::Silent };
            }
            Some(refusal) => return RefundReply::Refused(refusal),
        };
        let line = Line::Refund {
            at_ms: now.0,
            key: ask.key.clone(),
            refund: ask.refund,
            payment: ask.payment,
            amount_minor: ask.amount.amount_minor,
            declined,
        };
        if !self.commit(vec![line]) {
            return RefundReply::Silent;
        }
        let answer =
            if declined { RefundReply::Refused(RefundRefusal::Declined) } else { RefundReply::Accepted };
        self.paced(&ask.key, answer)
    }

    /// Says what became of a refund.
    #[must_use]
    pub fn inquire_refund(&self, refund: RefundId) -> RefundReply {
        self.book.refund(refund).map_or(RefundReply::NotFound, decided)
    }

    /// Notes the sums of a batch of a terminal, if all its batches together can be true.
    pub fn settle(
        &mut self,
        batch: BatchId,
        terminal: &str,
        currency: Currency,
        totals: Totals,
        now: Timestamp,
    ) -> SettleReply {
        if let Some(known) = self.book.settlement(batch) {
            return if *known == totals { SettleReply::Agreed } else { SettleReply::OutOfBalance };
        }
        if !self.book.balances_with(terminal, currency, &totals) {
            let noted = self.note(RequestKey::new(terminal, 0, 0), Anomaly::OverSettled, now);
            return if noted { SettleReply::OutOfBalance } else { SettleReply::Silent };
        }
        let line = Line::Settle {
            at_ms: now.0,
            terminal: terminal.into(),
            batch,
            currency,
            sales_count: totals.sales_count,
            sales_minor: totals.sales_minor,
            refunds_count: totals.refunds_count,
            refunds_minor: totals.refunds_minor,
        };
        if self.commit(vec![line]) { SettleReply::Agreed } else { SettleReply::Silent }
    }

    /// The sums under which a batch has been settled.
    #[must_use]
    pub fn settlement(&self, batch: BatchId) -> Option<Totals> {
        self.book.settlement(batch).copied()
    }

    fn refusal(&self, ask: &Refund) -> Option<RefundRefusal> {
        let Some(Entry::Decided(record)) = self.book.entry(&ask.key) else {
            return Some(RefundRefusal::UnknownRequest);
        };
        let Record { decision, captured_minor, reversed, refunded_minor, .. } = &**record;
        let approved = matches!(decision.outcome, Outcome::Approved { .. });
        let taken_minor = captured_minor.filter(|_| approved && !reversed);
        let left_minor = taken_minor.unwrap_or(0) - refunded_minor;
        if decision.payment != ask.payment {
            Some(RefundRefusal::UnknownRequest)
        } else if taken_minor.is_none() {
            Some(RefundRefusal::NothingTaken)
        } else if decision.currency != ask.amount.currency {
            Some(RefundRefusal::OtherCurrency { taken: decision.currency })
        } else if !(1..=left_minor).contains(&ask.amount.amount_minor) {
            Some(RefundRefusal::BeyondWhatIsLeft { left_minor })
        } else {
            let refuses = super::behaviour(record) == Some(Behaviour::TakesNothingBack);
            refuses.then_some(RefundRefusal::Declined)
        }
    }

    /// The late issuer is late with refunds too.
    fn paced(&self, key: &RequestKey, answer: RefundReply) -> RefundReply {
        let late = match self.book.entry(key) {
            Some(Entry::Decided(record)) => super::behaviour(record) == Some(Behaviour::AnswersLate),
            Some(Entry::Tombstone { .. }) | None => false,
        };
        if late {
            RefundReply::Late { after_ms: self.settings.late_answer_ms, answer: Box::new(answer) }
        } else {
            answer
        }
    }
}

fn decided(known: &Refunded) -> RefundReply {
    if known.declined { RefundReply::Refused(RefundRefusal::Declined) } else { RefundReply::Accepted }
}
