//! A session between two connections, as small as it can be: the cloud keeps one for every terminal.

use std::collections::VecDeque;

use bytes::Bytes;

use super::event::Limits;
use super::inbox::Inbox;
use super::outbox::Outbox;

/// What must be kept of the cloud's side of a session until the terminal comes back.
pub struct Suspended {
    stream: u64,
    first: u64,
    peer_stream: u64,
    received: u64,
    /// Nearly always empty, and then without any heap.
    waiting: Box<[Bytes]>,
}

impl Suspended {
    pub(super) fn of(stream: u64, outbox: Outbox, inbox: &Inbox) -> Self {
        let (first, waiting) = outbox.into_parts();
        let waiting = Vec::from(waiting).into_boxed_slice();
        Self { stream, first, peer_stream: inbox.stream(), received: inbox.received(), waiting }
    }

    pub(super) fn into_parts(self, limits: Limits) -> (u64, Outbox, Inbox) {
        let waiting = VecDeque::from(self.waiting.into_vec());
        let outbox = Outbox::with(self.first, waiting, limits);
        (self.stream, outbox, Inbox::with(self.peer_stream, self.received))
    }

    /// How many messages wait for the terminal.
    #[must_use]
    pub fn unacknowledged(&self) -> usize {
        self.waiting.len()
    }
}

impl std::fmt::Debug for Suspended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<suspended session, {} unacknowledged>", self.unacknowledged())
    }
}
