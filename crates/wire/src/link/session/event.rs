//! What a session reports, what it is told once, and how it says no. Holds no state.

use vinr_domain::Timestamp;

use crate::generated::link::reject::Code;
use crate::link::message::DecodeError;

/// Something that whoever drives the session must know of.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<In> {
    /// Cloud only: a terminal introduces itself; answer with `accept` or `reject`.
    Hello(HelloFacts),
    /// Terminal only: the cloud said welcome, and messages flow.
    Established {
        /// Counts the accepted links of this terminal; the highest wins.
        session_epoch: u64,
        /// How often the terminal is to be heard from, in milliseconds.
        heartbeat_ms: u32,
        /// The terminal's name, for the log and the screen.
        terminal_id: String,
        /// Whether the cloud remembers this terminal's last connection. If not, it may have forgotten what it
        /// had acknowledged, and outcomes that are still missing must be asked for.
        resumed: bool,
    },
    /// The connection was refused, by either side; hang up once nothing is left to be written.
    Rejected {
        /// Why.
        code: RejectCode,
        /// Why, in words, for the log.
        message: String,
    },
    /// A message, in order, once.
    Message(In),
    /// Terminal only: what the cloud's clock said, some time between two moments here.
    ClockSample {
        /// When the question left, in milliseconds of this side's monotonic clock.
        sent_ms: i64,
        /// When the answer was here.
        received_ms: i64,
        /// The cloud's clock in between.
        server_time: Timestamp,
    },
    /// Nothing was heard for too long; hang up.
    Dead,
}

/// What a terminal says of itself when a connection begins. Who it is stands in its certificate, not here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelloFacts {
    /// Version of the terminal's software.
    pub software_version: String,
    /// The maker's name of the model.
    pub model: String,
    /// The maker's number of the device.
    pub serial_number: String,
    /// In percent; `None` when mains-powered.
    pub battery_percent: Option<u8>,
    /// Whether it can print.
    pub has_printer: bool,
    /// Version of the configuration that is durable there; 0 when it has none.
    pub config_version: u64,
    /// Hardware address of the network interface in use, if the device tells.
    pub mac: Option<String>,
    /// Its addresses in the merchant's network, as far as the device tells; at most [`MAX_LOCAL_ADDRESSES`].
    pub local_addresses: Vec<String>,
    /// Whether it takes no new payments until it is unlocked.
    pub locked: bool,
    /// Payments approved without the cloud that it has not been told of.
    pub offline_pending: u32,
}

/// How many addresses of a terminal are said and read.
pub const MAX_LOCAL_ADDRESSES: usize = 16;

/// The figures of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many messages may be unacknowledged.
    pub unacknowledged: u32,
    /// First pause before unacknowledged messages are sent again, in milliseconds; doubles.
    pub resend_first_ms: u32,
    /// The longest such pause.
    pub resend_longest_ms: u32,
    /// How long an established terminal may be silent before the cloud gives the link up, in milliseconds.
    pub silence_ms: u32,
    /// How long a greeting may take, in milliseconds.
    pub greeting_ms: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            unacknowledged: 256,
            resend_first_ms: 2_000,
            resend_longest_ms: 15_000,
            silence_ms: 60_000,
            greeting_ms: 10_000,
        }
    }
}

/// Why a connection is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RejectCode {
    /// The terminal speaks a version of the protocol that the cloud does not.
    UnsupportedVersion,
    /// No terminal of that identity is registered, or it is deactivated.
    UnknownTerminal,
    /// The cloud is shutting down or full. Also what a code that this version does not know reads as.
    TryLater,
    /// A newer link of the same terminal has taken over.
    Superseded,
}

impl RejectCode {
    pub(super) fn to_proto(self) -> Code {
        match self {
            Self::UnsupportedVersion => Code::UnsupportedVersion,
            Self::UnknownTerminal => Code::UnknownTerminal,
            Self::TryLater => Code::TryLater,
            Self::Superseded => Code::Superseded,
        }
    }

    pub(super) fn from_proto(code: Code) -> Self {
        match code {
            Code::UnsupportedVersion => Self::UnsupportedVersion,
            Code::UnknownTerminal => Self::UnknownTerminal,
            Code::TryLater | Code::Unspecified => Self::TryLater,
            Code::Superseded => Self::Superseded,
        }
    }
}

/// The message was not taken. This side is at fault: it says more than the other hears, or too much at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// As many messages as allowed wait to be acknowledged.
    #[error("too many messages are unacknowledged")]
    Full,
    /// The message does not fit into a frame.
    #[error("the message is longer than a frame may be")]
    TooLong,
}

/// The other side broke the protocol; the connection must end.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ProtocolError {
    /// A frame that cannot be read.
    #[error(transparent)]
    Frame(#[from] DecodeError),
    /// The welcome is for another version of the protocol.
    #[error("the peer speaks version {0} of the protocol")]
    Version(u32),
    /// A frame that has no place at this point of the connection.
    #[error("{message} came out of turn")]
    OutOfTurn {
        /// Its name.
        message: &'static str,
    },
    /// A message without a number.
    #[error("{message} has no sequence number")]
    Unnumbered {
        /// Its name.
        message: &'static str,
    },
    /// An acknowledgement of something that was never said.
    #[error("the peer acknowledges {acknowledged}, but only {said} have been said")]
    NeverSaid {
        /// What it acknowledges.
        acknowledged: u64,
        /// The highest number so far.
        said: u64,
    },
    /// The welcome answers the hello of another life of this terminal.
    #[error("the welcome is for another stream")]
    OtherStream,
    /// A pong without its ping.
    #[error("the pong echoes a moment at which nothing was asked")]
    ForeignPong,
    /// There is no connection that the frame can belong to.
    #[error("a frame came without a connection")]
    NotConnected,
}
