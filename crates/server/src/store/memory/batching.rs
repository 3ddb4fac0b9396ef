//! Which payments of the in-memory model are in which batch.

use std::collections::BTreeMap;

use vinr_domain::payment::{Payment, State};
use vinr_domain::{BatchId, PaymentId, Timestamp};

use super::{MemoryStore, Rows, payment_scope};
use crate::store::batching::{BatchReads, BrandSum, Lot, Tender, Unbatched, UnbatchedSums, UnbatchedTender};
use crate::store::filter::in_lot;
use crate::store::port::{CommitError, Pending, Scope, StoreError};

/// The batch of every payment that is in one.
pub(super) type Batched = BTreeMap<(Scope, PaymentId), BatchId>;

/// When the payment was completed and what it took; `None` for one that is not completed.
fn taken(payment: &Payment) -> Option<(Timestamp, i64)> {
    match payment.state {
        State::Completed { at, captured_minor, .. } => Some((at, captured_minor)),
        State::Queued
        | State::Pending
        | State::Cancelling
        | State::Authorizing { .. }
        | State::Uncertain { .. }
        | State::Reversing { .. }
        | State::Authorized { .. }
        | State::Failed { .. }
        | State::Cancelled { .. }
        | State::Expired { .. } => None,
    }
}

fn tender_of(payment: &Payment) -> Tender {
    // Whatever was taken was taken by a terminal.
    let terminal = payment.terminal.clone().unwrap_or_default();
    Tender { terminal, currency: payment.asked.currency }
}

impl Rows {
    fn unbatched(&self) -> impl Iterator<Item = (&Payment, Timestamp, i64)> {
        let waiting = self.payments.iter().filter(|(key, _)| !self.batched.contains_key(*key));
        waiting.filter_map(|(_, payment)| taken(payment).map(|(at, minor)| (payment.as_ref(), at, minor)))
    }

    fn unbatched_of(&self, scope: &Scope, tender: &Tender) -> Vec<(&Payment, Timestamp, i64)> {
        let here =
            |(p, _, _): &(&Payment, Timestamp, i64)| payment_scope(p) == *scope && tender_of(p) == *tender;
        self.unbatched().filter(here).collect()
    }

    pub(super) fn check_join(&self, scope: &Scope, payments: &[PaymentId]) -> Result<(), CommitError> {
        payments.iter().try_for_each(|id| {
            let key = (scope.clone(), *id);
            let fits = self.payments.get(&key).is_some_and(|p| taken(p).is_some() && p.advice.is_none());
            if fits && !self.batched.contains_key(&key) {
                Ok(())
            } else {
                Err(CommitError::StaleRevision(*id))
            }
        })
    }

    pub(super) fn join(&mut self, scope: &Scope, batch: BatchId, payments: &[PaymentId]) {
        self.batched.extend(payments.iter().map(|id| ((scope.clone(), *id), batch)));
    }

    /// Whether retention may delete it as far as batches are concerned.
    pub(super) fn is_accounted_for(&self, payment: &Payment) -> bool {
        taken(payment).is_none() || self.batched.contains_key(&(payment_scope(payment), payment.id))
    }
}

impl BatchReads for MemoryStore {
    fn list_unbatched(
        &self,
        scope: &Scope,
        tender: &Tender,
        up_to: Timestamp,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Unbatched>, StoreError>> {
        self.answer(|rows| {
            let mut found = rows.unbatched_of(scope, tender);
            found.retain(|(payment, at, _)| payment.advice.is_none() && *at <= up_to);
            found.sort_by_key(|(payment, at, minor)| (*at, *minor, payment.id));
            found.truncate(limit as usize);
            found.iter().map(|(p, _, minor)| Unbatched { id: p.id, captured_minor: *minor }).collect()
        })
    }

    fn sum_unbatched(
        &self,
        scope: &Scope,
        tender: &Tender,
    ) -> Pending<'_, Result<UnbatchedSums, StoreError>> {
        self.answer(|rows| {
            let mut sums = UnbatchedSums::default();
            for (payment, _, captured_minor) in rows.unbatched_of(scope, tender) {
                if payment.advice.is_some() {
                    sums.unacknowledged += 1;
                } else {
                    sums.count += 1;
                    sums.captured_minor += captured_minor;
                }
            }
            sums
        })
    }

    fn sum_brands(&self, scope: &Scope, lot: &Lot) -> Pending<'_, Result<Vec<BrandSum>, StoreError>> {
        self.answer(|rows| {
            let mut sums = BTreeMap::<&str, BrandSum>::new();
            for (key, payment) in rows.payments.iter().filter(|((whose, _), _)| whose == scope) {
                let batch = rows.batched.get(key).copied();
                let (Some((_, minor)), Some(request)) = (taken(payment), payment.state.request()) else {
                    continue;
                };
                if in_lot(lot, payment, batch) {
                    let brand = request.card.brand;
                    let none = BrandSum { brand, count: 0, captured_minor: 0 };
                    let sum = sums.entry(brand.as_str()).or_insert(none);
                    sum.count += 1;
                    sum.captured_minor += minor;
                }
            }
            sums.into_values().collect()
        })
    }

    fn list_unbatched_tenders_across_accounts(
        &self,
    ) -> Pending<'_, Result<Vec<UnbatchedTender>, StoreError>> {
        self.answer(|rows| {
            let mut first: BTreeMap<(Scope, Tender), Timestamp> = BTreeMap::new();
            for (payment, at, _) in rows.unbatched().filter(|(payment, _, _)| payment.advice.is_none()) {
                let known = first.entry((payment_scope(payment), tender_of(payment))).or_insert(at);
                *known = at.min(*known);
            }
            let tenders = first.into_iter();
            tenders.map(|((scope, tender), first_at)| UnbatchedTender { scope, tender, first_at }).collect()
        })
    }
}
