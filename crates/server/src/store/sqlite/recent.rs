//! The newest events, in memory: whoever follows them closely never asks the database. Written by the writer once a
//! group is durable.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use crate::store::port::Posted;

/// How many events are kept.
const KEPT: usize = 8_192;

/// The newest events in the order of their places, without a gap from the first that is kept.
pub(super) struct Recent {
    ring: Mutex<Ring>,
    tail: watch::Sender<u64>,
}

struct Ring {
    /// Everything behind this place is in `events`.
    complete_after: u64,
    events: VecDeque<Posted>,
}

impl Recent {
    /// Nothing yet, behind the newest event of the database.
    pub(super) fn new(newest: i64) -> Self {
        let newest = newest.unsigned_abs();
        let ring = Ring { complete_after: newest, events: VecDeque::new() };
        Self { ring: Mutex::new(ring), tail: watch::Sender::new(newest) }
    }

    /// Takes up what has become durable.
    pub(super) fn post(&self, posted: Vec<Posted>) {
        let Some(newest) = posted.last().map(|posted| posted.ordinal) else { return };
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.events.extend(posted);
        while ring.events.len() > KEPT {
            if let Some(dropped) = ring.events.pop_front() {
                ring.complete_after = dropped.ordinal;
            }
        }
        drop(ring);
        self.tail.send_replace(newest);
    }

    /// The events behind the place, at most `limit`; `None` when the database has to be asked.
    pub(super) fn after(&self, ordinal: u64, limit: usize) -> Option<Vec<Posted>> {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        if ordinal < ring.complete_after {
            return None;
        }
        let begin = ring.events.partition_point(|posted| posted.ordinal <= ordinal);
        Some(ring.events.range(begin..).take(limit).cloned().collect())
    }

    /// The place of the newest durable event.
    pub(super) fn tail(&self) -> watch::Receiver<u64> {
        self.tail.subscribe()
    }
}
