//! The seam between a session and whatever carries its frames: a WebSocket in the field, a queue in a simulated
//! world. Knows nothing of what the frames say.

use std::future::Future;
use std::io;

use bytes::Bytes;

/// Carries whole frames to the other side and back, in order, until it breaks.
pub trait FrameIo: Send {
    /// Sends one frame. When it returns, the frame is on its way, not necessarily there.
    ///
    /// # Errors
    /// Any error means that the pipe is broken for good; the frame may or may not have left.
    fn send(&mut self, frame: Bytes) -> impl Future<Output = io::Result<()>> + Send;

    /// Waits for the next frame; `None` once the other side has closed.
    ///
    /// Must be cancel-safe: a future dropped before it is ready has lost no frame and no part of one, because both
    /// sides wait for frames, deadlines and work at the same time and drop whatever loses the race.
    ///
    /// # Errors
    /// Any error means that the pipe is broken for good.
    fn recv(&mut self) -> impl Future<Output = io::Result<Option<Bytes>>> + Send;
}
