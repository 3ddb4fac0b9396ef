//! Lists of the in-memory model, and what becomes too old.

use std::sync::Arc;

use vinr_domain::payment::Payment;
use vinr_domain::{PaymentId, Timestamp};

use super::{EventKey, MemoryStore, Rows, payment_scope};
use crate::store::moments::Passed;
use crate::store::port::{
    Cursor, EventCursor, EventFilter, EventPage, EventRow, Listed, Page, PaymentFilter, PaymentLooks,
    Pending, Posted, Retention, Scope, StoreError,
};
use crate::store::rules;

impl Rows {
    pub(super) fn list(&self, scope: &Scope, filter: &PaymentFilter, page: &Page) -> Listed {
        let Some(bounds) = rules::id_bounds(filter, page.cursor) else {
            return Listed { payments: vec![], has_more: false };
        };
        let limit = page.limit as usize;
        let batch = |payment: &Payment| self.batched.get(&(payment_scope(payment), payment.id)).copied();
        let shown =
            |payment: &&Arc<Payment>| bounds.contains(&payment.id.0) && filter.shows(payment, batch(payment));
        let mut payments: Vec<_> = if rules::is_upward(page) {
            self.of(scope).filter(shown).take(limit + 1).cloned().collect()
        } else {
            self.of(scope).rev().filter(shown).take(limit + 1).cloned().collect()
        };
        let has_more = payments.len() > limit;
        payments.truncate(limit);
        if rules::is_upward(page) {
            payments.reverse();
        }
        Listed { payments, has_more }
    }

    pub(super) fn count(&self, scope: &Scope, filter: &PaymentFilter, most: u32) -> u32 {
        let page = Page { limit: most, cursor: Cursor::Start };
        u32::try_from(self.list(scope, filter, &page).payments.len()).unwrap_or(most)
    }

    pub(super) fn note(&mut self, scope: Scope, payment: PaymentId, moments: &[Passed]) {
        let key = (scope, payment);
        if self.payments.contains_key(&key) {
            self.moments.entry(key).or_default().extend_from_slice(moments);
        }
    }

    pub(super) fn post(&self, ordinal: u64, key: &EventKey) -> Option<Posted> {
        self.events.get(key).map(|event| Posted { ordinal, event: event.clone() })
    }

    pub(super) fn posted(&self) -> impl Iterator<Item = Posted> {
        self.event_order.iter().filter_map(|(ordinal, key)| self.post(*ordinal, key))
    }

    pub(super) fn list_events(
        &self,
        scope: &Scope,
        filter: &EventFilter,
        page: &EventPage,
    ) -> (Vec<EventRow>, bool) {
        let Some(bounds) = rules::event_bounds(filter, page.cursor) else { return (vec![], false) };
        let (first_kind, end_kind) = rules::kind_bounds(filter);
        let shown = |event: &&EventRow| {
            event.scope == *scope
                && bounds.contains(&event.id.0)
                && (first_kind.as_str()..end_kind.as_str()).contains(&event.kind)
                && filter.object_id.as_ref().is_none_or(|id| *id == event.object_id)
                && filter.from.is_none_or(|from| event.created_at >= from)
                && filter.to.is_none_or(|to| event.created_at <= to)
        };
        let mut events: Vec<_> = self.events.values().filter(shown).cloned().collect();
        let upward = matches!(page.cursor, EventCursor::Before(_));
        events.sort_by_key(|event| if upward { event.id.0 } else { !event.id.0 });
        let has_more = events.len() > page.limit as usize;
        events.truncate(page.limit as usize);
        if upward {
            events.reverse();
        }
        (events, has_more)
    }

    pub(super) fn unfinished(&self) -> Vec<Arc<Payment>> {
        let mut found: Vec<_> =
            self.payments.values().filter(|p| rules::is_unfinished(p.status())).cloned().collect();
        found.sort_by_key(|payment| payment.id);
        found
    }

    pub(super) fn purge(&mut self, now: Timestamp, retention: &Retention, limit: usize) -> u64 {
        let payments =
            retention.payments_ms.map_or(0, |ms| self.purge_payments(rules::cutoff(now, ms), limit));
        let events = retention.events_ms.map_or(0, |ms| self.purge_events(rules::cutoff(now, ms), limit));
        let deliveries =
            retention.events_ms.map_or(0, |ms| self.deliveries.purge(rules::cutoff(now, ms), limit));
        let keys = retention.idempotency_ms.map_or(0, |ms| self.purge_keys(rules::cutoff(now, ms), limit));
        (payments + events + deliveries + keys) as u64
    }

    pub(super) fn purge_payments(&mut self, cutoff: Timestamp, limit: usize) -> usize {
        let first_kept = PaymentId::first_at(cutoff.0);
        let old = |payment: &&Arc<Payment>| {
            payment.id < first_kept && rules::is_settled(payment) && self.is_accounted_for(payment)
        };
        let gone: Vec<_> = self.payments.values().filter(old).take(limit).cloned().collect();
        for payment in &gone {
            self.payments.remove(&(payment_scope(payment), payment.id));
            self.moments.remove(&(payment_scope(payment), payment.id));
            self.batched.remove(&(payment_scope(payment), payment.id));
            self.intents.remove(&(payment_scope(payment), payment.intent));
        }
        gone.len()
    }

    pub(super) fn purge_events(&mut self, cutoff: Timestamp, limit: usize) -> usize {
        let oldest: Vec<_> = self.event_order.iter().take(limit).map(|(n, key)| (*n, key.clone())).collect();
        let mut gone = 0;
        let newest = self.event_order.last_key_value().map(|(ordinal, _)| *ordinal);
        for (ordinal, key) in oldest {
            let old = self.events.get(&key).is_some_and(|event| event.created_at < cutoff);
            // The newest stays: engines continue its place.
            if old && Some(ordinal) != newest {
                self.events.remove(&key);
                self.event_order.remove(&ordinal);
                gone += 1;
            }
        }
        gone
    }

    pub(super) fn purge_keys(&mut self, cutoff: Timestamp, limit: usize) -> usize {
        let oldest: Vec<_> =
            self.idempotency_order.iter().take(limit).map(|(n, key)| (*n, key.clone())).collect();
        let mut gone = 0;
        for (ordinal, key) in oldest {
            if self.idempotency.get(&key).is_some_and(|row| row.created_at < cutoff) {
                self.idempotency.remove(&key);
                self.idempotency_order.remove(&ordinal);
                gone += 1;
            }
        }
        gone
    }
}

impl PaymentLooks for MemoryStore {
    fn count_payments(
        &self,
        scope: &Scope,
        filter: &PaymentFilter,
        most: u32,
    ) -> Pending<'_, Result<u32, StoreError>> {
        self.answer(|rows| rows.count(scope, filter, most))
    }

    fn list_moments(&self, scope: &Scope, id: PaymentId) -> Pending<'_, Result<Vec<Passed>, StoreError>> {
        self.answer(|rows| rows.moments.get(&(scope.clone(), id)).cloned().unwrap_or_default())
    }
}
