//! What a terminal must remember, in domain words. Says nothing about bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use crate::link::ReceiptChannel;
use vinr_domain::device::State;
use vinr_domain::payment::{AuthorizationRequest, CaptureMethod, Channel, OfflineApproval};
use vinr_domain::{IntentId, Money, PaymentId, Timestamp};

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// First record of every file.
    Opened(Opened),
    /// All that is known of an intent now; the latest record of an intent wins.
    Intent(Box<IntentRecord>),
    /// The intent is settled and reported; nothing more is kept of it.
    Erased(IntentId),
}

/// Whose journal it is, and where its numbers continue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Life of the journal; a new one starts when a journal is lost.
    pub generation: u32,
    /// The highest number given to a request so far.
    pub last_stan: u32,
    /// The terminal's name.
    pub terminal: String,
}

/// All that is known of an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentRecord {
    /// Which payment.
    pub intent: IntentId,
    /// The highest fence seen for it.
    pub attempt_epoch: u32,
    /// What is to be collected; `None` in the tombstone of an intent whose command never arrived.
    pub command: Option<Command>,
    /// The request for authorization, once made. The sealed card is not part of it.
    pub request: Option<AuthorizationRequest>,
    /// Where it stands.
    pub state: State,
    /// The issuer's approval code, if it approved.
    pub auth_code: Option<Arc<str>>,
    /// Whether the cloud has the outcome.
    pub reported: bool,
    /// By the terminal's wall clock. For people; no decision rests on it.
    pub written_at: Timestamp,
    /// How the customer chose to get the receipt; `None` when nobody chose.
    pub receipt_channel: Option<ReceiptChannel>,
    /// What is known besides of a payment that began at the terminal.
    pub origin: Option<LanOrigin>,
    /// Its approval without the cloud.
    pub offline: Option<KeptOffline>,
}

/// What is known besides of a payment that began at the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanOrigin {
    /// Who asked; never [`Channel::Cloud`].
    pub channel: Channel,
    /// Free text.
    pub description: Option<Arc<str>>,
    /// The caller's own pairs.
    pub metadata: Arc<BTreeMap<String, String>>,
    /// When the terminal took it.
    pub created_at: Timestamp,
    /// What was taken of the hold afterwards, as far as this terminal was told, in minor units.
    pub captured_minor: Option<i64>,
    /// Whether a receipt is printed on approval; `None`: as configured.
    pub prints: Option<bool>,
    /// The reference under which an ECR ended the hold.
    pub completed_as: Option<Arc<str>>,
}

/// An approval without the cloud, and the card until it is forwarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptOffline {
    /// What was approved.
    pub approval: OfflineApproval,
    /// The sealed card, sealed once more for this device. Empty once the cloud has the verdict.
    pub kept_card: Bytes,
}

/// What is to be collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The payment's name on the API.
    pub payment_id: PaymentId,
    /// What to collect, without a tip.
    pub amount: Money,
    /// When the money moves.
    pub capture_method: CaptureMethod,
    /// The caller's own name for the order.
    pub reference: Option<Arc<str>>,
}
