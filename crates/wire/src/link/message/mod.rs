//! What the two sides say, in domain words. Knows nothing of bytes (`codec` does) and decides nothing: a
//! well-formed message may still be refused by whoever it is for.

mod fleet;
mod lan;

use std::sync::Arc;

use bytes::Bytes;
use vinr_domain::payment::{AuthorizationRequest, CaptureMethod, EndCause, OfflineApproval, Origin, Verdict};
use vinr_domain::{DeclineCode, EntryMode, IntentId, Money, PaymentId, Timestamp, TipPrompt};

pub use fleet::{
    ActionProgress, ActionReport, ConfigApplied, Configure, DeviceStatus, Order, Perform, Progress,
    ProgressStage, SignedManifest,
};

pub use lan::{
    LanAccess, LanAccessApplied, LanCertificateRequest, OfficeAnswer, OfficeRequest, OfflineStanding,
    Operation, Shop,
};

use crate::card::SealedCard;

/// From the cloud to a terminal.
#[derive(Clone, Debug, PartialEq)]
pub enum ToTerminal {
    /// Collect a payment. Sent again while the payment is pending; an intent that is known is joined.
    Collect(Collect),
    /// Cancel, leaving a tombstone even for an intent that the terminal has not seen.
    Cancel {
        /// Which payment.
        intent: IntentId,
        /// Fence of the command.
        attempt_epoch: u32,
    },
    /// How a request for authorization ended; also answers [`ToCloud::StatusQuery`].
    AuthorizeResult {
        /// Which payment.
        intent: IntentId,
        /// Number of the request.
        stan: u32,
        /// How it ended.
        verdict: HostVerdict,
        /// The name on the API of a payment that began at the terminal, which may not be the one that the terminal
        /// gave; `None` for a payment that the cloud commanded.
        renamed: Option<PaymentId>,
    },
    /// Test mode only: a simulated card in front of the simulated reader, now.
    PresentCard(PresentCard),
    /// The terminal's effective configuration; answered with [`ToCloud::ConfigApplied`].
    Configure(Configure),
    /// Do something besides payments; answered with [`ToCloud::ActionReport`], and said again until it has ended.
    Perform(Perform),
    /// The certificate of the newest [`ToCloud::CertificateRequest`].
    CertificateIssued {
        /// It and its issuers, PEM, leaf first.
        chain_pem: String,
    },
    /// There is no new certificate; the terminal keeps what it has and asks again later.
    CertificateRefused {
        /// Why.
        reason: String,
    },
    /// Who may speak to the terminal in the merchant's network; answered with [`ToCloud::LanAccessApplied`].
    LanAccess(Box<LanAccess>),
    /// The certificate of the newest [`ToCloud::LanCertificateRequest`].
    LanCertificateIssued {
        /// It and its issuers, PEM, leaf first.
        chain_pem: String,
    },
    /// What became of a [`ToCloud::OfficeRequest`].
    OfficeAnswer(OfficeAnswer),
}

/// From a terminal to the cloud.
#[derive(Clone, Debug, PartialEq)]
pub enum ToCloud {
    /// Whether the terminal takes a [`Collect`].
    CollectAnswer(CollectAnswer),
    /// A card was presented: please authorize. Durable in the journal before it is sent.
    Authorize(Authorize),
    /// The intent ended without a request for authorization. Durable in the journal before it is sent.
    Ended {
        /// Which payment.
        intent: IntentId,
        /// The highest fence that the terminal has seen of it.
        attempt_epoch: u32,
        /// Why.
        cause: EndCause,
        /// What the cloud must know of a payment that began at the terminal; `None` when the cloud commanded it.
        origin: Option<Origin>,
    },
    /// The cancel arrived after the request for authorization had left.
    CancelTooLate {
        /// Which payment.
        intent: IntentId,
        /// Fence of the cancel.
        attempt_epoch: u32,
    },
    /// How did my request end?
    StatusQuery {
        /// Which payment.
        intent: IntentId,
        /// Number of the request.
        stan: u32,
        /// Life of the journal that gave the number.
        generation: u32,
    },
    /// The verdict is in the journal.
    ResultConfirmed {
        /// Which payment.
        intent: IntentId,
        /// Number of the request.
        stan: u32,
    },
    /// What became of a [`PresentCard`].
    CardPresented(CardPresented),
    /// What became of a [`ToTerminal::Configure`]. Durable before it is sent.
    ConfigApplied(ConfigApplied),
    /// How a [`ToTerminal::Perform`] stands. Durable before it is sent.
    ActionReport(ActionReport),
    /// Please certify a new key of mine.
    CertificateRequest {
        /// PKCS#10 (RFC 2986), DER.
        csr_der: Bytes,
    },
    /// How the device is.
    DeviceStatus(DeviceStatus),
    /// How far the payment at the terminal is.
    Progress(Progress),
    /// What became of a [`ToTerminal::LanAccess`]. Durable before it is sent.
    LanAccessApplied(LanAccessApplied),
    /// Please certify a key for the listener in the merchant's network.
    LanCertificateRequest(LanCertificateRequest),
    /// Please do something that only the cloud can do.
    OfficeRequest(OfficeRequest),
    /// What waits to be forwarded.
    OfflineStanding(OfflineStanding),
}

/// The command to collect a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collect {
    /// Which payment.
    pub intent: IntentId,
    /// Fence: a command below the highest seen is dropped.
    pub attempt_epoch: u32,
    /// Server time from which on the terminal must not act on it.
    pub deadline: Timestamp,
    /// What to collect, without a tip.
    pub amount: Money,
    /// When the money moves.
    pub capture_method: CaptureMethod,
    /// The caller's own name for the order.
    pub reference: Option<Arc<str>>,
    /// The payment's name on the API.
    pub payment_id: PaymentId,
    /// Test mode only: what a simulated cardholder does.
    pub simulation: Option<Simulation>,
    /// Whether and how the customer is asked for a tip; `None`: as the terminal is configured.
    pub tip: Option<TipPrompt>,
}

/// What a simulated cardholder does. Carries the name of a card in the sandbox deck, never a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulation {
    /// Name in the deck; `None` for the default card, `"none"` when nobody presents one by themselves.
    pub card: Option<String>,
    /// Before the card is presented, in milliseconds; `None` for the simulator's own pace.
    pub delay_ms: Option<u32>,
}

/// How a request for authorization ended. A [`Verdict`] without the moment at which the cloud learned it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostVerdict {
    /// Yes.
    Approved {
        /// How much, in minor units.
        authorized_minor: i64,
        /// The issuer's approval code.
        auth_code: Arc<str>,
    },
    /// No. A code that this version does not know reads as [`DeclineCode::CardDeclined`]: a no stays a no.
    Declined(DeclineCode),
    /// Not asked: cancelled, superseded or lapsed. No money moved.
    Refused,
    /// Nobody knows yet; the cloud finds out or reverses, and tells.
    Unknown,
    /// The acquirer has never seen the request of a payment that was approved without the cloud: send it again.
    Again,
}

impl From<&Verdict> for HostVerdict {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Approved(approval) => Self::Approved {
                authorized_minor: approval.authorized_minor,
                auth_code: Arc::clone(&approval.auth_code),
            },
            Verdict::Declined(code) => Self::Declined(*code),
            Verdict::Refused => Self::Refused,
            Verdict::Unknown => Self::Unknown,
            Verdict::Again => Self::Again,
        }
    }
}

/// Test mode only: a simulated card in front of the simulated reader, now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentCard {
    /// Echoed in [`CardPresented`].
    pub request: u64,
    /// Name in the sandbox deck; `None` for the default card.
    pub card: Option<String>,
    /// How it is read; `None` for the card's own way.
    pub entry_mode: Option<EntryMode>,
}

/// Whether the terminal takes a command to collect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectAnswer {
    /// Which payment.
    pub intent: IntentId,
    /// Fence of the command.
    pub attempt_epoch: u32,
    /// Yes or no.
    pub answer: Takes,
}

/// Yes or no to a command to collect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// The screen shows the amount and waits for a card, or already has one.
    Prompting,
    /// It does not, and why.
    Refused(DeclineCode),
}

/// The request for authorization with the card data that only the acquirer can open.
#[derive(Clone, Debug, PartialEq)]
pub struct Authorize {
    /// Which payment.
    pub intent: IntentId,
    /// What is asked.
    pub request: AuthorizationRequest,
    /// Passed on to the acquirer, kept nowhere.
    pub sealed_card: SealedCard,
    /// What the cloud must know of a payment that began at the terminal; `None` when the cloud commanded it.
    pub origin: Option<Origin>,
    /// That the terminal has already approved it by itself; only with an origin.
    pub offline: Option<OfflineApproval>,
}

/// Whether a prompt was there to present a card to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPresented {
    /// The number in [`PresentCard`].
    pub request: u64,
    /// Whether a card was presented.
    pub accepted: bool,
    /// The payment it was presented for.
    pub intent: Option<IntentId>,
    /// Why not; `None` when it was.
    pub reason: Option<String>,
}

/// The bytes are not a message that this side may receive.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// Not protobuf at all, or a field has the wrong wire type.
    #[error("malformed frame: {0}")]
    Malformed(#[from] prost::DecodeError),
    /// A required field is absent.
    #[error("{field} is missing")]
    Missing {
        /// `message.field`.
        field: &'static str,
    },
    /// A field does not hold what it must.
    #[error("{field} is not valid")]
    Invalid {
        /// `message.field`.
        field: &'static str,
    },
    /// The message travels the other way, or belongs to the connection.
    #[error("{message} is not for this side")]
    Misdirected {
        /// Its name.
        message: &'static str,
    },
    /// Longer than [`super::MAX_FRAME_BYTES`].
    #[error("longer than a frame may be")]
    TooLong,
}
