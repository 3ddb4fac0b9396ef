//! What has been heard: which stream, up to where. Keeps no message.

use super::event::ProtocolError;
use crate::link::message::DecodeError;

#[derive(Default)]
pub(super) struct Inbox {
    /// The peer's stream; 0 before the first greeting.
    stream: u64,
    received: u64,
}

impl Inbox {
    pub(super) fn with(stream: u64, received: u64) -> Self {
        Self { stream, received }
    }

    pub(super) fn stream(&self) -> u64 {
        self.stream
    }

    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// A greeting names the peer's stream and the first message that it still has. True if the stream is known.
    pub(super) fn greet(
        &mut self,
        stream: u64,
        next_seq: u64,
        field: &'static str,
    ) -> Result<bool, ProtocolError> {
        let before = next_seq.checked_sub(1).ok_or(DecodeError::Invalid { field })?;
        let known = stream == self.stream;
        // What the peer has been told has arrived is not said again, even if this side has forgotten hearing it.
        self.received = if known { self.received.max(before) } else { before };
        self.stream = stream;
        Ok(known)
    }

    /// Whether this is the message to be heard next. If not, it was heard before, or one before it is missing and
    /// both come again.
    pub(super) fn is_next(&self, seq: u64) -> bool {
        self.received.checked_add(1) == Some(seq)
    }

    pub(super) fn advance(&mut self) {
        self.received += 1;
    }
}
