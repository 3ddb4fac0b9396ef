//! Where the outbox puts events for one endpoint, and where its owner puts wishes. Bounded: what does not fit is not
//! kept here, the courier reads it from the store.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use tokio::sync::Notify;

use super::endpoint::EndpointRow;
use crate::store::{DeliveryRow, Posted};

/// How many events wait here at most.
const MAX_EVENTS: usize = 1_024;
/// How many deliveries that are wanted again wait here at most.
const MAX_AGAIN: usize = 1_000;

/// One endpoint's mailbox.
pub(super) struct Mailbox {
    /// The endpoint as it is now.
    pub(super) endpoint: ArcSwap<EndpointRow>,
    inside: Mutex<Inside>,
    changed: Notify,
}

struct Inside {
    events: VecDeque<Posted>,
    /// Everything up to here has to be read from the store.
    dropped_to: u64,
    overflowed: bool,
    /// Nothing up to here is missing from `events`, while nothing was dropped.
    seen: u64,
    again: VecDeque<DeliveryRow>,
    stopped: bool,
}

/// What came in.
pub(super) struct Post {
    /// Events, in order.
    pub(super) events: Vec<Posted>,
    /// Everything up to here has been seen, when nothing was dropped.
    pub(super) seen: u64,
    /// Deliveries that are wanted again.
    pub(super) again: Vec<DeliveryRow>,
}

impl Mailbox {
    /// An empty one, for a courier that begins by reading the store.
    pub(super) fn new(endpoint: EndpointRow) -> Self {
        let inside = Inside {
            events: VecDeque::new(),
            dropped_to: u64::MAX,
            overflowed: true,
            seen: 0,
            again: VecDeque::new(),
            stopped: false,
        };
        Self { endpoint: ArcSwap::from_pointee(endpoint), inside: Mutex::new(inside), changed: Notify::new() }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on events are put in; those up to the place have to be read from the store.
    pub(super) fn open(&self, tail: u64) {
        self.inside().dropped_to = tail;
        self.changed.notify_one();
    }

    /// Puts an event in, if there is room.
    pub(super) fn put(&self, posted: &Posted) {
        let mut inside = self.inside();
        if inside.overflowed || inside.events.len() >= MAX_EVENTS {
            inside.overflowed = true;
            if inside.dropped_to != u64::MAX {
                inside.dropped_to = posted.ordinal;
            }
        } else {
            inside.events.push_back(posted.clone());
        }
        drop(inside);
        self.changed.notify_one();
    }

    /// All events up to the place have been put in, those that are wanted.
    pub(super) fn see(&self, ordinal: u64) {
        self.inside().seen = ordinal;
        self.changed.notify_one();
    }

    /// A delivery is wanted again; `false` when too many are.
    pub(super) fn again(&self, row: DeliveryRow) -> bool {
        let mut inside = self.inside();
        let room = inside.again.len() < MAX_AGAIN && !inside.stopped;
        if room {
            inside.again.push_back(row);
        }
        drop(inside);
        self.changed.notify_one();
        room
    }

    /// The endpoint has changed.
    pub(super) fn change(&self, endpoint: EndpointRow) {
        self.endpoint.store(Arc::new(endpoint));
        self.changed.notify_one();
    }

    /// Nothing is sent any more.
    pub(super) fn stop(&self) {
        self.inside().stopped = true;
        self.changed.notify_one();
    }

    pub(super) fn stopped(&self) -> bool {
        self.inside().stopped
    }

    /// Whether the courier at this place has to read the store. When it has caught up, the mailbox is filled again.
    pub(super) fn must_read(&self, position: u64) -> bool {
        let mut inside = self.inside();
        if inside.overflowed && inside.events.is_empty() && position >= inside.dropped_to {
            inside.overflowed = false;
        }
        inside.overflowed && inside.events.is_empty()
    }

    /// Everything up to here has to be read from the store.
    pub(super) fn dropped_to(&self) -> u64 {
        self.inside().dropped_to
    }

    /// Takes out what came, at most so many events.
    pub(super) fn take(&self, limit: usize) -> Post {
        let mut inside = self.inside();
        let count = inside.events.len().min(limit);
        let events = inside.events.drain(..count).collect();
        let seen = if inside.overflowed || !inside.events.is_empty() { 0 } else { inside.seen };
        Post { events, seen, again: inside.again.drain(..).collect() }
    }

    /// Until something came.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}
