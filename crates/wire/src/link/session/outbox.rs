//! What has been said and is not acknowledged: numbers it, sends it in order, sends it all again after a pause.

use std::collections::VecDeque;

use bytes::Bytes;

use super::event::{Limits, ProtocolError, QueueError};

/// No resend is planned.
const NEVER: i64 = i64::MAX;

pub(super) struct Outbox {
    /// Number of the first message in `waiting`; the next to be given when it is empty.
    first: u64,
    /// Encoded bodies. Holds no heap while empty.
    waiting: VecDeque<Bytes>,
    /// How many of those went out on this connection since the last resend.
    sent: usize,
    resend_at_ms: i64,
    pause_ms: u32,
}

impl Outbox {
    pub(super) fn new(limits: Limits) -> Self {
        Self::with(1, VecDeque::new(), limits)
    }

    pub(super) fn with(first: u64, waiting: VecDeque<Bytes>, limits: Limits) -> Self {
        Self { first, waiting, sent: 0, resend_at_ms: NEVER, pause_ms: limits.resend_first_ms }
    }

    pub(super) fn into_parts(self) -> (u64, VecDeque<Bytes>) {
        (self.first, self.waiting)
    }

    pub(super) fn first_unacknowledged(&self) -> u64 {
        self.first
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn resend_at(&self) -> Option<i64> {
        Some(self.resend_at_ms).filter(|at| *at != NEVER)
    }

    pub(super) fn push(&mut self, body: Bytes, limits: Limits) -> Result<(), QueueError> {
        if self.waiting.len() >= limits.unacknowledged as usize {
            return Err(QueueError::Full);
        }
        self.waiting.push_back(body);
        Ok(())
    }

    /// A connection ended or begins: nothing has been sent on it, and nothing has gone wrong on it.
    pub(super) fn reconnect(&mut self, limits: Limits) {
        self.start_over();
        self.pause_ms = limits.resend_first_ms;
    }

    fn start_over(&mut self) {
        self.sent = 0;
        self.resend_at_ms = NEVER;
    }

    pub(super) fn next(&mut self, now_ms: i64) -> Option<(u64, Bytes)> {
        let body = self.waiting.get(self.sent)?.clone();
        let seq = self.first + self.sent as u64;
        self.sent += 1;
        if self.resend_at_ms == NEVER {
            self.resend_at_ms = now_ms.saturating_add(i64::from(self.pause_ms));
        }
        Some((seq, body))
    }

    /// Everything up to `acknowledged` has arrived.
    pub(super) fn acknowledge(
        &mut self,
        acknowledged: u64,
        now_ms: i64,
        limits: Limits,
    ) -> Result<(), ProtocolError> {
        let said = self.first - 1 + self.waiting.len() as u64;
        if acknowledged > said {
            return Err(ProtocolError::NeverSaid { acknowledged, said });
        }
        let Some(arrived) = (acknowledged + 1).checked_sub(self.first).filter(|arrived| *arrived > 0) else {
            return Ok(());
        };
        self.first += arrived;
        // At most as many as are waiting: the check above.
        self.waiting.drain(..arrived as usize);
        if self.waiting.is_empty() {
            self.waiting = VecDeque::new();
        }
        self.sent = self.sent.saturating_sub(arrived as usize);
        self.pause_ms = limits.resend_first_ms;
        let under_way = self.sent > 0;
        self.resend_at_ms = if under_way { now_ms.saturating_add(i64::from(self.pause_ms)) } else { NEVER };
        Ok(())
    }

    /// Sends everything again if the pause is over, and waits longer next time.
    pub(super) fn wake(&mut self, now_ms: i64, limits: Limits) {
        if now_ms >= self.resend_at_ms {
            self.start_over();
            self.pause_ms = self.pause_ms.saturating_mul(2).min(limits.resend_longest_ms);
        }
    }
}
