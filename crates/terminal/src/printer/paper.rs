//! What goes on a terminal's paper: the facts of its journal, told to the words of receipts (`vinr_wire::receipt`).

use vinr_domain::payment::CaptureMethod;
use vinr_wire::receipt::{self, GivenBack, Sale, Slip};

use super::{About, Copy};
use crate::till::{ReceiptFacts, RefundFacts};

/// What a receipt is written on.
#[derive(Clone, Copy, Debug)]
pub struct Paper<'a> {
    /// Which terminal writes it.
    pub terminal: &'a str,
    /// Characters in a line.
    pub columns: u8,
}

impl Paper<'_> {
    /// One copy of a receipt.
    #[must_use]
    pub fn of(&self, about: &About, copy: Copy) -> String {
        match about {
            About::Payment(facts) => self.text(facts, copy),
            About::Refund(facts) => self.refund_text(facts, copy),
        }
    }

    /// One copy of a payment's receipt.
    #[must_use]
    pub fn text(&self, facts: &ReceiptFacts, copy: Copy) -> String {
        let command = facts.record.command.as_ref();
        let sale = Sale {
            total: facts.total,
            tip_minor: facts.tip_minor,
            is_hold: command.is_some_and(|command| command.capture_method == CaptureMethod::Manual),
            outcome: facts.outcome,
            auth_code: facts.record.auth_code.as_deref(),
        };
        let slip = Slip {
            terminal: self.terminal,
            shop: &facts.shop,
            at: facts.at,
            card: facts.card,
            reference: command.and_then(|command| command.reference.as_deref()),
            id: &command.map(|command| command.payment_id.to_string()).unwrap_or_default(),
            livemode: facts.livemode,
            about: receipt::About::Sale(sale),
        };
        slip.text(copy, self.columns)
    }

    /// One copy of a refund's receipt.
    #[must_use]
    pub fn refund_text(&self, facts: &RefundFacts, copy: Copy) -> String {
        let slip = Slip {
            terminal: self.terminal,
            shop: &facts.shop,
            at: facts.at,
            card: facts.card,
            reference: Some(&facts.reference),
            id: &facts.refund,
            livemode: facts.livemode,
            about: receipt::About::Refund(GivenBack { amount: facts.amount, original: &facts.original }),
        };
        slip.text(copy, self.columns)
    }
}

#[cfg(test)]
mod tests;
