//! The device link: what a terminal and the cloud say to each other, and how it survives lost
//! connections. Opens no socket, reads no clock; whoever drives it brings both.

mod clock;
mod codec;
mod message;
mod pipe;
mod session;

pub use clock::ClockSync;
pub use message::{
    Authorize, CardPresented, Collect, CollectAnswer, DecodeError, HostVerdict, PresentCard, Simulation,
    Takes, ToCloud, ToTerminal,
};
pub use pipe::FrameIo;
pub use session::{Event, HelloFacts, Limits, ProtocolError, QueueError, RejectCode, Session, Suspended};

/// The cloud's side of a session.
pub type CloudSession = Session<ToTerminal, ToCloud>;

/// The terminal's side of a session.
pub type TerminalSession = Session<ToCloud, ToTerminal>;

/// The version that both sides name in their first frame.
pub const PROTOCOL_VERSION: u32 = 1;

/// The longest frame, in bytes, that either side sends or accepts.
pub const MAX_FRAME_BYTES: usize = 64 * 1024;

/// Where the cloud listens for links, unless configured otherwise.
pub const DEFAULT_PATH: &str = "/v1/link";

/// The WebSocket subprotocol (RFC 6455 section 1.9) that both sides must name.
#[must_use]
pub fn subprotocol() -> &'static str {
    "vinr.link.v1"
}
