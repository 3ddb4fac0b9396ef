//! The newest refund, as it is written: what its receipt says, without the shop, which is told anew.

use serde::{Deserialize, Serialize};
use vinr_domain::{Brand, CardFacts, Currency, EntryMode, Last4, Money, Timestamp};
use vinr_wire::link::Shop;

use crate::till::RefundFacts;

/// The refund.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptRefund {
    refund: String,
    reference: String,
    original: String,
    amount_minor: i64,
    currency: String,
    /// Network, last four digits, and how it was read.
    card: Option<(String, String, String)>,
    at_ms: i64,
    /// When it was noted, by the clock of the journal.
    noted_ms: i64,
    livemode: bool,
}

impl KeptRefund {
    pub(crate) fn new(facts: &RefundFacts, noted_at: Timestamp) -> Self {
        let written = |card: CardFacts| {
            let CardFacts { brand, last4, entry_mode } = card;
            (brand.as_str().to_owned(), last4.as_str().to_owned(), entry_mode.as_str().to_owned())
        };
        Self {
            refund: facts.refund.clone(),
            reference: facts.reference.clone(),
            original: facts.original.clone(),
            amount_minor: facts.amount.amount_minor,
            currency: facts.amount.currency.to_string(),
            card: facts.card.map(written),
            at_ms: facts.at.0,
            noted_ms: noted_at.0,
            livemode: facts.livemode,
        }
    }

    /// Whether it is the refund of this name.
    pub(crate) fn is(&self, refund: &str) -> bool {
        self.refund == refund
    }

    /// When it was noted, by the clock of the journal.
    pub(crate) fn noted_at(&self) -> Timestamp {
        Timestamp(self.noted_ms)
    }

    /// What its receipt says; `None` only when somebody has written into the file.
    pub(crate) fn facts(&self, shop: Shop) -> Option<RefundFacts> {
        let read = |(brand, last4, mode): &(String, String, String)| {
            Some(CardFacts {
                brand: Brand::parse(brand)?,
                last4: Last4::parse(last4)?,
                entry_mode: EntryMode::parse(mode)?,
            })
        };
        Some(RefundFacts {
            refund: self.refund.clone(),
            reference: self.reference.clone(),
            original: self.original.clone(),
            amount: Money {
                amount_minor: self.amount_minor,
                currency: Currency::parse(&self.currency).ok()?,
            },
            card: self.card.as_ref().and_then(read),
            at: Timestamp(self.at_ms),
            shop,
            livemode: self.livemode,
        })
    }
}
