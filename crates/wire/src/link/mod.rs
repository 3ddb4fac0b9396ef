//! The device link: what a terminal and the cloud say to each other, and how it survives lost
//! connections. Opens no socket, reads no clock; whoever drives it brings both.

pub mod chain;
mod clock;
mod codec;
mod configuration;
mod message;
mod pipe;
mod session;

pub use clock::ClockSync;
pub use configuration::{
    ConfigurationError, DeviceConfiguration, OfflineSettings, ReceiptChannel, ReceiptSettings,
};
pub use message::{
    ActionProgress, ActionReport, Authorize, CardPresented, Collect, CollectAnswer, ConfigApplied, Configure,
    DecodeError, DeviceStatus, HostVerdict, LanAccess, LanAccessApplied, LanCertificateRequest, OfficeAnswer,
    OfficeRequest, OfflineStanding, Operation, Order, Perform, PresentCard, Progress, ProgressStage, Shop,
    SignedManifest, Simulation, Takes, ToCloud, ToTerminal,
};
pub use pipe::FrameIo;
pub use session::{
    Event, HelloFacts, Limits, MAX_LOCAL_ADDRESSES, ProtocolError, QueueError, RejectCode, Session, Suspended,
};

/// The cloud's side of a session.
pub type CloudSession = Session<ToTerminal, ToCloud>;

/// The terminal's side of a session.
pub type TerminalSession = Session<ToCloud, ToTerminal>;

/// The version that both sides name in their first frame.
pub const PROTOCOL_VERSION: u32 = 1;

/// The longest frame, in bytes, that either side sends or accepts.
pub const MAX_FRAME_BYTES: usize = 64 * 1024;

/// The longest configuration of a terminal, in bytes of JSON.
pub const MAX_CONFIG_BYTES: usize = 16 * 1024;

/// The longest manifest of a software update, in bytes of JSON.
pub const MAX_MANIFEST_BYTES: usize = 8 * 1024;

/// The longest chain of certificates, in bytes of PEM.
pub const MAX_CHAIN_BYTES: usize = 16 * 1024;

/// The longest request for a certificate, in bytes of DER.
pub const MAX_CSR_BYTES: usize = 4 * 1024;

/// The longest body of an office request, in bytes of JSON.
pub const MAX_OFFICE_REQUEST_BYTES: usize = 32 * 1024;

/// The longest body of the answer to one, in bytes of JSON.
pub const MAX_OFFICE_ANSWER_BYTES: usize = 48 * 1024;

/// Where the cloud listens for links, unless configured otherwise.
pub const DEFAULT_PATH: &str = "/v1/link";

/// The WebSocket subprotocol (RFC 6455 section 1.9) that both sides must name.
#[must_use]
pub fn subprotocol() -> &'static str {
    "vinr.link.v1"
}
