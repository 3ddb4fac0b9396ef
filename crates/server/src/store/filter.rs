//! Which payments a list shows, and whether one of them is shown. Knows no engine.

use std::sync::Arc;

use vinr_domain::payment::{Payment, State, Status};
use vinr_domain::{BatchId, Currency, Last4, LocationId, PaymentId, Timestamp};

use super::batching::Lot;
use super::moments::Passed;
use super::port::{Pending, Scope, StoreError};

/// Which payments a list shows. Every condition given must hold. A store may rely on the time in a payment's id
/// being within a minute of its `created_at`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PaymentFilter {
    /// On this terminal.
    pub terminal: Option<Arc<str>>,
    /// Made while the terminal stood there.
    pub location: Option<LocationId>,
    /// In this status.
    pub status: Option<Status>,
    /// With this reference.
    pub reference: Option<Arc<str>>,
    /// Created at or after.
    pub from: Option<Timestamp>,
    /// Created at or before.
    pub to: Option<Timestamp>,
    /// With a card that ends in these digits.
    pub last4: Option<Last4>,
    /// In this currency.
    pub currency: Option<Currency>,
    /// Of this much or more, tip included, in minor units. Found quickly together with the currency.
    pub least_minor: Option<i64>,
    /// Of this much or less.
    pub most_minor: Option<i64>,
    /// In this lot.
    pub lot: Option<Lot>,
}

/// What people want to know of payments beyond a page of them.
pub trait PaymentLooks: Send + Sync + 'static {
    /// How many payments the filter shows, counted up to `most`.
    fn count_payments(
        &self,
        scope: &Scope,
        filter: &PaymentFilter,
        most: u32,
    ) -> Pending<'_, Result<u32, StoreError>>;

    /// What is noted of the payment's way, in the order in which it was.
    fn list_moments(&self, scope: &Scope, id: PaymentId) -> Pending<'_, Result<Vec<Passed>, StoreError>>;
}

impl PaymentFilter {
    /// Whether the payment is shown; `batch` is the one that it is in. For engines that look at one after the other.
    pub(super) fn shows(&self, payment: &Payment, batch: Option<BatchId>) -> bool {
        let card = payment.state.request().map(|request| request.card.last4);
        let amount = payment.amount_minor();
        self.terminal.as_ref().is_none_or(|terminal| payment.is_on(terminal))
            && (self.location.is_none() || self.location == payment.location)
            && self.status.is_none_or(|status| status == payment.status())
            && (self.reference.is_none() || self.reference == payment.reference)
            && self.from.is_none_or(|from| payment.created_at >= from)
            && self.to.is_none_or(|to| payment.created_at <= to)
            && (self.last4.is_none() || self.last4 == card)
            && self.currency.is_none_or(|currency| currency == payment.asked.currency)
            && self.least_minor.is_none_or(|least| amount >= least)
            && self.most_minor.is_none_or(|most| amount <= most)
            && self.lot.as_ref().is_none_or(|lot| in_lot(lot, payment, batch))
    }

    /// Whether it asks for an open lot of one terminal or currency, and for another one beside it.
    pub(super) fn contradicts_itself(&self) -> bool {
        let Some(Lot::Open(tender)) = &self.lot else { return false };
        self.terminal.as_ref().is_some_and(|terminal| *terminal != tender.terminal)
            || self.currency.is_some_and(|currency| currency != tender.currency)
    }

    /// The terminal and the currency that are asked for, as an open lot says.
    pub(super) fn tender(&self) -> (Option<&str>, Option<Currency>) {
        match &self.lot {
            Some(Lot::Open(tender)) => (Some(&tender.terminal), Some(tender.currency)),
            Some(Lot::Batch(_)) | None => (self.terminal.as_deref(), self.currency),
        }
    }

    /// The batch that is asked for.
    pub(super) fn batch(&self) -> Option<BatchId> {
        match &self.lot {
            Some(Lot::Batch(batch)) => Some(*batch),
            Some(Lot::Open(_)) | None => None,
        }
    }
}

/// Whether the payment, which is in `batch`, is of the lot.
pub(super) fn in_lot(lot: &Lot, payment: &Payment, batch: Option<BatchId>) -> bool {
    match lot {
        Lot::Batch(wanted) => batch == Some(*wanted),
        Lot::Open(tender) => {
            let taken = matches!(payment.state, State::Completed { .. }) && payment.advice.is_none();
            let here = payment.is_on(&tender.terminal) && payment.asked.currency == tender.currency;
            taken && here && batch.is_none()
        }
    }
}
