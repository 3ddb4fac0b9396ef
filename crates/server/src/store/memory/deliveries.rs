//! The deliveries of the in-memory model.

use std::collections::BTreeMap;
use std::sync::Arc;

use vinr_domain::Timestamp;

use crate::store::delivery::{DeliveryCursor, DeliveryPage, DeliveryRow, DeliveryStatus};
use crate::store::port::Scope;

/// All deliveries, and how far every endpoint has come.
#[derive(Default)]
pub(super) struct Deliveries {
    rows: BTreeMap<(Arc<str>, u64), DeliveryRow>,
    cursors: BTreeMap<Arc<str>, u64>,
}

impl Deliveries {
    pub(super) fn put(&mut self, rows: Vec<DeliveryRow>) {
        self.rows.extend(rows.into_iter().map(|row| ((row.endpoint.clone(), row.ordinal), row)));
    }

    pub(super) fn move_cursor(&mut self, endpoint: Arc<str>, ordinal: u64) {
        self.cursors.insert(endpoint, ordinal);
    }

    pub(super) fn forget(&mut self, endpoint: &str) {
        self.cursors.remove(endpoint);
        self.rows.retain(|(of, _), _| **of != *endpoint);
    }

    pub(super) fn cursors(&self) -> Vec<(Arc<str>, u64)> {
        self.cursors.iter().map(|(endpoint, ordinal)| (endpoint.clone(), *ordinal)).collect()
    }

    pub(super) fn get(&self, scope: &Scope, endpoint: &str, ordinal: u64) -> Option<DeliveryRow> {
        self.rows.get(&(endpoint.into(), ordinal)).filter(|row| row.scope == *scope).cloned()
    }

    pub(super) fn pending(&self, endpoint: &str, after: u64, limit: usize) -> Vec<DeliveryRow> {
        let rows = self.rows.range((endpoint.into(), after.saturating_add(1))..=(endpoint.into(), u64::MAX));
        let rows = rows.map(|(_, row)| row).filter(|row| row.status == DeliveryStatus::Pending);
        rows.take(limit).cloned().collect()
    }

    pub(super) fn list(
        &self,
        scope: &Scope,
        endpoint: &str,
        page: &DeliveryPage,
    ) -> (Vec<DeliveryRow>, bool) {
        let (low, high, upward) = match page.cursor {
            DeliveryCursor::Start => (0, u64::MAX, false),
            DeliveryCursor::After(ordinal) => match ordinal.checked_sub(1) {
                Some(high) => (0, high, false),
                None => return (vec![], false),
            },
            DeliveryCursor::Before(ordinal) => (ordinal.saturating_add(1), u64::MAX, true),
        };
        let limit = page.limit as usize;
        let shown =
            |row: &&DeliveryRow| row.scope == *scope && page.status.is_none_or(|status| status == row.status);
        let stretch = self.rows.range((endpoint.into(), low)..=(endpoint.into(), high)).map(|(_, row)| row);
        let mut rows: Vec<_> = if upward {
            stretch.filter(shown).take(limit + 1).cloned().collect()
        } else {
            stretch.rev().filter(shown).take(limit + 1).cloned().collect()
        };
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        if upward {
            rows.reverse();
        }
        (rows, has_more)
    }

    pub(super) fn purge(&mut self, cutoff: Timestamp, limit: usize) -> usize {
        let old = |row: &&DeliveryRow| row.created_at < cutoff && row.status != DeliveryStatus::Pending;
        let gone: Vec<_> = self.rows.values().filter(old).take(limit).cloned().collect();
        for row in &gone {
            self.rows.remove(&(row.endpoint.clone(), row.ordinal));
        }
        gone.len()
    }
}
